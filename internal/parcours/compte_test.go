package parcours_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/compte"
)

// TestMonCompte: a new aidant finds what to do first, signs her charter, sees
// and corrects her profile, and changes her address from the mailbox.
func TestMonCompte(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("nadia", "compte")
	a.Goto(b.Adresses.App + "/accounts/login/")
	a.aveugle = true // looked at by the journey of the sign-in
	a.recevoirLien()
	a.aveugle = false
	a.titre("Bonjour Nadia")
	a.dit("Mes premiers pas", "1 étape faite sur 4", "Lire et signer la charte")
	a.regarder("premiers-pas")
	a.Click("text=Lire et signer")
	a.accepterCGU()
	a.titre("Bonjour Nadia")
	a.dit("Conclure un premier mandat")
	a.regarder("premiers-pas-signe")
	a.Click("text=Masquer mes premiers pas")
	a.tait("étapes faites sur")
	a.dit("Reprendre mes premiers pas")
	a.Click("text=Reprendre mes premiers pas")
	a.dit("2 étapes faites sur 4")

	a.Goto(b.Adresses.App + compte.CheminProfil)
	a.titre("Mon profil")
	a.dit("nadia.ferroukhi@valbrune.example.org", "Maison France services de Valbrune", "Charte de l'aidant", "Application sur téléphone")
	a.regarder("profil")
	a.Goto(b.Adresses.App + compte.CheminProfil + "/telephone")
	a.Fill("#telephone", "12 34")
	a.Click("text=Enregistrer")
	a.dit("Indiquez un numéro français de dix chiffres")
	a.regarder("telephone-erreur")
	a.Fill("#telephone", "06 12 34 56 78")
	a.Click("text=Enregistrer")
	a.dit("Votre téléphone est enregistré.", "06 12 34 56 78")

	a.Goto(b.Adresses.App + compte.CheminProfil + "/chiffres")
	a.titre("Mes chiffres")
	a.regarder("chiffres")
	a.Goto(b.Adresses.App + compte.CheminProfil + "/donnees")
	a.titre("Mes données personnelles")
	a.regarder("donnees")

	a.Goto(b.Adresses.App + compte.CheminProfil + "/courriel")
	a.Fill("#email", "nadia.nouvelle@valbrune.example.org")
	a.Click("text=Envoyer le lien de confirmation")
	a.dit("Un lien vient de partir", "Un changement d’adresse attend votre confirmation")
	a.regarder("profil-attente")
	lien, err := a.coffre.LienRecu("nadia.nouvelle@valbrune.example.org", "/changement-adresse/")
	if err != nil {
		t.Fatal(err)
	}
	a.Goto(lien)
	a.titre("Confirmer ma nouvelle adresse")
	a.regarder("adresse-confirmer")
	a.Click("text=Confirmer")
	a.titre("Votre adresse est changée")
	a.regarder("adresse-changee")
	a.Goto(b.Adresses.App + compte.CheminProfil)
	if !strings.Contains(a.URL(), "/accounts/login/") {
		t.Errorf("still signed in at %s", a.URL())
	}
	a.Goto(b.Adresses.App + "/charte-referent/")
	a.titre("Charte du référent")
	a.regarder("charte-publique")
}
