package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	issuer   = "https://aidants.example"
	callback = "https://fc.example/api/v2/oidc-callback"
	goodbye  = "https://fc.example/api/v2/client/logout-callback"
	secret1  = "un-secret-de-test-assez-long-0001"
	secret2  = "un-secret-de-test-assez-long-0002"
)

var (
	at  = time.Date(2026, 3, 14, 9, 26, 53, 589e6, time.UTC)
	otp = at.Add(-4 * time.Minute)
)

// ring is a key ring in memory.
type ring []Key

func (r ring) Current(alg string) (Key, bool) {
	for _, k := range r {
		if k.Alg == alg {
			return k, true
		}
	}
	return Key{}, false
}

func (r ring) Find(kid string) (Key, bool) {
	for _, k := range r {
		if k.Kid == kid {
			return k, true
		}
	}
	return Key{}, false
}

func (r ring) Published() []Key { return r }

func ecKey(t testing.TB, kid string) Key {
	t.Helper()
	d := sha256.Sum256([]byte("test key " + kid))
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d[:])
	if err != nil {
		t.Fatal(err)
	}
	return Key{Kid: kid, Alg: ES256, Signer: k, Public: &k.PublicKey}
}

var rsaOnce = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func rsaKey(t testing.TB, kid string) Key {
	t.Helper()
	k, err := rsaOnce()
	if err != nil {
		t.Fatal(err)
	}
	return Key{Kid: kid, Alg: RS256, Signer: k, Public: &k.PublicKey}
}

func client(alg, userinfo string) Registration {
	return Registration{
		ClientID: "fc", Secrets: []text{secret1, secret2}, RedirectURIs: []string{callback},
		PostLogoutRedirectURIs: []string{goodbye}, IDTokenAlg: alg, UserinfoAlg: userinfo,
		TokenAuthMethods: []string{SecretPost, SecretBasic},
	}
}

// decode verifies a compact JWS and gives header and payload as indented JSON.
func decode(t *testing.T, raw string, alg string, key any) string {
	t.Helper()
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := jws.Verify(key)
	if err != nil {
		t.Fatal(err)
	}
	h := jws.Signatures[0].Protected
	out, err := json.MarshalIndent(map[string]any{
		"alg": h.Algorithm, "kid": h.KeyID, "typ": h.ExtraHeaders["typ"], "payload": json.RawMessage(payload),
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out) + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func indent(t *testing.T, b []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out) + "\n"
}
