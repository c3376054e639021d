package attestation

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/web"
)

// CheminCles is where the public keys of the attestations are published.
const CheminCles = "/.well-known/aidants-connect/cles.json"

// ClesPubliques is the published list (RFC 7517, RFC 8037): every key that ever
// signed an attestation, so that old documents stay verifiable.
type ClesPubliques struct {
	Keys []ClePublique `json:"keys"`
}

// ClePublique is one key. Its kid is the SHA-256 of its SubjectPublicKeyInfo:
// a key cannot be published under the name of another.
type ClePublique struct {
	Kty    string `json:"kty"`
	Crv    string `json:"crv"`
	X      string `json:"x"`
	Kid    string `json:"kid"`
	Alg    string `json:"alg"`
	Use    string `json:"use"`
	Debut  string `json:"debut,omitempty"`   // day it began to sign, UTC
	Retire string `json:"retrait,omitempty"` // day it stopped
}

// publishKeys serves the public keys.
func (h *Handlers) publishKeys(w http.ResponseWriter, _ *http.Request) error {
	var list ClesPubliques
	for _, k := range h.Greffe.Cles.Published(cle.Attestation) {
		public, ok := k.Public.(ed25519.PublicKey)
		if !ok {
			return fmt.Errorf("key %s is a %T", k.Kid, k.Public)
		}
		p := ClePublique{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(public), Kid: k.Kid, Alg: "EdDSA", Use: "sig"}
		if !k.DateActivation.IsZero() {
			p.Debut = k.DateActivation.UTC().Format("2006-01-02")
		}
		if !k.DateRetrait.IsZero() {
			p.Retire = k.DateRetrait.UTC().Format("2006-01-02")
		}
		list.Keys = append(list.Keys, p)
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	return web.JSON(w, http.StatusOK, list)
}

// parseKeys reads a published list. A key whose kid is not its own is refused.
func parseKeys(b []byte) (map[string]ed25519.PublicKey, error) {
	var list ClesPubliques
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	out := map[string]ed25519.PublicKey{}
	for _, k := range list.Keys {
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || k.Kty != "OKP" || k.Crv != "Ed25519" || len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("key %q is not Ed25519", k.Kid)
		}
		spki, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(x))
		if err != nil {
			return nil, fmt.Errorf("encode key %q: %w", k.Kid, err)
		}
		if h := sha256.Sum256(spki); base64.RawURLEncoding.EncodeToString(h[:]) != k.Kid {
			return nil, fmt.Errorf("key %q has the name of another", k.Kid)
		}
		out[k.Kid] = x
	}
	return out, nil
}
