package connexion_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

const cheminChoix = "/espace-aidant/organisations/"

// The choice belongs to the session, wants a membership, and is journaled.
func TestSwitchOrganisation(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p, q := g.poste().enter(g.camille), g.poste().enter(g.camille)
		page := p.get(cheminChoix+"?next_url=/espace-aidant/sessions/").want(http.StatusOK, g.autre.Nom, g.camille.Organisation.Nom)
		if strings.Contains(page.Body.String(), g.dominique.Organisation.Nom) {
			t.Error("another's structure is offered")
		}
		choose := func(org, suite string) reponse {
			return p.post(cheminChoix+"switch_main", url.Values{"organisation": {org}, "next_url": {suite}})
		}
		choose("", "").want(http.StatusUnprocessableEntity, "Choisissez la structure")
		choose(g.dominique.Organisation.ID.String(), "").want(http.StatusNotFound)
		choose("42", "").want(http.StatusNotFound)
		choose(g.autre.ID.String(), "https://ailleurs.example/").want(http.StatusNotFound)
		p.get("/espace-aidant/").want(http.StatusOK, "Bonjour pour "+g.camille.Organisation.Nom)
		testkit.FailEachStatement(t, g.DB, func() error { return choose(g.autre.ID.String(), connexionSessions).must(http.StatusSeeOther) })
		p.get("/espace-aidant/").want(http.StatusOK, "Bonjour pour "+g.autre.Nom)
		q.get("/espace-aidant/").want(http.StatusOK, "Bonjour pour "+g.camille.Organisation.Nom)
		choose(g.autre.ID.String(), "").to("/espace-aidant/")
		if f := g.facts("switch_organisation"); len(f) != 1 || !strings.Contains(f[0], g.autre.ID.String()) {
			t.Errorf("journal: %v", f)
		}
	})
}

// A form of the former structure is refused, with the way back.
func TestFormOfTheFormerStructure(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		g.refer(g.camille)
		p := g.poste().enter(g.camille)
		p.post(cheminChoix+"switch_main", url.Values{"organisation": {g.autre.ID.String()}}).to("/espace-aidant/")
		g.referTo(g.camille, g.autre.ID)
		g.accept(g.camille)
		former := g.camille.Organisation.ID.String()
		r := p.post("/essai/", url.Values{web.ChampOrganisation: {former}}).want(http.StatusConflict, "Vous avez changé de structure", "Revenir à l’autre structure")
		if !strings.Contains(r.Body.String(), cheminChoix+"?organisation="+former) {
			t.Error("no way back")
		}
		p.post("/essai/", url.Values{web.ChampOrganisation: {g.autre.ID.String()}}).want(http.StatusOK)
	})
}
