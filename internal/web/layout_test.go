package web

import (
	"strings"
	"testing"
)

func draw(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	if err := Layout(p).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLayout(t *testing.T) {
	page := draw(t, Page{Titre: "Accueil", EnErreur: true, Site: Site{Simulation: true, Contact: "aide@ac.example"}, Fil: []Lien{{Libelle: "Accueil", URL: "/"}, {Libelle: "Ici"}}})
	for _, want := range []string{
		`<html lang="fr">`, "<title>Erreur : Accueil – Aidants Connect</title>", `<main id="contenu"`, `href="#contenu"`,
		"SIMULATION —", "les personnes sont fictives", "site non officiel", `aria-label="vous êtes ici :"`, "Se connecter", "mailto:aide@ac.example",
		"/accessibilite/", "/mentions-legales/", "/politique_confidentialite/", "/cgu/", "/plan-du-site/",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("missing %s", want)
		}
	}
	for _, refused := range []string{"<h1", "<script", " style=", CheminDeconnexion} {
		if strings.Contains(page, refused) {
			t.Errorf("holds %s", refused)
		}
	}
	official := draw(t, Page{Titre: "Accueil", Site: Site{MarqueEtat: true}})
	if strings.Contains(official, "non officiel") || strings.Contains(official, "SIMULATION") {
		t.Error("an official site says it is not, or that it is a simulation")
	}
}

func TestMenuOffersWhatOpens(t *testing.T) {
	for name, want := range map[string][]string{
		"aidant":              {"/espace-aidant/", "/espace-aidant/creation_mandat/", "/espace-aidant/usagers/"},
		"référent non aidant": {"/espace-aidant/", "/espace-referent/"},
		"référent aidant":     {"/espace-aidant/", "/espace-aidant/creation_mandat/", "/espace-aidant/usagers/", "/espace-referent/"},
		"plus membre":         {"/espace-aidant/"},
		"structure inactive":  {"/espace-aidant/"},
	} {
		a := visitors[name]()
		page := draw(t, Page{Titre: "x", Actor: a, Actif: NavAccueil})
		for _, url := range []string{"/espace-aidant/", "/espace-aidant/creation_mandat/", "/espace-aidant/usagers/", "/espace-referent/"} {
			offered := strings.Contains(page, `class="fr-nav__link" href="`+url+`"`)
			expected := strings.Contains(" "+strings.Join(want, " ")+" ", " "+url+" ")
			if offered != expected {
				t.Errorf("%s: %s offered %v, want %v", name, url, offered, expected)
			}
		}
		if !strings.Contains(page, `<form method="post" action="/logout-session/">`) {
			t.Errorf("%s: no way to sign out by POST (A-W77)", name)
		}
	}
	a := aidantFrais()
	bare := draw(t, Page{Titre: "x", Actor: &a, SansNavigation: true})
	if strings.Contains(bare, "fr-nav__link") || !strings.Contains(bare, "Mairie de Houlbec-Cocherel") {
		t.Error("a page without menu still says for whom one acts")
	}
}
