package parcours_test

import (
	"strconv"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/testkit"
)

// TestGestion: somebody of the operator's team follows what the demonstration
// says to enter the back-office with a key, answers a request, looks around.
func TestGestion(t *testing.T) {
	t.Parallel()
	b := ouvrirDemo(t)
	a := b.aidante("zoe", "gestion")
	a.Goto(b.Adresses.Boite + "/")
	a.Touch("//summary[contains(., 'Visiter la gestion')]")
	a.dit("ajoutez une clé", "se font à deux")
	a.entrer()
	a.Goto(b.Adresses.App + "/gestion/")
	a.dit("Page introuvable") // not without a key

	a.Goto(b.Adresses.App + facteur.CheminMoyens)
	a.VirtualKey()
	a.Click("text=Ajouter une clé")
	a.Fill("#nom", "clé de Zoé")
	a.Click("//main//button[contains(., 'Ajouter cette clé')]")
	a.dit("Clé ajoutée")
	a.Click("text=Se déconnecter")
	a.Goto(b.Adresses.App + "/accounts/login/")
	a.Click("text=Se connecter avec une clé d'accès")
	a.Click("//main//button[contains(., 'Utiliser ma clé')]")

	transferer(a)
	a.Goto(b.Adresses.App + "/gestion/")
	a.dit("3 demandes en attente")
	a.regarder("accueil")
	a.Click("//nav//a[normalize-space()='Demandes']")
	a.titre("Demandes des référents")
	a.dit("EN RETARD", "Inès Delacourt", "Claire Montagnac")
	a.regarder("demandes")
	a.Click("//main//a[contains(., 'Correction')][contains(@href, '/correction/')]")
	a.dit("5 place du Marché")
	a.regarder("correction")
	a.Click("//nav//a[normalize-space()='Demandes']")
	a.Click("//main//a[contains(., 'Delacourt')]")
	a.dit("Aucun compte n’a cette adresse", "06 12 34 56 78")
	a.regarder("coreferent")
	a.Click("//main//button[contains(., 'Refuser la demande')]")
	a.dit("Choisissez une raison", "le référent le lira")
	a.regarder("coreferent-erreur")
	a.Goto(b.Adresses.App + "/gestion/demandes/?genre=rattachement")
	a.Click("//main//a[contains(., 'Montagnac')]")
	a.dit("Elle accepte d’être rattachée")
	a.regarder("rattachement")
	a.Select("#accepter-motif", "appel")
	a.Click("//main//button[contains(., 'Accepter la demande')]")
	a.dit("La demande est acceptée", "Toutes (2)")
	a.Click("text=Voir ce qui est décidé")
	a.dit("VALIDÉE", "Zoé")
	a.regarder("decidees")

	a.Click("//nav//a[normalize-space()='Comptes']")
	a.Fill("#recherche", "montagnac")
	a.Click("//main//button[contains(., 'Rechercher')]")
	a.regarder("comptes")
	a.Click("//main//a[contains(., 'Montagnac')]")
	a.dit("Maison France services de Valbrune", "Corriger l’adresse électronique", "Associer une carte à codes")
	a.regarder("compte")
	a.Touch("//summary[contains(., 'Corriger l’adresse')]")
	a.Click("//form[contains(@action, '/courriel/')]//button")
	a.dit("Choisissez une raison")
	a.regarder("compte-erreur")

	a.Click("//nav//a[normalize-space()='Messages']")
	a.regarder("messages")
	a.Click("//main//tbody/tr[1]//a")
	a.regarder("message")
	a.Goto(b.Adresses.App + "/gestion/modeles/")
	a.regarder("modeles")
	a.Goto(b.Adresses.App + "/gestion/modeles/E-59/")
	a.regarder("modele")
	a.Goto(b.Adresses.App + "/gestion/accords/")
	a.regarder("accords")
	a.Click("//nav//a[normalize-space()='Journal']")
	a.dit("Journal")
	a.regarder("journal")
	for _, page := range []string{"taches", "signalements"} {
		a.Goto(b.Adresses.App + "/gestion/" + page + "/")
		a.regarder(page)
	}
	importer(a)
	publier(a)
	a.traduire()
	relire(a)
}

// transferer asks that a structure's mandats go to another: what is missing is
// said, then what would happen, before anybody agrees.
func transferer(a *aidante) {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + "/gestion/conservation/")
	a.Touch("//button[contains(., 'combien de temps')] | //summary[contains(., 'combien de temps')]")
	a.dit("Parce que", "Comptes rendus")
	a.regarder("conservation")
	a.Goto(a.b.Adresses.App + "/gestion/cessations/")
	a.Touch("//label[contains(., 'Transférer ses mandats')]")
	a.Fill("#siret", "123")
	a.Click("//main//button[normalize-space()='Demander']")
	a.regarder("cessation-erreur")
	a.Fill("#siret", "21800021900012")
	a.Fill("#cible", sirets(a.b)[1])
	a.Touch("//label[contains(., 'Fusion')]")
	a.Fill("#reference", "Délibération 2026-12 du 2 mars")
	a.Click("//main//button[normalize-space()='Demander']")
	a.dit("Aperçu, à ce jour", "mandats en cours", "une autre personne de l’équipe doit y répondre")
	a.regarder("cessation-apercu")
	revoquer(a)
}

// revoquer finds the mandat of a letter, and sees what has to be said of it.
func revoquer(a *aidante) {
	a.t.Helper()
	var code, nom, prenom string
	err := a.b.Server.DB.View(a.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(a.t.Context(), `SELECT m.code_public, m.family_name, m.given_name FROM mandat m WHERE EXISTS (SELECT 1 FROM autorisation t WHERE t.mandat_id = m.id AND t.fin IS NULL AND t.date_expiration > $1) ORDER BY m.id LIMIT 1`, db.At(time.Now().AddDate(0, 0, 7))).Scan(&code, &nom, &prenom)
	})
	if err != nil {
		a.t.Fatal(err)
	}
	a.Goto(a.b.Adresses.App + "/gestion/revocations/")
	a.Fill("#code", code)
	a.Fill("#nom", "Personne")
	a.Fill("#prenom", prenom)
	a.Click("//main//button[contains(., 'Chercher le mandat')]")
	a.dit("Aucun mandat trouvé")
	a.regarder("revocation-inconnue")
	a.Fill("#nom", nom)
	a.Click("//main//button[contains(., 'Chercher le mandat')]")
	a.dit("Démarches à arrêter")
	a.Fill("#reference", "2026-0142")
	a.Click("//main//button[contains(., 'Enregistrer la révocation')]")
	a.dit("Indiquez ce que la personne arrête")
	a.regarder("revocation-erreur")
}

// relire opens, once, a mandat of the archive.
func relire(a *aidante) {
	a.t.Helper()
	var code string
	err := a.b.Server.DB.Update(a.t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(a.t.Context(), `UPDATE aidant SET role_gestion = 'admin_metier' WHERE email = $1`, a.coffre.Compte.Courriel); err != nil {
			return err
		}
		return tx.QueryRow(a.t.Context(), `SELECT code_public FROM mandat ORDER BY id LIMIT 1`).Scan(&code)
	})
	if err != nil {
		a.t.Fatal(err)
	}
	a.b.Horloge.Avancer(5 * 366 * 24 * time.Hour)
	a.Goto(a.b.Adresses.App + "/accounts/login/")
	a.Click("text=Se connecter avec une clé d'accès")
	a.Click("//main//button[contains(., 'Utiliser ma clé')]")
	a.Goto(a.b.Adresses.App + "/gestion/conservation/archive/")
	a.Fill("#code", code)
	a.Touch("//label[contains(., 'Procès')]")
	a.Click("//main//button[normalize-space()='Lire ce mandat']")
	a.dit("Cette lecture est écrite au journal", "Conservé jusqu’au")
	a.regarder("archive")
}

// sirets gives the structures of the demo.
func sirets(b *banc) (out []string) {
	b.t.Helper()
	err := b.Server.DB.View(b.t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(b.t.Context(), `SELECT siret FROM organisation WHERE siret <> '' ORDER BY CASE WHEN siret = '21800021900012' THEN 0 ELSE 1 END, siret`)
		out, err = db.Collect(rows, err, func(s db.Scanner) (x string, err error) { return x, s.Scan(&x) })
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// traduire: Arabic is hidden until somebody reviewed it, then anybody reads it.
func (o *onglet) traduire() {
	o.t.Helper()
	lire := o.b.Adresses.App + "/comprendre/mandat/"
	o.Goto(lire)
	o.tait("arabe")
	o.Goto(o.b.Adresses.App + "/gestion/")
	o.Click("text=Traductions")
	o.regarder("traductions")
	o.Click("//main//a[contains(., 'arabe')]")
	o.Click("//main//button[contains(., 'Noter la relecture')]")
	o.dit("Dites qui a relu ce texte", "Choisissez en quelle qualité")
	o.regarder("traduction-erreur")
	o.Fill("#relecteur", "Association des interprètes de Valbrune")
	o.Check("[name=qualite][value=assermente]")
	o.Click("//main//button[contains(., 'Noter la relecture')]")
	o.dit("La relecture est notée")
	o.Goto(lire)
	o.regarder("langues")
	o.Click("text=العربية")
	o.dit("Association des interprètes de Valbrune", "sans valeur juridique")
	o.regarder("arabe")
	o.Goto(lire + "simple")
	o.Click("text=Gros caractères")
	o.regarder("gros-caracteres")
}

// importer pastes a list of people: what would be done, then what was.
func importer(a *aidante) {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + "/gestion/importations/personnes/")
	ecrire(a, "#lignes", "Prénom;Nom;Courriel;SIRET;Rôle\nAna;Belmonte;ana.belmonte@valbrune.example.org;21800021900012;\nLuc;Belmonte;luc@valbrune.example.org;123;\n"+
		"Nadia;Ferroukhi;nadia.ferroukhi@valbrune.example.org;21800021900012;aidant")
	a.Click("text=Essayer ces lignes")
	a.dit("1 ajout, 0 changement, 1 inchangée, 1 refusée", "Aucune structure n’a ce SIRET")
	a.regarder("import-essai")
	a.Select("#motif", "reprise")
	a.Click("text=Importer 1 personne")
	a.dit("L’import est fait")
}

// publier writes a warning, sees it as it will be, then where everybody does.
func publier(a *aidante) {
	a.t.Helper()
	a.Goto(a.b.Adresses.App + "/gestion/notifications/nouvelle/")
	a.Touch("//label[normalize-space()='Alerte']")
	a.Fill("#titre", "FranceConnect est en maintenance ce soir")
	ecrire(a, "#corps", "De 20 h à 22 h, les démarches ne passeront pas.\n\nPrévoyez vos rendez-vous avant.")
	a.Click("text=Voir l’aperçu")
	a.dit("Aperçu de la notification")
	a.regarder("notification-apercu")
	a.Click("text=Publier")
	a.dit("La notification est publiée")
	a.Goto(a.b.Adresses.App + "/espace-aidant/notifications/")
	a.dit("FranceConnect est en maintenance ce soir")
	a.Click("//main//button[contains(., 'Marquer comme lue')]")
	a.dit("Marquer comme non lue")
	a.regarder("notifications")
}

// ecrire fills a text of several lines.
func ecrire(a *aidante, selector, text string) {
	a.t.Helper()
	testkit.Eval[bool](a.Page, `(document.querySelector(`+strconv.Quote(selector)+`).value = `+strconv.Quote(text)+`, true)`)
}
