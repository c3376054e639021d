package proconnect_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/proconnect"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// tranche is the package alone, on a database of the test.
func tranche(t *testing.T, s testkit.Socle, clock *testkit.Clock, configured bool) (*proconnect.Handlers, http.Handler) {
	t.Helper()
	site := web.Site{Nom: "Aidants Connect", Origine: testkit.Origine}
	signIn := &connexion.Handlers{
		DB: s.DB, Facteurs: s.Facteurs, Journal: s.Journal, Outbox: s.Outbox, Empreintes: s.Empreintes, Site: site, Clock: clock.Now, Log: testkit.Log(t),
		Limites: &limite.Compteurs{DB: s.DB, Empreintes: s.Empreintes}, Durees: connexion.Durees{}.WithDefaults(), ProConnect: configured,
	}
	h := &proconnect.Handlers{
		DB: s.DB, Connexion: signIn, Facteurs: s.Facteurs, Journal: s.Journal, Outbox: s.Outbox, Limites: signIn.Limites, Empreintes: s.Empreintes, Temoins: s.Champs, Champs: s.Champs,
		Site: site, Clock: clock.Now, Log: testkit.Log(t),
	}
	if configured {
		pc, err := franceconnect.New(franceconnect.Config{
			Pro: true, PKCE: true, UserinfoJSON: true, Issuer: "https://pc.example/api/v2", ClientID: "nous", ClientSecret: secret.Text(strings.Repeat("s", 32)), Alg: "ES256",
			RedirectURI: testkit.Origine + proconnect.CheminRetour, PostLogoutRedirectURI: testkit.Origine + proconnect.CheminFin, Clock: clock.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		h.PC = pc
	}
	m := web.NewMux(web.Config{Site: site, Log: testkit.Log(t), Now: clock.Now, Authenticate: signIn.Authenticate})
	signIn.Mount(m)
	h.Mount(m)
	return h, m
}

// Each statement of the act that ties an account and opens its session fails in
// turn: nothing is left behind, not even the code spent.
func TestTyingIsAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		s := testkit.NewSocle(t, d)
		c := s.NewCompte(t, "camille.essai@example.org", testkit.Siret1)
		_, mux := tranche(t, s, clock, true)
		name, value, err := proconnect.SealAttente(s.Champs, c.Aidant.ID, []byte("empreinte"), d.Now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		code := facteur.Code(c.Graine, facteur.Pas(clock.Now(), 30))
		testkit.FailEachStatement(t, d, func() error {
			r := httptest.NewRequest("POST", "/proconnect/code/", strings.NewReader(url.Values{"otp_token": {code}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: "__Host-" + name, Value: value})
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != http.StatusSeeOther {
				return fmt.Errorf("status %d", w.Code)
			}
			return nil
		}, "limite")
		for _, table := range []string{"proconnect_compte", "session_web"} {
			if n := len(testkit.Content(t, d)[table]); n != 1 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
	})
}

// Without configuration there is no button, and no address.
func TestNotConfigured(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	s := testkit.NewSocle(t, testkit.OpenDB(t, db.SQLite, clock))
	_, mux := tranche(t, s, clock, false)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	if w := get("/accounts/login/"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "ProConnect") {
		t.Errorf("the sign-in page: %d", w.Code)
	}
	for _, path := range []string{"/proconnect/retour/", "/proconnect/code/", "/proconnect/deconnexion/", "/proconnect/fin/"} {
		if w := get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
