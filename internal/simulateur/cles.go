package simulateur

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	algES256 = string(jose.ES256)
	algRS256 = string(jose.RS256)
	algHS256 = string(jose.HS256)
)

// trousseau holds FC's signing keys, made at start, never written (SIM-02), and
// the keys with which our FI may encrypt for FC.
type trousseau struct {
	mu     sync.Mutex
	algs   []string
	cles   map[string][]jose.JSONWebKey // by alg; the first signs, the second is still published
	chiffr func() (jose.JSONWebKeySet, error)
}

// newTrousseau makes two keys for each algorithm in use: ES256, which the demo
// services use, and alg.
func newTrousseau(alg string) (*trousseau, error) {
	t := &trousseau{algs: []string{algES256}, cles: map[string][]jose.JSONWebKey{}, chiffr: sync.OnceValues(newClesChiffrement)}
	if alg == algRS256 {
		t.algs = append(t.algs, algRS256)
	}
	for range 2 {
		if err := t.rotate(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// maxCles: the current key, the previous one, and two more that only verify the
// id_token_hint of a logout.
const maxCles = 4

// rotate puts a new key first.
func (t *trousseau) rotate() error {
	for _, alg := range t.algs {
		k, err := newCle(alg, "sig")
		if err != nil {
			return err
		}
		t.mu.Lock()
		t.cles[alg] = append([]jose.JSONWebKey{k}, t.cles[alg]...)
		t.cles[alg] = t.cles[alg][:min(len(t.cles[alg]), maxCles)]
		t.mu.Unlock()
	}
	return nil
}

func newCle(alg, use string) (jose.JSONWebKey, error) {
	var privee any
	var err error
	switch alg {
	case algES256, string(jose.ECDH_ES):
		privee, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		privee, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("make %s key: %w", alg, err)
	}
	return jose.JSONWebKey{Key: privee, KeyID: alea(16), Algorithm: alg, Use: use}, nil
}

// newClesChiffrement makes the keys that our FI encrypts for: EC and RSA (FI-63).
func newClesChiffrement() (jose.JSONWebKeySet, error) {
	ec, errEC := newCle(string(jose.ECDH_ES), "enc")
	rsa, errRSA := newCle(string(jose.RSA_OAEP_256), "enc")
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{ec, rsa}}, errors.Join(errEC, errRSA)
}

// courante gives the key that signs.
func (t *trousseau) courante(alg string) jose.JSONWebKey {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cles[alg][0]
}

// publiques gives the public halves of the n latest keys of each algorithm; two
// are published.
func (t *trousseau) publiques(n int) jose.JSONWebKeySet {
	t.mu.Lock()
	defer t.mu.Unlock()
	var set jose.JSONWebKeySet
	for _, alg := range t.algs {
		for _, k := range t.cles[alg][:min(n, len(t.cles[alg]))] {
			set.Keys = append(set.Keys, k.Public())
		}
	}
	return set
}

// verifier checks a token that we signed, even with a key no longer published:
// an id_token_hint outlives a rotation.
func (t *trousseau) verifier(jeton string) (map[string]any, error) {
	set := t.publiques(maxCles)
	for _, alg := range t.algs {
		if claims, err := verifierJWS(jeton, alg, cleParmi(set, alg)); err == nil {
			return claims, nil
		}
	}
	return nil, fmt.Errorf("not a token of this issuer")
}

// signer makes a JWS of claims for the entity, faults included.
func (s *Simulateur) signer(claims map[string]any, e entite, point Faute) (string, error) {
	s.altere(claims, point)
	k := s.cles.courante(e.Alg)
	if s.faute(point+FauteCle) || s.faute(point+FauteKid) {
		autre, err := newCle(e.Alg, "sig")
		if err != nil {
			return "", err
		}
		if s.faute(point + FauteCle) {
			autre.KeyID = k.KeyID
		}
		k = autre
	}
	if s.faute(point + FauteAlg) {
		k = jose.JSONWebKey{Key: []byte(e.ClientSecret + e.ClientSecret), KeyID: k.KeyID, Algorithm: algHS256}
	}
	return signerJWS(claims, k)
}

func signerJWS(claims map[string]any, k jose.JSONWebKey) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: k}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("make signer: %w", err)
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// choisirCle gives the verification key for a kid.
type choisirCle func(kid string) (any, error)

// cleParmi selects by kid, use and alg together, as FC does (FI-61).
func cleParmi(set jose.JSONWebKeySet, alg string) choisirCle {
	return func(kid string) (any, error) {
		for _, k := range set.Key(kid) {
			if k.Use == "sig" && k.Algorithm == alg && k.IsPublic() {
				return k.Key, nil
			}
		}
		return nil, fmt.Errorf("no signing key with this kid and algorithm")
	}
}

// verifierJWS checks a compact JWS of exactly that algorithm and gives its claims.
func verifierJWS(jeton, alg string, cle choisirCle) (map[string]any, error) {
	jws, err := jose.ParseSignedCompact(jeton, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		return nil, fmt.Errorf("parse token: %w", err)
	}
	k, err := cle(jws.Signatures[0].Protected.KeyID)
	if err != nil {
		return nil, err
	}
	corps, err := jws.Verify(k)
	if err != nil {
		return nil, fmt.Errorf("verify token: %w", err)
	}
	return objet(corps)
}

// dechiffrer opens a JWE addressed to FC; the algorithm is compared exactly
// (FI-64: RSA-OAEP is not RSA-OAEP-256).
func (t *trousseau) dechiffrer(jeton, alg string) (string, error) {
	jwe, err := jose.ParseEncryptedCompact(jeton, []jose.KeyAlgorithm{jose.KeyAlgorithm(alg)}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return "", fmt.Errorf("parse encrypted token: %w", err)
	}
	cles, err := t.chiffr()
	if err != nil {
		return "", err
	}
	clair, err := jwe.Decrypt(cles) // the key of the header's kid
	if err != nil {
		return "", fmt.Errorf("decrypt token: %w", err)
	}
	return string(clair), nil
}

// serveJWKS publishes the signing keys.
func (s *Simulateur) serveJWKS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	ecrireJSON(w, http.StatusOK, s.cles.publiques(2))
}

// serveClesChiffrement publishes the keys to encrypt for (FI-63).
func (s *Simulateur) serveClesChiffrement(w http.ResponseWriter, _ *http.Request) {
	cles, err := s.cles.chiffr()
	if err != nil {
		s.erreurJSON(w, erreurOP{statut: http.StatusInternalServerError, erreur: panne, detail: err.Error(), code: "Y000000"})
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=600")
	ecrireJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{cles.Keys[0].Public(), cles.Keys[1].Public()}})
}
