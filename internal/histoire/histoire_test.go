package histoire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// scene is the whole program, where nadia signed a mandat with Odile, used it,
// and ended a démarche of it; and one with somebody else.
type scene struct {
	*testkit.Monde
	t       *testing.T
	temoins map[string]string
	odile   string // her page
}

func newScene(t *testing.T, dialect db.Dialect) *scene {
	t.Helper()
	s := &scene{Monde: testkit.NewMonde(t, dialect), t: t, temoins: map[string]string{}}
	p := s.Connecte(t, "nadia")
	if _, err := p.Conclure(demo.Projet{Personne: "nom_usage", Demarches: []demarche.Demarche{demarche.Logement}, Duree: "SHORT"}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}); err != nil {
		t.Fatal(err)
	}
	fiche, found := p.Lien("Fiche de la personne")
	if !found {
		t.Fatal("no link to the person")
	}
	s.odile = fiche
	if _, err := p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "telephone"}); err != nil {
		t.Fatal(err)
	}
	s.keep("nadia", p)
	for _, c := range []string{"claire", "rene"} {
		s.signIn(c)
	}
	return s
}

// signIn signs somebody in, again if need be: the code is then fresh.
func (s *scene) signIn(who string) {
	s.t.Helper()
	s.keep(who, s.Connecte(s.t, who))
}

// keep keeps the cookies of a browser that stands on the application.
func (s *scene) keep(who string, p *demo.Parcours) {
	s.t.Helper()
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/"); err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for name, value := range p.Temoins() {
		all = append(all, name+"="+value)
	}
	s.temoins[who] = strings.Join(all, "; ")
}

func (s *scene) get(who, path string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = strings.TrimPrefix(s.Adresses.App, "http://")
	r.Header.Set("Cookie", s.temoins[who])
	w := httptest.NewRecorder()
	s.Server.Mux.ServeHTTP(w, r)
	return w
}

func (s *scene) page(who, path string, words ...string) string {
	s.t.Helper()
	w := s.get(who, path)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
	}
	testkit.Says(s.t, w.Body.String(), words...)
	return w.Body.String()
}

func (s *scene) count(q string, args ...any) (n int) {
	s.t.Helper()
	if err := s.Server.DB.View(s.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(s.t.Context(), q, args...).Scan(&n) }); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// The story of a person in order, its filters, its account on paper, its
// copies; each reading and each copy is a line; nothing of anybody else.
func TestStory(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) { story(newScene(t, dialect)) })
	}
}

func story(s *scene) {
	t := s.t
	body := s.page("nadia", s.odile+"histoire/", "VASSELIN", "Mandat signé", "pour 31 jours", "Démarche faite au nom de la personne", "au téléphone avec elle", "Message envoyé à la personne",
		"Première identification avec FranceConnect", "six ans après leur fin", "Nadia")
	if i, j := strings.Index(body, "Démarche faite au nom"), strings.Index(body, "Mandat signé"); i < 0 || i > j {
		t.Error("the latest is not first")
	}
	if strings.Contains(body, "Démarche confiée") {
		t.Error("a mandat is told twice")
	}
	body = s.page("nadia", s.odile+"histoire/?voir=utilisations", "Démarche faite au nom de la personne")
	if strings.Contains(body, "Mandat signé") {
		t.Error("the filter filters nothing")
	}
	s.page("nadia", s.odile+"histoire/?voir=consultations", "Fiche de la personne consultée")
	s.page("nadia", s.odile+"histoire/?voir=%3Cscript%3E&avant=hier", "Mandat signé")
	s.page("nadia", s.odile+"histoire/?avant=00000000-0000-7000-8000-000000000000", "Rien de cette sorte")
	if n := s.count(`SELECT count(*) FROM journal_ligne WHERE action = 'view_usager'`); n != 5 {
		t.Errorf("%d readings are journaled", n)
	}

	paper := s.page("nadia", s.odile+"releve/", "Relevé de ce qui a été fait en votre nom", "Code civil, article 1993", "au téléphone", "Conservé jusqu’au", "SIMULATION", "Preuve au journal")
	if strings.Contains(paper, "Il n’a jamais servi") {
		t.Error("the use is not in the account")
	}
	if n := s.count(`SELECT count(*) FROM journal_ligne WHERE action = 'print_releve'`); n != 1 {
		t.Errorf("%d accounts are journaled", n)
	}

	csv := s.get("nadia", s.odile+"histoire.csv")
	if csv.Code != http.StatusOK || csv.Header().Get("Cache-Control") != "no-store" || !strings.Contains(csv.Body.String(), "Mandat signé") || strings.Contains(csv.Header().Get("Content-Disposition"), "asselin") {
		t.Errorf("%d %v %.300s", csv.Code, csv.Header(), csv.Body)
	}
	var actes []struct{ Date, Acte, Par string }
	if err := json.Unmarshal(s.get("nadia", s.odile+"histoire.json").Body.Bytes(), &actes); err != nil || len(actes) < 6 {
		t.Errorf("%d acts, %v", len(actes), err)
	}
	if n := s.count(`SELECT count(*) FROM journal_ligne WHERE action = 'export' AND usager IS NOT NULL`); n != 2 {
		t.Errorf("%d copies are journaled", n)
	}

	// Who may not: another structure, a référent who helps nobody, an old code.
	for _, path := range []string{"histoire/", "releve/", "histoire.csv"} {
		if w := s.get("claire", s.odile+path); w.Code != http.StatusNotFound {
			t.Errorf("another structure reads %s: %d", path, w.Code)
		}
		if w := s.get("rene", s.odile+path); w.Code == http.StatusOK {
			t.Errorf("a référent who helps nobody reads %s", path)
		}
	}
	s.Horloge.Avancer(6 * time.Minute)
	if w := s.get("nadia", s.odile+"histoire.json"); w.Code == http.StatusOK {
		t.Error("a copy without a fresh code")
	}
	// A year after the last mandat ended, the story closes with the page.
	s.Horloge.Avancer(31*24*time.Hour + 366*24*time.Hour)
	s.signIn("nadia")
	if w := s.get("nadia", s.odile+"histoire/"); w.Code != http.StatusNotFound {
		t.Errorf("a year after: %d", w.Code)
	}
}

// A page of a long story leads to the next, and both hold each act once.
func TestLongStory(t *testing.T) {
	s := newScene(t, db.SQLite)
	for range 60 {
		s.get("nadia", s.odile)
	}
	first := s.page("nadia", s.odile+"histoire/?voir=consultations", "Pages de l’histoire")
	_, after, found := strings.Cut(first, "avant=")
	if !found {
		t.Fatal("no next page")
	}
	id, ok := ident.Parse[ident.LigneID](after[:36])
	if !ok {
		t.Fatal("the address of the next page")
	}
	second := s.page("nadia", s.odile+"histoire/?voir=consultations&avant="+id.String(), "Fiche de la personne consultée")
	const word = "Fiche de la personne consultée"
	if a, b := strings.Count(first, word), strings.Count(second, word); a != 50 || b != 10 {
		t.Errorf("%d then %d acts", a, b)
	}
}

// If the line cannot be written, nothing is shown nor given.
func TestNothingWithoutItsLine(t *testing.T) {
	s := newScene(t, db.SQLite)
	for _, path := range []string{"releve/", "histoire.csv"} {
		n := testkit.FailEachStatement(t, s.Server.DB, func() error {
			if w := s.get("nadia", s.odile+path); w.Code != http.StatusOK {
				return errors.New(fmt.Sprint(w.Code))
			}
			return nil
		}, "message", "session_web", "tache", "bail", "journal_attente", "journal_rang", "journal_noeud", "journal_point")
		if n < 4 {
			t.Errorf("%s: %d statements", path, n)
		}
	}
}
