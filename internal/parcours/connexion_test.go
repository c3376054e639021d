package parcours_test

import (
	"time"

	"aidantsconnect/internal/demo"
)

// aidante is somebody at a screen: a tab and the codes of her account.
type aidante struct {
	*onglet
	coffre *demo.Parcours
	liens  map[string]bool

	dernierCode string
}

// delaiApresErreur is past the delay that a wrong code costs.
const delaiApresErreur = time.Minute

// faux is a code that cannot be the right one.
func faux(code string) string { return code[1:] + string('0'+(code[0]-'0'+5)%10) }

func (b *banc) aidante(cle, histoire string) *aidante {
	b.t.Helper()
	return &aidante{onglet: b.ouvrirOnglet(histoire), coffre: b.coffre(cle), liens: map[string]bool{}}
}

func (a *aidante) code() string {
	a.t.Helper()
	code, err := a.coffre.Code()
	if err != nil {
		a.t.Fatal(err)
	}
	a.dernierCode = code
	return code
}

// recevoirLien fills the sign-in form and opens the link of the mailbox.
func (a *aidante) recevoirLien() {
	a.t.Helper()
	a.titre("Se connecter")
	a.Fill("#email", a.coffre.Compte.Courriel)
	a.Fill("#otp_token", a.code())
	a.Click("text=Recevoir mon lien de connexion")
	a.titre("Vérifiez votre messagerie")
	a.regarder("messagerie")
	a.Goto(a.b.lien(a.coffre.Compte.Courriel, a.liens))
	a.titre("Terminer la connexion")
	a.regarder("lien")
	a.Click("text=Me connecter")
}

// seConnecter signs in from the first page, up to the page that follows the
// terms.
func (a *aidante) seConnecter() {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + "/")
	a.regarder("accueil-public")
	a.Click("text=Se connecter")
	a.regarder("connexion")
	a.recevoirLien()
	a.titre("Bonjour " + a.coffre.Compte.Prenom)
}

// accepterCGU reads the terms and the charters that are presented, tries the
// first without agreeing, then agrees.
func (a *aidante) accepterCGU() {
	a.t.Helper()
	a.titre("Conditions d'utilisation")
	a.regarder("cgu")
	a.Click("//form[.//*[@id='cgu']]//button")
	a.titre("Conditions d'utilisation")
	a.regarder("cgu-erreur")
	for _, d := range []string{"cgu", "charte_aidant", "charte_referent"} {
		if a.Count("#"+d) == 0 {
			continue
		}
		if d != "cgu" {
			a.regarder(d)
		}
		a.Check("#" + d)
		a.Click("//form[.//*[@id='" + d + "']]//button")
	}
}
