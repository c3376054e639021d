package referent_test

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

func (m *monde) fiche(qui string) string {
	return "/espace-referent/aidant/" + m.ids[qui].String() + "/"
}

func (m *monde) lines(action string) int {
	return m.count(`SELECT count(*) FROM journal_ligne WHERE action = $1`, action)
}

func (m *monde) mails(genre string) int {
	return m.count(`SELECT count(*) FROM message WHERE genre = $1`, genre)
}

func motif(s string) url.Values { return url.Values{"motif": {s}} }

// An account closes and opens again, with its reason, its mails and its lines;
// nothing is left half done (A-W79).
func TestDeactivateThenReactivate(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		page := m.fiche("nadia")
		m.get("rene", page).want(http.StatusOK, "Désactiver le compte", "Désigner référent", "Inviter à associer une application").lacks("Réactiver le compte")
		m.get("rene", page+"desactiver/").want(http.StatusOK, "Pour quelle raison ?", "Les mandats restent à la structure")
		m.post("rene", page+"desactiver/", nil).want(http.StatusUnprocessableEntity, "Choisissez une raison")
		m.post("rene", page+"desactiver/", motif("mauvaise_humeur")).want(http.StatusUnprocessableEntity, "Choisissez une raison")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", page+"desactiver/", motif("depart")), travail...)
		m.get("nadia", "/espace-aidant/").leads(web.CheminConnexion)
		m.get("rene", page).want(http.StatusOK, "Compte désactivé", "Réactiver le compte").lacks("Inviter à", "Désigner référent")
		m.post("rene", page+"desactiver/", motif("depart")).want(http.StatusConflict, "déjà désactivé")
		m.post("rene", page+"inviter/", nil).want(http.StatusConflict, "ne peut pas être invitée")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", page+"reactiver/", url.Values{}), travail...)
		m.get("rene", page+"?avis=reactive").want(http.StatusOK, "Compte actif", "Le compte est réactivé")
		if m.mails("E-09") != 1 || m.mails("E-45") != 1 || m.lines("deactivate_aidant") != 1 || m.lines("reactivate_aidant") != 1 {
			t.Errorf("%d %d %d %d", m.mails("E-09"), m.mails("E-45"), m.lines("deactivate_aidant"), m.lines("reactivate_aidant"))
		}
	})
}

// failing makes an act that FailEachStatement understands.
func (m *monde) failing(qui, path string, form url.Values) func() error {
	return func() error {
		r := m.post(qui, path, form)
		if r.status == http.StatusInternalServerError {
			return errors.New("500")
		}
		if r.status >= 400 {
			m.t.Fatalf("%s: %d %.800s", path, r.status, r.main())
		}
		return nil
	}
}

// Nobody acts on their own account, nor on the last référent (A-W72); a role is
// given and taken with mails and lines (A-W65).
func TestRoles(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.post("rene", m.fiche("rene")+"desactiver/", motif("depart")).want(http.StatusConflict, "votre propre compte")
		m.post("rene", m.fiche("rene")+"demettre/", motif("depart")).want(http.StatusConflict, "votre propre compte")
		m.get("rene", m.fiche("rene")).want(http.StatusOK, "Vous ne pouvez ni désactiver").lacks("Retirer le rôle")
		m.get("rene", m.fiche("nadia")+"designer/").want(http.StatusOK, "Désigner référent")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", m.fiche("nadia")+"designer/", url.Values{}), travail...)
		m.get("rene", "/espace-referent/referents/").want(http.StatusOK, "Nadia Ferroukhi")
		m.post("rene", m.fiche("nadia")+"designer/", nil).want(http.StatusConflict, "déjà référente")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", m.fiche("nadia")+"demettre/", motif("fonctions")), travail...)
		m.get("rene", "/espace-referent/referents/").want(http.StatusOK).lacks("Nadia Ferroukhi")
		if m.mails("E-14") != 1 || m.lines("designate_referent") != 1 || m.lines("end_referent") != 1 {
			t.Errorf("%d %d %d", m.mails("E-14"), m.lines("designate_referent"), m.lines("end_referent"))
		}
	})
}

// Two référents who take the role from each other at once: one stays.
func TestRemovingEachOther(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		var wg sync.WaitGroup
		for _, p := range [][2]string{{"rene", "hugo"}, {"hugo", "rene"}} {
			wg.Go(func() { m.post(p[0], m.fiche(p[1])+"demettre/", motif("autre")) })
		}
		wg.Wait()
		if n := m.count(`SELECT count(*) FROM referent WHERE organisation_id = $1 AND date_fin IS NULL`, m.orgs["rene"]); n != 1 {
			t.Errorf("%d référents are left", n)
		}
	})
}

// Only the structures of the référent can be chosen, one at least (A-W2).
func TestPlaces(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		page := m.fiche("nadia") + "structures/"
		here, there := m.orgs["rene"].String(), m.orgs["claire"].String()
		m.post("rene", page, url.Values{"organisation": {here, there}}).want(http.StatusNotFound)
		m.exec(`INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`, ident.New[ident.OperationID](), m.ids["rene"], m.orgs["claire"], db.At(testkit.Start))
		m.get("rene", m.fiche("nadia")).want(http.StatusOK, "Changer ses structures")
		m.get("rene", page).want(http.StatusOK, "Centre social des Tilleuls")
		m.post("rene", page, nil).want(http.StatusUnprocessableEntity, "au moins une organisation")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", page, url.Values{"organisation": {here, there}}), travail...)
		m.post("rene", page, url.Values{"organisation": {there}}).want(http.StatusUnprocessableEntity, "Choisissez une raison")
		m.post("rene", page, url.Values{"organisation": {there}, "motif": {"fonctions"}}).leads("/espace-referent/aidants/")
		m.get("rene", m.fiche("nadia")).want(http.StatusNotFound)
		if m.mails("E-03") != 2 || m.lines("add_membership") != 1 || m.lines("end_membership") != 1 {
			t.Errorf("%d %d %d", m.mails("E-03"), m.lines("add_membership"), m.lines("end_membership"))
		}
	})
}

// Staff accounts are out of every référent's reach, even as members.
func TestStaffIsOutOfReach(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.exec(`UPDATE aidant SET role_gestion = 'admin_metier' WHERE id = $1`, m.ids["nadia"])
		m.get("rene", m.fiche("nadia")).want(http.StatusNotFound)
		m.post("rene", m.fiche("nadia")+"desactiver/", motif("depart")).want(http.StatusNotFound)
		m.post("rene", "/espace-referent/aidants/inviter/", url.Values{"aidant": {m.ids["nadia"].String()}}).want(http.StatusConflict)
		m.get("rene", "/espace-referent/aidants/").want(http.StatusOK, "Compte de l’équipe du service")
	})
}

// An invitation shows its activation code once, and the secret never; several
// go together or not at all.
func TestInvite(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.exec(`DELETE FROM facteur WHERE aidant_id = $1`, m.ids["nadia"])
		m.get("rene", "/espace-referent/").want(http.StatusOK, "1 personne sans moyen de connexion", "Invitez la personne à associer une application")
		m.get("rene", m.fiche("nadia")+"inviter/").want(http.StatusOK, "vous ne voyez jamais son secret")
		p := m.post("rene", m.fiche("nadia")+"inviter/", nil).want(http.StatusOK, "Notez le code maintenant")
		if !regexpCode.MatchString(p.corps) || strings.Contains(p.corps, "otpauth") {
			t.Error("no activation code, or a secret")
		}
		m.get("rene", m.fiche("nadia")).want(http.StatusOK, "Une invitation à associer une application est en cours", "Inviter de nouveau")
		m.post("rene", m.fiche("rene")+"inviter/", nil).want(http.StatusConflict)
		m.get("rene", "/espace-referent/aidants/inviter/").want(http.StatusOK, "Nadia Ferroukhi").lacks("Hugo Lestrade")
		m.post("rene", "/espace-referent/aidants/inviter/", nil).want(http.StatusUnprocessableEntity, "au moins une personne")
		m.post("rene", "/espace-referent/aidants/inviter/", url.Values{"aidant": {m.ids["claire"].String()}}).want(http.StatusNotFound)
		before := m.mails("E-43")
		m.post("rene", "/espace-referent/aidants/inviter/", url.Values{"aidant": {m.ids["nadia"].String(), m.ids["claire"].String()}}).want(http.StatusNotFound)
		if m.mails("E-43") != before {
			t.Error("half of the invitations were made")
		}
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", "/espace-referent/aidants/inviter/", url.Values{"aidant": {m.ids["nadia"].String(), m.ids["hugo"].String()}}), travail...)
		if n := m.mails("E-43"); n != before+2 {
			t.Errorf("%d invitations", n)
		}
	})
}

// A factor is removed with its reason; what remains is another's to give.
func TestRemoveFactor(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		var id string
		ctx := t.Context()
		if err := m.Server.DB.View(ctx, func(tx *db.Tx) error {
			return tx.QueryRow(ctx, `SELECT id FROM facteur WHERE aidant_id = $1`, m.ids["nadia"]).Scan(&id)
		}); err != nil {
			t.Fatal(err)
		}
		page := m.fiche("nadia") + "facteur/" + id + "/retirer/"
		m.get("rene", page).want(http.StatusOK, "C’est le seul")
		m.get("rene", m.fiche("hugo")+"facteur/"+id+"/retirer/").want(http.StatusNotFound)
		m.post("rene", page, motif("autre")).want(http.StatusUnprocessableEntity, "en quelques mots")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", page, motif("perte")), travail...)
		m.get("nadia", "/espace-aidant/").leads(web.CheminConnexion)
		m.get("rene", m.fiche("nadia")+"?avis=facteur_retire").want(http.StatusOK, "Aucun moyen de connexion", "Le moyen de connexion est retiré")
		if m.mails("E-44") != 1 || m.lines("remove_factor") != 1 {
			t.Errorf("%d %d", m.mails("E-44"), m.lines("remove_factor"))
		}
	})
}

// What the structure may do changes at once, with who did it; an old page does
// not undo somebody else's choice.
func TestDemarches(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		const page = "/espace-referent/organisation/"
		all := "argent,etranger,famille,justice,logement,loisirs,papiers,social,transports,travail"
		m.get("rene", page).want(http.StatusOK, "218 000 219 00012", all, "Démarches que vos aidants peuvent faire")
		m.post("rene", page, url.Values{"avant": {all}}).want(http.StatusUnprocessableEntity, "Vous devez sélectionner au moins une démarche.")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", page, url.Values{"avant": {all}, "demarche": {"papiers", "social"}}), travail...)
		m.post("hugo", page, url.Values{"avant": {all}, "demarche": {"papiers", "argent"}}).want(http.StatusConflict, "Un autre référent vient de changer")
		m.get("rene", page).want(http.StatusOK, `value="papiers,social"`)
		if n := m.lines("update_perimetre_organisation"); n != 1 {
			t.Errorf("%d lines", n)
		}
		m.post("rene", page, url.Values{"avant": {"papiers,social"}, "demarche": {"papiers", "social"}, web.ChampOrganisation: {m.orgs["claire"].String()}}).want(http.StatusConflict, "Vous avez changé de structure")
	})
}

// Every act of comptes 4.3 asks a code of less than five minutes (A-W75).
func TestActsAskAFreshCode(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		for range 2 { // active, but the code grows old
			m.Horloge.Avancer(3 * time.Minute)
			m.get("rene", "/espace-referent/").want(http.StatusOK)
		}
		asked := 0
		for _, route := range m.routes(m.remplis("nadia")) {
			if route[0] != http.MethodPost {
				continue
			}
			r := m.post("rene", route[1], url.Values{"motif": {"depart"}, "demarche": {"papiers"}, "jeton": {m.ids["nadia"].String()}})
			if strings.Contains(r.corps, "Confirmez que c'est vous") {
				asked++
			} else if !strings.Contains(route[1], "annuler") && !strings.Contains(route[1], "correction") && !strings.Contains(route[1], "ajouter/") && !strings.HasSuffix(route[1], "/vu/") {
				t.Errorf("%s asks no fresh code: %d", route[1], r.status)
			}
		}
		if asked < 11 {
			t.Errorf("only %d routes asked a code", asked)
		}
	})
}

// A card of the stock: linked, then validated by a code it shows. What is held
// elsewhere reads as unknown (A-W43).
func TestCard(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		graine := []byte("12345678901234567890")
		cards, refused, err := facteur.ParseCards(strings.NewReader("GADT0001234," + hex.EncodeToString(graine)))
		if err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		m.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := m.Server.Facteurs.ImportCards(ctx, tx, facteur.ByCommand(), facteur.Import{Cartes: cards})
			return err
		})
		link, validate := m.fiche("nadia")+"carte/lier/", m.fiche("nadia")+"carte/valider/"
		m.get("rene", link).want(http.StatusOK, "Numéro de la carte")
		m.post("rene", link, nil).want(http.StatusUnprocessableEntity, "Saisissez le numéro")
		m.post("rene", link, url.Values{"numero_serie": {"GADT9999999"}}).want(http.StatusUnprocessableEntity, "n’est pas disponible")
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", link, url.Values{"numero_serie": {"GADT 0001234"}}), travail...)
		m.post("rene", link, url.Values{"numero_serie": {"GADT0001234"}}).want(http.StatusUnprocessableEntity, "a déjà une carte")
		m.get("rene", m.fiche("nadia")).want(http.StatusOK, "À valider", "carte/valider/")
		m.get("rene", "/espace-referent/aidants/").want(http.StatusOK, "Carte à valider")
		m.get("rene", "/espace-referent/").want(http.StatusOK, "1 carte à valider")
		m.post("rene", validate, url.Values{"otp_token": {"12"}}).want(http.StatusUnprocessableEntity, "Saisissez les 6 chiffres")
		code := facteur.Code(graine, facteur.Pas(m.Horloge.Now(), 60))
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", validate, url.Values{"otp_token": {code}}), travail...)
		m.post("rene", validate, url.Values{"otp_token": {code}}).leads(m.fiche("nadia"))
		if m.lines("card_association") != 1 || m.lines("card_validation") != 1 {
			t.Errorf("%d %d", m.lines("card_association"), m.lines("card_validation"))
		}
	})
}
