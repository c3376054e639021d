package oidc

import (
	"encoding/json"
	"slices"
	"strings"
)

// discovery is the metadata document (FI-66; OpenID Connect Discovery §3,
// RFC 9207, RP-Initiated Logout §2.1). The order of the fields is the document's.
type discovery struct {
	Issuer                string   `json:"issuer"`
	Authorization         string   `json:"authorization_endpoint"`
	Token                 string   `json:"token_endpoint"`
	Userinfo              string   `json:"userinfo_endpoint"`
	EndSession            string   `json:"end_session_endpoint"`
	JWKSURI               string   `json:"jwks_uri"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	GrantTypes            []string `json:"grant_types_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	IDTokenAlgs           []string `json:"id_token_signing_alg_values_supported"`
	IDTokenEncAlgs        []string `json:"id_token_encryption_alg_values_supported,omitempty"`
	IDTokenEncEncs        []string `json:"id_token_encryption_enc_values_supported,omitempty"`
	UserinfoAlgs          []string `json:"userinfo_signing_alg_values_supported,omitempty"`
	UserinfoEncAlgs       []string `json:"userinfo_encryption_alg_values_supported,omitempty"`
	UserinfoEncEncs       []string `json:"userinfo_encryption_enc_values_supported,omitempty"`
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	Scopes                []string `json:"scopes_supported"`
	Claims                []string `json:"claims_supported"`
	ClaimsParameter       bool     `json:"claims_parameter_supported"`
	RequestParameter      bool     `json:"request_parameter_supported"`
	RequestURIParameter   bool     `json:"request_uri_parameter_supported"`
	ACRValues             []string `json:"acr_values_supported"`
	CodeChallengeMethods  []string `json:"code_challenge_methods_supported"`
	AuthorizationIssParam bool     `json:"authorization_response_iss_parameter_supported"`
	Locales               []string `json:"ui_locales_supported"`
}

// Discovery makes the metadata document for these clients.
func Discovery(issuer string, clients Registrations) ([]byte, error) {
	base := strings.TrimSuffix(issuer, "/")
	d := discovery{
		Issuer: issuer, Authorization: base + PathAuthorize, Token: base + PathToken, Userinfo: base + PathUserinfo,
		EndSession: base + PathLogout, JWKSURI: base + PathJWKS,
		ResponseTypes: []string{"code"}, ResponseModes: []string{"query"}, GrantTypes: []string{"authorization_code"},
		SubjectTypes: []string{"public"},
		Scopes:       []string{ScopeOpenID, ScopeProfile, ScopeEmail, ScopeBirth},
		Claims: []string{
			"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "rep_scope",
			"given_name", "family_name", "preferred_username", "gender", "birthdate", "birthplace", "birthcountry", "email",
		},
		ClaimsParameter: true, ACRValues: []string{ACR}, CodeChallengeMethods: []string{"S256"},
		AuthorizationIssParam: true, Locales: []string{"fr"},
	}
	for _, r := range clients {
		d.TokenAuthMethods = append(d.TokenAuthMethods, r.TokenAuthMethods...)
		for list, v := range map[*[]string]string{
			&d.IDTokenAlgs: r.IDTokenAlg, &d.IDTokenEncAlgs: r.IDTokenEncAlg, &d.IDTokenEncEncs: r.IDTokenEncEnc,
			&d.UserinfoAlgs: r.UserinfoAlg, &d.UserinfoEncAlgs: r.UserinfoEncAlg, &d.UserinfoEncEncs: r.UserinfoEncEnc,
		} {
			if v != "" {
				*list = append(*list, v)
			}
		}
	}
	for _, list := range []*[]string{
		&d.IDTokenAlgs, &d.IDTokenEncAlgs, &d.IDTokenEncEncs, &d.UserinfoAlgs, &d.UserinfoEncAlgs, &d.UserinfoEncEncs, &d.TokenAuthMethods,
	} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return json.Marshal(d)
}
