package parcours_test

import "testing"

// TestAideCode: somebody on a phone, in front of the person, with scripts off,
// looks for the code that FranceConnect has just shown.
func TestAideCode(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	o := b.ouvrirOnglet("aide-code")
	o.DisableJavaScript()
	o.Goto(b.Adresses.App + "/")
	o.Click("text=Cherchez ce qu'il veut dire")
	o.titre("J'ai un code FranceConnect")
	o.regarder("aide")

	o.Resize(etroit, 640)
	o.Fill("#code", "y01 0008")
	o.Click("text=Rechercher")
	o.dit("Code Y010008", "Ce qu'il veut dire", "Qui peut agir", "La personne et vous, ensemble", "Quoi faire", "état civil porté par le mandat")
	o.NoHorizontalScroll()
	o.Resize(large, hauteur)
	o.regarder("aide-trouve")

	o.Resize(etroit, 640)
	o.Fill("#code", "Y999999")
	o.Click("text=Rechercher")
	o.dit("Nous ne connaissons pas ce code")
	o.Resize(large, hauteur)
	o.regarder("aide-inconnu")

	o.Touch("//summary[contains(., 'La navigation')]")
	o.dit("Y420001", "Vous, tout de suite")
	o.regarder("aide-famille")
}

// TestChoisirUnePanne: whoever visits the demonstration makes FranceConnect
// answer badly, and reads what the aidant would read.
func TestChoisirUnePanne(t *testing.T) {
	t.Parallel()
	b := ouvrirBanc(t)
	a := b.aidante("nadia", "panne")
	a.seConnecter()
	a.Goto(b.Adresses.Boite + "/")
	a.Click("text=Simuler des pannes de FranceConnect")
	a.titre("Choisir des pannes")
	a.Check("#faute-mauvais_nonce")
	a.Click("#activer")
	a.dit("Pannes simulées")
	a.regarder("pannes")

	a.Goto(b.Adresses.App + "/espace-aidant/creation_mandat/")
	a.accepterCGU()
	a.remplirCreation("SHORT", "papiers")
	a.Click("text=Continuer vers FranceConnect")
	a.Click("text=Se connecter avec FranceConnect")
	a.Click("#fi-demo")
	a.Check("#personne-ordinaire")
	a.Click("#se-connecter")
	a.Click("#continuer")
	a.Wait(`//h1[contains(., "Connexion de la personne")]`)
	a.dit("La réponse de FranceConnect n'a pas pu être vérifiée. Par sécurité, rien n'a été enregistré.", "FranceConnect a montré un code ?")
	a.regarder("panne-expliquee")

	a.Goto(b.Adresses.FC + "/simulation/fautes")
	a.Click("#aucune")
	a.tait("Pannes simulées")
}
