package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
)

// Key is one of our signing keys. Who keeps it and how is none of our business.
type Key struct {
	Kid    string
	Alg    string // ES256 (P-256) or RS256
	Signer crypto.Signer
	Public crypto.PublicKey
}

// Keys gives our keys without reading anything: they are in memory (FI-65).
type Keys interface {
	// Current is the key that signs with this algorithm.
	Current(alg string) (Key, bool)
	// Find is a key still published, by its identifier.
	Find(kid string) (Key, bool)
	// Published are the keys of the JWKS document.
	Published() []Key
}

var errNoKey = errors.New("no signing key for this algorithm")

// sign makes a compact JWS of payload for this client. HS256 uses the client's
// secret (FI-60) and carries no kid, which would name nothing.
func (r Registration) sign(alg string, payload []byte, keys Keys) (text, error) {
	sk := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg)}
	opts := (&jose.SignerOptions{}).WithType("JWT")
	switch {
	case alg == HS256:
		if len(r.Secrets) == 0 {
			return "", errNoKey
		}
		sk.Key = []byte(r.Secrets[0].Reveal())
	default:
		k, ok := keys.Current(alg)
		if !ok || k.Alg != alg {
			return "", fmt.Errorf("%w: %s", errNoKey, alg)
		}
		sk.Key = signingKey(k.Signer)
		opts = opts.WithHeader("kid", k.Kid)
	}
	s, err := jose.NewSigner(sk, opts)
	if err != nil {
		return "", fmt.Errorf("make signer: %w", err)
	}
	jws, err := s.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("serialize: %w", err)
	}
	return text(out), nil
}

// signingKey gives go-jose the concrete keys it signs fastest with, and any
// other signer (a hardware module) through its own interface.
func signingKey(s crypto.Signer) any {
	switch k := s.(type) {
	case *ecdsa.PrivateKey, *rsa.PrivateKey:
		return k
	}
	return cryptosigner.Opaque(s)
}

// JWKS is the document of the public keys: kid, use and alg are always there,
// because FranceConnect selects by these three (FI-61).
func JWKS(keys []Key) ([]byte, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		if k.Alg != ES256 && k.Alg != RS256 {
			continue
		}
		jwk := jose.JSONWebKey{Key: k.Public, KeyID: k.Kid, Use: "sig", Algorithm: k.Alg}
		if !jwk.IsPublic() || !jwk.Valid() {
			return nil, fmt.Errorf("publish key %s: not a public key", k.Kid)
		}
		set.Keys = append(set.Keys, jwk)
	}
	return json.Marshal(set)
}
