package oidc

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// TokenRequest is a well-formed request of an authenticated client.
type TokenRequest struct {
	Client       Registration
	Code         text
	RedirectURI  string
	CodeVerifier text
}

// ParseTokenRequest authenticates the client, then reads the form (FI-40 to
// FI-42). authorization is the Authorization header, "" when absent.
func ParseTokenRequest(form url.Values, authorization string, clients Registrations) (TokenRequest, *Refusal) {
	for _, k := range []string{"client_id", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier"} {
		if len(form[k]) > 1 {
			return TokenRequest{}, badRequest("invalid_request", k+" is given twice")
		}
	}
	client, refusal := authenticate(form, authorization, clients)
	if refusal != nil {
		return TokenRequest{}, refusal
	}
	t := TokenRequest{
		Client: client, Code: text(form.Get("code")), RedirectURI: form.Get("redirect_uri"),
		CodeVerifier: text(form.Get("code_verifier")),
	}
	switch grant := form.Get("grant_type"); {
	case grant == "":
		return t, badRequest("invalid_request", "grant_type is missing")
	case grant != "authorization_code":
		return t, badRequest("unsupported_grant_type", "only authorization_code is supported")
	case t.Code == "":
		return t, badRequest("invalid_request", "code is missing")
	case t.RedirectURI == "":
		return t, badRequest("invalid_request", "redirect_uri is missing")
	}
	return t, nil
}

// authenticate checks the secret given in the body or by Basic, one method per
// request (RFC 6749 §2.3).
func authenticate(form url.Values, authorization string, clients Registrations) (Registration, *Refusal) {
	id, given, method := form.Get("client_id"), form.Get("client_secret"), SecretPost
	refused := &Refusal{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "client authentication failed"}
	if authorization != "" {
		method = SecretBasic
		refused.Challenge = `Basic realm="aidantsconnect"`
		if given != "" {
			return Registration{}, badRequest("invalid_request", "two client authentications")
		}
		user, password, ok := parseBasic(authorization)
		if !ok || id != "" && id != user {
			return Registration{}, refused
		}
		id, given = user, password
	}
	client, ok := clients.Find(id)
	if !ok || !slices.Contains(client.TokenAuthMethods, method) || !client.hasSecret(given) {
		return Registration{}, refused
	}
	return client, nil
}

// hasSecret compares digests in constant time, so that neither the length nor
// a common beginning shows, with every secret in force (two in a rotation).
func (r Registration) hasSecret(given string) bool {
	g := sha256.Sum256([]byte(given))
	found := 0
	for _, s := range r.Secrets {
		d := sha256.Sum256([]byte(s.Reveal()))
		found |= subtle.ConstantTimeCompare(g[:], d[:])
	}
	return found == 1
}

// parseBasic reads Basic credentials, each half form-encoded (RFC 6749 §2.3.1).
func parseBasic(h string) (user, password string, ok bool) {
	scheme, rest, found := strings.Cut(h, " ")
	if !found || !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return "", "", false
	}
	u, p, found := strings.Cut(string(b), ":")
	if !found {
		return "", "", false
	}
	user, errU := url.QueryUnescape(u)
	password, errP := url.QueryUnescape(p)
	return user, password, errU == nil && errP == nil
}

// ChallengeOf is the S256 challenge of a verifier (RFC 7636 §4.6), "" without
// one. It must equal the request's, absent on both sides or on none: a verifier
// without a challenge is refused too, so that nobody turns PKCE off by taking
// the challenge out of the request (RFC 9700 §4.8.2).
func ChallengeOf(verifier text) string {
	if verifier == "" {
		return ""
	}
	d := sha256.Sum256([]byte(verifier.Reveal()))
	return base64.RawURLEncoding.EncodeToString(d[:])
}

// BearerToken finds the access token of a /userinfo call: in the header, whose
// scheme has no case (RFC 7235 §2.1), or in a POST body; never in the query
// (FI-50).
func BearerToken(authorization []string, body url.Values) (text, *Refusal) {
	var tokens []string
	for _, h := range authorization {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(h), " ")
		if strings.EqualFold(scheme, "Bearer") {
			tokens = append(tokens, strings.TrimSpace(rest))
		}
	}
	tokens = append(tokens, body["access_token"]...)
	switch {
	case len(tokens) == 0 || len(tokens) == 1 && tokens[0] == "":
		return "", &Refusal{Status: http.StatusUnauthorized, Challenge: `Bearer realm="aidantsconnect"`}
	case len(tokens) > 1:
		r := badRequest("invalid_request", "two access tokens")
		r.Challenge = `Bearer realm="aidantsconnect", error="invalid_request"`
		return "", r
	case !visible(tokens[0]) || len(tokens[0]) > maxParam:
		return "", InvalidToken()
	}
	return text(tokens[0]), nil
}
