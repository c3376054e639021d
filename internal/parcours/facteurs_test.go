package parcours_test

import (
	"encoding/base32"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/testkit"
)

// TestMoyensDeConnexion: an aidant adds an application, then a security key,
// prints recovery codes, sets a clock again and removes what she no longer has.
func TestMoyensDeConnexion(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("nadia", "moyens")
	a.entrer()
	a.Goto(b.Adresses.App + facteur.CheminMoyens)
	a.titre("Mes moyens de connexion")
	a.dit("Vous n’avez qu’un moyen de connexion")
	a.regarder("liste")

	a.Click("text=Ajouter une application")
	a.regarder("application")
	a.Fill("#otp_token", "000000")
	a.Click("text=Ajouter cette application")
	if got := a.focus(); got != "erreurs" {
		t.Errorf("the focus is on %q, not on the summary of errors", got)
	}
	a.regarder("application-erreur")
	graine := a.secret()
	b.Horloge.Avancer(2 * time.Second)
	a.Fill("#otp_token", facteur.Code(graine, facteur.Pas(b.Horloge.Now(), 30)))
	a.Fill("#nom", "téléphone du travail")
	a.Click("text=Ajouter cette application")
	a.dit("Application ajoutée")

	a.VirtualKey()
	a.Click("text=Ajouter une clé")
	a.tait("ont besoin de JavaScript")
	a.regarder("cle")
	a.Fill("#nom", "clé USB")
	a.Click("//main//button[contains(., 'Ajouter cette clé')]")
	a.dit("Clé ajoutée", "« clé USB »")
	a.regarder("liste-trois")
	a.Click("text=Ajouter une clé")
	a.Touch("//main//button[contains(., 'Ajouter cette clé')]")
	a.Wait("//*[@data-cle-message][contains(., 'déjà associé')]")
	a.regarder("cle-deja")

	a.Click("text=Revenir à mes moyens de connexion")
	a.Click("text=Créer des codes de secours")
	a.regarder("secours")
	a.Click("text=Créer et afficher dix codes")
	a.regarder("secours-codes")
	a.Click("text=J’ai gardé mes codes")
	a.dit("Il vous reste 10 codes de secours")

	a.Click("text=Remettre mes codes à l’heure")
	a.regarder("heure")
	a.Click("//main//button[contains(., 'Remettre à l')]")
	a.regarder("heure-erreur")

	a.Goto(b.Adresses.App + facteur.CheminMoyens)
	a.Click("//tr[contains(., 'téléphone du travail')]//a[contains(., 'Retirer')]")
	a.regarder("retrait")
	a.Click("//main//button[contains(., 'Retirer ce moyen')]")
	a.regarder("retrait-erreur")
	a.Check("input[name=motif][value=perte]")
	a.Click("//main//button[contains(., 'Retirer ce moyen')]")
	a.dit("Moyen de connexion retiré")

	a.DisableJavaScript()
	a.Click("text=Ajouter une clé")
	a.dit("Les clés ont besoin de JavaScript")
	a.regarder("cle-sans-script")
}

// entrer signs in without looking at the pages: other stories do.
func (a *aidante) entrer() {
	a.t.Helper()
	a.aveugle = true
	a.Goto(a.b.Adresses.App + "/accounts/login/")
	a.recevoirLien()
	a.aveugle = false
}

// secret reads the secret of the page.
func (a *aidante) secret() []byte {
	a.t.Helper()
	s := strings.ReplaceAll(espaces(a.Text("#secret")), " ", "")
	graine, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
	if err != nil {
		a.t.Fatal(err)
	}
	return graine
}

// TestInvitation: somebody invited enrols an application alone, on a phone.
func TestInvitation(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("nadia", "invitation")
	var code string
	err := b.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		who, err := aidant.LoadByEmail(t.Context(), tx, a.coffre.Compte.Courriel)
		if err != nil {
			return err
		}
		c, err := b.Server.Facteurs.Invite(t.Context(), tx, facteur.ByCommand(), who.ID)
		code = c.Reveal()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Server.Outbox.Poke()
	lien := regexp.MustCompile(regexp.QuoteMeta(b.Adresses.App+facteur.CheminInvitation) + `[\w-]+/`)
	mail, err := a.coffre.Courriel(lien.MatchString)
	if err != nil {
		t.Fatal(err)
	}
	a.Goto(lien.FindString(mail))
	a.regarder("activation")
	a.Fill("#code", "0000 0000")
	a.Click("text=Continuer")
	a.regarder("activation-erreur")
	a.Fill("#code", code)
	a.Click("text=Continuer")
	a.regarder("enrolement")
	autre := b.autreOnglet(testkit.NewBrowser(t), "invitation-ailleurs")
	autre.Goto(lien.FindString(mail))
	autre.regarder("autre-navigateur")
	a.Fill("#otp_token", facteur.Code(a.secret(), facteur.Pas(b.Horloge.Now(), 30)))
	a.Click("text=Associer cette application")
	a.regarder("fait")
	a.Goto(lien.FindString(mail))
	a.regarder("perdue")
}
