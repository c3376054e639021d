package rapprochement_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// TestPage: the team reads whether the journal and the tables agree and, when
// they do not, what differs and what to do; on a screen, on a phone, without
// script. Nobody else finds the page.
func TestPage(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	d := testkit.OpenDB(t, db.SQLite, clock)
	s := testkit.NewSocle(t, d)
	c := s.NewCompte(t, "alma@grandchaumet.example.org", testkit.Siret1)
	h := &rapprochement.Handlers{DB: d, Journal: s.Journal, Outbox: s.Outbox, Site: web.Site{Nom: "Aidants Connect", Origine: testkit.Origine}, Log: testkit.Log(t)}
	role := actor.AdminTechnique
	mux := web.NewMux(web.Config{Site: h.Site, Log: testkit.Log(t), Now: clock.Now, Authenticate: func(*http.Request) (actor.Actor, error) {
		return actor.Actor{
			Aidant: c.Aidant.ID, Organisation: c.Organisation.ID, Prenom: "Alma", Nom: "GRANDCHAUMET", Role: role, CleForte: true, CGUAcceptee: true, MembreActif: true,
			OrganisationActive: true, DateOTP: clock.Now(), DateActivite: clock.Now(),
		}, nil
	}})
	h.Mount(mux)
	server := httptest.NewServer(mux)
	defer server.Close()
	p := testkit.NewBrowser(t).NewPage(1280, 900)
	p.DisableJavaScript()
	look := func(name, want string) {
		t.Helper()
		p.Goto(server.URL + rapprochement.Chemin)
		testkit.Says(t, testkit.Eval[string](p, "document.body.innerText"), want)
		for _, width := range []int{1280, 320} {
			p.Resize(width, 900)
			p.Axe()
			p.NoHorizontalScroll()
		}
		p.Screenshot("controle-" + name + "-320")
		p.Resize(1280, 900)
		p.Screenshot("controle-" + name)
	}
	look("jamais", "La première comparaison n’a pas encore eu lieu")
	if n, err := h.Check(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	look("accord", "Le journal et les tables disent la même chose")
	if err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE aidant SET habilite = false, role_gestion = 'admin_metier'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := h.Check(t.Context()); n != 2 || err == nil {
		t.Fatal(n, err)
	}
	look("ecarts", "Rôles de gestion qui ne sont pas ceux du journal : 1, par exemple ")
	role = actor.AdminOF
	r := httptest.NewRecorder()
	mux.ServeHTTP(r, httptest.NewRequest(http.MethodGet, rapprochement.Chemin, nil))
	if r.Code != http.StatusNotFound {
		t.Errorf("a training body: %d", r.Code)
	}
}
