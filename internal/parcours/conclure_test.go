package parcours_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/testkit"
)

// TestConclure is the first story: somebody signs in and concludes a mandat
// with Odile, mistakes included, up to the printed attestation.
func TestConclure(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("nadia", "conclure")
	a.seConnecter()
	a.regarder("accueil")

	a.Click("text=Créer un mandat") // the terms stand in the way, then let through
	a.accepterCGU()
	a.titre("Créer un mandat")
	a.regarder("creation")
	a.Click("text=Le mandat en version simple ou dans une autre langue")
	a.titre("Le mandat et sa traduction")
	a.Click("text=anglais")
	a.dit("no legal value")
	a.regarder("cote-a-cote")
	a.Goto(b.Adresses.App + "/espace-aidant/creation_mandat/")
	a.Click("text=L’envoyer par SMS")
	a.titre("Envoyer la fiche qui explique le mandat")
	a.regarder("fiche-par-sms")
	a.Goto(b.Adresses.App + "/espace-aidant/creation_mandat/")
	a.erreursDeCreation()
	a.surendettement()
	a.remplirCreation("MONTH", "papiers", "famille", "argent")
	a.regarder("creation-remplie")
	a.Click("text=Continuer vers FranceConnect")
	a.titre("Connexion de la personne")
	a.regarder("personne")
	a.lireProjet()

	a.Click("text=Se connecter avec FranceConnect")
	a.identifier("ordinaire")
	a.titre("Récapitulatif du mandat")
	recap := a.URL()
	a.regarder("recapitulatif")
	a.identiteEnGrand("VASSELIN")
	a.erreursDeSignature()
	a.signer()

	a.titre("Mandat")
	a.dit("Le mandat est enregistré", "Odile Simone VASSELIN", "SIMULATION", "Remettez un exemplaire à la personne")
	a.regarder("attestation")
	a.imprimer()
	a.dejaSigne(recap)
}

// erreursDeCreation sends the form as it opens: the summary takes the focus and
// leads to each field.
func (a *aidante) erreursDeCreation() {
	a.t.Helper()
	a.Click("text=Continuer vers FranceConnect")
	a.dit("Plusieurs réponses sont à corriger", "Vous devez sélectionner au moins une démarche.",
		"Vérifiez ces points avec la personne, puis cochez la case.")
	if got := a.focus(); got != "erreurs" {
		a.t.Errorf("the focus is on %q, not on the summary of errors", got)
	}
	if !strings.HasPrefix(a.Title(), "Erreur :") {
		a.t.Errorf("the tab says %q", a.Title())
	}
	a.regarder("creation-erreurs")
	a.Touch("#erreurs li:first-child a")
	if got := a.focus(); got != "demarche" {
		a.t.Errorf("the first error leads to %q", got)
	}
}

// surendettement shows with the démarche it is about (Code de la consommation,
// art. R. 721-2).
func (a *aidante) surendettement() {
	a.t.Helper()
	const avis = "Un dossier de surendettement doit être signé par la personne elle-même"
	a.tait(avis)
	a.Check("input[name=demarche][value=argent]")
	a.dit(avis)
}

func (a *aidante) remplirCreation(duree string, demarches ...string) {
	a.t.Helper()
	for _, d := range demarches {
		a.Check("input[name=demarche][value=" + d + "]")
	}
	a.Check("input[name=duree][value=" + duree + "]")
	a.Check("#capacite")
}

// lireProjet opens the draft of the mandat and comes back.
func (a *aidante) lireProjet() {
	a.t.Helper()
	a.Click("text=Lire le projet de mandat")
	a.dit("projet de mandat, sans valeur juridique")
	a.regarder("projet")
	a.Click("text=Revenir à la préparation du mandat")
	a.titre("Connexion de la personne")
}

// identifier plays the person at the simulation, up to the page of ours that
// follows FranceConnect's logout.
func (a *aidante) identifier(personne string) {
	a.t.Helper()
	a.titre("Choisir un compte")
	a.regarder("fc-choix")
	a.Click("#fi-demo")
	a.titre("Qui se connecte")
	a.regarder("fc-personnes")
	a.Check("#personne-" + personne)
	a.Click("#se-connecter")
	a.titre("va recevoir ces données")
	a.regarder("fc-information")
	if a.Count("#consentement") > 0 {
		a.Check("#consentement")
	}
	a.Click("#continuer")
	a.suivreDeconnexion(`//h1[contains(., "Récapitulatif")]`)
}

// suivreDeconnexion goes through FranceConnect's logout, a chain of pages that
// send themselves; without script their buttons are pressed.
func (a *aidante) suivreDeconnexion(fin string) {
	a.t.Helper()
	for range 6 {
		if !a.NoScript() || a.Count("#continuer-deconnexion") == 0 {
			break
		}
		a.Click("#continuer-deconnexion")
	}
	a.Wait(fin)
}

// identiteEnGrand checks that the name is among the largest words of the page,
// the title excepted (FS-33).
func (a *aidante) identiteEnGrand(nom string) {
	a.t.Helper()
	size := testkit.Eval[float64](a.Page, `(() => {
		const e = [...document.querySelectorAll("main *")].find(e => e.children.length === 0 && e.textContent.includes("`+nom+`"));
		return e ? parseFloat(getComputedStyle(e).fontSize) : 0;
	})()`)
	if size < 24 {
		a.t.Errorf("%s is written in %v px on the recap", nom, size)
	}
}

// erreursDeSignature tries with nothing, then a wrong code, then a code that
// has served: each says what is wrong and keeps what was ticked.
func (a *aidante) erreursDeSignature() {
	a.t.Helper()
	a.Click("text=Signer le mandat")
	a.dit("Plusieurs réponses sont à corriger", "Vérifiez l'identité avec la personne, puis cochez la case.",
		"Cochez la case pour certifier", "Saisissez les 6 chiffres du code.")
	if got := a.focus(); got != "erreurs" {
		a.t.Errorf("the focus is on %q, not on the summary of errors", got)
	}
	a.regarder("recapitulatif-erreurs")

	a.Check("#lu")
	a.Check("#accord")
	a.Fill("#signature_nom", "Signature de la personne")
	a.Check("#signature_case")
	a.Check("#identite")
	a.Check("#personal_data")
	served := a.dernierCode
	a.Fill("#otp_token", served)
	a.Click("text=Signer le mandat")
	a.dit("Ce code a déjà servi. Attendez le code suivant")
	if !testkit.Eval[bool](a.Page, `document.querySelector("#identite").checked && document.querySelector("#personal_data").checked`) {
		a.t.Error("the boxes were lost with the code")
	}
	a.regarder("recapitulatif-code-servi")

	a.b.Horloge.Avancer(delaiApresErreur)
	a.Fill("#otp_token", faux(a.code()))
	a.Click("text=Signer le mandat")
	a.dit("Ce code n'est pas le bon")
	a.regarder("recapitulatif-code-faux")
	a.b.Horloge.Avancer(delaiApresErreur)
}

// signer signs for the person, with the mouse where there is a frame, then
// for the aidant.
func (a *aidante) signer() {
	a.t.Helper()
	a.Check("#lu")
	a.Check("#accord")
	if a.Count("[data-signature]:not([hidden])") > 0 {
		a.Draw("[data-signature-cadre]", [2]float64{.1, .6}, [2]float64{.15, .3}, [2]float64{.2, .2}, [2]float64{.22, .5}, [2]float64{.25, .8}, [2]float64{.35, .4},
			[2]float64{.4, .6}, [2]float64{.5, .5}, [2]float64{.6, .65}, [2]float64{.7, .4}, [2]float64{.85, .55})
		if !strings.Contains(a.Value("#trace"), "traits") {
			a.t.Error("what the mouse drew is not in the form")
		}
		a.regarder("signature-dessinee")
	} else {
		a.Fill("#signature_nom", "Signature de la personne")
		a.Check("#signature_case")
	}
	a.Check("#identite")
	a.Check("#personal_data")
	a.Fill("#otp_token", a.code())
	a.Click("text=Signer le mandat")
}

// imprimer prints the attestation as the browser's command does.
func (a *aidante) imprimer() {
	a.t.Helper()
	paper := espaces(a.PrintedText())
	if strings.Contains(paper, "Imprimez-le") || strings.Contains(paper, "Se déconnecter") || !strings.Contains(paper, "SIMULATION") {
		a.t.Errorf("what is printed is not the mandat alone:\n%s", paper)
	}
	pdf := a.PDF(a.nom + "-attestation")
	if !strings.HasPrefix(string(pdf), "%PDF-") || len(pdf) < 10_000 {
		a.t.Errorf("the print is %d bytes: %.8q", len(pdf), pdf)
	}
	// One sheet, two sides, with its QR code and the two signatures.
	if n := strings.Count(string(pdf), "/Type /Page\n"); n != 2 {
		a.t.Errorf("the mandat is printed on %d pages", n)
	}
}

// dejaSigne goes back to the recap: the second signature is not one.
func (a *aidante) dejaSigne(recap string) {
	a.t.Helper()
	a.Goto(recap)
	a.titre("Ce mandat est déjà signé")
	a.regarder("deja-signe")
	a.Click("text=Voir le mandat")
	a.titre("Mandat")
	a.dit("Odile Simone VASSELIN")
}
