package server_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// From the choice of the person, the aidant goes and signs a new mandat: every
// page on the way says that FranceConnect waits, the form begins with what the
// service asks, and the choice then goes on to the public service.
func TestNewMandatFromTheChoice(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		ok(t, p.Demander("b")) // Famille - Scolarité, Travail - Formation
		choice := p.URL.String()
		link, found := p.Lien("Signer un nouveau mandat")
		if !found {
			t.Fatal("no way to a new mandat")
		}
		ok(t, p.Ouvrir(link))
		if back, found := p.Lien("revenir à FranceConnect"); !found || !strings.HasSuffix(choice, back) {
			t.Errorf("the form does not lead back: %q", back)
		}
		if n := strings.Count(string(p.Corps), " checked"); n != 3 {
			t.Errorf("%d boxes begin checked, want what the service asks and the ordinary way to agree", n)
		}
		_, err := p.Conclure(demo.Projet{Personne: "corse_2a", Demarches: []demarche.Demarche{demarche.Famille}, Duree: "MONTH"})
		ok(t, err)
		ok(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/"))
		link, found = p.Lien("Choisir la personne")
		if !found || !p.Contient("FranceConnect attend votre réponse") {
			t.Fatalf("the home page does not lead back to the choice: %q", p.Titre())
		}
		ok(t, p.Ouvrir(link))
		ok(t, p.Choisir(demo.Usage{Nom: "pietraverde", Demarche: demarche.Famille, Presence: "present"}))
		if !strings.HasPrefix(p.URL.String(), p.Adresses.FC) {
			t.Errorf("not back at FranceConnect: %s", p.URL)
		}
		ok(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/"))
		if p.Contient("FranceConnect attend votre réponse") {
			t.Error("an answered request still waits")
		}
	})
}
