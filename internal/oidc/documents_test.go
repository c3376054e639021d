package oidc

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FI-66.
func TestDiscoveryGolden(t *testing.T) {
	plain := Registrations{client(ES256, ES256), client(HS256, ""), client(RS256, RS256)}
	sealed := client(ES256, "")
	sealed.IDTokenEncAlg, sealed.IDTokenEncEnc, sealed.UserinfoEncAlg, sealed.UserinfoEncEnc = ECDHES, A256GCM, RSAOAEP256, A256GCM
	for name, clients := range map[string]Registrations{"discovery.json": plain, "discovery_chiffrement.json": append(plain, sealed, sealed)} {
		b, err := Discovery(issuer, clients)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, indent(t, b))
	}
}

// FI-61: kid, use and alg; never a private half.
func TestJWKSGolden(t *testing.T) {
	b, err := JWKS([]Key{ecKey(t, "ec-1"), ecKey(t, "ec-0")})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "jwks.json", indent(t, b))
	if b, err := JWKS(nil); err != nil || string(b) != `{"keys":[]}` {
		t.Errorf("without key: %s, %v", b, err)
	}
	rs, err := JWKS([]Key{rsaKey(t, "rsa-1")})
	if err != nil || strings.Contains(string(rs), `"d"`) || !strings.Contains(string(rs), `"alg":"RS256"`) {
		t.Errorf("rsa: %s, %v", rs, err)
	}
	private := ecKey(t, "ec-1")
	private.Public = private.Signer
	if _, err := JWKS([]Key{private}); err == nil {
		t.Error("published a private key")
	}
}

// FI-70.
func TestVerifyHint(t *testing.T) {
	ec, rs := ecKey(t, "ec-1"), rsaKey(t, "rsa-1")
	keys := ring{ec, rs}
	mint := func(alg string, change func(*IDToken), k Keys) string {
		tok := idToken() // long expired: FI-70
		if change != nil {
			change(&tok)
		}
		raw, err := client(alg, "").signIDToken(tok, k)
		if err != nil {
			t.Fatal(err)
		}
		return raw.Reveal()
	}
	for _, alg := range []string{HS256, ES256, RS256} {
		h, err := VerifyHint(mint(alg, nil, keys), issuer, Registrations{client(alg, "")}, keys)
		if err != nil || h.Sub != "5f1c" || h.Client.ClientID != "fc" || h.AtHash != AtHash("jeton-d-acces") {
			t.Errorf("%s: got %+v, %v", alg, h, err)
		}
	}
	rotated := client(HS256, "")
	rotated.Secrets = []text{secret2 + "-nouveau", secret1}
	if _, err := VerifyHint(mint(HS256, nil, keys), issuer, Registrations{rotated}, keys); err != nil {
		t.Error("the former secret no longer verifies:", err)
	}
	good := mint(ES256, nil, keys)
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	_, to := aRecipient(t)
	sealed, err := to.encrypt(ECDHES, []byte(good), true)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := client(ES256, "").sign(ES256, []byte(`{"iss":"`+issuer+`","sub":"5f1c","aud":["fc","autre"]}`), keys)
	if err != nil {
		t.Fatal(err)
	}
	listed := twice.Reveal()
	foreign := ring{ecKey(t, "ec-2")}
	foreign[0].Kid = "ec-1"
	for name, tt := range map[string]struct {
		raw  string
		want Registration
		keys ring
	}{
		"empty":               {"", client(ES256, ""), keys},
		"not a token":         {"abc", client(ES256, ""), keys},
		"alg none":            {none, client(ES256, ""), keys},
		"altered payload":     {parts[0] + "." + parts[1][:len(parts[1])-2] + "AA." + parts[2], client(ES256, ""), keys},
		"foreign key":         {mint(ES256, nil, foreign), client(ES256, ""), keys},
		"unknown kid":         {good, client(ES256, ""), ring{ecKey(t, "ec-9")}},
		"other issuer":        {mint(ES256, func(i *IDToken) { i.Issuer = "https://autre.example" }, keys), client(ES256, ""), keys},
		"no sub":              {mint(ES256, func(i *IDToken) { i.Sub = "" }, keys), client(ES256, ""), keys},
		"other algorithm":     {mint(HS256, nil, keys), client(ES256, ""), keys},
		"too long":            {mint(ES256, func(i *IDToken) { i.Nonce = strings.Repeat("n", maxToken) }, keys), client(ES256, ""), keys},
		"unknown audience":    {good, Registration{ClientID: "autre", IDTokenAlg: ES256}, keys},
		"still encrypted":     {sealed.Reveal(), client(ES256, ""), keys},
		"JSON serialization":  {`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, client(ES256, ""), keys},
		"audience in a list":  {listed, client(ES256, ""), keys},
		"key for something":   {good, client(ES256, ""), ring{Key{Kid: "ec-1", Alg: "autre", Public: ec.Public}}},
		"key of another kind": {good, client(ES256, ""), ring{Key{Kid: "ec-1", Alg: RS256, Public: rs.Public}}},
	} {
		if h, err := VerifyHint(tt.raw, issuer, Registrations{tt.want}, tt.keys); err == nil {
			t.Errorf("%s: accepted as %+v", name, h)
		}
	}
}

func FuzzVerifyHint(f *testing.F) {
	keys := ring{ecKey(f, "ec-1")}
	clients := Registrations{client(ES256, "")}
	raw, err := client(ES256, "").signIDToken(idToken(), keys)
	if err != nil {
		f.Fatal(err)
	}
	_, to := aRecipient(f)
	sealed, err := to.encrypt(ECDHES, []byte(raw.Reveal()), true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw.Reveal())
	f.Add(sealed.Reveal())
	f.Add("e30.e30.")
	f.Add(`{"payload":"e30","signatures":[{"protected":"e30","signature":""}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := VerifyHint(s, issuer, clients, keys); err == nil && h.Sub != "5f1c" {
			t.Errorf("accepted %q as %+v", s, h)
		}
	})
}

func TestParseRegistrations(t *testing.T) {
	good := fmt.Sprintf(`[{"client_id":"fc","client_secrets":[%q],"redirect_uris":[%q],"post_logout_redirect_uris":[%q]}]`, secret1, callback, goodbye)
	rs, faults := ParseRegistrations([]byte(good))
	if len(faults) > 0 || rs[0].IDTokenAlg != ES256 || rs[0].UserinfoAlg != "" || rs[0].TokenAuthMethods[0] != SecretPost || rs[0].Name() != "FranceConnect" {
		t.Errorf("got %+v, %v", rs, faults)
	}
	if !rs.PostLogout(goodbye) || rs.PostLogout(goodbye+"?foo=bar") || !slices.Equal(rs.Origins(), []string{"https://fc.example"}) {
		t.Errorf("addresses: %v", rs.Origins())
	}
	if s := fmt.Sprintf("%v %+v %#v", rs, rs, rs); strings.Contains(s, secret1) {
		t.Error("a secret prints")
	}
	if _, ok := (Registrations{{}}).Find(""); ok {
		t.Error("an empty client_id names a client")
	}
	// A misspelt name must not be silently ignored.
	if _, faults := ParseRegistrations([]byte(strings.Replace(good, `"client_id"`, `"jwk_uri":"x","client_id"`, 1))); !strings.Contains(strings.Join(faults, "\n"), "jwk_uri") {
		t.Errorf("an unknown name: %v", faults)
	}
	// Everything wrong is said at once.
	_, faults = ParseRegistrations([]byte(`[
		{"client_id":"a b","client_secrets":["court"],"redirect_uris":["http://fc.example/cb","https://x.example/#f","https://a:b@x.example/","http://fc.localhost:3000/cb"],
		 "id_token_signed_response_alg":"none","userinfo_signed_response_alg":"PS256","token_endpoint_auth_methods":["private_key_jwt"],
		 "post_logout_redirect_uris":["/relatif"],"id_token_encrypted_response_alg":"RSA-OAEP-256"},
		{"client_id":"a b","client_secrets":[],"redirect_uris":[]}]`))
	want := []string{
		"client_id absent ou illisible", "moins de 32 octets", "http://fc.example/cb", "https://x.example/#f", "https://a:b@x.example/", "/relatif",
		`"none"`, `"PS256"`, `"private_key_jwt"`, "jwks_uri manque", "deux fois", "redirect_uris est vide", "il faut un secret",
	}
	all := strings.Join(faults, "\n")
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("no mistake says %q in:\n%s", w, all)
		}
	}
	if strings.Contains(all, "fc.localhost") {
		t.Error("http on .localhost is accepted in the demo")
	}
	for _, bad := range []string{``, `{}`, `[]`, `[{"client":"x"}]`, good + "x"} {
		if _, faults := ParseRegistrations([]byte(bad)); len(faults) == 0 {
			t.Errorf("accepted %q", bad)
		}
	}
}

func TestCheckIdentity(t *testing.T) {
	if got := CheckIdentity(odile); len(got) > 0 {
		t.Fatal(got)
	}
	tests := map[string]struct {
		change func(*Identity)
		want   []Champ
	}{
		"everything":       {func(i *Identity) { *i = Identity{} }, []Champ{ChampSub, ChampPrenoms, ChampNom, ChampNaissance, ChampSexe, ChampPays, ChampCourriel}},
		"France, no place": {func(i *Identity) { i.Birthplace = "" }, []Champ{ChampLieu}},
		"abroad, no place": {func(i *Identity) { i.Birthplace, i.Birthcountry = "", "99352" }, nil},
		"Corsica":          {func(i *Identity) { i.Birthplace = "2A004" }, nil},
		"2C":               {func(i *Identity) { i.Birthplace = "2C004" }, []Champ{ChampLieu}},
		"256 letters":      {func(i *Identity) { i.FamilyName = strings.Repeat("É", 256) }, nil},
		"257 letters":      {func(i *Identity) { i.FamilyName = strings.Repeat("É", 257) }, []Champ{ChampNom}},
		"nom d'usage, 257": {func(i *Identity) { i.PreferredUsername = strings.Repeat("É", 257) }, []Champ{ChampNomDUsage}},
		"third gender":     {func(i *Identity) { i.Gender = "unspecified" }, nil},
		"blank name":       {func(i *Identity) { i.GivenName = "  " }, []Champ{ChampPrenoms}},
		"no e-mail":        {func(i *Identity) { i.Email = "" }, []Champ{ChampCourriel}},
		"sub not ASCII":    {func(i *Identity) { i.Sub = "é" }, []Champ{ChampSub}},
	}
	for name, tt := range tests {
		i := odile
		tt.change(&i)
		if got := CheckIdentity(i); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
	if ChampLieu.Libelle() != "commune de naissance" {
		t.Error(ChampLieu.Libelle())
	}
}

func TestBirthdateAndEmail(t *testing.T) {
	for s, want := range map[string]bool{
		"1951-11-04": true, "1944-02-29": true, "1945-02-29": false, "1960-07-00": true, "1948-00-00": true, "1977-00-03": false,
		"1977": false, "1977-02": false, "1990-02-30": false, "1990-13-00": false, "1990-1-02": false, "": false, "0000-00-00": false,
		"1951-11-04T": false, "195a-11-04": false, "+951-11-04": false,
	} {
		if ValidBirthdate(s) != want {
			t.Errorf("birthdate %q: want %v", s, want)
		}
	}
	for s, want := range map[string]bool{
		"a@b.fr": true, "o'neil+x@exemple.asso.fr": true, "a@b": false, "a b@c.fr": false, "": false, "a..b@c.fr": false, ".a@b.fr": false,
		"A <a@b.fr>": false, "a@-b.fr": false, "a@b.fr\n": false, strings.Repeat("a", 65) + "@b.fr": false,
	} {
		if ValidEmail(s) != want {
			t.Errorf("email %q: want %v", s, want)
		}
	}
}
