package suivi_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/testkit"
)

// Every page of the follow-up and of the ends in a real browser: axe-core, the
// width of a phone, and a picture for people to look at.
func TestPagesInABrowser(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	c := newCorpus(150, clock.Now())
	o := one(clock.Now().Add(-time.Hour), odile, liste(demarche.Papiers, demarche.Argent, demarche.Logement), liste(demarche.Famille), liste(demarche.Social, demarche.Travail))
	for i := range o.personnes[0].mandats {
		x := &o.personnes[0].mandats[i]
		x.Organisation, x.Aidant = c.org, c.aidant
		for k := range x.Autorisations {
			x.Autorisations[k].Organisation = c.org
		}
	}
	c.personnes = append(c.personnes, o.personnes[0])
	m.store("claire", c)
	m.store("autre", newCorpus(0, clock.Now()))
	p := o.personnes[0]
	m.use(c, p.mandats[0], suivi.Absent)
	m.use(c, p.mandats[1], suivi.Present)
	revoque := url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}}
	m.post(p.mandats[0].Autorisations[0].CheminFin(), revoque)
	m.post(p.mandats[2].Chemin("cancel_confirm"), url.Values{"motif": {"renonciation"}, "canal": {"lettre"}})

	srv := httptest.NewServer(m.mux)
	t.Cleanup(srv.Close)
	browser := testkit.NewBrowser(t)
	for _, width := range []int{1200, 320} {
		page := browser.NewPage(width, 800)
		look := func(name, target string) {
			t.Helper()
			page.Goto(srv.URL + target)
			seen(t, page, fmt.Sprintf("suivi-%s-%d", name, width))
		}
		look("actifs", mandat.CheminUsagers)
		look("filtre", mandat.CheminUsagers+"?bientot=1&demarche=argent")
		look("expires", mandat.CheminUsagers+"?onglet=expires")
		look("revoques", mandat.CheminUsagers+"?onglet=revoques")
		look("fiche", mandat.CheminFiche(p.id)+"?avis=papier_signe")
		look("fin-mandat", p.mandats[0].Chemin("cancel_confirm"))
		page.Click("//main//form//button")
		seen(t, page, fmt.Sprintf("suivi-fin-erreurs-%d", width))
		look("fin-demarche", p.mandats[0].Autorisations[1].CheminFin())
		look("terminee", p.mandats[0].Autorisations[0].CheminFin()[:len(p.mandats[0].Autorisations[0].CheminFin())-len("confirm")]+"success")
		look("attestation-revocation", p.mandats[0].Autorisations[0].CheminAttestationFin())
		look("attestation-renonciation", p.mandats[2].Chemin("attestation_de_revocation"))
	}
	// Search and paging by hand, without JavaScript.
	page := browser.NewPage(1200, 800)
	page.DisableJavaScript()
	page.Goto(srv.URL + mandat.CheminUsagers)
	page.Fill("#recherche", "vasselin odile")
	page.Click("text=Rechercher")
	seen(t, page, "suivi-recherche-1200")
	page.Fill("#recherche", "zzz")
	page.Click("text=Rechercher")
	seen(t, page, "suivi-vide-1200")
}

// seen checks a page and keeps a picture of it.
func seen(t *testing.T, page *testkit.Page, name string) {
	t.Helper()
	page.Axe()
	page.Screenshot(name)
	if over := testkit.Eval[int](page, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		t.Errorf("%s is %d pixels too wide", name, over)
	}
}
