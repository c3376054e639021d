package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// The key management algorithms a registration may name for encryption (FI-63).
// RSAOAEP, which hashes with SHA-1, is for a client that has nothing else.
const (
	ECDHES     = "ECDH-ES"
	RSAOAEP256 = "RSA-OAEP-256"
	RSAOAEP    = "RSA-OAEP"
)

// A256GCM is the only content encryption.
const A256GCM = "A256GCM"

const (
	minRSABits = 2048
	maxKeys    = 64 // of one document; a client has two or three
)

var (
	errClientKeys = errors.New("not a set of public keys")
	// ErrNoClientKey says that the client publishes no key for the algorithm of
	// its registration.
	ErrNoClientKey = errors.New("the client publishes no encryption key for this algorithm")
)

// ClientKeys are the public keys that a client publishes at its jwks_uri. The
// zero value has none.
type ClientKeys struct{ set []jose.JSONWebKey }

// ParseClientKeys reads a JWKS document. A key we cannot read is left out and
// not an error: RFC 7517 §5 has unknown key types ignored, and a client may add
// some at any time.
func ParseClientKeys(data []byte) (ClientKeys, error) {
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &doc); err != nil || doc.Keys == nil || len(doc.Keys) > maxKeys {
		return ClientKeys{}, errClientKeys
	}
	var out ClientKeys
	for _, raw := range doc.Keys {
		var k jose.JSONWebKey
		if err := json.Unmarshal(raw, &k); err == nil && k.Valid() && k.IsPublic() {
			out.set = append(out.set, k)
		}
	}
	return out, nil
}

// Serves tells whether everything this registration encrypts has its key.
func (c ClientKeys) Serves(r Registration) bool {
	for _, alg := range []string{r.IDTokenEncAlg, r.UserinfoEncAlg} {
		if _, ok := c.find(alg); alg != "" && !ok {
			return false
		}
	}
	return true
}

// find gives the first key made for this algorithm. The name is compared whole:
// a key for RSA-OAEP-256 is not one for RSA-OAEP (FI-64). use and alg are
// optional in a JWKS; present, they decide (RFC 7517 §4.2, §4.4).
func (c ClientKeys) find(alg string) (jose.JSONWebKey, bool) {
	for _, k := range c.set {
		if k.Use != "" && k.Use != "enc" || k.Algorithm != "" && k.Algorithm != alg {
			continue
		}
		switch pub := k.Key.(type) {
		case *ecdsa.PublicKey:
			if alg == ECDHES && pub.Curve == elliptic.P256() {
				return k, true
			}
		case *rsa.PublicKey:
			if (alg == RSAOAEP256 || alg == RSAOAEP) && pub.N.BitLen() >= minRSABits {
				return k, true
			}
		}
	}
	return jose.JSONWebKey{}, false
}

// encrypt makes a compact JWE of plain for this client. nested tells that plain
// is a JWS: cty says so (RFC 7519 §5.2), and is absent otherwise (FI-54).
func (c ClientKeys) encrypt(alg string, plain []byte, nested bool) (text, error) {
	k, ok := c.find(alg)
	if !ok {
		return "", fmt.Errorf("%w: %s", ErrNoClientKey, alg)
	}
	// The key alone: what the JWK says of itself must not override alg.
	to := jose.Recipient{Algorithm: jose.KeyAlgorithm(alg), Key: k.Key, KeyID: k.KeyID}
	opts := &jose.EncrypterOptions{}
	if nested {
		opts = opts.WithContentType("JWT")
	}
	e, err := jose.NewEncrypter(jose.A256GCM, to, opts)
	if err != nil {
		return "", fmt.Errorf("make encrypter: %w", err)
	}
	jwe, err := e.Encrypt(plain)
	if err != nil {
		return "", fmt.Errorf("encrypt: %w", err)
	}
	out, err := jwe.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("serialize: %w", err)
	}
	return text(out), nil
}

func encrypts(alg string) bool { return alg == ECDHES || alg == RSAOAEP256 || alg == RSAOAEP }

// Encrypts tells whether some answer to this client is encrypted, so that its
// keys are needed.
func (r Registration) Encrypts() bool { return r.IDTokenEncAlg != "" || r.UserinfoEncAlg != "" }
