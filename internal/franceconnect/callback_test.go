package franceconnect

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/secret"
)

// FS-01, FS-34: exactly the parameters of §12 and nothing else; no prompt, so
// that FranceConnect shows the person what it transmits.
func TestAuthorizeURL(t *testing.T) {
	o := newOP(t)
	s, err := o.client().AuthorizeURL(context.Background(), testState, testNonce)
	if err != nil {
		t.Fatal(err)
	}
	want := o.issuer + "/authorize?acr_values=eidas1&client_id=client-de-test&nonce=" + testNonce +
		"&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallbackv2%2F&response_type=code" +
		"&scope=openid+given_name+family_name+birthdate+gender+birthplace+birthcountry+email+preferred_username+idp_birthdate+idp_id" +
		"&state=" + testState
	if s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestAuthorizeURLKeepsARegisteredQuery(t *testing.T) {
	o := newOP(t)
	o.editMeta = func(m claims) { m["authorization_endpoint"] = o.issuer + "/authorize?p=1" }
	s, err := o.client().AuthorizeURL(context.Background(), testState, testNonce)
	if err != nil || !strings.Contains(s, "/authorize?p=1&") {
		t.Errorf("%s, %v", s, err)
	}
}

// PC-01: PKCE is a switch; the verifier sent later matches the challenge.
func TestPKCE(t *testing.T) {
	o := newOP(t)
	c := o.client(func(c *Config) { c.PKCE = true })
	s, err := c.AuthorizeURL(context.Background(), testState, testNonce)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || len(q) != 9 {
		t.Errorf("query: %v", q)
	}
	if _, err := identify(c); err != nil {
		t.Fatal(err)
	}
	v := o.lastForm.Get("code_verifier")
	if len(v) != 43 || challenge(v) != q.Get("code_challenge") || strings.Contains(s, v) {
		t.Errorf("verifier of %d characters does not match", len(v))
	}
	if c.verifier(testNonce) == c.verifier(testState) {
		t.Error("two requests share a verifier")
	}
}

func TestWeakRandomRefused(t *testing.T) {
	o := newOP(t)
	c := o.client()
	ctx := context.Background()
	for _, v := range [][2]secret.Text{{"", testNonce}, {testState, ""}, {court, testNonce}, {testState, court}} {
		if s, err := c.AuthorizeURL(ctx, v[0], v[1]); err == nil || s != "" {
			t.Errorf("AuthorizeURL accepted %d and %d characters", len(v[0]), len(v[1]))
		}
	}
	for _, s := range []secret.Text{"", court} {
		if _, err := c.LogoutURL(ctx, "a.b.c", s); err == nil {
			t.Errorf("LogoutURL accepted a state of %d characters", len(s))
		}
	}
	if o.count("discovery") != 0 {
		t.Error("the network was used")
	}
}

// FS-30, FS-36.
func TestLogoutURL(t *testing.T) {
	o := newOP(t)
	o.editMeta = func(m claims) { m["end_session_endpoint"] = o.issuer + "/session/end?p=1" }
	c := o.client()
	s, err := c.LogoutURL(context.Background(), "a.b&c=d.é", testState)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"p": {"1"}, "id_token_hint": {"a.b&c=d.é"}, "state": {testState},
		"post_logout_redirect_uri": {"http://localhost:3000/logout-callback/"},
	}
	if d := cmp.Diff(want, u.Query()); d != "" || !strings.HasPrefix(s, o.issuer+"/session/end?") {
		t.Errorf("%s: %s", s, d)
	}
	_, err = c.LogoutURL(context.Background(), "", testState)
	wantErreur(t, err, CleSession, "no ID token")
	o.server.Close()
	_, err = o.client().LogoutURL(context.Background(), "a.b.c", testState)
	wantErreur(t, err, CleIndisponible, "dial")
}

func TestCheckCallback(t *testing.T) {
	o := newOP(t)
	c := o.client()
	ok := func() url.Values {
		return url.Values{"code": {testCode}, "state": {testState}, "iss": {o.issuer}, "session_state": {"x"}}
	}
	code, err := c.CheckCallback(ok())
	if err != nil || code != testCode {
		t.Fatalf("%q, %v", code.Reveal(), err)
	}
	q := ok()
	q["autre"] = []string{"1", "2"} // RFC 6749 §4.1.2: unrecognized parameters MUST be ignored
	if _, err := c.CheckCallback(q); err != nil {
		t.Error(err)
	}
	for _, w := range []struct {
		name, cle, cause string
		edit             func(url.Values)
	}{
		{"iss missing", CleVerification, "iss missing", func(q url.Values) { q.Del("iss") }},
		{"iss empty", CleVerification, "iss missing", func(q url.Values) { q.Set("iss", "") }},
		{"iss of another", CleVerification, "another issuer", func(q url.Values) { q.Set("iss", "https://autre.example.org") }},
		{"iss with slash", CleVerification, "another issuer", func(q url.Values) { q.Set("iss", o.issuer+"/") }},
		{"iss missing on an error", CleVerification, "iss missing", func(q url.Values) { q.Del("iss"); q.Del("code"); q.Set("error", "access_denied") }},
		{"iss of another on an error", CleVerification, "another issuer", func(q url.Values) { q.Set("iss", "x"); q.Del("code"); q.Set("error", "access_denied") }},
		{"iss twice", CleVerification, "iss given twice", func(q url.Values) { q.Add("iss", o.issuer) }},
		{"code twice", CleVerification, "code given twice", func(q url.Values) { q.Add("code", "b") }},
		{"state twice", CleVerification, "state given twice", func(q url.Values) { q.Add("state", "b") }},
		{"error twice", CleVerification, "error given twice", func(q url.Values) { q["error"] = []string{"a", "b"} }},
		{"code and error", CleVerification, "both", func(q url.Values) { q.Set("error", "access_denied") }},
		{"no code", CleReprise, "neither", func(q url.Values) { q.Del("code") }},
		{"code empty", CleReprise, "neither", func(q url.Values) { q.Set("code", "") }},
		{"code with a line", CleVerification, "not one", func(q url.Values) { q.Set("code", "a\nb") }},
		{"code with an accent", CleVerification, "not one", func(q url.Values) { q.Set("code", "é") }},
		{"code too long", CleVerification, "not one", func(q url.Values) { q.Set("code", strings.Repeat("a", maxCode+1)) }},
	} {
		t.Run(w.name, func(t *testing.T) {
			q := ok()
			w.edit(q)
			code, err := c.CheckCallback(q)
			wantErreur(t, err, w.cle, w.cause)
			if code != "" {
				t.Error("a code came with the error")
			}
		})
	}
}

// FS-12 and §16.1: each word that FranceConnect may send.
func TestCallbackErrors(t *testing.T) {
	o := newOP(t)
	c := o.client()
	for word, cle := range map[string]string{
		"access_denied": CleAbandon, "temporarily_unavailable": CleIndisponible, "server_error": ClePanne,
		"invalid_scope": CleConfig, "invalid_acr": CleConfig, "invalid_request": CleConfig, "unauthorized_client": CleConfig,
		"unsupported_response_type": CleConfig, "invalid_client": CleConfig, "invalid_idp_hint": CleConfig,
		"login_required": ClePanne, "CORPS": ClePanne, "": ClePanne,
	} {
		_, err := c.CheckCallback(url.Values{"error": {word}, "error_description": {"CORPS"}, "iss": {o.issuer}})
		e := wantErreur(t, err, cle, "")
		if e.Code == "" || strings.Contains(printed(e), "CORPS") {
			t.Errorf("%q: code %q, %v", word, e.Code, e)
		}
	}
	_, err := c.CheckCallback(url.Values{
		"error": {"server_error"}, "iss": {o.issuer},
		"error_uri": {"https://docs.example.org/?code=Y000000&id=0b1c-2d3e"},
	})
	e := wantErreur(t, err, ClePanne, "")
	if want := "FranceConnect a rencontré une erreur. Réessayez ; si cela continue, donnez au support le code Y000000 et le numéro 0b1c-2d3e."; e.Avis() != want {
		t.Errorf("message: %s", e.Avis())
	}
	_, err = c.CheckCallback(url.Values{"error": {"invalid_idp_hint"}, "iss": {o.issuer}, "error_description": {"refus (Y030032)"}})
	if e := wantErreur(t, err, CleConfig, ""); e.Code != "Y030032" {
		t.Errorf("code %q", e.Code)
	}
}

func TestParseErrorURI(t *testing.T) {
	for uri, want := range map[string][2]string{
		"https://d.example.org/?code=Y010008&id=a-1":                {"Y010008", "a-1"},
		"https://d.example.org/?code=Y04B5A1C2":                     {"Y04B5A1C2", ""},
		"https://d.example.org/?code=Y01000&id=":                    {"", ""},
		"https://d.example.org/?code=%3Cscript%3E&id=%3Cb%3E":       {"", ""},
		"https://d.example.org/?code=Y010008%0A&id=" + rep("a", 65): {"", ""},
		"https://d.example.org/?id=odile%40example.org":             {"", ""},
		"":   {"", ""},
		"::": {"", ""},
		"https://d.example.org/?code=Y010008&id=a&pad=" + rep("a", 3000): {"", ""},
	} {
		if c, i := parseErrorURI(uri); c != want[0] || i != want[1] {
			t.Errorf("parseErrorURI(%q) = %q, %q", uri, c, i)
		}
	}
}

func TestConfig(t *testing.T) {
	good := Config{
		Issuer: "https://fc.example.org/api/v2", ClientID: "c", ClientSecret: testSecret, Alg: "ES256",
		RedirectURI: "https://ac.example.org/callbackv2/", PostLogoutRedirectURI: "https://ac.example.org/logout-callback/",
		Clock: func() time.Time { return time.Time{} },
	}
	c, err := New(good)
	if err != nil {
		t.Fatal(err)
	}
	if c.Origin() != "https://fc.example.org" || c.Issuer() != good.Issuer {
		t.Errorf("origin %s, issuer %s", c.Origin(), c.Issuer())
	}
	for want, edit := range map[string]func(*Config){
		"issuer must be an https address without query": func(c *Config) { c.Issuer = "http://fc.example.org" },
		"issuer must be an https address":               func(c *Config) { c.Issuer = "https://fc.example.org/?a=b" },
		"issuer must be":                                func(c *Config) { c.Issuer = "" },
		"redirect URI must be":                          func(c *Config) { c.RedirectURI = "http://ac.example.org/" },
		"post-logout redirect URI must be":              func(c *Config) { c.PostLogoutRedirectURI = "/logout-callback/" },
		"client_id is missing":                          func(c *Config) { c.ClientID = "" },
		"client_secret is missing":                      func(c *Config) { c.ClientSecret = "" },
		"shorter than 32 bytes":                         func(c *Config) { c.ClientSecret = secret.Text(rep("a", 31)) },
		`algorithm "HS256"`:                             func(c *Config) { c.Alg = "HS256" },
		`algorithm ""`:                                  func(c *Config) { c.Alg = "" },
		"scope openid is missing":                       func(c *Config) { c.Scopes = []string{"email"} },
		`scope "a b"`:                                   func(c *Config) { c.Scopes = []string{"openid", "a b"} },
		`authentication "private_key_jwt"`:              func(c *Config) { c.Auth = "private_key_jwt" },
		"clock is missing":                              func(c *Config) { c.Clock = nil },
	} {
		bad := good
		edit(&bad)
		if _, err := New(bad); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), testSecret) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := New(Config{}); err == nil || strings.Count(err.Error(), "\n") < 6 {
		t.Errorf("all mistakes at once: %v", err)
	}
}

// FS-32: what cannot be detected is said at start.
func TestConfigWarnings(t *testing.T) {
	o := newOP(t)
	o.client()
	if o.log.String() != "" {
		t.Errorf("a good configuration logs: %s", o.log.String())
	}
	o.client(func(c *Config) { c.FIUid = "" })
	if !strings.Contains(o.log.String(), "our own FI uid is not configured") {
		t.Errorf("log: %s", o.log.String())
	}
	o.client(func(c *Config) {
		c.Scopes = slices.DeleteFunc(DefaultScopes(), func(s string) bool { return s == "idp_id" })
	})
	if !strings.Contains(o.log.String(), "scope idp_id is not requested") {
		t.Errorf("log: %s", o.log.String())
	}
}

const court = secret.Text("trente-et-un-caracteres-ici-123")

func rep(s string, n int) string { return strings.Repeat(s, n) }

func FuzzCheckCallback(f *testing.F) {
	const iss = "https://fc.example.org/api/v2"
	c, err := New(Config{
		Issuer: iss, ClientID: "c", ClientSecret: testSecret, Alg: "ES256", FIUid: "x",
		RedirectURI: "https://ac.example.org/a", PostLogoutRedirectURI: "https://ac.example.org/b", Clock: func() time.Time { return time.Time{} },
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		"", "code=a&iss=" + url.QueryEscape(iss), "error=access_denied&iss=" + url.QueryEscape(iss), "code=a&code=b", "iss=x&iss=y", "code=%00&error=%ff",
		"error=server_error&error_uri=https%3A%2F%2Fx%2F%3Fcode%3DY000000%26id%3Da&iss=" + url.QueryEscape(iss),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		code, err := c.CheckCallback(q)
		if err == nil {
			if code == "" || q.Get("iss") != iss || len(q["code"]) != 1 || q.Has("error") {
				t.Errorf("accepted %q", query)
			}
			return
		}
		e := ErreurDe(err)
		if code != "" || e == nil || e.ID == "" || e.Avis() == "" || strings.ContainsAny(e.Avis(), "{}<>\n") {
			t.Errorf("refused %q by %v", query, err)
		}
		if strings.ContainsAny(e.Error(), "\r\n<>") {
			t.Errorf("text from outside in %q", e.Error())
		}
	})
}
