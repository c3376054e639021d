package parcours_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"

	"github.com/chromedp/chromedp/kb"
)

// TestUtiliser is the second story: a public service is opened in somebody's
// name, by keyboard alone, then closed; two tabs; refusals.
func TestUtiliser(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	b.conclure("nadia",
		demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Argent}, Duree: "MONTH"},
		demo.Projet{Personne: "nom_usage", Demarches: []demarche.Demarche{demarche.Travail}, Duree: "LONG"},
		demo.Projet{Personne: "sans_email", Demarches: []demarche.Demarche{demarche.Famille}, Duree: "MONTH"})

	a := b.aidante("nadia", "utiliser")
	a.utiliserSansSession()
	a.connexionEnCours()
	a.quitterService()
	a.Goto(b.Adresses.App + "/espace-aidant/")
	a.tait("Connexion en cours")
	a.deuxOnglets()
	a.refus()
}

// utiliserSansSession opens the service before the sign-in, which then goes
// on to the choice of the person.
func (a *aidante) utiliserSansSession() {
	a.t.Helper()
	a.Goto(a.b.Adresses.Service + "/")
	a.regarder("services")
	a.Goto(a.b.Adresses.Service + "/a/")
	a.regarder("service")
	a.Click("#se-connecter")
	a.titre("Choisir un compte")
	a.Click("#choisir-aidants-connect")
	a.recevoirLien()
	a.titre("Pour qui faites-vous cette démarche")
	a.regarder("choix-personne")

	// By keyboard alone: letters, Enter, Enter on the first found.
	if got := a.focus(); got != "recherche" {
		a.t.Errorf("the focus is on %q, not on the search", got)
	}
	a.Press("galant")
	a.PressAndLoad(kb.Enter)
	a.regarder("choix-personne-trouvee")
	if got := a.focus(); !strings.HasPrefix(got, "Choisir GALANTIER") {
		a.t.Errorf("after the search the focus is on %q, not on the first person", got)
	}
	a.PressAndLoad(kb.Enter)
	a.titre("Pour quelle démarche")
	a.regarder("choix-demarche")
	if !testkit.Eval[bool](a.Page, `document.querySelector("input[name=demarche][value=travail]").checked`) {
		a.t.Error("the only démarche is not chosen already")
	}
	a.dit("GALANTIER Bastien Loïc (nom de naissance : ROUVERAY)", "Vous allez agir au nom de Bastien Loïc ROUVERAY", "Déconnectez-vous du service et de FranceConnect dès que vous avez fini")
	a.oublierPresence()
	a.tabuler("presence")
	a.Press(" ")
	a.PressAndLoad(kb.Enter)
	a.titre("va recevoir ces données")
	a.regarder("fc-information")
	a.Click("#continuer")
	a.titre("Bonjour Bastien ROUVERAY")
	a.regarder("service-connecte")
}

// oublierPresence sends the form without the answer that nothing fills in.
func (a *aidante) oublierPresence() {
	a.t.Helper()
	a.Click("text=Continuer vers le service public")
	a.dit("Une réponse est à corriger", "Dites si la personne est présente.")
	if got := a.focus(); got != "erreurs" {
		a.t.Errorf("the focus is on %q, not on the summary of errors", got)
	}
	a.regarder("choix-demarche-erreur")
}

// tabuler presses Tab until the control of that name has the focus, as somebody
// who has no mouse.
func (o *onglet) tabuler(nom string) {
	o.t.Helper()
	for range 40 {
		o.Press(kb.Tab)
		if testkit.Eval[string](o.Page, `document.activeElement.name || ""`) == nom {
			return
		}
	}
	o.t.Fatalf("no control %q is reached by Tab on %s", nom, o.URL())
}

// connexionEnCours looks at the home page from another tab, as the person is
// still signed in at the service.
func (a *aidante) connexionEnCours() {
	a.t.Helper()
	autre := a.nouvelOnglet()
	autre.Goto(a.b.Adresses.App + "/espace-aidant/")
	autre.dit("Connexion en cours au nom de GALANTIER Bastien Loïc")
	autre.regarder("accueil-connexion-en-cours")
}

// quitterService signs out of the service, of FranceConnect, then of us.
func (a *aidante) quitterService() {
	a.t.Helper()
	a.Click("#se-deconnecter")
	a.suivreDeconnexion("#avis")
	a.dit("Vous êtes déconnecté de ce service")
	a.regarder("service-quitte")
}

// demander goes from a service to the choice of the person.
func (a *aidante) demander(service string) {
	a.t.Helper()
	a.Goto(a.b.Adresses.Service + "/" + service + "/")
	a.Click("#se-connecter")
	a.titre("Choisir un compte")
	a.Click("#choisir-aidants-connect")
	a.titre("Pour qui faites-vous cette démarche")
}

// choisir searches a person and picks the first.
func (a *aidante) choisir(nom string) {
	a.t.Helper()
	a.Fill("#recherche", nom)
	a.Click("text=Rechercher")
	a.Click("//button[@name='usager']")
}

// consentir goes on to the service.
func (a *aidante) consentir(d string) {
	a.t.Helper()
	a.Check("input[name=demarche][value=" + d + "]")
	a.Check("input[name=presence][value=telephone]")
	a.Click("text=Continuer vers le service public")
	a.titre("va recevoir ces données")
	if a.Count("#consentement") > 0 {
		a.Check("#consentement")
	}
	a.Click("#continuer")
}

// deuxOnglets holds two requests at once, for two people and two services, and
// ends them crosswise.
func (a *aidante) deuxOnglets() {
	a.t.Helper()
	autre := a.nouvelOnglet()
	a.demander("a")
	autre.demander("b")
	a.choisir("vasselin")
	autre.choisir("galantier")
	a.dit("Odile Simone VASSELIN")
	autre.dit("Bastien Loïc ROUVERAY")
	autre.consentir("travail")
	autre.titre("Bonjour Bastien ROUVERAY")
	a.consentir("papiers")
	a.titre("Bonjour Odile VASSELIN")
	// One session at FranceConnect, hence one sign-out there.
	a.quitterService()
}

// nouvelOnglet is another tab of the same browser.
func (a *aidante) nouvelOnglet() *aidante {
	a.t.Helper()
	autre := *a
	autre.onglet = a.b.autreOnglet(a.navigateur, a.nom)
	autre.vus, autre.n = a.vus, a.n+50
	return &autre
}

// refus meets the pages that stop a use, and goes back to FranceConnect.
func (a *aidante) refus() {
	a.t.Helper()
	a.demander("c") // accepts mandats for money only
	a.Fill("#recherche", "personne de ce nom")
	a.Click("text=Rechercher")
	a.dit("Aucune personne trouvée")
	a.regarder("choix-personne-vide")
	a.choisir("galantier")
	a.titre("Aucune démarche de ce mandat ne convient à ce service")
	a.dit("Ce service n'accepte que les mandats portant sur : « Argent - Impôts - Consommation ».",
		"Aucun mandat en cours de cette personne auprès de Maison France services de Valbrune ne couvre ces démarches.")
	a.regarder("refus-hors-demande")
	a.Click("text=Signer un nouveau mandat")
	a.titre("Créer un mandat")
	a.dit("GALANTIER", "revenir à FranceConnect")
	a.regarder("mandat-depuis-le-choix")
	a.Click("text=Choisir la personne, ou revenir à FranceConnect")
	a.titre("Pour qui faites-vous cette démarche")
	a.Click("//button[starts-with(normalize-space(.), 'Revenir à')]")
	a.titre("Choisir un compte")
	a.dit("La connexion n'a pas abouti")
	a.regarder("fc-retour")
	a.Click("#revenir")
	a.dit("La connexion a été abandonnée ou refusée.")
	a.regarder("service-abandon")

	a.demander("a")
	a.choisir("grandchaumet")
	a.titre("Il manque une adresse électronique")
	a.regarder("refus-identite-incomplete")
	a.Click("//button[starts-with(normalize-space(.), 'Revenir à')]")
	a.titre("Choisir un compte")
	a.perdue()
}

// perdue opens a request that has been answered.
func (a *aidante) perdue() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + "/select_usager/?demande=00000000000000000000000000000000")
	a.titre("Cette demande de connexion n'est plus en cours")
	a.regarder("demande-perdue")
}
