package oidc

import (
	"encoding/base64"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/demarche"
)

var odile = Identity{
	Sub: "5f1c", GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female", Birthdate: "1951-11-04",
	Birthplace: "80021", Birthcountry: France, Email: "ordinaire@example.org",
}

func idToken() IDToken {
	return IDToken{
		Issuer: issuer, Sub: "5f1c", Nonce: "n1", Date: at, AuthTime: otp, AMR: []string{"mail", "otp", "mfa"},
		AccessToken: "jeton-d-acces", Demarche: demarche.Famille,
	}
}

// FI-31 to FI-33 (a list, FC values only), FI-60, FI-61; §5: nothing else.
func TestIDTokenGoldens(t *testing.T) {
	ec, rs := ecKey(t, "ec-1"), rsaKey(t, "rsa-1")
	for alg, key := range map[string]any{HS256: []byte(secret1), ES256: ec.Public, RS256: rs.Public} {
		raw, err := client(alg, "").signIDToken(idToken(), ring{ec, rs})
		if err != nil {
			t.Fatal(alg, err)
		}
		golden(t, "id_token_"+alg+".json", decode(t, raw.Reveal(), alg, key))
	}
	// Without nonce none is sent (18.1, request without nonce).
	bare := idToken()
	bare.Nonce = ""
	raw, err := client(ES256, "").signIDToken(bare, ring{ec})
	if err != nil {
		t.Fatal(err)
	}
	if got := decode(t, raw.Reveal(), ES256, ec.Public); strings.Contains(got, "nonce") {
		t.Errorf("nonce in %s", got)
	}
}

func TestNoKeyIsAnError(t *testing.T) {
	if _, err := client(RS256, "").signIDToken(idToken(), ring{ecKey(t, "ec-1")}); err == nil {
		t.Error("signed RS256 without an RSA key")
	}
	// A ring that gives a key of another use is not trusted.
	odd := ecKey(t, "ec-1")
	odd.Alg = "autre"
	if _, err := client(ES256, "").signIDToken(idToken(), anyKey{ring{odd}}); err == nil {
		t.Error("signed ES256 with a key for something else")
	}
}

// anyKey is a ring that does not look at what is asked.
type anyKey struct{ ring }

func (k anyKey) Current(string) (Key, bool) { return k.ring[0], true }

func TestAtHash(t *testing.T) {
	// OpenID Connect Core, appendix A.3 and A.4.
	if got, want := AtHash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// FI-52 (exact type), FI-53 (iss, aud, iat, exp when signed), the table of §6.
func TestUserinfo(t *testing.T) {
	ec := ecKey(t, "ec-1")
	all := []string{"openid", "profile", "email", "birth"}
	a := Assertion{Issuer: issuer, Date: at, Keys: ring{ec}}
	body, ct, err := client(ES256, "").Userinfo(odile, all, a)
	if err != nil || ct != "application/json" {
		t.Fatal(ct, err)
	}
	golden(t, "userinfo.json", indent(t, body))
	body, ct, err = client(ES256, ES256).Userinfo(odile, all, a)
	if err != nil || ct != "application/jwt" {
		t.Fatal(ct, err)
	}
	golden(t, "userinfo_ES256.json", decode(t, string(body), ES256, ec.Public))

	abroad := odile
	abroad.Birthcountry, abroad.Birthplace, abroad.Birthdate, abroad.PreferredUsername = "99335", "99335", "1960-07-00", "DIAKHABA"
	body, _, err = client(ES256, "").Userinfo(abroad, all, a)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "userinfo_ne_a_l_etranger.json", indent(t, body))

	for scope, want := range map[string]string{
		"openid": `{"sub":"5f1c"}`,
		"email":  `{"sub":"5f1c","email":"ordinaire@example.org"}`,
		"birth":  `{"sub":"5f1c","birthcountry":"99100","birthplace":"80021"}`,
	} {
		body, _, err := client(ES256, "").Userinfo(odile, []string{"openid", scope}, a)
		if err != nil || string(body) != want {
			t.Errorf("%s: got %s, %v; want %s", scope, body, err, want)
		}
	}
}

func basic(user, password string) string {
	return "basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(user)+":"+url.QueryEscape(password)))
}

// FI-40 (unknown fields), FI-41 (one method, two secrets, 401), FI-42.
func TestParseTokenRequest(t *testing.T) {
	form := func(kv ...string) url.Values {
		v := url.Values{
			"client_id": {"fc"}, "client_secret": {secret1}, "grant_type": {"authorization_code"},
			"code": {"c1"}, "redirect_uri": {callback}, "inconnu": {"x", "y"},
		}
		for i := 0; i < len(kv); i += 2 {
			if kv[i+1] == "" {
				delete(v, kv[i])
			} else {
				v.Add(kv[i], kv[i+1])
			}
		}
		return v
	}
	set := func(k, val string) url.Values { v := form(k, ""); v.Set(k, val); return v }
	noSecret := form("client_id", "", "client_secret", "")
	tests := map[string]struct {
		form   url.Values
		auth   string
		status int
		code   string
	}{
		"body":                       {form(), "", 0, ""},
		"second secret":              {set("client_secret", secret2), "", 0, ""},
		"basic":                      {noSecret, basic("fc", secret1), 0, ""},
		"basic with client_id":       {form("client_secret", ""), basic("fc", secret1), 0, ""},
		"basic, other client_id":     {set("client_secret", ""), basic("autre", secret1), 401, "invalid_client"},
		"basic and body":             {form(), basic("fc", secret1), 400, "invalid_request"},
		"basic, another client_id":   {url.Values{"client_id": {"autre"}, "grant_type": {"authorization_code"}, "code": {"c1"}, "redirect_uri": {callback}}, basic("fc", secret1), 401, "invalid_client"},
		"credentials as a bearer":    {noSecret, "bearer" + strings.TrimPrefix(basic("fc", secret1), "basic"), 401, "invalid_client"},
		"basic, wrong":               {noSecret, basic("fc", "x"), 401, "invalid_client"},
		"basic, not base64":          {noSecret, "Basic !!!", 401, "invalid_client"},
		"bearer":                     {noSecret, "Bearer x", 401, "invalid_client"},
		"wrong secret":               {set("client_secret", secret1+"x"), "", 401, "invalid_client"},
		"no secret":                  {form("client_secret", ""), "", 401, "invalid_client"},
		"unknown client":             {set("client_id", "autre"), "", 401, "invalid_client"},
		"no client":                  {form("client_id", ""), "", 401, "invalid_client"},
		"client_id twice":            {form("client_id", "fc"), "", 400, "invalid_request"},
		"code twice":                 {form("code", "c2"), "", 400, "invalid_request"},
		"other grant":                {set("grant_type", "refresh_token"), "", 400, "unsupported_grant_type"},
		"no grant":                   {form("grant_type", ""), "", 400, "invalid_request"},
		"no code":                    {form("code", ""), "", 400, "invalid_request"},
		"no redirect_uri":            {form("redirect_uri", ""), "", 400, "invalid_request"},
		"authentication comes first": {url.Values{"grant_type": {"password"}}, "", 401, "invalid_client"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, refusal := ParseTokenRequest(tt.form, tt.auth, Registrations{client(ES256, "")})
			switch {
			case tt.status == 0 && refusal != nil:
				t.Fatal(refusal)
			case tt.status == 0:
				if got.Code.Reveal() != "c1" || got.RedirectURI != callback || got.Client.ClientID != "fc" {
					t.Errorf("got %+v", got)
				}
			case refusal == nil:
				t.Fatal("accepted")
			case refusal.Status != tt.status || refusal.Code != tt.code:
				t.Errorf("got %d %s, want %d %s", refusal.Status, refusal.Code, tt.status, tt.code)
			case refusal.Status == 401 && (refusal.Challenge != "") != (tt.auth != ""):
				t.Errorf("challenge %q", refusal.Challenge)
			}
		})
	}
	only := client(ES256, "")
	only.TokenAuthMethods = []string{SecretBasic}
	if _, r := ParseTokenRequest(form(), "", Registrations{only}); r == nil || r.Status != 401 {
		t.Errorf("a method that is not registered: %v", r)
	}
}

func TestChallengeOf(t *testing.T) {
	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636 appendix B
	if ChallengeOf(verifier) != challenge || ChallengeOf(verifier+"x") == challenge || ChallengeOf("") != "" {
		t.Errorf("got %q", ChallengeOf(verifier))
	}
}

// FI-50, FI-51.
func TestBearerToken(t *testing.T) {
	for name, tt := range map[string]struct {
		header []string
		body   url.Values
		want   string
		status int
		code   string
	}{
		"header":         {[]string{"Bearer abc"}, nil, "abc", 0, ""},
		"any case":       {[]string{"bEaReR  abc "}, nil, "abc", 0, ""},
		"body":           {nil, url.Values{"access_token": {"abc"}}, "abc", 0, ""},
		"both":           {[]string{"Bearer abc"}, url.Values{"access_token": {"abc"}}, "", 400, "invalid_request"},
		"two headers":    {[]string{"Bearer abc", "Bearer abc"}, nil, "", 400, "invalid_request"},
		"none":           {nil, nil, "", 401, ""},
		"another scheme": {[]string{"Basic abc"}, nil, "", 401, ""},
		"glued":          {[]string{"Bearerabc"}, nil, "", 401, ""},
		"nothing after":  {[]string{"Bearer "}, nil, "", 401, ""},
		"spaces inside":  {[]string{"Bearer a b"}, nil, "", 401, "invalid_token"},
		"too long":       {[]string{"Bearer " + strings.Repeat("a", maxParam+1)}, nil, "", 401, "invalid_token"},
		"not ASCII":      {[]string{"Bearer é"}, nil, "", 401, "invalid_token"},
	} {
		got, refusal := BearerToken(tt.header, tt.body)
		if tt.status == 0 {
			if refusal != nil || got.Reveal() != tt.want {
				t.Errorf("%s: got %q, %v", name, got.Reveal(), refusal)
			}
			continue
		}
		if refusal == nil || refusal.Status != tt.status || refusal.Code != tt.code || !strings.HasPrefix(refusal.Challenge, "Bearer realm=") {
			t.Errorf("%s: got %+v", name, refusal)
		}
	}
}

func TestRefusalOnTheWire(t *testing.T) {
	w := httptest.NewRecorder()
	InvalidToken().Write(w)
	if w.Code != 401 || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
	if !strings.Contains(w.Header().Get("WWW-Authenticate"), `error="invalid_token"`) || !strings.Contains(w.Body.String(), `"error":"invalid_token"`) {
		t.Errorf("got %v %s", w.Header(), w.Body)
	}
}

func FuzzParseTokenRequest(f *testing.F) {
	f.Add("client_id=fc&client_secret="+secret1+"&grant_type=authorization_code&code=c&redirect_uri=x", "")
	f.Add("grant_type=authorization_code&code=c&redirect_uri=x", basic("fc", secret1))
	clients := Registrations{client(ES256, "")}
	f.Fuzz(func(t *testing.T, body, auth string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		got, refusal := ParseTokenRequest(form, auth, clients)
		if refusal == nil && (got.Client.ClientID != "fc" || got.Code == "" || got.RedirectURI == "") {
			t.Errorf("accepted %+v", got)
		}
		if refusal != nil && refusal.Status != 400 && refusal.Status != 401 {
			t.Errorf("status %d", refusal.Status)
		}
	})
}
