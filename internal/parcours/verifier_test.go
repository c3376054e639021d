package parcours_test

import (
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// TestVerifier: somebody at a counter is shown a mandat, on a phone, with
// scripts off: the code, the state, the name.
func TestVerifier(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	p := b.coffre("nadia")
	if err := p.SeConnecter(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Logement}, Duree: "MONTH"}); err != nil {
		t.Fatal(err)
	}
	code := testkit.CodePublic(t, string(p.Corps))

	o := b.ouvrirOnglet("verifier")
	o.DisableJavaScript()
	o.Goto(b.Adresses.App + "/verifier/")
	o.regarder("saisie")
	o.Fill("#code", "ABC")
	o.Click("//form//button[contains(., 'Vérifier')]")
	o.dit("Ce n’est pas un code de vérification")
	o.regarder("faute")
	o.Goto(b.Adresses.App + "/verifier/")
	o.Fill("#code", code)
	o.Click("//form//button[contains(., 'Vérifier')]")
	o.dit("Ce que dit ce mandat", code)
	o.tait("VASSELIN")
	o.regarder("etat")
	o.Fill("#nom", "vasselin")
	o.Fill("#prenom", "odile")
	o.Click("//button[contains(., 'Vérifier le nom')]")
	o.dit("C’est le nom écrit dans ce mandat")
	o.regarder("nom")
	o.Goto(b.Adresses.App + "/verifier/0000-0000-0000")
	o.dit("Ce code ne correspond à aucun mandat")
	o.regarder("inconnu")
}
