package oidc

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/demarche"

	"github.com/google/go-cmp/cmp"
)

const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636 appendix B

func params() url.Values {
	return url.Values{
		"client_id": {"fc"}, "redirect_uri": {callback}, "response_type": {"code"},
		"scope": {"openid profile email birth"}, "state": {"s1"}, "nonce": {"n1"}, "acr_values": {"eidas1"},
		"prompt": {"login"}, "claims": {`{"id_token":{"rep_scope":{"essential":true,"values":["Famille-Scolarité"]}}}`},
	}
}

// FI-03 (any order, unknown scopes), FI-04, FI-05, FI-06, FI-09, FI-10, FI-13.
func TestParseAuthRequestAccepts(t *testing.T) {
	tenThousand := 10000
	base := AuthRequest{
		ClientID: "fc", RedirectURI: callback, Scope: []string{"openid", "profile", "email", "birth"}, State: "s1", Nonce: "n1",
		PromptLogin: true, RepScope: RepScope{Limite: true, Demarches: []demarche.Demarche{demarche.Famille}},
	}
	tests := map[string]struct {
		set  url.Values
		want func(*AuthRequest)
	}{
		"as FranceConnect sends it": {nil, func(*AuthRequest) {}},
		"scopes in another order, unknown ones": {
			url.Values{"scope": {"birth address openid phone openid"}},
			func(r *AuthRequest) { r.Scope = []string{"birth", "openid"} },
		},
		"no state, no nonce":         {url.Values{"state": nil, "nonce": {""}}, func(r *AuthRequest) { r.State, r.Nonce = "", "" }},
		"unknown, even twice":        {url.Values{"extra": {"foobar", "x"}, "ui_locales": {"fr", "de"}}, func(*AuthRequest) {}},
		"display, login_hint, hint":  {url.Values{"display": {"popup"}, "login_hint": {"x"}, "id_token_hint": {"x"}}, func(*AuthRequest) {}},
		"another acr":                {url.Values{"acr_values": {"eidas3"}}, func(*AuthRequest) {}},
		"response_mode query":        {url.Values{"response_mode": {"query"}}, func(*AuthRequest) {}},
		"prompt consent":             {url.Values{"prompt": {"consent select_account"}}, func(*AuthRequest) {}},
		"no prompt":                  {url.Values{"prompt": nil}, func(r *AuthRequest) { r.PromptLogin = false }},
		"prompt none":                {url.Values{"prompt": {"none"}}, func(r *AuthRequest) { r.PromptLogin, r.PromptNone = false, true }},
		"max_age":                    {url.Values{"max_age": {"10000"}}, func(r *AuthRequest) { r.MaxAge = &tenThousand }},
		"PKCE":                       {url.Values{"code_challenge": {challenge}, "code_challenge_method": {"S256"}}, func(r *AuthRequest) { r.CodeChallenge = challenge }},
		"claims absent":              {url.Values{"claims": nil}, func(r *AuthRequest) { r.RepScope = RepScope{} }},
		"claims for something else":  {url.Values{"claims": {`{"userinfo":{"name":{"essential":true}}}`}}, func(r *AuthRequest) { r.RepScope = RepScope{} }},
		"state of 512, accents, URL": {url.Values{"state": {strings.Repeat("é", 500) + "&=?#%+ é"}}, func(r *AuthRequest) { r.State = strings.Repeat("é", 500) + "&=?#%+ é" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q := params()
			maps.Copy(q, tt.set)
			want := base
			tt.want(&want)
			got, refusal := ParseAuthRequest(q, Registrations{client(ES256, ES256)})
			if refusal != nil {
				t.Fatal(refusal)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			// What is held must come back the same.
			b, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var back AuthRequest
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, back); diff != "" {
				t.Error("held request:", diff)
			}
		})
	}
}

// FI-01 (a page, no redirect), FI-02, FI-03, FI-04, FI-05, FI-07, FI-08, FI-09,
// FI-10, FI-11, FI-12, FI-13 (twice).
func TestParseAuthRequestRefuses(t *testing.T) {
	const page = "page"
	tests := map[string]struct {
		set   url.Values
		code  string // page: no redirect
		state string
	}{
		"no client":                    {url.Values{"client_id": nil}, page, ""},
		"empty client":                 {url.Values{"client_id": {""}}, page, ""},
		"unknown client":               {url.Values{"client_id": {"autre"}}, page, ""},
		"client twice":                 {url.Values{"client_id": {"fc", "fc"}}, page, ""},
		"no redirect_uri":              {url.Values{"redirect_uri": nil}, page, ""},
		"redirect_uri twice":           {url.Values{"redirect_uri": {callback, callback}}, page, ""},
		"redirect_uri, slash":          {url.Values{"redirect_uri": {callback + "/"}}, page, ""},
		"redirect_uri, query":          {url.Values{"redirect_uri": {callback + "?a=b"}}, page, ""},
		"redirect_uri, case":           {url.Values{"redirect_uri": {"HTTPS" + callback[5:]}}, page, ""},
		"no response_type":             {url.Values{"response_type": nil}, "invalid_request", "s1"},
		"empty response_type":          {url.Values{"response_type": {""}}, "invalid_request", "s1"},
		"token":                        {url.Values{"response_type": {"token"}}, "unsupported_response_type", "s1"},
		"code id_token":                {url.Values{"response_type": {"code id_token"}}, "unsupported_response_type", "s1"},
		"response_type twice":          {url.Values{"response_type": {"code", "code"}}, "invalid_request", "s1"},
		"no scope":                     {url.Values{"scope": nil}, "invalid_scope", "s1"},
		"no openid":                    {url.Values{"scope": {"profile"}}, "invalid_scope", "s1"},
		"openid inside a word":         {url.Values{"scope": {"openid2"}}, "invalid_scope", "s1"},
		"state too long":               {url.Values{"state": {strings.Repeat("a", 513)}}, "invalid_request", ""},
		"state twice":                  {url.Values{"state": {"a", "b"}}, "invalid_request", ""},
		"state with NUL":               {url.Values{"state": {"a\x00"}}, "invalid_request", ""},
		"state not UTF-8":              {url.Values{"state": {"\xff"}}, "invalid_request", ""},
		"nonce too long":               {url.Values{"nonce": {strings.Repeat("a", 513)}}, "invalid_request", "s1"},
		"prompt none login":            {url.Values{"prompt": {"none login"}}, "invalid_request", "s1"},
		"max_age words":                {url.Values{"max_age": {"soon"}}, "invalid_request", "s1"},
		"max_age negative":             {url.Values{"max_age": {"-1"}}, "invalid_request", "s1"},
		"claims not JSON":              {url.Values{"claims": {"{"}}, "invalid_request", "s1"},
		"claims too long":              {url.Values{"claims": {`{"a":"` + strings.Repeat("a", 4096) + `"}`}}, "invalid_request", "s1"},
		"plain challenge":              {url.Values{"code_challenge": {challenge}, "code_challenge_method": {"plain"}}, "invalid_request", "s1"},
		"challenge, no method":         {url.Values{"code_challenge": {challenge}}, "invalid_request", "s1"},
		"challenge, unknown":           {url.Values{"code_challenge": {challenge}, "code_challenge_method": {"S512"}}, "invalid_request", "s1"},
		"challenge too short":          {url.Values{"code_challenge": {"abc"}, "code_challenge_method": {"S256"}}, "invalid_request", "s1"},
		"method, no challenge":         {url.Values{"code_challenge_method": {"S256"}}, "invalid_request", "s1"},
		"request object":               {url.Values{"request": {"e30.e30."}}, "request_not_supported", "s1"},
		"request_uri":                  {url.Values{"request_uri": {"https://x.example/r"}}, "request_uri_not_supported", "s1"},
		"registration":                 {url.Values{"registration": {"{}"}}, "registration_not_supported", "s1"},
		"response_mode fragment":       {url.Values{"response_mode": {"fragment"}}, "invalid_request", "s1"},
		"response_mode form_post":      {url.Values{"response_mode": {"form_post"}}, "invalid_request", "s1"},
		"rep_scope values of a number": {url.Values{"claims": {`{"id_token":{"rep_scope":{"values":[1]}}}`}}, "invalid_request", "s1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q := params()
			maps.Copy(q, tt.set)
			_, got := ParseAuthRequest(q, Registrations{client(ES256, ES256)})
			if got == nil {
				t.Fatal("accepted")
			}
			if tt.code == page {
				if got.Redirects() {
					t.Errorf("redirects to %s", got.RedirectURI)
				}
				return
			}
			if got.Code != tt.code || got.State != tt.state || got.RedirectURI != callback {
				t.Errorf("got %+v, want %s with state %q", got, tt.code, tt.state)
			}
		})
	}
}

// A refusal about the client wins over every other one: nobody is redirected
// (FI-01).
func TestClientComesFirst(t *testing.T) {
	q := url.Values{"client_id": {"autre"}, "redirect_uri": {callback}, "request": {"x"}, "state": {"a", "b"}}
	if _, e := ParseAuthRequest(q, Registrations{client(ES256, "")}); e == nil || e.Redirects() {
		t.Errorf("got %+v, want a page", e)
	}
}

// FI-09, FI-30, and the three cases of REP-4 and REP-10: values empty, absent,
// malformed.
func TestParseClaims(t *testing.T) {
	none := RepScope{}
	famille := RepScope{Limite: true, Demarches: []demarche.Demarche{demarche.Famille}}
	tests := map[string]struct {
		want RepScope
		ok   bool
	}{
		`{}`:                              {none, true},
		`{"id_token":null}`:               {none, true},
		`{"id_token":{"rep_scope":null}}`: {none, true},
		`{"id_token":{"rep_scope":{"essential":true}}}`:                                 {none, true}, // REP-10
		`{"id_token":{"rep_scope":{"values":[]}}}`:                                      {none, true},
		`{"id_token":{"rep_scope":{"values":null}}}`:                                    {none, true},
		`{"id_token":{"rep_scope":{"values":["Famille-Scolarité"]}}}`:                   {famille, true},
		`{"id_token":{"rep_scope":{"values":["Famille-Scolarite\u0301"]}}}`:             {famille, true}, // NFD
		`{"id_token":{"rep_scope":{"values":["famille","famille","Astrologie"]}}}`:      {famille, true},
		`{"id_token":{"rep_scope":{"value":"Famille-Scolarité"}}}`:                      {famille, true},
		`{"id_token":{"rep_scope":{"values":["Astrologie"]}}}`:                          {RepScope{Limite: true}, true}, // FI-30
		`{"ID_TOKEN":{"rep_scope":{"values":["famille"]}}}`:                             {none, true},                   // names have a case
		`{"userinfo":{"rep_scope":{"values":["famille"]}}}`:                             {none, true},
		`{"id_token":{"rep_scope":{"values":["famille"]},"acr":{"value":"x"}},"x":[1]}`: {famille, true},
		``:                                     {none, false},
		`null`:                                 {none, false},
		`[]`:                                   {none, false},
		`"x"`:                                  {none, false},
		`{} {}`:                                {none, false},
		`{"id_token":[]}`:                      {none, false},
		`{"id_token":{"rep_scope":"famille"}}`: {none, false},
		`{"id_token":{"rep_scope":{"values":"famille"}}}`:        {none, false},
		`{"id_token":{"rep_scope":{"values":["famille",null]}}}`: {none, false},
		`{"id_token":{"rep_scope":{"value":3}}}`:                 {none, false},
	}
	for in, tt := range tests {
		got, err := ParseClaims(in)
		if (err == nil) != tt.ok || !cmp.Equal(got, tt.want) {
			t.Errorf("%s: got %+v, %v; want %+v, ok %v", in, got, err, tt.want, tt.ok)
		}
		if err == nil {
			if back := ParseRepScopeCSV(got.CSV()); back.Limite != got.Limite || !slices.Equal(back.Demarches, got.Demarches) {
				t.Errorf("%s: stored as %q, read as %+v", in, got.CSV(), back)
			}
		}
	}
}

func TestRepScopeFilter(t *testing.T) {
	live := []demarche.Demarche{demarche.Papiers, demarche.Famille}
	for _, tt := range []struct {
		r    RepScope
		want []demarche.Demarche
	}{
		{RepScope{}, live},
		{RepScope{Limite: true}, []demarche.Demarche{}},
		{RepScope{Limite: true, Demarches: []demarche.Demarche{demarche.Famille, demarche.Travail}}, []demarche.Demarche{demarche.Famille}},
	} {
		if got := tt.r.Filter(live); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: got %v, want %v", tt.r, got, tt.want)
		}
	}
}

// FI-16: the registered query stays, state only if one came, iss always.
func TestRedirects(t *testing.T) {
	for uri, want := range map[string]string{
		"https://a.example/cb":      "https://a.example/cb?code=c&state=x%26y+%C3%A9&iss=https%3A%2F%2Faidants.example",
		"https://a.example/cb?k=%2": "https://a.example/cb?k=%2&code=c&state=x%26y+%C3%A9&iss=https%3A%2F%2Faidants.example",
		"https://a.example/cb?":     "https://a.example/cb?code=c&state=x%26y+%C3%A9&iss=https%3A%2F%2Faidants.example",
	} {
		if got := CodeURL(AuthRequest{RedirectURI: uri, State: "x&y é"}, issuer, "c"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	e := &AuthError{Code: "invalid_scope", Description: "scope must contain openid", RedirectURI: callback}
	if got, want := e.URL(issuer), callback+"?error=invalid_scope&error_description=scope+must+contain+openid&iss=https%3A%2F%2Faidants.example"; got != want {
		t.Errorf("got %s, want %s (no state= when none came)", got, want)
	}
	if got, want := LogoutURL(goodbye, "a b&c"), goodbye+"?state=a+b%26c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := LogoutURL(goodbye, ""); got != goodbye {
		t.Errorf("got %s", got)
	}
}

func FuzzParseAuthRequest(f *testing.F) {
	f.Add(params().Encode())
	f.Add("client_id=fc&redirect_uri=" + url.QueryEscape(callback) + "&state=%00&state=b&max_age=99999999999999999999")
	clients := Registrations{client(ES256, ES256)}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		r, refusal := ParseAuthRequest(q, clients)
		if refusal != nil {
			if refusal.Redirects() {
				if u := refusal.URL(issuer); !strings.HasPrefix(u, callback+"?error=") {
					t.Errorf("redirects to %q", u)
				}
			}
			return
		}
		u, err := url.Parse(CodeURL(r, issuer, "c"))
		if err != nil {
			t.Fatal(err)
		}
		if u.Query().Get("state") != q.Get("state") || u.Query().Get("iss") != issuer {
			t.Errorf("state changed: %q", u)
		}
	})
}

func FuzzParseClaims(f *testing.F) {
	f.Add(`{"id_token":{"rep_scope":{"essential":true,"values":["Famille-Scolarité"]}}}`)
	f.Add(`{"id_token":{"rep_scope":{"value":"\ud800"}}}`)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseClaims(s)
		if err == nil && !json.Valid([]byte(s)) {
			t.Errorf("accepted what is not JSON: %q", s)
		}
		if len(r.Demarches) > 0 && !r.Limite {
			t.Errorf("démarches without limit: %+v", r)
		}
	})
}
