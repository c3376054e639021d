package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// recipient is a client that publishes its keys, as FranceConnect does.
type recipient struct {
	document []byte
	private  map[string]any // by kid
}

var newRecipient = sync.OnceValues(func() (recipient, error) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return recipient{}, err
	}
	oaep, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return recipient{}, err
	}
	old, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return recipient{}, err
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &ec.PublicKey, KeyID: "fc-sig", Use: "sig", Algorithm: ES256},
		{Key: &oaep.PublicKey, KeyID: "fc-rsa-sig", Use: "sig", Algorithm: RS256},
		{Key: &ec.PublicKey, KeyID: "fc-ec", Use: "enc", Algorithm: ECDHES},
		{Key: &oaep.PublicKey, KeyID: "fc-rsa", Use: "enc", Algorithm: RSAOAEP256},
		{Key: &old.PublicKey, KeyID: "fc-rsa-1", Use: "enc", Algorithm: RSAOAEP},
	}}
	doc, err := json.Marshal(set)
	return recipient{doc, map[string]any{"fc-ec": ec, "fc-rsa": oaep, "fc-rsa-1": old}}, err
})

func aRecipient(t testing.TB) (recipient, ClientKeys) {
	t.Helper()
	r, err := newRecipient()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ParseClientKeys(r.document)
	if err != nil {
		t.Fatal(err)
	}
	return r, keys
}

// open decrypts and gives the protected header, as far as it is always the same.
func (r recipient) open(t *testing.T, raw, alg string) (plain []byte, header map[string]any) {
	t.Helper()
	jwe, err := jose.ParseEncryptedCompact(raw, []jose.KeyAlgorithm{jose.KeyAlgorithm(alg)}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		t.Fatalf("%s: %v\n%s", alg, err, raw)
	}
	plain, err = jwe.Decrypt(r.private[jwe.Header.KeyID])
	if err != nil {
		t.Fatal(alg, err)
	}
	header = map[string]any{"alg": jwe.Header.Algorithm, "kid": jwe.Header.KeyID}
	for k, v := range jwe.Header.ExtraHeaders {
		if k != "epk" { // a new one each time
			header[string(k)] = v
		}
	}
	return plain, header
}

// FI-63: signed, then encrypted: cty JWT, the client's kid, the exact names.
// FI-54: encrypted only, the payload is the bare object. FI-52: application/jwt.
func TestEncryptedAnswers(t *testing.T) {
	to, keys := aRecipient(t)
	ours := ring{ecKey(t, "ec-1"), rsaKey(t, "rsa-1")}
	verify := map[string]any{HS256: []byte(secret1), ES256: ours[0].Public, RS256: ours[1].Public}
	scopes := []string{"openid", "profile", "email", "birth"}
	headers := map[string]any{}
	for _, enc := range []string{ECDHES, RSAOAEP256, RSAOAEP} {
		for _, alg := range []string{HS256, ES256, RS256} {
			r := client(alg, alg)
			r.IDTokenEncAlg, r.UserinfoEncAlg = enc, enc
			token, err := r.MakeIDToken(idToken(), ours, keys)
			if err != nil {
				t.Fatal(err)
			}
			plain, h := to.open(t, token.Reveal(), enc)
			headers["id_token "+alg+" "+enc] = h
			golden(t, "id_token_"+alg+".json", decode(t, string(plain), alg, verify[alg]))
			body, ct, err := r.Userinfo(odile, scopes, Assertion{Issuer: issuer, Date: at, Keys: ours, Client: keys})
			if err != nil || ct != "application/jwt" {
				t.Fatal(ct, err)
			}
			plain, h = to.open(t, string(body), enc)
			headers["userinfo "+alg+" "+enc] = h
			golden(t, "userinfo_"+alg+".json", decode(t, string(plain), alg, verify[alg]))
		}
		bare := client(ES256, "")
		bare.UserinfoEncAlg = enc
		body, ct, err := bare.Userinfo(odile, scopes, Assertion{Issuer: issuer, Date: at, Keys: ours, Client: keys})
		if err != nil || ct != "application/jwt" {
			t.Fatal(ct, err)
		}
		plain, h := to.open(t, string(body), enc)
		headers["userinfo "+enc] = h
		golden(t, "userinfo.json", indent(t, plain))
		if _, err := bare.MakeIDToken(idToken(), ours, keys); err != nil {
			t.Error(err)
		}
	}
	b, err := json.Marshal(headers)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "jwe.json", indent(t, b))
}

// FI-64: a key for RSA-OAEP-256 is not one for RSA-OAEP; use and alg decide;
// what cannot encrypt is left out; nothing is ever sent in clear instead.
func TestClientKeySelection(t *testing.T) {
	_, all := aRecipient(t)
	only := func(alg, use string, key any) ClientKeys {
		return ClientKeys{[]jose.JSONWebKey{{Key: key, KeyID: "k", Use: use, Algorithm: alg}}}
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, wide := ecKey(t, "ec-1").Public, rsaKey(t, "rsa-1").Public
	small := &rsa.PublicKey{N: new(big.Int).Rsh(wide.(*rsa.PublicKey).N, 1), E: 65537}
	for name, tt := range map[string]struct {
		keys ClientKeys
		alg  string
		kid  string
	}{
		"EC among others":           {all, ECDHES, "fc-ec"},
		"RSA among others":          {all, RSAOAEP256, "fc-rsa"},
		"SHA-1 among others":        {all, RSAOAEP, "fc-rsa-1"},
		"no alg, no use":            {only("", "", wide), RSAOAEP256, "k"},
		"no alg, EC":                {only("", "enc", ec), ECDHES, "k"},
		"OAEP-256 is not OAEP":      {only(RSAOAEP256, "enc", wide), RSAOAEP, ""},
		"OAEP is not OAEP-256":      {only(RSAOAEP, "enc", wide), RSAOAEP256, ""},
		"made to sign":              {only("", "sig", wide), RSAOAEP256, ""},
		"EC for RSA":                {only("", "enc", ec), RSAOAEP256, ""},
		"RSA for EC":                {only("", "enc", wide), ECDHES, ""},
		"another curve":             {only("", "enc", &p384.PublicKey), ECDHES, ""},
		"too small":                 {only("", "enc", small), RSAOAEP256, ""},
		"ECDH-ES+A256KW is another": {only("ECDH-ES+A256KW", "enc", ec), ECDHES, ""},
		"none":                      {ClientKeys{}, ECDHES, ""},
		"unknown algorithm":         {all, "dir", ""},
	} {
		k, ok := tt.keys.find(tt.alg)
		if ok != (tt.kid != "") || k.KeyID != tt.kid {
			t.Errorf("%s: got %q, %v", name, k.KeyID, ok)
		}
		r := client(ES256, ES256)
		r.IDTokenEncAlg, r.UserinfoEncAlg = tt.alg, tt.alg
		if tt.keys.Serves(r) != ok {
			t.Errorf("%s: serves %v", name, !ok)
		}
		token, err := r.MakeIDToken(idToken(), ring{ecKey(t, "ec-1")}, tt.keys)
		body, _, errU := r.Userinfo(odile, nil, Assertion{Issuer: issuer, Date: at, Keys: ring{ecKey(t, "ec-1")}, Client: tt.keys})
		if !ok && (!errors.Is(err, ErrNoClientKey) || token != "" || !errors.Is(errU, ErrNoClientKey) || body != nil) {
			t.Errorf("%s: gave %q %q, %v %v", name, token.Reveal(), body, err, errU)
		}
	}
	if client(ES256, "").Encrypts() || !(ClientKeys{}).Serves(client(ES256, "")) {
		t.Error("a client without encryption needs keys")
	}
}

func TestParseClientKeys(t *testing.T) {
	to, _ := aRecipient(t)
	private, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: to.private["fc-ec"], KeyID: "x", Use: "enc"}, {Key: []byte("un-secret"), KeyID: "y"}}})
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.TrimSuffix(strings.TrimPrefix(string(to.document), `{"keys":[`), `]}`)
	for name, tt := range map[string]struct {
		in   string
		want int // -1: refused
	}{
		"as published":         {string(to.document), 5},
		"with unknown keys":    {`{"keys":[{"kty":"OKP","crv":"X25519","x":"AA"},{"kty":"future"},3,null,` + whole + `],"x":1}`, 5},
		"no key":               {`{"keys":[]}`, 0},
		"private or symmetric": {string(private), 0},
		"no member":            {`{}`, -1},
		"null":                 {`{"keys":null}`, -1},
		"not an object":        {`[]`, -1},
		"a page":               {`<html>`, -1},
		"nothing":              {``, -1},
		"too many":             {`{"keys":[` + strings.Repeat(`{},`, maxKeys) + `{}]}`, -1},
	} {
		got, err := ParseClientKeys([]byte(tt.in))
		if (err == nil) != (tt.want >= 0) || err == nil && len(got.set) != tt.want {
			t.Errorf("%s: %d keys, %v; want %d", name, len(got.set), err, tt.want)
		}
	}
}

func FuzzParseClientKeys(f *testing.F) {
	to, _ := aRecipient(f)
	f.Add(to.document)
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","use":"enc"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		keys, err := ParseClientKeys(doc)
		if err != nil {
			return
		}
		for _, alg := range []string{ECDHES, RSAOAEP256, RSAOAEP} {
			k, ok := keys.find(alg)
			if !ok {
				continue
			}
			if !k.IsPublic() || k.Use != "" && k.Use != "enc" || k.Algorithm != "" && k.Algorithm != alg {
				t.Errorf("%s: chose %q %q", alg, k.Use, k.Algorithm)
			}
			if jwe, err := keys.encrypt(alg, []byte("x"), true); err == nil && strings.Count(jwe.Reveal(), ".") != 4 {
				t.Errorf("%s: made %q", alg, jwe.Reveal())
			}
		}
	})
}

// FI-63: the names are exact, the content is A256GCM, the keys have an address.
func TestEncryptionRegistrations(t *testing.T) {
	parse := func(more string) (Registrations, string) {
		rs, faults := ParseRegistrations(fmt.Appendf(nil, `[{"client_id":"fc","client_secrets":[%q],"redirect_uris":[%q]%s}]`, secret1, callback, more))
		return rs, strings.Join(faults, "\n")
	}
	const uri = `,"jwks_uri":"https://fc.example/keys"`
	rs, faults := parse(uri + `,"id_token_encrypted_response_alg":"ECDH-ES","userinfo_encrypted_response_alg":"RSA-OAEP","userinfo_encrypted_response_enc":"A256GCM"`)
	if faults != "" || rs[0].IDTokenEncEnc != A256GCM || rs[0].UserinfoEncEnc != A256GCM || !rs[0].Encrypts() {
		t.Errorf("got %+v, %s", rs, faults)
	}
	if rs, faults := parse(uri); faults != "" || rs[0].Encrypts() {
		t.Errorf("keys without encryption: %s", faults)
	}
	for more, want := range map[string]string{
		`,"id_token_encrypted_response_alg":"RSA-OAEP-256"`:                                                       "jwks_uri manque",
		`,"userinfo_encrypted_response_alg":"ECDH-ES"`:                                                            "jwks_uri manque",
		`,"jwks_uri":"http://fc.example/keys"`:                                                                    "jwks_uri inutilisable",
		uri + `,"id_token_encrypted_response_alg":"RSA-OAEP-25"`:                                                  `inconnu : "RSA-OAEP-25"`,
		uri + `,"id_token_encrypted_response_alg":"RSA1_5"`:                                                       `inconnu : "RSA1_5"`,
		uri + `,"userinfo_encrypted_response_alg":"ecdh-es"`:                                                      `inconnu : "ecdh-es"`,
		uri + `,"userinfo_encrypted_response_alg":"ECDH-ES+A256KW"`:                                               `inconnu : "ECDH-ES+A256KW"`,
		uri + `,"id_token_encrypted_response_alg":"ECDH-ES","id_token_encrypted_response_enc":"A128CBC-HS256"`:    "seul A256GCM existe",
		uri + `,"userinfo_encrypted_response_alg":"RSA-OAEP-256","userinfo_encrypted_response_enc":"A256GCM-SIV"`: "seul A256GCM existe",
		uri + `,"userinfo_encrypted_response_enc":"A256GCM"`:                                                      "userinfo_encrypted_response_alg manque",
	} {
		if _, faults := parse(more); !strings.Contains(faults, want) {
			t.Errorf("%s: %q does not say %q", more, faults, want)
		}
	}
}
