package proconnect

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	retour = "http://app.localhost/proconnect/retour/"
	fin    = "http://app.localhost/proconnect/fin/"
	preuve = "un-verificateur-de-quarante-trois-caracteres-au-moins"
)

// banc is a stand-in with one client, on a clock of the test.
type banc struct {
	*Simulateur
	t   *testing.T
	now time.Time
	h   http.Handler
}

func nouveau(t *testing.T, change func(*Config)) *banc {
	t.Helper()
	b := &banc{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	cfg := Config{
		Origine: "http://pc.localhost", ClientID: "nous", ClientSecret: strings.Repeat("s", 32), RedirectURIs: []string{retour},
		PostLogoutRedirectURI: fin, Clock: func() time.Time { return b.now },
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.Simulateur, b.h = s, s.Handler()
	return b
}

func (b *banc) do(method, path string, form url.Values, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w
}

// demandee is a right authorization request.
func demandee() url.Values {
	sum := sha256.Sum256([]byte(preuve))
	return url.Values{
		"client_id": {"nous"}, "redirect_uri": {retour}, "response_type": {"code"}, "scope": {"openid email siret"}, "state": {strings.Repeat("e", 32)},
		"nonce": {strings.Repeat("n", 32)}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
		"claims": {`{"id_token":{"amr":{"essential":true}}}`},
	}
}

var interaction = regexp.MustCompile(`action="(/api/v2/interaction/[^"]+)"`)

// entre signs somebody in and gives the code and the cookie of the session.
func (b *banc) entre(acr string) (code string, session *http.Cookie) {
	b.t.Helper()
	w := b.do("GET", "/api/v2/authorize?"+demandee().Encode(), nil)
	m := interaction.FindStringSubmatch(w.Body.String())
	if m == nil {
		b.t.Fatalf("no page of choice: %d %.300s", w.Code, w.Body)
	}
	w = b.do("POST", m[1], url.Values{"prenom": {"Ana"}, "nom": {"ESSAI"}, "email": {"ana@exemple.fr"}, "siret": {"21800021900012"}, "acr": {acr}})
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || to.Query().Get("code") == "" || to.Query().Get("iss") != b.Issuer() || len(w.Result().Cookies()) != 1 {
		b.t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	return to.Query().Get("code"), w.Result().Cookies()[0]
}

func echange(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {retour}, "client_id": {"nous"}, "client_secret": {strings.Repeat("s", 32)},
		"code_verifier": {preuve},
	}
}

// It never stands for the real one (SIM-01).
func TestNeverOnAHostOfTheState(t *testing.T) {
	for _, o := range []string{"https://auth.agentconnect.gouv.fr", "https://x.proconnect.fr", "pc.localhost", "http://pc.localhost/ici"} {
		if _, err := New(Config{Origine: o, ClientID: "nous", ClientSecret: strings.Repeat("s", 32), RedirectURIs: []string{retour}, Clock: time.Now}); err == nil {
			t.Errorf("it stands on %s", o)
		}
	}
	if _, err := New(Config{Origine: "http://pc.localhost", ClientID: "nous", ClientSecret: "court", RedirectURIs: []string{retour}, Clock: time.Now}); err == nil {
		t.Error("a short secret is taken")
	}
}

// A request that the real one refuses is refused: on its page when nobody may
// be told, else back to the client with the word.
func TestRequests(t *testing.T) {
	b := nouveau(t, nil)
	for name, c := range map[string]struct {
		change url.Values
		word   string // "": shown here
	}{
		"client":          {url.Values{"client_id": {"autre"}}, ""},
		"address":         {url.Values{"redirect_uri": {retour + "x"}}, ""},
		"short state":     {url.Values{"state": {"court"}}, ""},
		"short nonce":     {url.Values{"nonce": {"court"}}, ""},
		"unknown":         {url.Values{"ui_locales": {"fr"}}, ""},
		"twice":           {url.Values{"scope": {"openid", "openid"}}, ""},
		"implicit":        {url.Values{"response_type": {"token"}}, "unsupported_response_type"},
		"without openid":  {url.Values{"scope": {"email"}}, "invalid_scope"},
		"another scope":   {url.Values{"scope": {"openid phone"}}, "invalid_scope"},
		"plain challenge": {url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		"short challenge": {url.Values{"code_challenge": {"YQ"}}, "invalid_request"},
		"claims":          {url.Values{"claims": {"["}}, "invalid_request"},
		"no session":      {url.Values{"prompt": {"none"}}, "login_required"},
	} {
		q := demandee()
		maps.Copy(q, c.change)
		w := b.do("GET", "/api/v2/authorize?"+q.Encode(), nil)
		to, _ := url.Parse(w.Header().Get("Location"))
		if c.word == "" && (w.Code != http.StatusBadRequest || w.Header().Get("Location") != "") || c.word != "" && (to.Query().Get("error") != c.word || to.Query().Get("state") != q.Get("state")) {
			t.Errorf("%s: %d to %q", name, w.Code, w.Header().Get("Location"))
		}
	}
}

// A code serves once, for a minute, to its client, at its address, with what
// made its challenge; the token says who, how well and when.
func TestExchange(t *testing.T) {
	b := nouveau(t, nil)
	for name, c := range map[string]struct {
		change url.Values
		wait   time.Duration
		word   string
	}{
		"secret":   {url.Values{"client_secret": {"faux"}}, 0, "invalid_client"},
		"client":   {url.Values{"client_id": {"autre"}}, 0, "invalid_client"},
		"grant":    {url.Values{"grant_type": {"password"}}, 0, "unsupported_grant_type"},
		"address":  {url.Values{"redirect_uri": {fin}}, 0, "invalid_grant"},
		"verifier": {url.Values{"code_verifier": {"un autre"}}, 0, "invalid_grant"},
		"none":     {url.Values{"code_verifier": {""}}, 0, "invalid_grant"},
		"code":     {url.Values{"code": {"invente"}}, 0, "invalid_grant"},
		"late":     {nil, time.Minute, "invalid_grant"},
	} {
		code, _ := b.entre("eidas1")
		form := echange(code)
		maps.Copy(form, c.change)
		b.now = b.now.Add(c.wait)
		if w := b.do("POST", "/api/v2/token", form); !strings.Contains(w.Body.String(), c.word) || w.Code < 400 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	code, _ := b.entre("eidas1-mfa")
	w := b.do("POST", "/api/v2/token", echange(code))
	var got struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.ID == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	jws, err := jose.ParseSignedCompact(got.ID, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := jws.Verify(b.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Iss, Aud, Nonce, Acr string
		Sub                  string
		AuthTime             int64 `json:"auth_time"`
		AMR                  []string
	}
	if err := json.Unmarshal(payload, &claims); err != nil || claims.Iss != b.Issuer() || claims.Aud != "nous" || claims.Nonce != demandee().Get("nonce") || claims.Acr != "eidas1-mfa" || claims.AuthTime != b.now.Unix() || len(claims.AMR) != 3 {
		t.Errorf("%+v, %v", claims, err)
	}
	if again := b.do("POST", "/api/v2/token", echange(code)); again.Code != http.StatusBadRequest {
		t.Errorf("the code serves twice: %d", again.Code)
	}
	r := httptest.NewRequest("GET", "/api/v2/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+got.Access)
	u := httptest.NewRecorder()
	b.h.ServeHTTP(u, r)
	if !strings.Contains(u.Body.String(), `"sub":"`+claims.Sub+`"`) || !strings.Contains(u.Body.String(), "ana@exemple.fr") {
		t.Errorf("%d %s", u.Code, u.Body)
	}
	if w := b.do("GET", "/api/v2/userinfo", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("data without a token: %d", w.Code)
	}
}

// Its session answers by itself for twelve hours, unless the client asks the
// page, and ends at the logout, which only its client asks (PC-06).
func TestSessionAndLogout(t *testing.T) {
	b := nouveau(t, nil)
	_, session := b.entre("eidas1")
	again := func(change url.Values) string {
		q := demandee()
		maps.Copy(q, change)
		return b.do("GET", "/api/v2/authorize?"+q.Encode(), nil, session).Header().Get("Location")
	}
	if !strings.Contains(again(nil), "code=") || again(url.Values{"prompt": {"login"}}) != "" {
		t.Error("the session does not answer, or answers when the page is asked")
	}
	end := func(q url.Values) *httptest.ResponseRecorder {
		return b.do("GET", "/api/v2/session/end?"+q.Encode(), nil, session)
	}
	for name, q := range map[string]url.Values{
		"nobody":    {"state": {"x"}, "post_logout_redirect_uri": {fin}},
		"elsewhere": {"client_id": {"nous"}, "state": {"x"}, "post_logout_redirect_uri": {"https://ailleurs.example/"}},
		"no state":  {"client_id": {"nous"}, "post_logout_redirect_uri": {fin}},
	} {
		if w := end(q); w.Code != http.StatusBadRequest || !strings.Contains(again(nil), "code=") {
			t.Errorf("logout of %s: %d", name, w.Code)
		}
	}
	if w := end(url.Values{"client_id": {"nous"}, "state": {"x"}, "post_logout_redirect_uri": {fin}}); w.Header().Get("Location") != fin+"?state=x" || again(nil) != "" {
		t.Errorf("after the logout: %d to %q", w.Code, w.Header().Get("Location"))
	}
	_, session = b.entre("eidas1")
	b.now = b.now.Add(vieSession)
	if again(nil) != "" {
		t.Error("the session outlives twelve hours")
	}
}
