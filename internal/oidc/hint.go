package oidc

import (
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

// Hint is what a verified id_token_hint tells.
type Hint struct {
	Client Registration
	Sub    string
	AtHash string // finds the connection the token was issued for
}

var errHint = errors.New("id_token_hint is not one of our tokens")

// VerifyHint checks signature, issuer and audience of a token we issued.
// Expiry is ignored: the token has expired in normal use (FI-70; RP-Initiated
// Logout §2 says the OP SHOULD accept it).
func VerifyHint(raw, issuer string, clients Registrations, keys Keys) (Hint, error) {
	if raw == "" || len(raw) > maxToken {
		return Hint{}, errHint
	}
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.HS256, jose.ES256, jose.RS256})
	if err != nil {
		return Hint{}, errHint
	}
	// The audience names the client, whose registration says which algorithm
	// and key must have signed; nothing else of the payload is read before.
	var aud struct {
		Aud string `json:"aud"`
	}
	if err := json.Unmarshal(jws.UnsafePayloadWithoutVerification(), &aud); err != nil {
		return Hint{}, errHint
	}
	client, ok := clients.Find(aud.Aud)
	head := jws.Signatures[0].Protected
	if !ok || head.Algorithm != client.IDTokenAlg {
		return Hint{}, errHint
	}
	payload, ok := client.verify(jws, head.KeyID, keys)
	if !ok {
		return Hint{}, errHint
	}
	var c idTokenClaims
	if err := json.Unmarshal(payload, &c); err != nil || c.Iss != issuer || c.Sub == "" {
		return Hint{}, errHint
	}
	return Hint{Client: client, Sub: c.Sub, AtHash: c.AtHash}, nil
}

func (r Registration) verify(jws *jose.JSONWebSignature, kid string, keys Keys) ([]byte, bool) {
	if r.IDTokenAlg == HS256 {
		for _, s := range r.Secrets {
			if p, err := jws.Verify([]byte(s.Reveal())); err == nil {
				return p, true
			}
		}
		return nil, false
	}
	k, ok := keys.Find(kid)
	if !ok || k.Alg != r.IDTokenAlg {
		return nil, false
	}
	p, err := jws.Verify(k.Public)
	return p, err == nil
}
