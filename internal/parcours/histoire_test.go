package parcours_test

import (
	"testing"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// TestHistoire: an aidant reads what was lived with a person, gives them their
// account on paper; the référent gives the copy that the person asks for.
func TestHistoire(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	p := b.coffre("nadia")
	if err := p.SeConnecter(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}); err != nil {
		t.Fatal(err)
	}
	code := testkit.CodePublic(t, string(p.Corps))
	if _, err := p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "telephone"}); err != nil {
		t.Fatal(err)
	}

	if err := b.coffre("rene").SeConnecter(); err != nil { // she signs what is to be signed
		t.Fatal(err)
	}
	b.Horloge.Avancer(2 * time.Minute) // the codes they used are past

	a := b.aidante("nadia", "histoire")
	a.Goto(b.Adresses.App + "/accounts/login/")
	a.recevoirLien()
	a.ouvrirFiche("vasselin")
	a.Click("text=Toute l’histoire de la personne")
	a.dit("Démarche faite au nom de la personne", "Mandat signé", "Message envoyé")
	a.regarder("histoire")
	a.Click("//main//a[normalize-space()='Relevé pour la personne']")
	a.dit("Relevé de ce qui a été fait en votre nom", "au téléphone")
	a.regarder("releve")
	a.PDF("histoire-releve")

	r := b.aidante("rene", "histoire-referent")
	r.Goto(b.Adresses.App + "/accounts/login/")
	r.recevoirLien()
	r.Goto(b.Adresses.App + "/espace-referent/acces/")
	r.Fill("#code", "rien")
	r.Click("//main//button[contains(., 'Enregistrer')]")
	r.regarder("acces-erreur")
	r.Fill("#code", code)
	r.Check("//input[@value='piece']")
	r.Click("//main//button[contains(., 'Enregistrer')]")
	r.dit("Ce qui est gardé sur vous", "VASSELIN")
	r.regarder("acces-copie")
	r.Goto(b.Adresses.App + "/espace-referent/signalements/")
	r.regarder("signalements")
}
