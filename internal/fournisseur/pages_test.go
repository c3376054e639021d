package fournisseur_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// The pages of a use, in a real browser: by keyboard alone, without script, on
// a phone, and clean for axe-core.
func TestPagesInABrowser(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	m.newUsagers()
	var last string // where the answer to FranceConnect goes
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "__Host-session", Value: "claire"})
		rec := httptest.NewRecorder()
		m.mux.ServeHTTP(rec, r)
		if to := rec.Header().Get("Location"); strings.HasPrefix(to, "https://fc.example/") {
			last = to
			rec = httptest.NewRecorder() // the test has no FranceConnect
			rec.Header().Set("Content-Type", "text/html")
			_, _ = rec.WriteString("<!DOCTYPE html><title>Service</title><h1>Service</h1>")
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}))
	defer server.Close()
	p := testkit.NewBrowser(t).NewPage(1280, 900)
	p.DisableJavaScript()
	p.Goto(server.URL + "/authorize/?" + request().Encode())
	p.Axe()
	p.Screenshot("fournisseur-choix-usager")
	p.Press("vasselin")
	p.PressAndLoad("\r")
	p.Axe()
	p.Resize(320, 800)
	p.Screenshot("fournisseur-choix-usager-320")
	p.Axe()
	p.Resize(1280, 900)
	p.Click(`button[name="usager"]`)
	p.Axe()
	p.Click("//button[contains(., 'Continuer vers')]") // nothing said yet
	p.Axe()
	p.Screenshot("fournisseur-choix-demarche-erreur")
	p.Check(`input[value="papiers"]`)
	p.Check(`input[value="telephone"]`)
	p.Screenshot("fournisseur-choix-demarche")
	p.Resize(320, 800)
	p.Screenshot("fournisseur-choix-demarche-320")
	p.Axe()
	p.Resize(1280, 900)
	p.Click("//button[contains(., 'Continuer vers')]")
	p.Goto(server.URL + "/authorize/?" + request("claims", `{"id_token":{"rep_scope":{"values":["Logement"]}}}`).Encode())
	p.Press("vasselin")
	p.PressAndLoad("\r")
	p.Click(`button[name="usager"]`)
	p.Axe()
	p.Screenshot("fournisseur-hors-demande")
	p.Goto(server.URL + "/logout/?post_logout_redirect_uri=" + goodbye)
	p.Axe()
	p.Screenshot("fournisseur-fin")
	p.Goto(server.URL + "/authorize/?" + request("claims", `{"id_token":{"rep_scope":{"values":["Famille-Scolarité"]}}}`).Encode())
	p.Click(`button[name="usager"]`)
	p.Screenshot("fournisseur-une-demarche")
	if !strings.Contains(last, "code=") {
		t.Fatalf("no code was given: %q", last)
	}
	// The identity delivered, the next choice reminds of it (FI-84).
	u, err := url.Parse(last)
	check(t, err)
	m.fc().expect(m.userinfo(m.tokens(u.Query().Get("code")).AccessToken), 200)
	p.Goto(server.URL + "/authorize/?" + request().Encode())
	p.Axe()
	p.Screenshot("fournisseur-choix-rappel")
	p.Resize(320, 800)
	p.NoHorizontalScroll()
	p.Axe()
	p.Screenshot("fournisseur-choix-rappel-320")
}

// newUsagers adds people whose names are long, foreign or alike.
func (m *monde) newUsagers() {
	for sub, i := range map[string]usager.Identite{
		"nom_usage":    {GivenName: "Bastien Loïc", FamilyName: "ROUVERAY", PreferredUsername: "GALANTIER", Gender: "male", Birthdate: "1978-02-19"},
		"prenoms":      {GivenName: "Marie-Ange Éloïse Zoé-Clémence Maëlys Rose-Aimée Françoise Hermine Perpétue", FamilyName: "SAINT-AUBAIN DE LA ROCHETTE", Gender: "female", Birthdate: "1931-09-21"},
		"presume":      {GivenName: "Moussa", FamilyName: "DIAKHABA", Gender: "male", Birthdate: "1960-07-00"},
		"etrangeres":   {GivenName: "Şükrü Ğüneş", FamilyName: "ÇELİKÖZLÜ", Gender: "male", Birthdate: "1988-05-19"},
		"presume_tout": {GivenName: "Gulab", FamilyName: "RAHIMZADRAN", Gender: "male", Birthdate: "1948-00-00"},
	} {
		i.Birthplace, i.Birthcountry, i.Email = "80021", usager.France, sub+"@example.org"
		u := m.newUsager(sub, i)
		m.sign(m.a, u, demarche.Keys()...)
	}
}
