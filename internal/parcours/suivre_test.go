package parcours_test

import (
	"strings"
	"testing"
	"time"
)

// TestSuivre is the third story, on the seeds of the demo: the lists, a person's
// page, an autorisation then a mandat ended, the re-check, what is lost or
// refused, the référent.
func TestSuivre(t *testing.T) {
	t.Parallel()
	b := ouvrirDemo(t)
	a := b.aidante("nadia", "suivre")
	a.Goto(b.Adresses.Boite + "/")
	a.regarder("boite")
	a.Goto(b.Adresses.App + "/accounts/login/")
	a.recevoirLien()
	a.listes()
	a.terminerAutorisation()
	a.terminerMandat()
	a.reprise()
	a.egare()
	a.seDeconnecter()

	r := b.aidante("rene", "suivre-referent")
	r.Goto(b.Adresses.App + "/accounts/login/")
	r.recevoirLien()
	r.espaceReferent()
}

// listes walks the three tabs, searches, filters.
func (a *aidante) listes() {
	a.t.Helper()
	a.Click("text=Mes mandats")
	a.titre("Mes mandats")
	a.regarder("liste")
	for _, onglet := range []string{"Expirés", "Révoqués"} {
		a.Click("//nav[contains(@aria-label, 'Mandats')]//a[contains(., '" + onglet + "')]")
		a.regarder("liste-" + onglet)
	}
	a.Click("text=Mes mandats")
	a.Fill("#recherche", "hénaf")
	a.Click("text=Rechercher")
	a.dit("D'HAËNENS-L’HÉNAFFIC Gwenaëlle")
	if strings.Contains(a.URL(), "naf") {
		a.t.Errorf("the search went into the address %s", a.URL())
	}
	a.regarder("liste-trouvee")
	a.Fill("#recherche", "personne de ce nom")
	a.Click("text=Rechercher")
	a.regarder("liste-vide")
	a.Goto(a.b.Adresses.App + "/espace-aidant/usagers/?bientot=1&demarche=argent")
	a.regarder("liste-filtree")
	a.Click("text=Effacer la recherche et les filtres")
}

func (a *aidante) ouvrirFiche(nom string) {
	a.t.Helper()
	a.Click("text=Mes mandats")
	a.Fill("#recherche", nom)
	a.Click("text=Rechercher")
	a.Click("//a[starts-with(normalize-space(.), 'Accéder aux mandats')]")
}

// terminerAutorisation ends one démarche, mistakes first.
func (a *aidante) terminerAutorisation() {
	a.t.Helper()
	a.ouvrirFiche("hénaf")
	a.titre("D'HAËNENS-L’HÉNAFFIC Gwenaëlle")
	a.regarder("fiche")
	a.Click("//a[starts-with(normalize-space(.), 'Arrêter')]")
	a.regarder("fin-autorisation")
	a.Click("//form[.//*[@name='motif']]//button")
	if got := a.focus(); got != "erreurs" {
		a.t.Errorf("the focus is on %q, not on the summary of errors", got)
	}
	a.regarder("fin-autorisation-erreur")
	a.Check("input[name=motif][value=revoque_usager]")
	a.Check("input[name=canal][value=oral]")
	a.Click("//form[.//*[@name='motif']]//button")
	a.titre("La démarche est arrêtée")
	a.regarder("fin-autorisation-faite")
	a.Click("text=Voir et imprimer l’attestation")
	a.regarder("attestation-fin-autorisation")
	if pdf := a.PDF(a.nom + "-attestation-fin"); len(pdf) < 5_000 {
		a.t.Errorf("the print is %d bytes", len(pdf))
	}
}

// terminerMandat ends what remains, by the structure's own will.
func (a *aidante) terminerMandat() {
	a.t.Helper()
	a.ouvrirFiche("hénaf")
	a.Click("//a[starts-with(normalize-space(.), 'Mettre fin au mandat')]")
	a.regarder("fin-mandat")
	a.Check("input[name=motif][value=renonciation]")
	a.Check("input[name=canal][value=oral]")
	a.Click("//form[.//*[@name='motif']]//button")
	a.titre("Le mandat est terminé")
	a.regarder("fin-mandat-faite")
	a.Click("text=Fiche de la personne")
	a.regarder("fiche-sans-mandat")
}

// reprise lets fifteen minutes pass: a page and a form both ask a code, and
// nothing typed is lost.
func (a *aidante) reprise() {
	a.t.Helper()
	a.b.Horloge.Avancer(16 * time.Minute)
	a.Click("text=Créer un mandat")
	a.titre("Confirmez que c'est vous")
	a.regarder("reprise")
	if got := a.focus(); got != "otp_token" {
		a.t.Errorf("the focus is on %q, not on the code", got)
	}
	a.Fill("#otp_token", faux(a.code()))
	a.Click("text=Continuer")
	a.dit("Ce code n'est pas le bon")
	a.regarder("reprise-code-faux")
	a.b.Horloge.Avancer(delaiApresErreur)
	a.Fill("#otp_token", a.code())
	a.Click("text=Continuer")
	a.titre("Créer un mandat")

	a.remplirCreation("SEMESTER", "logement")
	a.b.Horloge.Avancer(16 * time.Minute)
	a.Click("text=Continuer vers FranceConnect")
	a.titre("Confirmez que c'est vous")
	a.dit("Ce que vous avez saisi est conservé")
	a.Fill("#otp_token", a.code())
	a.Click("text=Continuer")
	a.titre("C'est bien vous")
	a.regarder("reprise-formulaire")
	a.Click("text=Reprendre où j'en étais")
	a.titre("Connexion de la personne")
	a.dit("Logement", "Mandat de 6 mois")
}

// egare meets a dossier past its delay, an unknown address, somebody else's
// page, another structure's person.
func (a *aidante) egare() {
	a.t.Helper()
	dossier := a.URL()
	for range 5 { // a dossier lives an hour; the person is active meanwhile
		a.b.Horloge.Avancer(13 * time.Minute)
		a.Goto(a.b.Adresses.App + "/espace-aidant/")
		a.Goto(a.b.Adresses.App + "/espace-aidant/usagers/")
	}
	a.Goto(dossier)
	a.titre("Ce mandat en préparation n’est plus disponible")
	a.regarder("dossier-perdu")
	a.Click("text=Recommencer")
	a.titre("Créer un mandat")

	a.Goto(a.b.Adresses.App + "/adresse-inconnue/")
	a.titre("Page introuvable ou inaccessible")
	a.regarder("404")
	a.Goto(a.b.Adresses.App + "/espace-aidant/usagers/00000000-0000-7000-8000-000000000000/")
	a.titre("Page introuvable ou inaccessible")
	a.Goto(a.b.Adresses.App + "/espace-referent/")
	a.titre("Espace réservé aux référents")
	a.regarder("403")
	for _, page := range []string{"/accessibilite/", "/mentions-legales/", "/politique_confidentialite/", "/cgu/", "/plan-du-site/"} {
		a.Goto(a.b.Adresses.App + page)
		a.regarder(strings.Trim(page, "/"))
	}
}

func (a *aidante) seDeconnecter() {
	a.t.Helper()
	a.Click("text=Se déconnecter")
	a.dit("Vous êtes déconnecté.")
	a.regarder("deconnecte")
	a.Goto(a.b.Adresses.App + "/espace-aidant/usagers/")
	a.titre("Se connecter")
}

// espaceReferent is what somebody sees who leads a structure and helps nobody:
// figures, and no usager.
func (a *aidante) espaceReferent() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + "/espace-referent/")
	if strings.Contains(a.URL(), "valider-cgu") {
		a.accepterCGU()
	}
	a.titre("Maison France services de Valbrune")
	a.regarder("espace-referent")
	a.tait("HÉNAFFIC")
	a.Goto(a.b.Adresses.App + "/espace-aidant/usagers/")
	a.titre("Espace réservé aux aidants habilités")
	a.regarder("403-aidant")
}
