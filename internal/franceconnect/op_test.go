package franceconnect

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/secret"
)

const (
	testClient = "client-de-test"
	testSecret = "secret-de-test-de-plus-de-trente-deux-octets"
	testNonce  = "6e6f6e63652d64652d746573742d64652d36342d6361726163746572657321"
	testState  = "73746174652d64652d746573742d64652d36342d6361726163746572657321"
	testCode   = "code-secret-de-test"
	testAccess = "jeton-acces-de-test"
	testSub    = "9f3c6c3e5e1f4b0a8d7c6b5a49382716a5b4c3d2e1f00918273645546372819av1"
)

var (
	rsaKey  = sync.OnceValue(newRSA)
	rsaKey2 = sync.OnceValue(newRSA)
	rsaKey3 = sync.OnceValue(newRSA)
	ecKey   = sync.OnceValue(newEC)
	ecKey2  = sync.OnceValue(newEC)
)

func newRSA() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

func newEC() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

type claims = map[string]any

// op is a FranceConnect for these tests: honest until a hook is set.
type op struct {
	t      *testing.T
	server *httptest.Server
	mux    *http.ServeMux
	issuer string
	log    *lockedBuffer

	mu  sync.Mutex
	now time.Time

	alg       jose.SignatureAlgorithm
	key       any // what signs
	kid       string
	published []jose.JSONWebKey

	editMeta     func(claims)
	editID       func(claims)
	editUserinfo func(claims)
	signID       func(claims) string // replaces the signature of the ID token
	signUserinfo func(claims) string
	token        http.HandlerFunc // replaces /token
	userinfo     http.HandlerFunc // replaces /userinfo
	jwks         http.HandlerFunc // replaces /jwks
	discovery    http.HandlerFunc // replaces discovery
	contentType  string           // of userinfo
	editToken    func(claims)     // the JSON of the token answer
	beforeSign   func()           // runs inside /token, for a rotation

	calls    map[string]int
	lastForm url.Values
	lastAuth string
}

// newOP serves an op on the loopback.
func newOP(t *testing.T) *op {
	t.Helper()
	o := newOPInProcess(t)
	o.server = httptest.NewServer(o.mux)
	t.Cleanup(o.server.Close)
	_, port, err := net.SplitHostPort(o.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	o.issuer = "http://fc.localhost:" + port + "/api/v2"
	return o
}

// newOPInProcess makes an op without a listener.
func newOPInProcess(t *testing.T) *op {
	t.Helper()
	o := &op{
		t: t, now: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC), log: &lockedBuffer{},
		alg: jose.ES256, key: ecKey(), kid: "k1", contentType: "application/jwt; charset=utf-8",
		calls: map[string]int{}, mux: http.NewServeMux(), issuer: "http://fc.localhost/api/v2",
	}
	o.published = []jose.JSONWebKey{
		{Key: ecKey().Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"},
		{Key: rsaKey().Public(), KeyID: "r1", Algorithm: "RS256", Use: "sig"},
	}
	o.mux.HandleFunc("GET /api/v2/.well-known/openid-configuration", o.handle("discovery", &o.discovery, o.serveDiscovery))
	o.mux.HandleFunc("GET /api/v2/jwks", o.handle("jwks", &o.jwks, o.serveJWKS))
	o.mux.HandleFunc("POST /api/v2/token", o.handle("token", &o.token, o.serveToken))
	o.mux.HandleFunc("GET /api/v2/userinfo", o.handle("userinfo", &o.userinfo, o.serveUserinfo))
	t.Cleanup(func() { assertSilent(t, o.log.String()) })
	return o
}

// RoundTrip answers in process, for tests in a bubble of simulated time.
func (o *op) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w.Result(), nil
}

// assertSilent fails when a log holds what must never be there (FC-03).
func assertSilent(t *testing.T, log string) {
	t.Helper()
	for _, s := range []string{testSecret, testNonce, testState, testCode, testAccess, testSub, "VASSELIN", "Odile", "1951", "odile@example.org", "eyJ", "CORPS"} {
		if strings.Contains(log, s) {
			t.Errorf("the log holds %q:\n%s", s, log)
		}
	}
}

func (o *op) handle(name string, hook *http.HandlerFunc, honest http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.calls[name]++
		h := *hook
		o.mu.Unlock()
		if h == nil {
			h = honest
		}
		h(w, r)
	}
}

func (o *op) count(name string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls[name]
}

func (o *op) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *op) advance(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func (o *op) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	m := claims{
		"issuer":                 o.issuer,
		"authorization_endpoint": o.issuer + "/authorize",
		"token_endpoint":         o.issuer + "/token",
		"userinfo_endpoint":      o.issuer + "/userinfo",
		"end_session_endpoint":   o.issuer + "/session/end",
		"jwks_uri":               o.issuer + "/jwks",
		// over-promises that must change nothing (§12)
		"code_challenge_methods_supported":               []string{"S256"},
		"response_modes_supported":                       []string{"form_post", "fragment", "query"},
		"authorization_response_iss_parameter_supported": true,
	}
	if o.editMeta != nil {
		o.editMeta(m)
	}
	writeJSON(w, http.StatusOK, m)
}

func (o *op) serveJWKS(w http.ResponseWriter, _ *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: o.published})
}

func (o *op) serveToken(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	o.mu.Lock()
	o.lastForm, o.lastAuth = r.PostForm, r.Header.Get("Authorization")
	o.mu.Unlock()
	if r.PostForm.Get("code") != testCode {
		writeJSON(w, http.StatusBadRequest, claims{"error": "invalid_grant"})
		return
	}
	if o.beforeSign != nil {
		o.beforeSign()
	}
	id := claims{
		"iss": o.issuer, "aud": testClient, "sub": testSub, "nonce": testNonce, "acr": "eidas1",
		"iat": o.now.Unix(), "exp": o.now.Unix() + 60, "auth_time": o.now.Unix() - 2,
	}
	if o.editID != nil {
		o.editID(id)
	}
	sign := o.sign
	if o.signID != nil {
		sign = o.signID
	}
	body := claims{"access_token": testAccess, "token_type": "Bearer", "expires_in": 60, "id_token": sign(id)}
	if o.editToken != nil {
		o.editToken(body)
	}
	writeJSON(w, http.StatusOK, body)
}

func (o *op) identity() claims {
	return claims{
		"iss": o.issuer, "aud": testClient, "sub": testSub,
		"iat": o.now.Unix(), "exp": o.now.Unix() + 60,
		"given_name": "Odile Simone", "given_name_array": []string{"Odile", "Simone"},
		"family_name": "VASSELIN", "gender": "female", "birthdate": "1951-11-04",
		"birthplace": "80021", "birthcountry": "99100", "email": "odile@example.org",
		"idp_birthdate": "1951-11-04", "idp_id": "fi-de-test", "preferred_username": nil,
	}
}

func (o *op) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+testAccess || r.URL.RawQuery != "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	u := o.identity()
	if o.editUserinfo != nil {
		o.editUserinfo(u)
	}
	sign := o.sign
	if o.signUserinfo != nil {
		sign = o.signUserinfo
	}
	w.Header().Set("Content-Type", o.contentType)
	_, _ = w.Write([]byte(sign(u)))
}

func (o *op) sign(c claims) string { return signWith(o.t, o.alg, o.key, o.kid, c) }

func signWith(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string, c any) string {
	t.Helper()
	var k any = key
	if kid != "" {
		k = jose.JSONWebKey{Key: key, KeyID: kid}
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: k}, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Error(err)
		return ""
	}
	j, err := s.Sign(b)
	if err != nil {
		t.Error(err)
		return ""
	}
	out, err := j.CompactSerialize()
	if err != nil {
		t.Error(err)
	}
	return out
}

// unsigned makes a JWT of alg none.
func unsigned(c claims) string {
	b, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"k1"}`)) + "." + base64.RawURLEncoding.EncodeToString(b) + "."
}

func atHash(access string) string {
	h := sha256.Sum256([]byte(access))
	return base64.RawURLEncoding.EncodeToString(h[:16])
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (o *op) config() Config {
	return Config{
		Issuer: o.issuer, ClientID: testClient, ClientSecret: testSecret,
		RedirectURI: "http://localhost:3000/callbackv2/", PostLogoutRedirectURI: "http://localhost:3000/logout-callback/",
		Alg: "ES256", FIUid: "notre-fi", HTTP: outgoing.NewClient(10 * time.Second), Clock: o.clock,
		Log: slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func (o *op) client(edit ...func(*Config)) *Client {
	o.t.Helper()
	cfg := o.config()
	for _, e := range edit {
		e(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

func identify(c *Client) (Resultat, error) {
	return c.Identify(context.Background(), secret.Text(testCode), secret.Text(testNonce))
}

// wantErreur asserts the key and a part of the cause.
func wantErreur(t *testing.T, err error, cle, cause string) *Erreur {
	t.Helper()
	e := ErreurDe(err)
	if e == nil {
		t.Fatalf("error = %v, want an Erreur %s", err, cle)
	}
	if e.Cle != cle || !strings.Contains(e.Error(), cause) {
		t.Errorf("error = %v, want %s with %q", e, cle, cause)
	}
	if e.ID == "" {
		t.Error("the error has no reference")
	}
	if m := e.Avis(); m == "" || strings.ContainsAny(m, "{}") {
		t.Errorf("message to the aidant: %q", m)
	}
	return e
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
