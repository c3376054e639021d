package fournisseur_test

// The modules of the OpenID certification suite for a provider, re-expressed:
// docs/conformite.csv lists them with what is expected of us, and each is the
// test named after it. They are about the protocol, so that one database is
// enough; the acts they go through are tested on both elsewhere.
//
// Each module runs for every client: FranceConnect of integration and of
// production and a test client, registered together, each with its algorithms
// and its way to authenticate (FC-01, M-W37).

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// conformite is a relying party at work.
type conformite struct {
	*monde
	n     *navigateur
	r     oidc.Registration
	basic bool // how it authenticates
	dest  *destinataire
	codes int // how many times our pages asked a code of the aidant
}

// clients are the registrations under test.
func (d *destinataire) clients() (oidc.Registrations, []bool) {
	register := func(id, host, alg, userinfo string, methods ...string) oidc.Registration {
		return oidc.Registration{
			ClientID: id, Nom: id, Secrets: []secret.Text{secret.Text("nouveau-secret-de-" + id + "-assez-long"), secret.Text("ancien-secret-de-" + id + "-assez-long")},
			RedirectURIs:           []string{"https://" + host + "/api/v2/oidc-callback"},
			PostLogoutRedirectURIs: []string{"https://" + host + "/api/v2/client/logout-callback"},
			IDTokenAlg:             alg, UserinfoAlg: userinfo, TokenAuthMethods: methods,
		}
	}
	production := register("fc-production", "fc.example", oidc.ES256, oidc.ES256, oidc.SecretPost)
	integration := register("fc-integration", "fc.integ.example", oidc.HS256, "", oidc.SecretBasic, oidc.SecretPost)
	essai := register("essai", "essai.example", oidc.RS256, oidc.RS256, oidc.SecretBasic, oidc.SecretPost)
	essai.RedirectURIs[0] += "?cle=valeur"
	essai.IDTokenEncAlg, essai.IDTokenEncEnc = oidc.ECDHES, oidc.A256GCM
	essai.UserinfoEncAlg, essai.UserinfoEncEnc = oidc.RSAOAEP256, oidc.A256GCM
	essai.JWKSURI = d.URL + "/cles"
	return oidc.Registrations{production, integration, essai}, []bool{false, true, true}
}

// oidcc runs a module for each client, on one database.
func oidcc(t *testing.T, module func(t *testing.T, c *conformite)) {
	t.Helper()
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	dest := newDestinataire(t)
	clients, basic := dest.clients()
	if faults := clients.Check(); len(faults) > 1 { // the jwks_uri of a test server
		t.Fatal(faults)
	}
	m.h.Clients, m.h.ClesClients = clients, fournisseur.NewClesClients(clock.Now, testkit.Log(t))
	check(t, m.h.Prepare(t.Context()))
	m.mux = m.serve(m.h)
	for i, r := range clients {
		t.Run(r.ClientID, func(t *testing.T) {
			m.t = t
			m.fresh()
			module(t, &conformite{monde: m, n: m.browser("claire"), r: r, basic: basic[i], dest: dest})
		})
	}
}

// serve mounts handlers as the program does.
func (m *monde) serve(h *fournisseur.Handlers) http.Handler {
	mux := web.NewMux(web.Config{
		Site: h.Site, Log: testkit.Log(m.t), Now: m.clock.Now, Authenticate: m.authenticate, FormAction: h.Clients.Origins(),
	})
	h.Mount(mux)
	return mux
}

// params is the request of a client of the suite; "-" takes one out.
func (c *conformite) params(changes ...string) url.Values {
	q := url.Values{
		"client_id": {c.r.ClientID}, "redirect_uri": {c.r.RedirectURIs[0]}, "response_type": {"code"}, "scope": {"openid profile email birth"},
		"state": {"Zm9vYmFy&=é"}, "nonce": {"bm9uY2U"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "-" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	return q
}

// authorize sends a request; it gives the answer that our pages, or the client,
// receives.
func (c *conformite) authorize(changes ...string) string {
	c.t.Helper()
	return c.n.expect(c.n.get("/authorize/?"+c.params(changes...).Encode()), 303)
}

// walk goes through our pages, as the aidant does, from where a request led.
func (c *conformite) walk(to string) url.Values {
	c.t.Helper()
	if u, err := url.Parse(to); err == nil && u.Path == web.CheminReprise {
		c.codes++
		c.a.DateOTP = c.clock.Now()
		to = u.Query().Get("next")
	}
	w := c.n.get(to)
	if again := w.Header().Get("Location"); w.Code == 303 && again != to {
		return c.walk(again)
	}
	c.n.expect(w, 200)
	if !strings.Contains(w.Body.String(), c.odile.ID.String()) {
		c.t.Fatal("the person is not asked")
	}
	u, err := url.Parse(to)
	check(c.t, err)
	id := u.Query().Get("demande")
	c.n.expect(c.n.choose(id, c.odile.ID), 303)
	return c.answer(c.n.expect(c.n.act(id, demarche.Papiers), 303))
}

// answer checks what every answer to the client has (FI-16; RFC 9207).
func (c *conformite) answer(to string) url.Values {
	c.t.Helper()
	base, err := url.Parse(c.r.RedirectURIs[0])
	check(c.t, err)
	u, err := url.Parse(to)
	check(c.t, err)
	q := u.Query()
	for k, v := range base.Query() {
		if !slices.Equal(q[k], v) {
			c.t.Errorf("the address lost its %s", k)
		}
		q.Del(k)
	}
	u.RawQuery, base.RawQuery = "", ""
	if u.String() != base.String() || q.Get("iss") != issuer {
		c.t.Fatalf("answered at %s", to)
	}
	q.Del("iss")
	return q
}

// code is a whole authorization that must succeed.
func (c *conformite) code(changes ...string) string {
	c.t.Helper()
	q := c.walk(c.authorize(changes...))
	if q.Get("state") != c.params(changes...).Get("state") || len(q["state"]) != len(c.params(changes...)["state"]) || len(q) > 2 || q.Get("code") == "" {
		c.t.Fatalf("answered %v", q)
	}
	return q.Get("code")
}

// refused is an authorization that must come back with this error.
func (c *conformite) refusedWith(code string, changes ...string) {
	c.t.Helper()
	q := c.answer(c.authorize(changes...))
	if q.Get("error") != code || q.Get("state") != c.params(changes...).Get("state") || q.Has("code") {
		c.t.Errorf("answered %v, want %s", q, code)
	}
}

// jeton is what a good exchange gave.
type jeton struct {
	oidc.TokenAnswer
	header jose.Header
	claims map[string]any
}

func (c *conformite) post(code string, changes ...string) *httptest.ResponseRecorder {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.r.RedirectURIs[0]}}
	var headers []string
	if c.basic {
		pair := url.QueryEscape(c.r.ClientID) + ":" + url.QueryEscape(c.r.Secrets[0].Reveal())
		headers = []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}
	} else {
		form.Set("client_id", c.r.ClientID)
		form.Set("client_secret", c.r.Secrets[0].Reveal())
	}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return c.fc().do("POST", "/token/", form, headers...)
}

// exchange redeems a code and verifies the ID token as the suite does.
func (c *conformite) redeem(code string, changes ...string) (j jeton) {
	c.t.Helper()
	w := c.post(code, changes...)
	c.fc().expect(w, 200)
	h := w.Header()
	if h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" || h.Get("Pragma") != "no-cache" {
		c.t.Errorf("headers %v", h)
	}
	check(c.t, json.Unmarshal(w.Body.Bytes(), &j.TokenAnswer))
	if j.TokenType != "Bearer" || j.ExpiresIn != 60 || strings.Contains(w.Body.String(), "refresh_token") {
		c.t.Errorf("answered %s", w.Body)
	}
	raw := j.IDToken
	if c.r.IDTokenEncAlg != "" {
		raw = c.decrypt(raw, c.r.IDTokenEncAlg, true)
	}
	j.header, j.claims = c.verify(raw, c.r.IDTokenAlg)
	c.checkIDToken(j)
	return j
}

// decrypt opens a JWE, whose header says exactly what is registered.
func (c *conformite) decrypt(raw, alg string, nested bool) string {
	c.t.Helper()
	plain, h := c.dest.open(c.t, raw)
	if h.Algorithm != alg || h.ExtraHeaders["enc"] != oidc.A256GCM || (h.ExtraHeaders["cty"] == "JWT") != nested || h.KeyID == "" {
		c.t.Errorf("JWE header %+v", h)
	}
	return string(plain)
}

// verify checks a JWS with the client's secret, or the key that /jwks gives for
// its kid, use and alg.
func (c *conformite) verify(raw, alg string) (jose.Header, map[string]any) {
	c.t.Helper()
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	check(c.t, err)
	h := jws.Signatures[0].Header
	var key any = []byte(c.r.Secrets[0].Reveal())
	if alg != oidc.HS256 {
		var set jose.JSONWebKeySet
		check(c.t, json.Unmarshal(c.fc().get("/jwks").Body.Bytes(), &set))
		found := slices.DeleteFunc(set.Key(h.KeyID), func(k jose.JSONWebKey) bool { return k.Use != "sig" || k.Algorithm != alg })
		if len(found) != 1 {
			c.t.Fatalf("%d keys for kid %q", len(found), h.KeyID)
		}
		key = found[0]
	} else if h.KeyID != "" {
		c.t.Error("a kid that names nothing")
	}
	payload, err := jws.Verify(key)
	check(c.t, err)
	var claims map[string]any
	check(c.t, json.Unmarshal(payload, &claims))
	return h, claims
}

// checkIDToken applies OpenID Connect Core §3.1.3.7 and the table of §5.
func (c *conformite) checkIDToken(j jeton) {
	c.t.Helper()
	now := float64(c.clock.Now().Unix())
	want := map[string]any{
		"iss": issuer, "sub": c.odile.Sub, "aud": c.r.ClientID, "iat": now, "exp": now + 300, "auth_time": float64(c.a.DateOTP.Unix()),
		"acr": "eidas1", "amr": []any{"mail", "otp", "mfa"}, "at_hash": oidc.AtHash(secret.Text(j.AccessToken)),
		"rep_scope": []any{"Papier-Citoyenneté-Elections"}, "nonce": "bm9uY2U",
	}
	got := maps.Clone(j.claims)
	if _, ok := got["nonce"]; !ok {
		delete(want, "nonce") // the module without nonce says whether that is right
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("ID token: %s", diff)
	}
}

// identity reads a good answer of /userinfo, whatever its form.
func (c *conformite) identity(w *httptest.ResponseRecorder) map[string]any {
	c.t.Helper()
	c.fc().expect(w, 200)
	want := "application/jwt"
	if c.r.UserinfoAlg == "" && c.r.UserinfoEncAlg == "" {
		want = "application/json"
	}
	if got := w.Header().Get("Content-Type"); got != want || w.Header().Get("Cache-Control") != "no-store" {
		c.t.Errorf("content type %q, %v", got, w.Header())
	}
	raw := w.Body.String()
	if c.r.UserinfoEncAlg != "" {
		raw = c.decrypt(raw, c.r.UserinfoEncAlg, c.r.UserinfoAlg != "")
	}
	var claims map[string]any
	if c.r.UserinfoAlg == "" {
		check(c.t, json.Unmarshal([]byte(raw), &claims))
		return claims
	}
	_, claims = c.verify(raw, c.r.UserinfoAlg)
	now := float64(c.clock.Now().Unix())
	for k, v := range map[string]any{"iss": issuer, "aud": c.r.ClientID, "iat": now, "exp": now + 60} {
		if claims[k] != v {
			c.t.Errorf("userinfo %s: %v, want %v", k, claims[k], v)
		}
		delete(claims, k)
	}
	return claims
}

// odileClaims is what the asked scopes give, and nothing else.
func (c *conformite) odileClaims(scopes ...string) map[string]any {
	out := map[string]any{"sub": c.odile.Sub}
	for scope, claims := range map[string]map[string]any{
		"profile": {"given_name": "Odile Simone", "family_name": "VASSELIN", "gender": "female", "birthdate": "1951-11-04"},
		"email":   {"email": "ordinaire@example.org"},
		"birth":   {"birthplace": "80021", "birthcountry": "99100"},
	} {
		if slices.Contains(scopes, scope) {
			maps.Copy(out, claims)
		}
	}
	return out
}

// succeeds walks a whole use and checks everything of it.
func (c *conformite) succeeds(changes ...string) jeton {
	c.t.Helper()
	j := c.redeem(c.code(changes...))
	c.delivers(j, strings.Fields(c.params(changes...).Get("scope"))...)
	return j
}

func (c *conformite) delivers(j jeton, scopes ...string) {
	c.t.Helper()
	got := c.identity(c.userinfo(j.AccessToken))
	if diff := cmp.Diff(c.odileClaims(scopes...), got); diff != "" {
		c.t.Errorf("userinfo: %s", diff)
	}
	if got["sub"] != j.claims["sub"] {
		c.t.Error("two different sub")
	}
}
