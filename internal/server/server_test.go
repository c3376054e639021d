package server_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var projet = demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}

// A session's cookie changes at sign-in and at each accepted code (A-W77,
// FC-06); the former one opens nothing.
func TestCookieChangesAtEachCode(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		before := p.Temoins()["__Host-ac_session"]
		_, err := p.Conclure(projet)
		ok(t, err)
		after := p.Temoins()["__Host-ac_session"]
		if before == "" || after == "" || before == after {
			t.Fatal("the cookie did not change at the recap's code")
		}
		thief := m.Aidant(t, "nadia")
		thief.PoserTemoin("__Host-ac_session", before)
		ok(t, thief.Ouvrir(m.Adresses.App+"/espace-aidant/"))
		if thief.URL.Path != "/accounts/login/" {
			t.Errorf("the former cookie still opens %s", thief.URL.Path)
		}
	})
}

func TestSignOutByPostOnly(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	ok(t, p.Ouvrir(m.Adresses.App+"/logout-session/"))
	if p.Statut != http.StatusMethodNotAllowed {
		t.Errorf("GET signs out: %d", p.Statut)
	}
	ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
	if p.URL.Path != "/espace-aidant/" {
		t.Error("a GET signed the person out")
	}
}

// What opens something is nowhere in the database in clear: cookies, links,
// codes (FC-04, M-W40). What FranceConnect sent as sub neither.
func TestSecretsAreDigests(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		link, err := p.DemanderLien()
		ok(t, err)
		secrets := map[string]string{"link": strings.Split(link, "/code/")[1]}
		for k, v := range p.Temoins() {
			secrets[k] = v
		}
		ok(t, p.Ouvrir(link))
		ok(t, p.Envoyer(demo.Vers("/code/"), nil))
		ok(t, p.AccepterTextes())
		_, err = p.Conclure(projet)
		ok(t, err)
		_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
		ok(t, err)
		for k, v := range p.Temoins() {
			secrets["late "+k] = v
		}
		content := testkit.Content(t, m.Server.DB)
		for name, v := range secrets {
			v = strings.TrimSuffix(v, "/")
			raw, _ := base64.RawURLEncoding.DecodeString(v)
			if len(v) < 20 {
				t.Errorf("%s is too short to be a secret", name)
			}
			for table, rows := range content {
				text := strings.Join(rows, "\n")
				if strings.Contains(text, v) || len(raw) >= 16 && strings.Contains(text, string(raw)) {
					t.Errorf("%s is in clear in %s", name, table)
				}
			}
		}
	})
}

// A database that holds mandats of the simulation does not serve with another
// FranceConnect (SIM-04).
func TestAnotherIssuerIsRefused(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	_, err := p.Conclure(projet)
	ok(t, err)
	cfg := m.Config
	cfg.FCEmetteur = "http://autre.localhost:1/api/v2"
	s, err := server.New(t.Context(), cfg, server.Options{})
	if err == nil {
		ok(t, s.Close())
		t.Fatal("mandats of two FranceConnect may live together")
	}
	if !strings.Contains(err.Error(), "ne peut pas servir") {
		t.Errorf("not said in French: %v", err)
	}
}

// FranceConnect's own calls never count as the aidant's activity (FI-83).
func TestBackChannelIsNotActivity(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		_, err := p.Conclure(projet)
		ok(t, err)
		_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
		ok(t, err)
		n := demo.NewNavigateur(p.Transport())
		for range 16 { // FranceConnect calls again and again; the aidant does nothing
			m.Horloge.Avancer(time.Minute)
			ok(t, n.Poster(m.Adresses.App+"/token/", url.Values{"grant_type": {"authorization_code"}}))
			ok(t, n.Ouvrir(m.Adresses.App+"/userinfo/"))
		}
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/creation_mandat/"))
		if p.URL.Path != "/activity_check/" {
			t.Errorf("no code asked after 16 minutes: %s", p.URL.Path)
		}
	})
}

// A référent without the right to conclude sees counts, and no usager
// (comptes 1.2, A-W15).
func TestReferentSeesCountsOnly(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		_, err := m.Connecte(t, "nadia").Conclure(projet)
		ok(t, err)
		p := m.Connecte(t, "rene")
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
		if p.URL.Path != "/espace-referent/" || p.Statut != http.StatusOK || !p.Contient("mandat en cours") {
			t.Errorf("the référent's home: %d %q at %s", p.Statut, p.Titre(), p.URL.Path)
		}
		for _, path := range []string{"/espace-referent/", "/espace-aidant/usagers/", "/espace-aidant/creation_mandat/"} {
			ok(t, p.Ouvrir(m.Adresses.App+path))
			if p.Contient("VASSELIN") {
				t.Errorf("%s names a usager", path)
			}
			if path != "/espace-referent/" && p.Statut != http.StatusForbidden {
				t.Errorf("%s: %d", path, p.Statut)
			}
		}
	})
}

// The public pages, and what tools look for.
func TestPublicPages(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Aidant(t, "nadia")
	for path, want := range map[string]string{
		"/":                           "pour les professionnels",
		"/accessibilite/":             "Défenseur des droits",
		"/mentions-legales/":          "n'est pas un site officiel",
		"/politique_confidentialite/": "6 ans après la fin du mandat",
		"/plan-du-site/":              "Plan du site",
		"/cgu/":                       "Conditions d&#39;utilisation",
		"/charte-aidant/":             "Charte de l&#39;aidant",
		"/charte-referent/":           "Charte du référent",
		"/robots.txt":                 "Disallow: /espace-aidant/",
		"/.well-known/security.txt":   "Contact: mailto:",
		"/sitemap.xml":                "/verifier/</loc>",
		"/sante/vivant":               "vivant",
		"/sante/pret":                 "pret",
	} {
		ok(t, p.Ouvrir(m.Adresses.App+path))
		if p.Statut != http.StatusOK || !strings.Contains(string(p.Corps), want) {
			t.Errorf("%s: %d, without %q", path, p.Statut, want)
		}
	}
	for _, path := range []string{"/fc_authorize/", "/callback/", "/admin/", "/.env"} { // M-W48
		ok(t, p.Ouvrir(m.Adresses.App+path))
		if p.Statut != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.Statut)
		}
	}
}

// Bookmarks of the former service lead to the same page, by GET only (A-W81);
// nothing of them leads elsewhere than here.
func TestFormerAddresses(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	for path, want := range map[string]string{
		"/usagers/":                        "/espace-aidant/usagers/",
		"/usagers/12/?a=b&c=%20":           "/espace-aidant/usagers/12/?a=b&c=%20",
		"/mandats/3/visualisation":         "/espace-aidant/mandats/3/visualisation",
		"/renew_mandat/4":                  "/espace-aidant/renew_mandat/4",
		"/creation_mandat/":                "/espace-aidant/creation_mandat/",
		"/notifications/":                  "/espace-aidant/notifications/",
		"/espace-responsable/aidant/5/":    "/espace-referent/aidant/5/",
		"/usagers/%2F%2Failleurs.example/": "/espace-aidant/usagers/%2F%2Failleurs.example/",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			w := httptest.NewRecorder()
			req := httptest.NewRequest(method, path, nil)
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			m.Server.Mux.ServeHTTP(w, req)
			if got := w.Header().Get("Location"); method == http.MethodGet && (w.Code != http.StatusMovedPermanently || got != want) || method == http.MethodPost && w.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d to %q", method, path, w.Code, got)
			}
		}
	}
}

// What a browser reports of the content policy is one word in the log, whatever
// is sent, and nobody fills it (comptes 12).
func TestContentPolicyReports(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	send := func(body string) int {
		w := httptest.NewRecorder()
		m.Server.Mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, web.CheminCSP, strings.NewReader(body)))
		return w.Code
	}
	for body, word := range map[string]string{
		`{"csp-report":{"effective-directive":"img-src","document-uri":"https://ac.example/code/SECRET/"}}`: `"directive":"img-src"`,
		`{"csp-report":{"violated-directive":"SECRET\nscript"}}`:                                            `"directive":"illisible"`,
		strings.Repeat("SECRET", 10_000):                                                                    "",
		`SECRET`:                                                                                            `"directive":"illisible"`,
	} {
		if code := send(body); code != http.StatusNoContent || !strings.Contains(m.Log(), word) {
			t.Errorf("%.80s: %d", body, code)
		}
	}
	for range 20 {
		send("{}")
	}
	if code := send("{}"); code != http.StatusTooManyRequests || strings.Contains(m.Log(), "SECRET") {
		t.Errorf("one report too many: %d, or the log holds what was sent", code)
	}
}

// The program says that it is not ready rather than failing later.
func TestNotReadyWithoutDatabase(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m.Server.Ready(ctx) == nil {
		t.Error("ready without an answer of the database")
	}
}
