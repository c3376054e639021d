package oidc

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// France is the COG code that makes a birth place mandatory.
const France = "99100"

// UserinfoLife is the exp of a signed answer, after its iat (FI-53).
const UserinfoLife = 60 * time.Second

// Identity is what we assert of a person, in the claims' own words (§6).
type Identity struct {
	Sub, GivenName, FamilyName, PreferredUsername string
	Gender                                        string // male, female, unspecified
	Birthdate                                     string // YYYY-MM-DD, zeros for what is presumed
	Birthplace, Birthcountry                      string // COG codes
	Email                                         string
}

// userinfoClaims fixes order and presence. Extra claims are never sent.
type userinfoClaims struct {
	Iss               string `json:"iss,omitempty"`
	Aud               string `json:"aud,omitempty"`
	Iat               int64  `json:"iat,omitempty"`
	Exp               int64  `json:"exp,omitempty"`
	Sub               string `json:"sub"`
	GivenName         string `json:"given_name,omitempty"`
	FamilyName        string `json:"family_name,omitempty"`
	Birthdate         string `json:"birthdate,omitempty"`
	Gender            string `json:"gender,omitempty"`
	Birthcountry      string `json:"birthcountry,omitempty"`
	Birthplace        string `json:"birthplace,omitempty"`
	Email             string `json:"email,omitempty"`
	PreferredUsername string `json:"preferred_username,omitempty"`
}

// claims keeps what the scopes ask (OpenID Connect Core §5.4). A birth place
// abroad is left out: FranceConnect would take it for the country (M-W39).
func (i Identity) claims(scopes []string) userinfoClaims {
	c := userinfoClaims{Sub: i.Sub}
	if slices.Contains(scopes, ScopeProfile) {
		c.GivenName, c.FamilyName, c.PreferredUsername = i.GivenName, i.FamilyName, i.PreferredUsername
		c.Gender, c.Birthdate = i.Gender, i.Birthdate
	}
	if slices.Contains(scopes, ScopeBirth) {
		c.Birthcountry = i.Birthcountry
		if i.Birthcountry == France {
			c.Birthplace = i.Birthplace
		}
	}
	if slices.Contains(scopes, ScopeEmail) {
		c.Email = i.Email
	}
	return c
}

// Userinfo makes the body and its exact content type: FranceConnect compares
// the type with the registration and refuses any other (FI-52).
func (r Registration) Userinfo(i Identity, scopes []string, a Assertion) (body []byte, contentType string, err error) {
	c := i.claims(scopes)
	if r.UserinfoAlg != "" { // signed: these three must be there (Core §5.3.2)
		c.Iss, c.Aud, c.Iat = a.Issuer, r.ClientID, a.Date.Unix()
		c.Exp = c.Iat + int64(UserinfoLife/time.Second)
	}
	body, err = json.Marshal(c)
	if err != nil {
		return nil, "", fmt.Errorf("encode userinfo: %w", err)
	}
	if r.UserinfoAlg == "" && r.UserinfoEncAlg == "" {
		return body, "application/json", nil
	}
	if r.UserinfoAlg != "" {
		jws, err := r.sign(r.UserinfoAlg, body, a.Keys)
		if err != nil {
			return nil, "", err
		}
		body = []byte(jws.Reveal())
	}
	if r.UserinfoEncAlg != "" {
		// Without signature the payload is the bare object (FI-54).
		jwe, err := a.Client.encrypt(r.UserinfoEncAlg, body, r.UserinfoAlg != "")
		if err != nil {
			return nil, "", err
		}
		body = []byte(jwe.Reveal())
	}
	return body, "application/jwt", nil
}

// Assertion is what signing and encrypting an answer need besides its content.
type Assertion struct {
	Issuer string
	Date   time.Time
	Keys   Keys
	Client ClientKeys // the client's, when the answer is encrypted
}
