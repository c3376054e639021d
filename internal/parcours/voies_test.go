package parcours_test

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// TestSansEcran: two people who are known and have no screen. One agrees by the
// code of a letter; the other by SMS, after an answer nobody understands and a
// refusal, and stops everything with one word.
func TestSansEcran(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	projet := demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "MONTH"}
	autre := projet
	autre.Personne = "nom_usage"
	b.conclure("nadia", projet, autre)
	a := b.aidante("nadia", "voies")
	a.aveugle = true // looked at elsewhere
	a.seConnecter()
	a.aveugle = false
	a.parLettre()
	a.parSMS(a.b.autreOnglet(a.navigateur, "voies-telephone"))
}

// renouvelerPar asks what ends first again, by this way.
func (a *aidante) renouvelerPar(moyen, presence string) {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + "/espace-aidant/echeances/")
	a.Click("//a[starts-with(normalize-space(.), 'Renouveler')]")
	a.titre("Renouveler un mandat")
	a.Check("input[name=moyen][value=" + moyen + "]")
	a.Check("input[name=presence][value=" + presence + "]")
	a.Check("#capacite")
	a.Click("text=Continuer")
	a.titre("Accord à distance")
}

func (a *aidante) signerAccord() {
	a.t.Helper()
	a.Click("text=Continuer vers le récapitulatif")
	a.titre("Récapitulatif du mandat")
	a.Check("#identite")
	a.Check("#personal_data")
	a.Fill("#otp_token", a.code())
	a.Click("text=Signer le mandat")
	a.dit("Le mandat est enregistré")
}

// parLettre prints the letter, leaves, comes back by « Créer un mandat » with
// the code, mistyped first.
func (a *aidante) parLettre() {
	a.t.Helper()
	a.renouvelerPar("courrier", "absent")
	a.regarder("lettre")
	code := a.lireLettre()
	a.Goto(a.b.Adresses.App + "/espace-aidant/creation_mandat/")
	a.dit("Vous avez déjà un mandat en préparation")
	a.Click("//a[starts-with(normalize-space(.), 'Reprendre le mandat')]")
	a.titre("Accord à distance")
	a.dit("Le code n’est pas encore revenu")

	a.Fill("#code", faussee(code))
	a.Check("input[name=comment][value=telephone]")
	a.Check("#verifie")
	a.Click("text=Enregistrer l’accord")
	a.dit("Ce n’est pas le code de la dernière lettre. Essais restants : 4.")
	a.regarder("lettre-code-faux")
	a.Touch("#erreurs li:first-child a")
	if got := a.focus(); got != "code" {
		a.t.Errorf("the error leads to %q", got)
	}
	a.Fill("#code", strings.ToLower(strings.ReplaceAll(code, "-", " ")))
	a.Click("text=Enregistrer l’accord")
	a.signerAccord()
}

var codeDeLettre = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b`)

// faussee changes the last sign of a code.
func faussee(code string) string {
	if strings.HasSuffix(code, "2") {
		return code[:len(code)-1] + "3"
	}
	return code[:len(code)-1] + "2"
}

// lireLettre downloads the letter by the page's own form, and reads it.
func (a *aidante) lireLettre() (code string) {
	a.t.Helper()
	got := testkit.Eval[string](a.Page, `(async () => {
		const form = document.querySelector("form[action$='/lettre']");
		const bytes = new Uint8Array(await (await fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))})).arrayBuffer());
		return btoa(Array.from(bytes, b => String.fromCharCode(b)).join(""));
	})()`)
	file, err := base64.StdEncoding.DecodeString(got)
	name := filepath.Join(a.t.TempDir(), "lettre.pdf")
	if err == nil {
		err = os.WriteFile(name, file, 0o600)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := exec.CommandContext(a.t.Context(), "pdftotext", "-layout", name, "-").Output()
	if err != nil {
		a.t.Fatalf("the letter is not read: %v", err)
	}
	if code = codeDeLettre.FindString(string(text)); code == "" {
		a.t.Fatalf("no code in the letter:\n%s", text)
	}
	return code
}

const portable = "+33612345678"

// parSMS asks twice: the first time the person is not understood, then refuses;
// the second time they accept, and again. Once it is signed they say STOP.
func (a *aidante) parSMS(p *onglet) {
	a.t.Helper()
	a.renouvelerPar("sms", "telephone")
	attente := a.URL()
	a.Click("text=Envoyer le premier SMS")
	a.dit("Saisissez un numéro de téléphone mobile français")
	a.regarder("sms-erreurs")
	a.questionner()
	p.ouvrirTelephone("Acceptez-vous")
	p.regarder("question")
	p.Fill("#message-"+portable[1:], "Oui, d’accord")
	p.Click("text=Envoyer la réponse")
	a.Wait(`//*[contains(., "La question lui a été posée de nouveau")]`) // the page followed by itself
	a.regarder("sms-incompris")

	p.ouvrirTelephone("Réponse non comprise")
	p.Click("button[name=mot][value=NON]")
	a.Goto(attente)
	a.regarder("sms-refuse")
	a.dit("refus")
	a.tait("Continuer vers le récapitulatif")

	a.questionner()
	p.ouvrirTelephone("Acceptez-vous")
	for range 2 { // the second one changes nothing
		p.Click("button[name=mot][value=OUI]")
		p.dit("Réponse envoyée")
		a.Goto(attente)
		a.dit("Vérifiez qui a répondu, puis signez")
	}
	a.signerAccord()
	mandat := a.URL()

	p.ouvrirTelephone("Votre accord pour le mandat à distance est enregistré")
	p.Click("button[name=mot][value=STOP]")
	p.ouvrirTelephone("Le mandat est arrêté")
	a.Goto(mandat)
	a.regarder("mandat-arrete")
	a.dit("Ce mandat ne peut plus servir", "révoqué à la demande de la personne")
	a.tait("Le mandat est enregistré")
}

// questionner sends the two messages.
func (a *aidante) questionner() {
	a.t.Helper()
	a.Fill("#telephone", "06 12 34 56 78")
	a.Check("#verifie")
	a.Click("text=Envoyer le premier SMS")
	a.Wait("text=Poser la question par SMS")
	a.regarder("sms-premier")
	a.Click("text=Poser la question par SMS")
	a.dit("La question est posée par SMS")
}

// ouvrirTelephone opens the phones of the demonstration once a message came.
func (o *onglet) ouvrirTelephone(dit string) {
	o.t.Helper()
	if _, err := o.b.SMSRecu(portable, dit); err != nil {
		o.t.Fatal(err)
	}
	o.Goto(o.b.Adresses.Boite + "/")
	o.dit(dit)
}
