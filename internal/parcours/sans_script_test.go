package parcours_test

import (
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// TestSansScript plays the main job again in a browser that runs no script: a
// mandat concluded, then used, then the sign-out.
func TestSansScript(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	b.conclure("claire", demo.Projet{Personne: "reunion", Demarches: []demarche.Demarche{demarche.Famille}, Duree: "MONTH"})
	a := b.aidante("nadia", "sans-script")
	a.DisableJavaScript()
	a.aveugle = true // every page was looked at in the other stories
	a.seConnecter()
	a.Click("text=Créer un mandat")
	a.accepterCGU()
	a.remplirCreation("LONG", "papiers", "travail")
	a.aveugle = false
	a.regarder("creation")
	a.aveugle = true
	a.Click("text=Continuer vers FranceConnect")
	a.Click("text=Se connecter avec FranceConnect")
	a.identifier("ligatures")
	a.signer()
	a.dit("Le mandat est enregistré", "Cœlia Ÿsée Noëlle ŒUVRARD-LÆTZIG")

	a.demander("b")
	a.choisir("oeuvrard") // the ligature is typed as it can be
	a.aveugle = false
	a.regarder("choix-demarche")
	a.aveugle = true
	a.consentir("travail")
	a.titre("Bonjour Cœlia ŒUVRARD-LÆTZIG")
	a.quitterService()
	a.Goto(b.Adresses.App + "/espace-aidant/")
	a.tait("Connexion en cours")
	a.menuDuTelephone()
	a.seDeconnecter()
}

// menuDuTelephone opens the menu of a narrow screen, which needs no script.
func (a *aidante) menuDuTelephone() {
	a.t.Helper()
	a.Resize(etroit, 640)
	if testkit.Eval[bool](a.Page, `document.querySelector("#menu").checkVisibility()`) {
		a.t.Error("the menu is open before it is asked")
	}
	a.Touch("text=Menu")
	a.Wait("#menu")
	a.Screenshot(a.nom + "-menu-320")
	a.Click("text=Mes mandats")
	a.titre("Mes mandats")
	a.Resize(large, hauteur)
}
