package franceconnect

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/secret"
)

func TestIdentify(t *testing.T) {
	o := newOP(t)
	var raw string
	o.signID = func(c claims) string { raw = o.sign(c); return raw }
	r, err := identify(o.client())
	if err != nil {
		t.Fatal(err)
	}
	want := Resultat{
		Claims: Claims{
			Sub: testSub, GivenName: "Odile Simone", GivenNames: []string{"Odile", "Simone"}, FamilyName: "VASSELIN",
			Gender: "female", Birthdate: "1951-11-04", IdpBirthdate: "1951-11-04", Birthplace: "80021",
			Birthcountry: "99100", Email: "odile@example.org", IdpID: "fi-de-test",
		},
		IDToken: secret.Text(raw), Acr: "eidas1", AuthTime: o.now.Add(-2 * time.Second),
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
	// FS-13: credentials in the body, none in the header; no PKCE.
	form := map[string][]string{
		"grant_type": {"authorization_code"}, "code": {testCode}, "redirect_uri": {"http://localhost:3000/callbackv2/"},
		"client_id": {testClient}, "client_secret": {testSecret},
	}
	if d := cmp.Diff(form, map[string][]string(o.lastForm)); d != "" || o.lastAuth != "" {
		t.Errorf("token request: %s, Authorization %q", d, o.lastAuth)
	}
}

func TestIdentifyRS256(t *testing.T) {
	o := newOP(t)
	o.alg, o.key, o.kid = jose.RS256, rsaKey(), "r1"
	if _, err := identify(o.client(func(c *Config) { c.Alg = "RS256" })); err != nil {
		t.Error(err)
	}
	_, err := identify(o.client())
	wantErreur(t, err, CleVerification, "id token: format or algorithm")
}

// jwtFaults are the alterations that both JWTs must not survive.
var jwtFaults = []struct {
	name, cause string
	edit        func(*op, claims)
}{
	{"iss missing", "iss", func(_ *op, c claims) { delete(c, "iss") }},
	{"iss of another", "iss", func(_ *op, c claims) { c["iss"] = "https://fc.example.org/api/v2" }},
	{"iss with slash", "iss", func(o *op, c claims) { c["iss"] = o.issuer + "/" }},
	{"aud missing", "aud", func(_ *op, c claims) { delete(c, "aud") }},
	{"aud of another", "aud", func(_ *op, c claims) { c["aud"] = "autre" }},
	{"aud several without us", "aud", func(_ *op, c claims) { c["aud"] = []string{"autre", "encore"}; c["azp"] = testClient }},
	{"aud several without azp", "azp", func(_ *op, c claims) { c["aud"] = []string{testClient, "autre"} }},
	{"aud several, azp of another", "azp", func(_ *op, c claims) { c["aud"] = []string{testClient, "autre"}; c["azp"] = "autre" }},
	{"azp of another", "azp", func(_ *op, c claims) { c["azp"] = "autre" }},
	{"azp of wrong type", "a claim has a wrong type", func(_ *op, c claims) { c["azp"] = 1 }},
	{"exp missing", "exp", func(_ *op, c claims) { delete(c, "exp") }},
	{"exp just past the leeway", "exp", func(o *op, c claims) { c["exp"] = o.now.Unix() - 30 }},
	{"exp of wrong type", "format", func(_ *op, c claims) { c["exp"] = "demain" }},
	{"iat missing", "iat", func(_ *op, c claims) { delete(c, "iat") }},
	{"iat null", "", func(_ *op, c claims) { c["iat"] = nil }},
	{"iat past the leeway", "iat", func(o *op, c claims) { c["iat"] = o.now.Unix() + 31 }},
	{"our clock 90 s late", "iat", func(o *op, c claims) { c["iat"] = o.now.Unix() + 90; c["exp"] = o.now.Unix() + 150 }},
	{"our clock 91 s early", "exp", func(o *op, c claims) { c["iat"] = o.now.Unix() - 91; c["exp"] = o.now.Unix() - 31 }},
	{"nbf in the future", "nbf", func(o *op, c claims) { c["nbf"] = o.now.Unix() + 31 }},
	{"sub missing", "sub", func(_ *op, c claims) { delete(c, "sub") }},
	{"sub empty", "sub", func(_ *op, c claims) { c["sub"] = "" }},
	{"sub of wrong type", "format", func(_ *op, c claims) { c["sub"] = 12 }},
}

// jwtForgeries are wrong signatures, keys and algorithms.
var jwtForgeries = []struct {
	name, cause string
	sign        func(*op, claims) string
}{
	{"alg none", "format or algorithm", func(_ *op, c claims) string { return unsigned(c) }},
	{"HS256 with the secret", "format or algorithm", func(o *op, c claims) string {
		return signWith(o.t, jose.HS256, []byte(testSecret), "k1", c)
	}},
	{"HS256 with the public key", "format or algorithm", func(o *op, c claims) string {
		pub, _ := ecKey().PublicKey.Bytes()
		return signWith(o.t, jose.HS256, pub, "k1", c)
	}},
	{"RS256 with a published key", "format or algorithm", func(o *op, c claims) string {
		return signWith(o.t, jose.RS256, rsaKey(), "r1", c)
	}},
	{"key of another, known kid", "signature or key", func(o *op, c claims) string {
		return signWith(o.t, jose.ES256, ecKey2(), "k1", c)
	}},
	{"key of another, unknown kid", "signature or key", func(o *op, c claims) string {
		return signWith(o.t, jose.ES256, ecKey2(), "k2", c)
	}},
	{"kid of a key of another kind", "signature or key", func(o *op, c claims) string {
		return signWith(o.t, jose.ES256, ecKey(), "r1", c)
	}},
	{"payload changed after signature", "signature or key", func(o *op, c claims) string {
		a := strings.Split(o.sign(c), ".")
		c["jti"] = "autre"
		b := strings.Split(o.sign(c), ".")
		return a[0] + "." + b[1] + "." + a[2]
	}},
	{"signature cut", "signature or key", func(o *op, c claims) string { s := o.sign(c); return s[:len(s)-8] }},
	{"signature removed", "", func(o *op, c claims) string { s := o.sign(c); return s[:strings.LastIndex(s, ".")+1] }},
	{"JSON serialization", "not a compact JWT", func(o *op, c claims) string {
		p := strings.Split(o.sign(c), ".")
		return `{"protected":"` + p[0] + `","payload":"` + p[1] + `","signature":"` + p[2] + `"}`
	}},
	{"not a JWT", "not a compact JWT", func(*op, claims) string { return "CORPS" }},
	{"three empty parts", "format or algorithm", func(*op, claims) string { return ".." }},
	{"payload not JSON", "format or algorithm", func(o *op, _ claims) string { return signWith(o.t, jose.ES256, ecKey(), "k1", "CORPS") }},
}

// FS-14: each check, and no identity read after a refusal.
func TestIDTokenRefused(t *testing.T) {
	faults := append(jwtFaults[:len(jwtFaults):len(jwtFaults)], []struct {
		name, cause string
		edit        func(*op, claims)
	}{
		{"nonce missing", "nonce", func(_ *op, c claims) { delete(c, "nonce") }},
		{"nonce empty", "nonce", func(_ *op, c claims) { c["nonce"] = "" }},
		{"nonce of another", "nonce", func(_ *op, c claims) { c["nonce"] = strings.ToUpper(testNonce) }},
		{"acr missing", "acr", func(_ *op, c claims) { delete(c, "acr") }},
		{"acr too low", "acr", func(_ *op, c claims) { c["acr"] = "eidas0" }},
		{"acr with the right prefix", "acr", func(_ *op, c claims) { c["acr"] = "eidas1x" }},
		{"acr in capitals", "acr", func(_ *op, c claims) { c["acr"] = "EIDAS1" }},
		{"acr of wrong type", "a claim has a wrong type", func(_ *op, c claims) { c["acr"] = []string{"eidas1"} }},
		{"at_hash of another", "at_hash", func(_ *op, c claims) { c["at_hash"] = atHash("autre") }},
		{"at_hash empty", "at_hash", func(_ *op, c claims) { c["at_hash"] = "" }},
	}...)
	check := func(t *testing.T, o *op, cause string) {
		t.Helper()
		r, err := identify(o.client())
		wantErreur(t, err, CleVerification, "id token: "+cause)
		if o.count("userinfo") != 0 {
			t.Error("userinfo was called after a refused ID token")
		}
		if r.IDToken == "" {
			t.Error("the ID token is not given back: no logout would be possible (FS-17)")
		}
		if d := cmp.Diff(Resultat{IDToken: r.IDToken}, r); d != "" {
			t.Errorf("more than the ID token after a failure: %s", d)
		}
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			o := newOP(t)
			o.editID = func(c claims) { f.edit(o, c) }
			check(t, o, f.cause)
		})
	}
	for _, f := range jwtForgeries {
		t.Run(f.name, func(t *testing.T) {
			o := newOP(t)
			o.signID = func(c claims) string { return f.sign(o, c) }
			check(t, o, f.cause)
		})
	}
}

// FS-15: userinfo is verified as the ID token is, and is of the same person.
func TestUserinfoRefused(t *testing.T) {
	faults := append(jwtFaults[:len(jwtFaults):len(jwtFaults)], []struct {
		name, cause string
		edit        func(*op, claims)
	}{
		{"sub of another person", "sub of another", func(_ *op, c claims) { c["sub"] = strings.Replace(testSub, "9", "8", 1) }},
		{"name of wrong type", "a claim has a wrong type", func(_ *op, c claims) { c["family_name"] = 7 }},
		{"names of wrong type", "a claim has a wrong type", func(_ *op, c claims) { c["given_name_array"] = "Odile" }},
		{"birthdate of wrong type", "a claim has a wrong type", func(_ *op, c claims) { c["birthdate"] = claims{"y": 1951} }},
	}...)
	check := func(t *testing.T, o *op, cause string) {
		t.Helper()
		r, err := identify(o.client())
		wantErreur(t, err, CleVerification, "userinfo: "+cause)
		if d := cmp.Diff(Resultat{IDToken: r.IDToken}, r); r.IDToken == "" || d != "" {
			t.Errorf("result after a failure: %s", d)
		}
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			o := newOP(t)
			o.editUserinfo = func(c claims) { f.edit(o, c) }
			check(t, o, f.cause)
		})
	}
	for _, f := range jwtForgeries {
		t.Run(f.name, func(t *testing.T) {
			o := newOP(t)
			o.signUserinfo = func(c claims) string { return f.sign(o, c) }
			check(t, o, f.cause)
		})
	}
	t.Run("JSON instead of JWT", func(t *testing.T) {
		o := newOP(t)
		o.userinfo = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, o.identity()) }
		check(t, o, "content type")
	})
	for _, kind := range []string{"", "application/json", "application/jwt2", "text/plain", ";"} {
		t.Run("JWT announced as "+kind, func(t *testing.T) {
			o := newOP(t)
			o.contentType = kind
			check(t, o, "content type")
		})
	}
}

func TestIdentifyAccepted(t *testing.T) {
	for name, edit := range map[string]func(*op){
		"at_hash right":             func(o *op) { o.editID = func(c claims) { c["at_hash"] = atHash(testAccess) } },
		"aud alone in an array":     func(o *op) { o.editID = func(c claims) { c["aud"] = []string{testClient} } },
		"aud several, azp is us":    func(o *op) { o.editID = func(c claims) { c["aud"] = []string{"x", testClient}; c["azp"] = testClient } },
		"acr higher":                func(o *op) { o.editID = func(c claims) { c["acr"] = "eidas3" } },
		"exp within the leeway":     func(o *op) { o.editID = func(c claims) { c["exp"] = o.now.Unix() - 29 } },
		"iat at the leeway":         func(o *op) { o.editID = func(c claims) { c["iat"] = o.now.Unix() + 30 } },
		"nbf at the leeway":         func(o *op) { o.editID = func(c claims) { c["nbf"] = o.now.Unix() + 30 } },
		"no auth_time":              func(o *op) { o.editID = func(c claims) { delete(c, "auth_time") } },
		"unknown claims":            func(o *op) { o.editUserinfo = func(c claims) { c["autre"] = []int{1} } },
		"token_type in lower case":  func(o *op) { o.editToken = func(c claims) { c["token_type"] = "bearer" } },
		"content type in capitals":  func(o *op) { o.contentType = "Application/JWT" },
		"kid absent, several keys":  func(o *op) { o.kid = "" },
		"keys of unknown algorithm": func(o *op) { o.jwks = withStrangeKeys(o) },
		"no optional claim": func(o *op) {
			o.editUserinfo = func(c claims) {
				for _, k := range []string{"email", "birthplace", "preferred_username", "idp_birthdate", "idp_id", "gender", "given_name_array"} {
					delete(c, k)
				}
			}
		},
		"null and empty claims": func(o *op) {
			o.editUserinfo = func(c claims) {
				c["email"], c["birthplace"], c["gender"], c["given_name_array"], c["preferred_username"] = nil, "", nil, nil, ""
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOP(t)
			edit(o)
			r, err := identify(o.client())
			if err != nil {
				t.Fatal(err)
			}
			if r.Claims.Sub != testSub || r.Claims.FamilyName != "VASSELIN" {
				t.Errorf("claims: %#v", r.Claims.FamilyName)
			}
		})
	}
}

func withStrangeKeys(o *op) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, _ := jose.JSONWebKey{Key: ecKey().Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}.MarshalJSON()
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"keys":[{"kty":"AKP","alg":"ML-DSA-44","kid":"p"},{"kty":"OKP","crv":"X448","x":"AA","kid":"q"},` + string(b) + `]}`))
	}
}

// FS-32: an identity that we supplied ourselves is refused after verification,
// and the logout stays possible.
func TestOwnFIRefused(t *testing.T) {
	o := newOP(t)
	o.editUserinfo = func(c claims) { c["idp_id"] = "notre-fi" }
	r, err := identify(o.client())
	wantErreur(t, err, CleBoucle, "our own FI")
	if d := cmp.Diff(Resultat{IDToken: r.IDToken}, r); r.IDToken == "" || d != "" {
		t.Errorf("result: %s", d)
	}
	o = newOP(t)
	o.editUserinfo = func(c claims) { delete(c, "idp_id") }
	if _, err := identify(o.client(func(c *Config) { c.FIUid = "" })); err != nil {
		t.Errorf("no uid configured, none received: %v", err)
	}
}

// FS-16: one refetch on an unknown kid, whether the key changed between two
// logins or just before the token was signed.
func TestKeyRotation(t *testing.T) {
	o := newOP(t)
	c := o.client()
	if _, err := identify(c); err != nil {
		t.Fatal(err)
	}
	if _, err := identify(c); err != nil || o.count("jwks") != 1 {
		t.Fatalf("second login: %v, jwks read %d times", err, o.count("jwks"))
	}
	o.beforeSign = func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.key, o.kid = ecKey2(), "k2"
		o.published = []jose.JSONWebKey{{Key: ecKey2().Public(), KeyID: "k2", Algorithm: "ES256", Use: "sig"}}
	}
	if _, err := identify(c); err != nil || o.count("jwks") != 2 {
		t.Fatalf("after the rotation: %v, jwks read %d times", err, o.count("jwks"))
	}
	o.beforeSign = nil
	o.key, o.kid = ecKey(), "k3" // never published
	_, err := identify(c)
	wantErreur(t, err, CleVerification, "signature or key")
	if o.count("jwks") != 3 {
		t.Errorf("jwks read %d times, want one refetch", o.count("jwks"))
	}
	if o.count("discovery") != 1 {
		t.Errorf("discovery read %d times", o.count("discovery"))
	}
}

func TestIdentifyNeedsCodeAndNonce(t *testing.T) {
	o := newOP(t)
	c := o.client()
	for _, v := range [][2]secret.Text{{"", testNonce}, {testCode, ""}, {testCode, "court"}} {
		if r, err := c.Identify(context.Background(), v[0], v[1]); err == nil || r.IDToken != "" {
			t.Errorf("Identify(%q, %q) = %v", v[0].Reveal(), v[1].Reveal(), err)
		}
	}
	if o.count("token") != 0 {
		t.Error("the code was sent without a nonce to check")
	}
}

func TestResultatDoesNotPrint(t *testing.T) {
	r, err := identify(newOP(t).client())
	if err != nil {
		t.Fatal(err)
	}
	assertSilent(t, printed(r)+printed(r.Claims)+printed(&r))
}
