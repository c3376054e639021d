package fournisseur

import (
	"net/http"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/web"
)

// trousseau shows oidc the keys of our provider, and no other.
type trousseau struct{ t *cle.Trousseau }

var usages = map[string]string{oidc.ES256: cle.FiES256, oidc.RS256: cle.FiRS256}

func keyOf(c cle.Cle) oidc.Key {
	return oidc.Key{Kid: c.Kid, Alg: c.Alg, Signer: c.Signer, Public: c.Public}
}

// Current implements oidc.Keys.
func (t trousseau) Current(alg string) (oidc.Key, bool) {
	usage, ok := usages[alg]
	if !ok {
		return oidc.Key{}, false
	}
	c, err := t.t.Current(usage)
	return keyOf(c), err == nil
}

// Find implements oidc.Keys: a key that signed once may still be asked for by
// an old id_token_hint (FI-70); a key of another usage is never ours.
func (t trousseau) Find(kid string) (oidc.Key, bool) {
	c, ok := t.t.Find(kid)
	return keyOf(c), ok && (c.Usage == cle.FiES256 || c.Usage == cle.FiRS256)
}

// Published implements oidc.Keys.
func (t trousseau) Published() []oidc.Key {
	var out []oidc.Key
	for _, c := range t.t.Published(cle.FiES256, cle.FiRS256) {
		out = append(out, keyOf(c))
	}
	return out
}

func (h *Handlers) keys() oidc.Keys { return trousseau{h.Cles} }

// cacheable is how long others keep the public documents (FI-65); it is well
// under the delay by which a key is published before it signs (FI-62).
const cacheable = "public, max-age=60"

func (h *Handlers) jwks(w http.ResponseWriter, _ *http.Request) error {
	b, err := oidc.JWKS(h.keys().Published())
	return publish(w, b, err)
}

func (h *Handlers) discovery(w http.ResponseWriter, _ *http.Request) error {
	b, err := oidc.Discovery(h.Issuer, h.Clients)
	return publish(w, b, err)
}

func publish(w http.ResponseWriter, b []byte, err error) error {
	if err != nil {
		return err
	}
	web.Cacheable(w, cacheable)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // the client left: nobody to tell
	return nil
}
