package parcours_test

import (
	"fmt"
	"strings"
	"testing"

	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// TestReferent: a référent looks at his structure, sends an invitation, takes
// somebody's access away and gives it back, asks for people and a co-référent,
// and corrects the address of his structure.
func TestReferent(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("hugo", "referent")
	a.entrer()
	a.aveugle = true
	a.Goto(b.Adresses.App + web.CheminCGU)
	a.accepterCGU()
	a.aveugle = false
	a.Goto(b.Adresses.App + demande.Chemin)
	a.titre("Maison France services de Valbrune")
	a.regarder("accueil")
	a.gererAidants()
	a.ajout()
	a.structure()
}

// gererAidants goes through the list, a person's page and the acts on it.
func (a *aidante) gererAidants() {
	a.t.Helper()
	a.Click("text=Aidants")
	a.titre("Aidants de la structure")
	a.regarder("aidants")
	a.Click("//tr[contains(., 'Nadia')]//a")
	a.titre("Nadia Ferroukhi")
	a.regarder("fiche")
	a.Click("text=Désigner référent")
	a.regarder("designer")
	a.Click("//main//button[@type='submit' or not(@type)]")
	a.titre("Nadia Ferroukhi")
	a.regarder("designee")
	a.Click("text=Désactiver le compte")
	a.Click("//main//button[contains(., 'ésactiver')]")
	if got := a.focus(); got != "erreurs" {
		a.t.Errorf("the focus is on %q, not on the summary of errors", got)
	}
	a.regarder("desactiver-erreur")
	a.Check("input[name=motif][value=absence]")
	a.Click("//main//button[contains(., 'ésactiver')]")
	a.Goto(a.b.Adresses.App + demande.CheminAidants + "?onglet=desactives")
	a.dit("Nadia Ferroukhi")
	a.regarder("desactives")
	a.Click("//tr[contains(., 'Nadia')]//a")
	a.regarder("fiche-desactivee")
	a.Click("text=Réactiver le compte")
	a.Click("//main//button[contains(., 'éactiver')]")
	a.Click("text=Inviter à associer une application")
	a.regarder("inviter")
	a.Click("text=Envoyer l’invitation")
	a.titre("Invitation envoyée")
	a.regarder("invitation")
	a.Click("text=J’ai noté le code")
}

// ajout asks for people who work elsewhere, and for a co-référent.
func (a *aidante) ajout() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + demande.CheminAidants)
	a.Click("text=Ajouter des aidants")
	a.Click("text=Continuer")
	a.regarder("ajout-profil-erreur")
	a.Check("input[name=profil][value=formes]")
	a.Click("text=Continuer")
	a.adresses("pas une adresse", "nadia.ferroukhi@valbrune.example.org")
	a.Click("text=Continuer")
	a.dit("Ligne 1")
	a.regarder("ajout-adresses-erreur")
	a.adresses("claire.montagnac@tilleuls.example.org", "inconnue@nulle-part.example.org")
	a.Click("text=Continuer")
	a.regarder("ajout-confirmation")
	a.Click("text=Confirmer")
	a.Goto(a.b.Adresses.App + demande.CheminAidants + "?onglet=demandes")
	a.dit("claire.montagnac@tilleuls.example.org")
	a.regarder("demandes")

	a.Click("text=Référents")
	a.regarder("referents")
	a.Click("text=Demander un co-référent qui n’est pas aidant")
	a.Click("text=Envoyer la demande")
	a.regarder("coreferent-erreur")
	for champ, valeur := range map[string]string{"prenom": "Ada", "nom": "Attendue", "profession": "Directrice", "email": "ada.attendue@valbrune.example.org", "telephone": "06 12 34 56 78"} {
		a.Fill("#"+champ, valeur)
	}
	a.Click("text=Envoyer la demande")
	a.titre("Référents de la structure")
	a.dit("Ada Attendue")
	a.regarder("referents-demande")
}

// adresses fills the list of addresses, one per line.
func (a *aidante) adresses(lignes ...string) {
	a.t.Helper()
	testkit.Eval[string](a.Page, fmt.Sprintf(`document.querySelector("#adresses").value = %q`, strings.Join(lignes, "\n")))
}

// structure proposes a correction of the address.
func (a *aidante) structure() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + demande.CheminStructure)
	a.titre("Votre structure")
	a.regarder("structure")
	a.Click("text=Proposer une correction")
	a.Fill("#code_postal", "80")
	a.Click("text=Envoyer la proposition")
	a.regarder("correction-erreur")
	a.Fill("#code_postal", "80100")
	a.Click("text=Envoyer la proposition")
	a.titre("Votre structure")
	a.dit("80100")
	a.regarder("structure-correction")
}
