package acces_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/acces"
	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// scene is the whole program, where nadia signed with Odile, who was helped,
// and with somebody else; rene is her référent, hugo another, claire's
// structure signed with Odile too. malik is of the operator's team.
type scene struct {
	*testkit.Monde
	t               *testing.T
	temoins         map[string]string
	equipe          *web.Mux // the same pages, for malik
	code, codeAutre string
}

func newScene(t *testing.T, dialect db.Dialect) *scene {
	t.Helper()
	s := &scene{Monde: testkit.NewMonde(t, dialect), t: t, temoins: map[string]string{}}
	p := s.Connecte(t, "nadia")
	sign := func(personne string) string {
		if _, err := p.Conclure(demo.Projet{Personne: personne, Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}); err != nil {
			t.Fatal(err)
		}
		return testkit.CodePublic(t, string(p.Corps))
	}
	s.codeAutre, s.code = sign("nom_usage"), sign("ordinaire")
	if _, err := p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"}); err != nil {
		t.Fatal(err)
	}
	s.keep("nadia", p)
	q := s.Connecte(t, "claire")
	if _, err := q.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Famille}, Duree: "SHORT"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"rene", "hugo"} {
		s.signIn(c)
	}
	s.equipe = web.NewMux(web.Config{
		Site: web.Site{Nom: "Aidants Connect", Origine: s.Adresses.App, Contact: "aide@essais.example"}, Log: testkit.Log(t), Now: s.Horloge.Now,
		Authenticate: func(r *http.Request) (actor.Actor, error) {
			a := actor.Actor{Prenom: "Malik", Nom: "ORMESSON", Role: actor.Role(r.Header.Get("Role")), CleForte: true, CGUAcceptee: true, MembreActif: true, OrganisationActive: true, DateOTP: s.Horloge.Now(), DateActivite: s.Horloge.Now()}
			return a, s.Server.DB.View(r.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(r.Context(), `SELECT a.id, p.organisation_id FROM aidant a JOIN appartenance p ON p.aidant_id = a.id WHERE a.prenom = 'Nadia'`).Scan(&a.Aidant, &a.Organisation)
			})
		},
	})
	s.Server.Acces.Mount(s.equipe)
	return s
}

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

// do asks a page as somebody; "malik" is of the team, "zoe" of its technique.
func (s *scene) do(who, path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Host = strings.TrimPrefix(s.Adresses.App, "http://")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	switch who {
	case "malik", "zoe":
		r.Header.Set("Role", map[string]string{"malik": "admin_metier", "zoe": "admin_technique"}[who])
		s.equipe.ServeHTTP(w, r)
	default:
		r.Header.Set("Cookie", s.temoins[who])
		s.Server.Mux.ServeHTTP(w, r)
	}
	return w
}

func form(code string) url.Values {
	return url.Values{"code": {code}, "verification": {"piece"}, "recue": {"2026-03-01"}}
}

// ask records a demand and gives the address of its copy.
func (s *scene) ask(who, space, code string) string {
	s.t.Helper()
	w := s.do(who, space, form(code))
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("%s asks: %d\n%.800s", who, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func (s *scene) count(q string, args ...any) (n int) {
	s.t.Helper()
	if err := s.Server.DB.View(s.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(s.t.Context(), q, args...).Scan(&n) }); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// A structure gives what it holds, the team all that is held; nothing of
// anybody else; each step is a line; never cached.
func TestCopy(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			s := newScene(t, dialect)
			own := s.ask("rene", acces.CheminReferent, s.code)
			all := s.ask("malik", acces.CheminGestion, s.code)
			for _, c := range []struct {
				who, at  string
				mandats  int
				identity bool
			}{{"rene", own, 1, false}, {"malik", all, 2, true}} {
				w := s.do(c.who, c.at, nil)
				if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
					t.Fatalf("%s: %d %v", c.who, w.Code, w.Header())
				}
				testkit.Says(t, w.Body.String(), "Ce qui est gardé sur vous", "VASSELIN", "Ce qui a été fait en votre nom", "CNIL", "Démarche faite au nom de la personne", "Conservé jusqu’au")
				f := s.do(c.who, c.at+"donnees.json", nil)
				var x acces.Copie
				if err := json.Unmarshal(f.Body.Bytes(), &x); err != nil || f.Header().Get("Cache-Control") != "no-store" {
					t.Fatal(err, f.Header())
				}
				if len(x.Mandats) != c.mandats || len(x.Mandats[0].Preuves) == 0 || !strings.Contains(x.Mandats[0].Document, "VASSELIN") || len(x.Journal) < 5 {
					t.Errorf("%s: %d mandats, %d lines", c.who, len(x.Mandats), len(x.Journal))
				}
				if has := slices.ContainsFunc(x.Tables, func(t acces.Table) bool { return t.Nom == "identite" && len(t.Lignes) > 0 }); has != c.identity {
					t.Errorf("%s: identity of the service: %v", c.who, has)
				}
				s.nobodyElse(c.who, w.Body.String()+f.Body.String())
				s.dates(w.Body.String(), f.Body.String())
			}
			if n := s.count(`SELECT count(*) FROM journal_ligne WHERE action = 'export_usager' AND usager IS NOT NULL`); n != 6 {
				t.Errorf("%d lines", n)
			}
			s.others(own, all)
		})
	}
}

// dates: people read them as everywhere else, programs as programs do.
func (s *scene) dates(page, file string) {
	s.t.Helper()
	visible, _, _ := strings.Cut(page, "Ce qui s’est passé")
	if raw := regexp.MustCompile(`>\s*\d{4}-\d\d-\d\d[^<]*<`).FindString(visible); raw != "" {
		s.t.Errorf("the page shows %q", raw)
	}
	if raw := regexp.MustCompile(`"\d\d/\d\d/\d{4}[^"]*"`).FindString(file); raw != "" {
		s.t.Errorf("the file gives %s", raw)
	}
	testkit.Says(s.t, page, "04/11/1951", "01/03/2026")
	testkit.Says(s.t, file, `"1951-11-04"`, `"2026-03-01"`)
}

// nobodyElse looks for the people who are not the one who asked.
func (s *scene) nobodyElse(who, copied string) {
	s.t.Helper()
	var name string
	var mandat string
	if err := s.Server.DB.View(s.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(s.t.Context(), `SELECT family_name, id FROM mandat WHERE family_name <> 'VASSELIN'`).Scan(&name, &mandat)
	}); err != nil {
		s.t.Fatal(err)
	}
	for _, word := range []string{name, mandat, strings.ReplaceAll(s.codeAutre, "-", "")} {
		if strings.Contains(copied, word) {
			s.t.Errorf("%s gives %q, which is somebody else's", who, word)
		}
	}
}

// others may not: a colleague, another space, a role that is not the métier,
// an aidant; nor the day after.
func (s *scene) others(own, all string) {
	t := s.t
	for _, c := range [][2]string{{"hugo", own}, {"rene", strings.Replace(all, "/gestion/", "/espace-referent/", 1)}, {"malik", strings.Replace(own, "/espace-referent/", "/gestion/", 1)}, {"zoe", all}, {"zoe", acces.CheminGestion}} {
		if w := s.do(c[0], c[1], nil); w.Code != http.StatusNotFound {
			t.Errorf("%s opens %s: %d", c[0], c[1], w.Code)
		}
	}
	if w := s.do("nadia", acces.CheminReferent, nil); w.Code == http.StatusOK {
		t.Error("an aidant opens the register")
	}
	if w := s.do("hugo", acces.CheminReferent, nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "01/04/2026") || strings.Contains(w.Body.String(), "Ouvrir la copie") {
		t.Error("the register of a colleague", w.Code)
	}
	s.Horloge.Avancer(24 * time.Hour)
	s.signIn("rene")
	if w := s.do("rene", own, nil); w.Code != http.StatusNotFound {
		t.Errorf("the day after: %d", w.Code)
	}
}

// What is wrong is said beside its field, and kept; a code of another
// structure, one that is nobody's, and one of the archive are the same.
func TestRefused(t *testing.T) {
	s := newScene(t, db.SQLite)
	for _, c := range []struct{ field, value, says string }{
		{"code", "", "Saisissez le code"},
		{"code", "7K2M-09QX-3F4T", "Aucun mandat que vous pouvez ouvrir"},
		{"verification", "<b>", "Dites comment vous savez"},
		{"recue", "2026-13-45", "Saisissez la date"},
		{"recue", "2027-01-01", "reçue demain"},
		{"recue", "1999-01-01", "trop ancienne"},
	} {
		f := form(s.code)
		f.Set(c.field, c.value)
		w := s.do("rene", acces.CheminReferent, f)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s=%s: %d", c.field, c.value, w.Code)
		}
	}
	if n := s.count(`SELECT count(*) FROM acces_demande`); n != 0 {
		t.Errorf("%d demands", n)
	}
	// The mandat leaves its structure for the archive: only the team gives it.
	s.Horloge.Avancer(31*24*time.Hour + 3*366*24*time.Hour)
	s.signIn("rene")
	if w := s.do("rene", acces.CheminReferent, form(s.code)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a mandat of the archive: %d", w.Code)
	}
	if w := s.do("malik", s.ask("malik", acces.CheminGestion, s.code), nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "VASSELIN") {
		t.Errorf("the team: %d", w.Code)
	}
}

func TestAskIsAllOrNothing(t *testing.T) {
	s := newScene(t, db.SQLite)
	n := testkit.FailEachStatement(t, s.Server.DB, func() error {
		if w := s.do("rene", acces.CheminReferent, form(s.code)); w.Code != http.StatusSeeOther {
			return errors.New(fmt.Sprint(w.Code))
		}
		return nil
	}, "message", "session_web", "tache", "bail", "journal_attente", "journal_rang", "journal_noeud", "journal_point")
	if n < 4 {
		t.Errorf("%d statements", n)
	}
}

// Every table that says something of the person, by a reference or by holding
// their identifier or one of their mandats', is in the copy; those that are
// not are named here with why.
func TestNothingIsLeftOut(t *testing.T) {
	s := newScene(t, db.SQLite)
	var copied acces.Copie
	w := s.do("malik", s.ask("malik", acces.CheminGestion, s.code)+"donnees.json", nil)
	if err := json.Unmarshal(w.Body.Bytes(), &copied); err != nil {
		t.Fatal(err)
	}
	given := map[string]bool{
		"mandat_document": true,                                                                         // the signed text, beside the tables of its mandat
		"journal_ligne":   true, "journal_rang": true, "journal_attente": true, "journal_contenu": true, // in sentences
		"message": true, // queued for the person: its kind, date and way are lines of the journal; the text, erased after 90 days, is in their mailbox
	}
	for _, c := range copied.Tables {
		given[c.Nom] = true
	}
	for _, c := range copied.Mandats[0].Tables {
		given[c.Nom] = true
	}
	var ids []string
	err := s.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT DISTINCT s.name FROM sqlite_master s, pragma_foreign_key_list(s.name) k WHERE s.type = 'table' AND k."table" IN ('usager', 'identite', 'mandat', 'autorisation', 'accord', 'dossier_signature')`)
		tables, err := db.Collect(rows, err, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) })
		for _, n := range tables {
			if !given[n] {
				t.Errorf("%s points to people or mandats, and no copy gives it: add it to store_sources.go", n)
			}
		}
		if err != nil {
			return err
		}
		rows, err = tx.Query(t.Context(), `SELECT usager_id FROM mandat WHERE family_name = 'VASSELIN' UNION SELECT id FROM mandat WHERE family_name = 'VASSELIN'`)
		ids, err = db.Collect(rows, err, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for table, rows := range testkit.Content(t, s.Server.DB) {
		if given[table] {
			continue
		}
		for _, r := range rows {
			if strings.Contains(r, "VASSELIN") || slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(r, id) }) {
				t.Errorf("%s says something of the person, and no copy gives it", table)
				break
			}
		}
	}
}

func TestEcheance(t *testing.T) {
	for day, want := range map[string]string{"2026-03-01": "2026-04-01", "2026-01-31": "2026-02-28", "2026-12-15": "2027-01-15", "2028-01-30": "2028-02-29", "x": ""} {
		if got := (acces.Demande{Recue: day}).Echeance(); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
	d := acces.Demande{Creation: testkit.Start, ID: ident.New[ident.OperationID]()}
	if !d.Open(testkit.Start.Add(24*time.Hour-time.Millisecond)) || d.Open(testkit.Start.Add(24*time.Hour)) {
		t.Error("a copy is open for a day")
	}
	for _, v := range acces.Verifications() {
		if acces.Verification(v[0]).Libelle() != v[1] {
			t.Error(v)
		}
	}
}
