package oidc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"aidantsconnect/internal/demarche"
)

// IDTokenLife is how long an ID token holds (§10); FranceConnect verifies it
// within seconds, with no tolerance.
const IDTokenLife = 300 * time.Second

// IDToken is what an ID token says: nothing of the person but the sub (§5).
type IDToken struct {
	Issuer, Sub, Nonce string
	Date               time.Time // iat
	AuthTime           time.Time // last second factor of the aidant
	AMR                []string
	AccessToken        text // hashed into at_hash
	Demarche           demarche.Demarche
}

// idTokenClaims fixes the order and the JSON types: integers for instants, one
// string for aud, an array for rep_scope (FI-31: a bare string breaks
// FranceConnect). nbf is never emitted: zero clock tolerance at the client.
type idTokenClaims struct {
	Iss      string   `json:"iss"`
	Sub      string   `json:"sub"`
	Aud      string   `json:"aud"`
	Iat      int64    `json:"iat"`
	Exp      int64    `json:"exp"`
	AuthTime int64    `json:"auth_time"`
	Nonce    string   `json:"nonce,omitempty"`
	ACR      string   `json:"acr"`
	AMR      []string `json:"amr,omitempty"`
	AtHash   string   `json:"at_hash"`
	RepScope []string `json:"rep_scope"`
}

// MakeIDToken makes the ID token as this client is registered for it: signed,
// then encrypted if it asked so (OpenID Connect Core §10.2; FI-63).
func (r Registration) MakeIDToken(t IDToken, keys Keys, client ClientKeys) (text, error) {
	jws, err := r.signIDToken(t, keys)
	if err != nil || r.IDTokenEncAlg == "" {
		return jws, err
	}
	return client.encrypt(r.IDTokenEncAlg, []byte(jws.Reveal()), true)
}

func (r Registration) signIDToken(t IDToken, keys Keys) (text, error) {
	rep := []string{}
	if v := t.Demarche.RepScope(); v != "" {
		rep = append(rep, v)
	}
	payload, err := json.Marshal(idTokenClaims{
		Iss: t.Issuer, Sub: t.Sub, Aud: r.ClientID, Nonce: t.Nonce, ACR: ACR, AMR: t.AMR,
		Iat: t.Date.Unix(), Exp: t.Date.Unix() + int64(IDTokenLife/time.Second), AuthTime: t.AuthTime.Unix(),
		AtHash: AtHash(t.AccessToken), RepScope: rep,
	})
	if err != nil {
		return "", fmt.Errorf("encode ID token: %w", err)
	}
	return r.sign(r.IDTokenAlg, payload, keys)
}

// AtHash is the left half of the SHA-256 of the access token (OpenID Connect
// Core §3.1.3.6): SHA-256 for our three algorithms.
func AtHash(accessToken text) string {
	h := sha256.Sum256([]byte(accessToken.Reveal()))
	return base64.RawURLEncoding.EncodeToString(h[:16])
}
