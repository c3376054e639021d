package parcours_test

import (
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
)

// TestRenouveler: the person is there again; the aidant finds what ends, and
// renews in two pages, without FranceConnect.
func TestRenouveler(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	b.conclure("nadia", demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Logement}, Duree: "MONTH"})
	a := b.aidante("nadia", "renouveler")
	a.seConnecter()
	a.Goto(b.Adresses.App + "/espace-aidant/usagers/")
	a.Click("text=Ce qui se termine bientôt")
	a.titre("Ce qui se termine")
	a.regarder("echeances")
	a.Click("//a[starts-with(normalize-space(.), 'Renouveler')]")
	a.titre("Renouveler un mandat")
	a.regarder("formulaire")
	a.Check("#capacite")
	a.Click("text=Continuer")
	a.titre("Récapitulatif du mandat")
	a.dit("Renouvellement du mandat", "Le nouveau mandat remplacera")
	a.regarder("recapitulatif")
	a.signer()
	a.titre("Mandat")
	a.dit("Le mandat est enregistré", "Conservé jusqu’au")
}
