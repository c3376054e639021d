package parcours_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// TestEntrer: every way in and what goes wrong on each: code, link, short code
// read elsewhere, first connection, clock, sessions, re-check, ProConnect, key.
func TestEntrer(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("nadia", "entree")
	a.refusConnexion()
	a.parCodeCourt()
	a.sessions()
	a.repriseApresPause()
	a.parProConnect()
	a.parCle()
}

// refusConnexion shows what is wrong, without saying what (A-W73).
func (a *aidante) refusConnexion() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + web.CheminConnexion)
	a.Fill("#email", "nadia")
	a.Fill("#otp_token", "12")
	a.Click("text=Recevoir mon lien de connexion")
	if got := a.focus(); got != "erreurs" {
		a.t.Errorf("the focus is on %q, not on the summary of errors", got)
	}
	a.regarder("champs")
	a.Fill("#email", a.coffre.Compte.Courriel)
	a.Fill("#otp_token", "000000")
	a.Click("text=Recevoir mon lien de connexion")
	a.dit("Connexion impossible", "ne permettent pas de vous identifier")
	a.regarder("refus")
	a.Click("text=Mon code est refusé")
	a.regarder("code-refuse")
	a.Fill("#email", a.coffre.Compte.Courriel)
	a.Fill("#code_un", "000000")
	a.Fill("#code_deux", "111111")
	a.Click("text=Remettre à l'heure")
	a.titre("Demande traitée")
	a.regarder("code-refuse-traite")
	a.Goto(a.b.Adresses.App + web.CheminConnexion)
	a.Click("text=Première connexion d'un référent")
	a.Click("text=Recevoir mon code")
	a.regarder("premiere-champs")
	a.Fill("#email", "personne@exemple.fr")
	a.Fill("#telephone", "06 12 34 56 78")
	a.Click("text=Recevoir mon code")
	a.titre("Demande reçue")
	a.regarder("premiere-recue")
	a.b.Horloge.Avancer(delaiApresErreur)
}

var huitLettres = regexp.MustCompile(`\b[A-Z]{4}-[A-Z]{4}\b`)

// parCodeCourt signs in with the letters of the mail, read on another device
// where the link does not open.
func (a *aidante) parCodeCourt() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + web.CheminConnexion)
	a.Fill("#email", a.coffre.Compte.Courriel)
	a.Fill("#otp_token", a.code())
	a.PressAndLoad("\r")
	a.titre("Vérifiez votre messagerie")
	a.Fill("#code_court", "AAAA-AAAA")
	a.Click("text=Me connecter avec ce code")
	a.regarder("code-court-erreur")
	mail, err := a.coffre.Courriel(huitLettres.MatchString)
	if err != nil {
		a.t.Fatal(err)
	}
	lien := a.b.lien(a.coffre.Compte.Courriel, a.liens)
	ailleurs := a.b.autreOnglet(testkit.NewBrowser(a.t), "entree-ailleurs")
	ailleurs.Goto(lien)
	ailleurs.titre("Revenez au premier navigateur")
	ailleurs.regarder("autre-navigateur")
	a.Fill("#code_court", strings.ToLower(strings.ReplaceAll(huitLettres.FindString(mail), "-", " ")))
	a.Click("text=Me connecter avec ce code")
	a.aveugle = true
	a.Goto(a.b.Adresses.App + web.CheminCGU)
	a.accepterCGU()
	a.aveugle = false
	a.titre("Bonjour Nadia")
	ailleurs.Goto(lien)
	ailleurs.titre("Ce lien de connexion ne fonctionne plus")
	ailleurs.regarder("lien-perdu")
}

// sessions lists what is open, and the link of the mail closes everything.
func (a *aidante) sessions() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + web.CheminSessions)
	a.titre("Mes sessions")
	a.dit("VOUS ÊTES ICI") // a badge is in capitals
	a.regarder("sessions")
	alerte, err := a.coffre.LienRecu(a.coffre.Compte.Courriel, "/ce-nest-pas-moi/")
	if err != nil {
		a.t.Fatal(err)
	}
	a.Goto(alerte)
	a.titre("Ce n'est pas vous")
	a.regarder("alerte")
}

// repriseApresPause asks the code after a pause, and closes nothing for one mistake.
func (a *aidante) repriseApresPause() {
	a.t.Helper()
	a.b.Horloge.Avancer(16 * time.Minute)
	a.Goto(a.b.Adresses.App + "/espace-aidant/usagers/")
	a.titre("Confirmez que c'est vous")
	a.Fill("#otp_token", "000000")
	a.PressAndLoad("\r")
	a.regarder("reprise-erreur")
	a.b.Horloge.Avancer(delaiApresErreur)
	a.Fill("#otp_token", a.code())
	a.PressAndLoad("\r")
	a.titre("Mes mandats")
}

// parProConnect ties the account, sees the tie in the profile, and leaves both.
func (a *aidante) parProConnect() {
	a.t.Helper()
	entrer := func() {
		a.Goto(a.b.Adresses.App + web.CheminConnexion)
		a.Click("text=Se connecter avec ProConnect")
	}
	a.seDeconnecter()
	entrer()
	a.titre("Qui êtes-vous ?")
	a.Screenshot(a.nom + "-proconnect-simule")
	a.Click("//button[contains(., 'Se connecter : Nadia')]")
	a.titre("Relier votre compte à ProConnect")
	a.regarder("proconnect-relier")
	a.Fill("#otp_token", "12")
	a.PressAndLoad("\r")
	a.regarder("proconnect-erreur")
	a.b.Horloge.Avancer(delaiApresErreur)
	a.Fill("#otp_token", a.code())
	a.PressAndLoad("\r")
	a.titre("Bonjour Nadia")
	a.Goto(a.b.Adresses.App + web.CheminLienProConnect)
	a.dit("est relié à ProConnect depuis")
	a.regarder("proconnect-profil")
	a.Click("text=Se déconnecter")
	a.titre("Se déconnecter aussi de ProConnect ?")
	a.regarder("proconnect-deconnexion")
	a.Click("text=Me déconnecter de ProConnect")
	entrer()
	a.Click("text=Revenir au service sans se connecter")
	a.titre("La connexion n’a pas abouti")
	a.regarder("proconnect-echec")
}

// parCle signs in with an access key, by the keyboard alone.
func (a *aidante) parCle() {
	a.t.Helper()
	a.b.Horloge.Avancer(time.Minute)
	a.entrer()
	a.VirtualKey()
	a.Goto(a.b.Adresses.App + facteur.CheminMoyens)
	a.Click("text=Ajouter une clé")
	a.Fill("#nom", "clé USB")
	a.Click("//main//button[contains(., 'Ajouter cette clé')]")
	a.dit("Clé ajoutée")
	a.seDeconnecter()
	a.Goto(a.b.Adresses.App + web.CheminConnexion)
	a.Click("text=Se connecter avec une clé d'accès")
	a.titre("Se connecter avec une clé d'accès")
	a.regarder("cle")
	a.PressAndLoad("\r")
	a.titre("Bonjour Nadia")
}
