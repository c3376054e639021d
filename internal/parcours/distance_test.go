package parcours_test

import (
	"strings"
	"testing"
)

// TestADistance: the person is elsewhere, with a phone. They open the link they
// received, read, connect, agree; the aidant's page follows, and signs.
func TestADistance(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("nadia", "distance")
	a.aveugle = true // looked at elsewhere
	a.seConnecter()
	a.Click("text=Créer un mandat")
	a.accepterCGU()
	a.aveugle = false
	a.remplirCreation("MONTH", "papiers", "logement")
	a.Check("input[name=moyen][value=franceconnect]")
	a.Check("input[name=presence][value=telephone]")
	a.Click("text=Continuer vers FranceConnect")
	a.titre("Accord à distance")
	a.regarder("demande")
	a.Check("input[name=voie][value=courriel]")
	a.Fill("#courriel", "odile@exemple.test")
	a.Check("#verifie")
	a.Click("text=Envoyer la demande")
	a.dit("La demande est partie")
	a.regarder("attente")

	link := attendre(t, "the request", func() (string, bool) {
		for _, m := range b.courriels() {
			for w := range strings.FieldsSeq(m.Text) {
				if m.To == "odile@exemple.test" && strings.HasPrefix(w, b.Adresses.App+"/accord/") && len(w) > len(b.Adresses.App)+20 {
					return w, true
				}
			}
		}
		return "", false
	})
	p := &aidante{onglet: b.ouvrirOnglet("distance-personne")}
	p.Goto(link)
	p.titre("Un mandat vous est proposé")
	p.regarder("lien")
	p.Click("text=Lire le mandat proposé")
	p.titre("Lire le mandat")
	p.regarder("lecture")
	p.Check("#lu")
	p.Click("text=Se connecter avec FranceConnect")
	p.aveugle = true // the simulation is looked at elsewhere
	p.titre("Choisir un compte")
	p.Click("#fi-demo")
	p.Check("#personne-ordinaire")
	p.Click("#se-connecter")
	p.Click("#continuer")
	p.suivreDeconnexion(`//h1[contains(., "Accepter ou refuser")]`)
	p.aveugle = false
	p.dit("Odile Simone VASSELIN")
	p.regarder("reponse")
	p.Check("#lu")
	p.Check("#accord")
	p.Click("text=J’accepte")
	p.titre("Votre accord est enregistré")
	p.regarder("donnee")

	a.Wait("text=Continuer vers le récapitulatif") // the page followed by itself
	a.regarder("accordee")
	a.Click("text=Continuer vers le récapitulatif")
	a.titre("Récapitulatif du mandat")
	a.regarder("recapitulatif")
	a.Check("#identite")
	a.Check("#personal_data")
	a.Fill("#otp_token", a.code())
	a.Click("text=Signer le mandat")
	a.dit("Le mandat est enregistré")
}
