package fournisseur_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/testkit"
)

// FI-40, FI-41, FI-43: none of these spends the code.
func TestTokenRefusals(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		code := n.code(demarche.Papiers)
		m.refused(m.exchange("inconnu"), 400, "invalid_grant")
		m.refused(m.exchange(code, "redirect_uri", callback+"2"), 400, "invalid_grant")
		m.refused(m.exchange(code, "client_id", simple, "client_secret", password+"x"), 400, "invalid_grant")
		m.refused(m.exchange(code, "client_secret", "x"), 401, "invalid_client")
		m.refused(m.exchange(code, "grant_type", "password"), 400, "unsupported_grant_type")
		m.refused(m.fc().do("POST", "/token/", nil), 400, "invalid_request")
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			w := m.fc().do(method, "/token/", nil)
			m.refused(w, 405, "invalid_request")
			if w.Header().Get("Allow") != "POST" {
				t.Errorf("%s: Allow %q", method, w.Header().Get("Allow"))
			}
		}
		// None of these consumed it; it is good for 60 s, not one more.
		clock.Advance(59 * time.Second)
		m.tokens(code)
		late := n.code(demarche.Papiers)
		clock.Advance(60 * time.Second)
		m.refused(m.exchange(late), 400, "invalid_grant")
		if m.lines("refuse_token")+m.lines("replay_code") > 0 {
			t.Error("a late or wrong code is not a replay")
		}
		ctx := t.Context()
		check(t, d.View(ctx, func(tx *db.Tx) error {
			e, ok, err := fournisseur.LastFailure(ctx, tx, m.a.Aidant)
			if !ok || e.Motif != fournisseur.Delai {
				t.Errorf("last failure %+v, %v", e, ok)
			}
			return err
		}))
	})
}

// A code serves once; presented again, what it gave is revoked (FI-44).
func TestReplay(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		for _, served := range []bool{false, true} {
			m := newMonde(t, testkit.OpenDB(t, d.Dialect(), clock), clock)
			code := m.browser("claire").code(demarche.Papiers)
			tokens := m.tokens(code)
			if served {
				m.fc().expect(m.userinfo(tokens.AccessToken), 200)
			}
			m.refused(m.exchange(code), 400, "invalid_grant")
			m.refused(m.exchange(code), 400, "invalid_grant")
			m.refused(m.userinfo(tokens.AccessToken), 401, "invalid_token")
			m.checkFailure(fournisseur.CodeRejoue, "replay_code")
		}
	})
}

// Of two redemptions at the same time exactly one wins (FI-43, FI-80).
func TestTwoRedemptions(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		for range 5 {
			code := m.browser("claire").code(demarche.Papiers)
			answers := together(2, func() *httptest.ResponseRecorder { return m.exchange(code) })
			if got := statuses(answers); !slices.Equal(got, []int{200, 400}) {
				t.Fatalf("got %v", got)
			}
		}
		if m.lines("replay_code") != 5 {
			t.Errorf("%d replays journaled", m.lines("replay_code"))
		}
		// And of several first /userinfo, one is recorded.
		tokens := m.tokens(m.browser("claire").code(demarche.Papiers))
		answers := together(4, func() *httptest.ResponseRecorder { return m.userinfo(tokens.AccessToken) })
		if got := statuses(answers); !slices.Equal(got, []int{200, 200, 200, 200}) || m.lines("use_autorisation") != 1 {
			t.Errorf("got %v, %d lines", got, m.lines("use_autorisation"))
		}
		// Of two clicks on the same choice, one code is issued.
		n := m.browser("claire")
		id := n.demande()
		n.expect(n.choose(id, m.odile.ID), 303)
		answers = together(2, func() *httptest.ResponseRecorder { return m.browser("claire").act(id, demarche.Famille) })
		if got := statuses(answers); !slices.Equal(got, []int{303, 410}) {
			t.Errorf("got %v", got)
		}
	})
}

func together(n int, do func() *httptest.ResponseRecorder) []*httptest.ResponseRecorder {
	out := make([]*httptest.ResponseRecorder, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { out[i] = do() })
	}
	wg.Wait()
	return out
}

func statuses(ws []*httptest.ResponseRecorder) (out []int) {
	for _, w := range ws {
		out = append(out, w.Code)
	}
	slices.Sort(out)
	return out
}

// FI-50, FI-51.
func TestUserinfoRefusals(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		fc := m.fc()
		w := fc.get("/userinfo")
		if w.Code != 401 || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer realm=") || strings.Contains(w.Header().Get("WWW-Authenticate"), "error") {
			t.Errorf("no token: %d %v", w.Code, w.Header())
		}
		m.refused(m.userinfo("inconnu"), 401, "invalid_token")
		m.refused(fc.do("PUT", "/userinfo/", nil), 405, "invalid_request")
		tokens := m.tokens(m.browser("claire").code(demarche.Papiers))
		if w := fc.get("/userinfo/?access_token=" + tokens.AccessToken); w.Code != 401 {
			t.Errorf("a token in the address: %d", w.Code)
		}
		m.refused(fc.do("POST", "/userinfo/", url.Values{"access_token": {tokens.AccessToken}}, "Authorization", "Bearer "+tokens.AccessToken), 400, "invalid_request")
		fc.expect(fc.do("POST", "/userinfo/", nil, "Authorization", "bearer "+tokens.AccessToken), 200)
		late := m.tokens(m.browser("claire").code(demarche.Papiers))
		clock.Advance(time.Minute)
		m.refused(m.userinfo(late.AccessToken), 401, "invalid_token")
		m.refused(m.userinfo(tokens.AccessToken), 401, "invalid_token") // delivered once, and over all the same
	})
}

// Every statement of every step fails in turn: nothing is left behind, and the
// step passes afterwards.
func TestAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		var id, code string
		var tokens oidc.TokenAnswer
		steps := []struct {
			name string
			do   func() *httptest.ResponseRecorder
			ok   int
			then func(w *httptest.ResponseRecorder)
		}{
			{"authorize", func() *httptest.ResponseRecorder { return n.get("/authorize/?" + request().Encode()) }, 303, func(w *httptest.ResponseRecorder) {
				id = demandeOf(t, w.Header().Get("Location"))
			}},
			{"usager", func() *httptest.ResponseRecorder { return n.choose(id, m.odile.ID) }, 303, nil},
			{"démarche", func() *httptest.ResponseRecorder { return n.act(id, demarche.Papiers) }, 303, func(w *httptest.ResponseRecorder) { code = n.codeOf(w) }},
			{"token", func() *httptest.ResponseRecorder { return m.exchange(code) }, 200, func(w *httptest.ResponseRecorder) {
				check(t, json.Unmarshal(w.Body.Bytes(), &tokens))
			}},
			{"userinfo", func() *httptest.ResponseRecorder { return m.userinfo(tokens.AccessToken) }, 200, nil},
			{"replay", func() *httptest.ResponseRecorder { return m.exchange(code) }, 400, nil},
		}
		for _, s := range steps {
			before := m.snapshot()
			for i := 1; ; i++ {
				d.FailAt(i)
				w := s.do()
				d.FailAt(0)
				// A failure of /authorize is told to the client (§9).
				if w.Code == s.ok && !strings.Contains(w.Header().Get("Location"), "error=server_error") {
					if i < 3 {
						t.Errorf("%s: only %d statements", s.name, i)
					}
					if s.then != nil {
						s.then(w)
					}
					break
				}
				if w.Code != 500 && w.Code != s.ok || i > 40 {
					t.Fatalf("%s: statement %d: %d", s.name, i, w.Code)
				}
				if after := m.snapshot(); after != before {
					t.Fatalf("%s: statement %d left something behind:\n%s\n%s", s.name, i, before, after)
				}
			}
		}
	})
}

// snapshot is the number of rows and the steps of the dossiers.
func (m *monde) snapshot() string {
	var b strings.Builder
	for _, table := range []string{"requete_tenue", "dossier_utilisation", "usage_mandat", "usage_recent", "message", "journal_ligne", "journal_contenu", "journal_attente"} {
		b.WriteString(table + m.text(`SELECT CAST(count(*) AS text) FROM `+table) + " ")
	}
	if m.count(`SELECT count(*) FROM dossier_utilisation`) > 0 {
		b.WriteString(m.text(`SELECT string_agg(statut || coalesce(demarche, '') || nonce, ',') FROM dossier_utilisation`))
	}
	return b.String()
}

// The end of session follows FI-70 to FI-74, by GET and POST.
func TestLogout(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		hint := m.tokens(n.code(demarche.Papiers)).IDToken
		page := func(name string, button bool, q url.Values) {
			t.Helper()
			for _, w := range []*httptest.ResponseRecorder{n.get("/logout/?" + q.Encode()), n.do("POST", "/logout", q, "Sec-Fetch-Site", "cross-site")} {
				text := plain(w.Body.String())
				if w.Code != 200 || !strings.Contains(text, "La connexion est terminée.") || strings.Contains(text, "Continuer vers FranceConnect") != button {
					t.Errorf("%s: %d %s", name, w.Code, text)
				}
			}
		}
		parts := strings.Split(hint, ".")
		page("no parameter", false, url.Values{})
		page("only state", false, url.Values{"state": {"s"}})
		page("no hint", true, url.Values{"post_logout_redirect_uri": {goodbye}, "state": {"s"}})
		page("bad hint", true, url.Values{"id_token_hint": {parts[0] + "." + parts[1] + "."}, "post_logout_redirect_uri": {goodbye}})
		page("altered hint", true, url.Values{"id_token_hint": {hint + "A"}, "post_logout_redirect_uri": {goodbye}})
		if m.text(`SELECT statut FROM dossier_utilisation`) != "code_echange" {
			t.Error("a bad hint closed the use")
		}
		page("unregistered", false, url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {"https://evil.example/"}})
		page("query added", false, url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye + "?foo=bar"}})
		page("hint only", false, url.Values{"id_token_hint": {hint}})
		if m.text(`SELECT statut FROM dossier_utilisation`) != "clos" {
			t.Error("a valid hint did not close the use")
		}
		clock.Advance(24 * time.Hour) // expired, purged: still our token
		if to := n.expect(n.do("POST", "/logout/", url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}}), 303); to != goodbye {
			t.Errorf("without state: %s", to)
		}
		if len(n.cookies) == 0 {
			t.Error("the aidant was signed out (FI-72)")
		}
	})
}

// Machine endpoints answer with and without the final slash, never by a
// redirect; the documents may be kept a minute; nothing else may.
func TestRoutes(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		fc := m.fc()
		for path, want := range map[string]int{
			"/jwks": 200, "/jwks/": 200, "/.well-known/openid-configuration": 200, "/.well-known/openid-configuration/": 200,
			"/token": 405, "/token/": 405, "/userinfo": 401, "/userinfo/": 401, "/logout": 200, "/logout/": 200, "/authorize": 400, "/authorize/": 400,
			"/fc_authorize/": 404, "/callback/": 404,
		} {
			if w := fc.get(path); w.Code != want {
				t.Errorf("%s: %d, want %d", path, w.Code, want)
			}
		}
		var doc map[string]any
		w := fc.get("/.well-known/openid-configuration")
		check(t, json.Unmarshal(w.Body.Bytes(), &doc))
		if doc["issuer"] != issuer || w.Header().Get("Cache-Control") != "public, max-age=60" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%v %v", doc, w.Header())
		}
		if fc.get("/jwks").Header().Get("Cache-Control") != "public, max-age=60" {
			t.Error("the keys may be kept a minute")
		}
		// Nobody signed in, and forms of other sites.
		for _, path := range []string{"/select_usager/", "/select_demarche/"} {
			if w := fc.get(path + "?demande=x"); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/accounts/login/") {
				t.Errorf("%s: %d", path, w.Code)
			}
			if w := m.browser("claire").do("POST", path, url.Values{}, "Sec-Fetch-Site", "cross-site"); w.Code != 403 {
				t.Errorf("%s from another site: %d", path, w.Code)
			}
		}
	})
}
