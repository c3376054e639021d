package planning_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/planning"
	"aidantsconnect/internal/tache"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// scene is the page of the tasks on one database, with two tasks: one that
// works and one that fails until it is mended.
type scene struct {
	testkit.Socle
	t      *testing.T
	d      *db.DB
	clock  *testkit.Clock
	mux    *web.Mux
	h      *planning.Handlers
	plan   *tache.Planning
	qui    actor.Actor
	mended bool
}

func newScene(t *testing.T, d *db.DB, clock *testkit.Clock) *scene {
	t.Helper()
	s := &scene{Socle: testkit.NewSocle(t, d), t: t, d: d, clock: clock}
	c := s.NewCompte(t, "alma@grandchaumet.example.org", testkit.Siret1)
	s.qui = actor.Actor{
		Aidant: c.Aidant.ID, Organisation: c.Organisation.ID, Prenom: "Alma", Nom: "GRANDCHAUMET", Role: actor.AdminTechnique, CleForte: true,
		CGUAcceptee: true, MembreActif: true, OrganisationActive: true, CanCreateMandats: true,
	}
	var err error
	s.plan, err = tache.New(tache.Config{DB: d, Log: testkit.Log(t), Taches: []tache.Tache{
		{Nom: "bonne", Heure: "03:00", Delai: time.Minute, Faire: func(context.Context) (int, error) { return 7, nil }},
		{Nom: "mauvaise", Chaque: time.Minute, Delai: time.Minute, Faire: func(context.Context) (int, error) {
			if s.mended {
				return 1, nil
			}
			return 0, errors.New("le disque est plein")
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.h = &planning.Handlers{DB: d, Journal: s.Journal, Planning: s.plan, Champs: s.Champs, Site: web.Site{Nom: "Aidants Connect", Origine: testkit.Origine}}
	s.mux = web.NewMux(web.Config{Site: s.h.Site, Log: testkit.Log(t), Now: clock.Now, Authenticate: func(r *http.Request) (actor.Actor, error) {
		a := s.qui
		a.DateOTP, a.DateActivite = clock.Now(), clock.Now()
		if r.Header.Get("Tard") != "" {
			a.DateOTP = clock.Now().Add(-5 * time.Minute)
		}
		return a, nil
	}})
	s.h.Mount(s.mux)
	return s
}

func (s *scene) do(method, path string, form url.Values, late string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Tard", late)
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

func (s *scene) count(q string) (n int) {
	s.t.Helper()
	if err := s.d.View(s.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(s.t.Context(), q).Scan(&n) }); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func again(nom string) string { return planning.Chemin + nom + "/relancer/" }

// The page says how each task stands; one that broke down is run again by the
// technical administration, with a reason, a fresh code and a line.
func TestTasks(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		s := newScene(t, d, clock)
		for range 6 {
			_, _ = s.plan.RunDue(t.Context())
			clock.Advance(3 * time.Minute)
		}
		page := s.do(http.MethodGet, planning.Chemin, nil, "")
		testkit.Says(t, page.Body.String(), "mauvaise est en panne : 6 échecs de suite", "le disque est plein", "à 03:00, chaque jour", "toutes les 1 min", "pas encore repassée", "Relancer une tâche")
		ok := url.Values{"motif": {"cause_reparee"}}
		for _, c := range []struct {
			path, late string
			form       url.Values
			status     int
		}{
			{again("mauvaise"), "", url.Values{"motif": {"pourquoi pas"}}, http.StatusUnprocessableEntity},
			{again("mauvaise"), "", nil, http.StatusUnprocessableEntity},
			{again("inconnue"), "", ok, http.StatusNotFound},
		} {
			if w := s.do(http.MethodPost, c.path, c.form, c.late); w.Code != c.status {
				t.Errorf("%s %v: %d, want %d", c.path, c.form, w.Code, c.status)
			}
		}
		if w := s.do(http.MethodPost, again("mauvaise"), ok, "oui"); w.Code == http.StatusSeeOther && w.Header().Get("Location") == planning.Chemin {
			t.Error("run again without a fresh code")
		}
		if n := s.count(`SELECT count(*) FROM tache_relance`); n != 0 {
			t.Errorf("%d tasks were run again", n)
		}
		s.mended = true
		if w := s.do(http.MethodPost, again("mauvaise"), ok, ""); w.Code != http.StatusSeeOther {
			t.Fatalf("%d\n%.500s", w.Code, w.Body)
		}
		if n := s.count(`SELECT count(*) FROM journal_ligne WHERE action = 'replay_tache' AND aidant IS NOT NULL`); n != 1 {
			t.Errorf("%d lines", n)
		}
		if _, err := s.plan.RunDue(t.Context()); err != nil {
			t.Error(err)
		}
		page = s.do(http.MethodGet, planning.Chemin, nil, "")
		testkit.Says(t, page.Body.String(), "repassée, bien", "Camille Essai", "La cause de l’échec est réparée")
		if strings.Contains(page.Body.String(), "en panne") {
			t.Error("still broken down")
		}
		s.qui.Role = actor.AdminMetier
		if w := s.do(http.MethodGet, planning.Chemin, nil, ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Relancer une tâche") {
			t.Errorf("the métier: %d", w.Code)
		}
		s.qui.Role = actor.AdminOF
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			path := planning.Chemin
			if method == http.MethodPost {
				path = again("bonne")
			}
			if w := s.do(method, path, ok, ""); w.Code != http.StatusNotFound {
				t.Errorf("a training body, %s: %d", method, w.Code)
			}
		}
	})
}

// A task that runs is not run again; a command says who types it.
func TestCommand(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		s := newScene(t, d, clock)
		if err := s.plan.Register(t.Context()); err != nil {
			t.Fatal(err)
		}
		act := func(x planning.Acte) error {
			return d.Update(t.Context(), func(tx *db.Tx) error { return s.h.Again(t.Context(), tx, x) })
		}
		if err := act(planning.Acte{Tache: "bonne", Motif: "essai"}); fault.FieldsOf(err)["par"] == "" {
			t.Error("nobody typed it", err)
		}
		if err := act(planning.Acte{Tache: "bonne", Motif: "essai", Par: "  Jeanne   Astreinte "}); err != nil {
			t.Fatal(err)
		}
		page := s.do(http.MethodGet, planning.Chemin, nil, "")
		testkit.Says(t, page.Body.String(), "Jeanne Astreinte, en ligne de commande", "Pour vérifier qu’elle fonctionne")
		var out bytes.Buffer
		if err := s.h.Write(t.Context(), &out); err != nil || !strings.Contains(out.String(), "bonne") {
			t.Error(out.String(), err)
		}
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE tache SET porteur = 'x', bail_fin = $1, debut = $2 WHERE nom = 'bonne'`, db.At(clock.Now().Add(time.Minute)), db.At(clock.Now()))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if w := s.do(http.MethodPost, again("bonne"), url.Values{"motif": {"essai"}}, ""); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "est en cours") {
			t.Errorf("a task that runs: %d", w.Code)
		}
		s.mended = true
		n := testkit.FailEachStatement(t, d, func() error {
			if w := s.do(http.MethodPost, again("mauvaise"), url.Values{"motif": {"sans_attendre"}}, ""); w.Code != http.StatusSeeOther {
				return errors.New(fmt.Sprint(w.Code))
			}
			return nil
		})
		if n < 4 {
			t.Errorf("%d statements", n)
		}
	})
}
