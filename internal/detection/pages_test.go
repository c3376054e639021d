package detection_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/detection"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// scene is the pages on one database, with two structures and an aidant of each.
type scene struct {
	testkit.Socle
	t     *testing.T
	d     *db.DB
	clock *testkit.Clock
	mux   *web.Mux
	h     *detection.Handlers
	un    testkit.Compte
	deux  testkit.Compte
}

func newScene(t *testing.T, d *db.DB, clock *testkit.Clock) *scene {
	t.Helper()
	s := &scene{Socle: testkit.NewSocle(t, d), t: t, d: d, clock: clock}
	s.un, s.deux = s.NewCompte(t, "lea@un.example.org", testkit.Siret1), s.NewCompte(t, "tom@deux.example.org", testkit.Siret2)
	s.h = &detection.Handlers{DB: d, Journal: s.Journal, Site: web.Site{Nom: "Aidants Connect", Origine: testkit.Origine, Contact: "aide@essais.example"}}
	s.mux = web.NewMux(web.Config{Site: s.h.Site, Log: testkit.Log(t), Now: clock.Now, Authenticate: func(r *http.Request) (actor.Actor, error) {
		c := map[string]testkit.Compte{"lea": s.un, "tom": s.deux, "alma": s.deux}[r.Header.Get("Qui")]
		a := actor.Actor{
			Aidant: c.Aidant.ID, Organisation: c.Organisation.ID, Prenom: "Camille", Nom: "ESSAI", OrganisationNom: c.Organisation.Nom, Referent: true, CGUAcceptee: true, MembreActif: true,
			OrganisationActive: true, CanCreateMandats: true, DateOTP: clock.Now(), DateActivite: clock.Now(),
		}
		if r.Header.Get("Qui") == "alma" {
			a.Role, a.CleForte = actor.AdminMetier, true
		}
		return a, nil
	}})
	s.h.Mount(s.mux)
	return s
}

func (s *scene) do(who, method, path string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Qui", who)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

func (s *scene) exec(q string, args ...any) {
	s.t.Helper()
	if err := s.d.Update(s.t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(s.t.Context(), q, args...); return err }); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) count(q string) (n int) {
	s.t.Helper()
	if err := s.d.View(s.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(s.t.Context(), q).Scan(&n) }); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// share gives one address to people of the first structure.
func (s *scene) share(n int) {
	s.t.Helper()
	for i := range n {
		u := ident.New[ident.UsagerID]()
		s.exec(`INSERT INTO usager (id, sub, sub_fc_empreinte, version, date_creation) VALUES ($1,$2,$3,1,$4)`, u, fmt.Sprint("sub", i, u), []byte(fmt.Sprint("fc", i, u)), db.At(s.clock.Now()))
		s.exec(`INSERT INTO usager_contact (organisation_id, usager_id, email, telephone, date_modification) VALUES ($1,$2,'partagee@vasselin.example.org','',$3)`, s.un.Organisation.ID, u, db.At(s.clock.Now()))
	}
}

// far writes that an aidant is far outside the norm.
func (s *scene) far(c testkit.Compte) ident.OperationID {
	s.t.Helper()
	id := ident.New[ident.OperationID]()
	s.exec(`INSERT INTO detection_signalement (id, regle, organisation_id, aidant_id, sujet, periode, valeur, reference, date_creation) VALUES ($1,'hors_norme',$2,$3,$4,'2026-02',140,20,$5)`,
		id, c.Organisation.ID, c.Aidant.ID, c.Aidant.ID.String(), db.At(s.clock.Now()))
	return id
}

var button = regexp.MustCompile(`/(espace-referent|gestion)/signalements/[0-9a-f-]{36}/vu/`)

// The task finds, once, what is shared by many; each side sees its own list,
// explained, and marks it; nothing personal is written; a year after, nothing.
func TestSignalements(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		s := newScene(t, d, clock)
		s.share(4)
		for _, more := range []struct{ people, found int }{{0, 0}, {1, 1}, {1, 0}} {
			s.share(more.people)
			if n, err := s.h.Run(t.Context()); err != nil || n != more.found {
				t.Fatalf("%d found (%v), want %d", n, err, more.found)
			}
		}
		page := s.do("lea", http.MethodGet, detection.CheminReferent).Body.String()
		testkit.Says(t, page, "5 personnes ont la même adresse ou le même téléphone (seuil : 5)", "Un foyer, une pension de famille", "ne prouve rien", "mois 03/2026")
		if strings.Contains(page, "vasselin") {
			t.Error("the address is shown")
		}
		if p := s.do("tom", http.MethodGet, detection.CheminReferent).Body.String(); !strings.Contains(p, "Rien à voir") {
			t.Error("another structure sees it")
		}
		at := button.FindString(page)
		if w := s.do("tom", http.MethodPost, at); w.Code != http.StatusNotFound {
			t.Errorf("another structure marks it: %d", w.Code)
		}
		if w := s.do("lea", http.MethodPost, at); w.Code != http.StatusSeeOther {
			t.Fatal(w.Code)
		}
		if w := s.do("lea", http.MethodPost, at); w.Code != http.StatusNotFound {
			t.Errorf("marked twice: %d", w.Code)
		}
		page = s.do("lea", http.MethodGet, detection.CheminReferent).Body.String()
		testkit.Says(t, page, "Rien à voir", "par Camille Essai, le 02/03/2026")
		// The team has its own list.
		all := s.do("alma", http.MethodGet, detection.CheminGestion).Body.String()
		if button.FindString(all) == "" || !strings.Contains(all, "Structure "+testkit.Siret1) {
			t.Error("the team does not see it")
		}
		if w := s.do("alma", http.MethodPost, button.FindString(all)); w.Code != http.StatusSeeOther {
			t.Error(w.Code)
		}
		if n := s.count(`SELECT count(*) FROM journal_ligne WHERE action = 'ack_signalement'`); n != 2 {
			t.Errorf("%d lines", n)
		}
		clock.Advance(366 * 24 * time.Hour)
		s.exec(`DELETE FROM usager_contact`)
		if _, err := s.h.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.count(`SELECT count(*) FROM detection_signalement`); n != 0 {
			t.Errorf("%d are kept after a year", n)
		}
	})
}

// Nobody marks what is about themselves; the team's page is the team's; an act
// is whole or nothing.
func TestWhoMayNot(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		s := newScene(t, d, clock)
		id := s.far(s.un)
		path := detection.CheminReferent + id.String() + "/vu/"
		page := s.do("lea", http.MethodGet, detection.CheminReferent).Body.String()
		testkit.Says(t, page, "140 actes en trente jours ; la médiane est 20", "C’est à votre sujet", "Camille Essai")
		if button.FindString(page) != "" {
			t.Error("one may mark oneself")
		}
		if w := s.do("lea", http.MethodPost, path); w.Code != http.StatusNotFound {
			t.Errorf("one marks oneself: %d", w.Code)
		}
		if w := s.do("lea", http.MethodGet, detection.CheminGestion); w.Code != http.StatusNotFound {
			t.Errorf("a référent opens the team's list: %d", w.Code)
		}
		if w := s.do("alma", http.MethodPost, strings.Replace(path, "/espace-referent/", "/gestion/", 1)+"x"); w.Code != http.StatusNotFound {
			t.Errorf("%d", w.Code)
		}
		n := testkit.FailEachStatement(t, d, func() error {
			if w := s.do("alma", http.MethodPost, strings.Replace(path, "/espace-referent/", "/gestion/", 1)); w.Code != http.StatusSeeOther {
				return errors.New(fmt.Sprint(w.Code))
			}
			return nil
		})
		if n < 3 {
			t.Errorf("%d statements", n)
		}
		s.exec(`UPDATE detection_signalement SET date_gestion = NULL, vu_gestion = NULL`)
		if err := d.Update(t.Context(), func(tx *db.Tx) error { return detection.EraseAidant(t.Context(), tx, s.un.Aidant.ID) }); err != nil {
			t.Fatal(err)
		}
		if k := s.count(`SELECT count(*) FROM detection_signalement`); k != 0 {
			t.Errorf("%d left of an erased account", k)
		}
	})
}
