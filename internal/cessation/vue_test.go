package cessation_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

// Every page of an event, of a closure and of a transfer in a real browser:
// axe-core, the width of a phone, and a picture for people to look at.
func TestPagesInABrowser(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	d := testkit.OpenDB(t, db.SQLite, clock)
	b := newBureau(t, d, clock)
	(&mandat.Handlers{DB: d, Site: b.h.Site, Greffe: b.Greffe}).Mount(b.mux)
	(&fin.Handlers{DB: d, Site: b.h.Site, Actes: b.h.Fins}).Mount(b.mux)
	u, v, w := b.Usager("sub1", "VASSELIN"), b.Usager("sub2", "ROUVERAY"), b.Usager("sub3", "MARVILLERS")
	m := b.Sign(0, u, mandat.Annee, "papiers", "argent")
	b.Sign(0, v, mandat.Mois, "logement")
	p := b.Projet(0, w, "papiers")
	p.Preuves = nil // the signed copy is awaited
	b.Update(func(tx *db.Tx) error { _, err := b.Greffe.Sign(t.Context(), tx, b.Actor(0), p); return err })

	srv := httptest.NewServer(b.mux)
	t.Cleanup(srv.Close)
	page := testkit.NewBrowser(t).NewPage(1200, 800)
	look := func(name string) {
		t.Helper()
		for _, width := range []int{1200, 320} {
			page.Resize(width, 800)
			seen(t, page, fmt.Sprintf("cessation-%s-%d", name, width))
		}
	}
	goTo := func(name, target string) {
		t.Helper()
		page.Goto(srv.URL + target)
		look(name)
	}
	b.qui = 0
	goTo("evenement", fin.CheminEvenement(v.ID))
	page.Click("//main//form//button")
	look("evenement-erreurs")
	b.want("POST", fin.CheminEvenement(v.ID), url.Values{"evenement": {"deces"}, "source": {"acte"}, "date": {"2026-03-01"}, "certain": {"on"}}, http.StatusSeeOther)
	goTo("evenement-note", fin.CheminEvenement(v.ID))
	b.qui = 1
	goTo("evenements", fin.CheminGestion)
	goTo("liste", cessation.Chemin)
	page.Click("//main//form//button")
	look("liste-erreurs")
	b.qui = 0
	one := b.want("POST", cessation.Chemin, b.transfert(), http.StatusSeeOther)
	goTo("demande", one)
	b.qui = 1
	goTo("apercu", one)
	page.Click("//button[contains(., 'Approuver')]")
	if n := b.run(); n != 1 {
		t.Fatalf("%d transferred", n)
	}
	goTo("compte-rendu", one)
	b.qui = 0
	goTo("transfere", m.Chemin("visualisation"))
	goTo("attestation", m.Chemin("attestation_de_revocation"))
	b.qui = 1
	goTo("suite", b.Load(0, m.ID).Chemin("visualisation")[:len(mandat.CheminMandats)]+b.Load(0, m.ID).Successeur.String()+"/visualisation")
}

func seen(t *testing.T, page *testkit.Page, name string) {
	t.Helper()
	page.Axe()
	page.Screenshot(name)
	if over := testkit.Eval[int](page, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		t.Errorf("%s is %d pixels too wide", name, over)
	}
}
