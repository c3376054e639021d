package gestion_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// A search shows no name in its address, and its answer opens only in the
// session that asked.
func TestSearch(t *testing.T) {
	each(t, func(m *monde) {
		for typed, want := range map[string]string{"gründchaumet": "Aucun compte", "grandchaumet alix": "Alix", "ALIX@grand": "Alix", "valbrune rose": "Rose", "tilleuls": "Aucun compte", "%": ""} {
			w := m.do("mona", http.MethodPost, gestion.CheminComptes, url.Values{"recherche": {typed}})
			to := w.Header().Get("Location")
			if w.Code != http.StatusSeeOther || strings.Contains(strings.ToLower(to), "alix") || strings.Contains(to, "grand") {
				t.Fatalf("%q: %d %s", typed, w.Code, to)
			}
			m.page("mona", to, http.StatusOK, want)
			if body := m.page("alma", to, http.StatusOK); strings.Contains(body, "/gestion/comptes/0") {
				t.Errorf("%q opens in another session", typed)
			}
		}
	})
}

// Each reading is a line; unknown accounts are not found.
func TestAccountPage(t *testing.T) {
	each(t, func(m *monde) {
		m.page("mona", m.path("rose"), http.StatusOK, "Rose GRANDCHAUMET", "rose@grandchaumet.example.org", "Mairie de Valbrune", "Référent", "Membre", "Désactiver le compte", "Création d'un compte")
		if n := m.lines("view_aidant"); n != 1 {
			t.Errorf("%d lines view_aidant", n)
		}
		body := m.page("mona", m.path("alix"), http.StatusOK)
		if strings.Contains(body, "don_role") {
			t.Error("the métier is offered to give roles")
		}
		m.page("alma", m.path("alix"), http.StatusOK, "don_role")
		m.page("mona", gestion.CheminComptes+ident.New[ident.AidantID]().String()+"/", http.StatusNotFound)
		m.page("mona", gestion.CheminComptes+"42/", http.StatusNotFound)
	})
}

// Every act, its effect, its reason, its line.
func TestActs(t *testing.T) {
	each(t, func(m *monde) {
		done := http.StatusSeeOther
		two := m.two.String()
		for _, c := range []struct {
			acte   gestion.Acte
			fields []string
			line   string
		}{
			{gestion.Rattachement, []string{"organisation", two}, "add_membership"},
			{gestion.Designation, []string{"organisation", two}, "designate_referent"},
			{gestion.FinReferent, []string{"organisation", two, "motif", "fonctions"}, "end_referent"},
			{gestion.FinRattachement, []string{"organisation", two, "motif", "erreur"}, "end_membership"},
			{gestion.FinHabilitation, nil, "withdraw_mandat"},
			{gestion.Habilitation, nil, "grant_mandat"},
			{gestion.Fermeture, []string{"motif", "securite"}, "close_session"},
			{gestion.Desactivation, []string{"motif", "depart"}, "deactivate_aidant"},
			{gestion.Reactivation, nil, "reactivate_aidant"},
		} {
			before := m.lines(c.line)
			m.act("mona", "alix", c.acte, done, c.fields...)
			if m.lines(c.line) != before+1 {
				t.Errorf("%s: no line %s", c.acte, c.line)
			}
			m.clock.Advance(time.Second)
		}
		if n := m.count(`SELECT count(*) FROM acte_gestion WHERE auteur_id = $1 AND aidant_id = $2`, m.comptes["mona"].ID, m.comptes["alix"].ID); n != 9 {
			t.Errorf("%d acts with their reason, want 9", n)
		}
		m.act("mona", "alix", gestion.Fermeture, done, "motif", "autre", "precision", "Poste volé à la mairie")
		m.page("mona", m.path("alix"), http.StatusOK, "Autre raison : Poste volé à la mairie", "Mona GRANDCHAUMET", "Réactiver le compte")
		if n := m.count(`SELECT count(*) FROM acte_gestion WHERE CAST(precision_chiffree AS text) LIKE '%mairie%'`); n != 0 {
			t.Error("the words of « autre » are stored in clear")
		}
	})
}

// The code of an invitation is shown once, to who invited, and is in no page after.
func TestInvitation(t *testing.T) {
	each(t, func(m *monde) {
		w := m.act("mona", "alix", gestion.Invitation, http.StatusOK)
		code := between(between(w.Body.String(), `ac-code`, "</p>"), ">", "<")
		if len(code) != 9 {
			t.Fatalf("code %q", code)
		}
		body := m.page("mona", m.path("alix"), http.StatusOK, "Une invitation attend")
		if strings.Contains(body, code) {
			t.Error("the code is shown again")
		}
		if n := m.count(`SELECT count(*) FROM message WHERE genre = 'E-43'`); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
}

// A factor is removed with its reason; the last one of the only référent by two
// persons.
func TestFactorRemoval(t *testing.T) {
	each(t, func(m *monde) {
		enrol := func(name string) string {
			t.Helper()
			m.update(func(tx *db.Tx) error {
				return m.Facteurs.EnrolApplication(t.Context(), tx, m.comptes[name].ID, []byte("01234567890123456789"))
			})
			var id ident.FacteurID
			ok(t, m.d.View(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT id FROM facteur WHERE aidant_id = $1 ORDER BY id DESC LIMIT 1`, m.comptes[name].ID).Scan(&id)
			}))
			return id.String()
		}
		left := func(name string) int {
			return m.count(`SELECT count(*) FROM facteur WHERE aidant_id = $1`, m.comptes[name].ID)
		}
		rose, alix := enrol("rose"), enrol("alix")
		m.act("mona", "alix", gestion.RetraitFacteur, http.StatusUnprocessableEntity, "motif", "perte")
		m.act("mona", "alix", gestion.RetraitFacteur, http.StatusNotFound, "motif", "perte", "facteur", rose) // somebody else's
		m.act("mona", "alix", gestion.RetraitFacteur, http.StatusSeeOther, "motif", "perte", "facteur", alix)
		m.act("mona", "rose", gestion.RetraitFacteur, http.StatusSeeOther, "motif", "autre", "precision", "Volée hier", "facteur", rose)
		if left("alix") != 0 || left("rose") != 1 || m.lines("remove_factor") != 1 {
			t.Error("not the right factor was removed")
		}
		var id ident.OperationID
		ok(t, m.d.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT id FROM accord_gestion`).Scan(&id)
		}))
		m.do("tom", http.MethodPost, gestion.CheminAccords+id.String()+"/", url.Values{"decision": {"approuver"}})
		if left("rose") != 0 {
			t.Error("the second person removed nothing")
		}
		m.page("tom", m.path("rose"), http.StatusOK, "Une autre raison : Volée hier")
	})
}

// What is refused changes nothing, says why beside the field, keeps what was typed.
func TestRefusals(t *testing.T) {
	each(t, func(m *monde) {
		before := testkit.Content(t, m.d)
		say := func(status int, word string, acte gestion.Acte, name string, fields ...string) {
			t.Helper()
			m.wants(m.act("mona", name, acte, status, fields...), string(acte), status, word)
		}
		say(422, "Choisissez une raison", gestion.Desactivation, "alix", "motif", "inactivite")
		say(422, "desactivation-precision", gestion.Desactivation, "alix", "motif", "autre")
		say(422, "Choisissez la structure", gestion.Rattachement, "alix")
		say(409, "appartient déjà", gestion.Rattachement, "alix", "organisation", m.org.String())
		say(409, "votre propre compte", gestion.FinHabilitation, "mona")
		say(409, "administration technique", gestion.RetraitRole, "alma")
		say(409, "seule structure", gestion.FinRattachement, "alix", "organisation", m.org.String(), "motif", "depart")
		m.act("mona", "alix", "relance", http.StatusNotFound)
		m.act("mona", "alix", "tout_effacer", http.StatusNotFound)
		if w := m.do("mona", http.MethodPost, m.path("alix")+"desactivation/?tard", url.Values{"motif": {"depart"}}); w.Code == http.StatusOK || m.count(`SELECT count(*) FROM acte_gestion`) != 0 {
			t.Errorf("an old code does an act: %d", w.Code)
		}
		after := testkit.Content(t, m.d)
		for table, rows := range before { // each answer read the account
			if !strings.HasPrefix(table, "journal") && len(rows) != len(after[table]) {
				t.Errorf("%s changed", table)
			}
		}
	})
}

// A role is asked by one and given by another, once, in time.
func TestTwoPersons(t *testing.T) {
	each(t, func(m *monde) {
		decide := func(qui, decision string, status int) {
			t.Helper()
			var id ident.OperationID
			ok(t, m.d.View(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT id FROM accord_gestion ORDER BY date_creation DESC LIMIT 1`).Scan(&id)
			}))
			path := gestion.CheminAccords + id.String() + "/"
			if w := m.do(qui, http.MethodPost, path, url.Values{"decision": {decision}}); w.Code != status {
				t.Fatalf("%s by %s: %d\n%.400s", decision, qui, w.Code, between(w.Body.String(), "<h1>", "</main>"))
			}
		}
		role := func(name string) int {
			return m.count(`SELECT count(*) FROM aidant WHERE id = $1 AND role_gestion = 'admin_metier'`, m.comptes[name].ID)
		}
		m.act("mona", "paul", gestion.DonRole, http.StatusConflict, "role", "admin_metier")
		m.act("alma", "paul", gestion.DonRole, http.StatusSeeOther, "role", "admin_metier")
		m.act("tom", "paul", gestion.DonRole, http.StatusConflict, "role", "admin_metier") // it waits already
		m.page("tom", gestion.CheminAccords, http.StatusOK, "Administration métier", "Alma GRANDCHAUMET", "Approuver")
		if body := m.page("alma", gestion.CheminAccords, http.StatusOK, "à une autre personne"); strings.Contains(body, "Approuver") {
			t.Error("who asked is offered to approve")
		}
		decide("alma", "approuver", http.StatusConflict) // oneself
		decide("mona", "approuver", http.StatusConflict) // not allowed to give roles
		decide("tom", "peut-être", http.StatusBadRequest)
		if role("paul") != 0 {
			t.Fatal("the role was given")
		}
		decide("tom", "approuver", http.StatusSeeOther)
		decide("tom", "approuver", http.StatusConflict) // replay
		if role("paul") != 1 || m.lines("grant_staff") != 1 || m.count(`SELECT count(*) FROM message WHERE genre = 'E-45'`) != 1 {
			t.Error("the role was not given once, with its line and its mail")
		}
		m.act("tom", "paul", gestion.RetraitRole, http.StatusSeeOther)
		if role("paul") != 0 || m.lines("withdraw_staff") != 1 {
			t.Error("the role was not taken back")
		}
		m.clock.Advance(time.Second)
		m.act("alma", "paul", gestion.DonRole, http.StatusSeeOther, "role", "admin_metier")
		decide("tom", "refuser", http.StatusSeeOther)
		m.clock.Advance(time.Second)
		m.act("alma", "paul", gestion.DonRole, http.StatusSeeOther, "role", "admin_metier")
		m.clock.Advance(gestion.AccordDuree)
		decide("tom", "approuver", http.StatusConflict) // too late
		m.act("tom", "paul", gestion.DonRole, http.StatusSeeOther, "role", "admin_metier")
		m.act("alma", "tom", gestion.RetraitRole, http.StatusSeeOther)
		decide("alma", "approuver", http.StatusConflict) // who asked has left the team
		if role("paul") != 0 {
			t.Error("the role was given by nobody")
		}
	})
}

// An account closed for its safety opens again with two persons only.
func TestReactivationForCause(t *testing.T) {
	each(t, func(m *monde) {
		m.act("mona", "alix", gestion.Desactivation, http.StatusSeeOther, "motif", "securite")
		m.act("mona", "alix", gestion.Reactivation, http.StatusSeeOther)
		if m.load("alix").Actif {
			t.Fatal("opened by one person")
		}
		m.page("tom", m.path("alix"), http.StatusOK, "attend une autre personne")
		var id ident.OperationID
		ok(t, m.d.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT id FROM accord_gestion`).Scan(&id)
		}))
		m.do("alma", http.MethodPost, gestion.CheminAccords+id.String()+"/", url.Values{"decision": {"approuver"}})
		if !m.load("alix").Actif {
			t.Error("not opened by the second person")
		}
	})
}

// A pasted list: each line its fate.
func TestListe(t *testing.T) {
	each(t, func(m *monde) {
		list := "alix@grandchaumet.example.org\r\n ROSE@grandchaumet.example.org;alix@grandchaumet.example.org\nnobody@example.org\nbof\nmona@grandchaumet.example.org"
		send := func(adresses, motif string, status int, words ...string) {
			t.Helper()
			w := m.do("mona", http.MethodPost, gestion.CheminListe, url.Values{"adresses": {adresses}, "motif": {motif}})
			m.wants(w, "liste", status, words...)
		}
		send("", "depart", 422, "Collez au moins une adresse")
		send(list, "", 422, "Choisissez une raison", "nobody@example.org")
		send(strings.Repeat("a@b.fr\n", 501), "depart", 422, "500 adresses au plus")
		send(list, "depart", 200, "2 comptes désactivés, 5 lignes lues", "aucun compte n’a cette adresse", "ce n’est pas une adresse", "votre propre compte")
		if m.load("alix").Actif || m.load("rose").Actif || !m.load("mona").Actif {
			t.Error("not the accounts of the list, and they alone")
		}
		send(list, "depart", 200, "0 compte désactivé", "déjà désactivé")
	})
}

// Whatever statement fails, nothing is left behind.
func TestActsAreAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		for _, c := range []struct {
			acte gestion.Acte
			role string
		}{{gestion.Desactivation, ""}, {gestion.Reactivation, ""}, {gestion.Fermeture, ""}, {gestion.DonRole, "admin_metier"}} {
			motif := c.acte.Raisons()[0].Cle
			testkit.FailEachStatement(t, d, func() error {
				w := m.do("alma", http.MethodPost, m.path("alix")+string(c.acte)+"/", url.Values{"motif": {motif}, "role": {c.role}})
				return failed(w.Code)
			})
		}
		var id ident.OperationID
		ok(t, d.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT id FROM accord_gestion`).Scan(&id)
		}))
		testkit.FailEachStatement(t, d, func() error {
			return failed(m.do("tom", http.MethodPost, gestion.CheminAccords+id.String()+"/", url.Values{"decision": {"approuver"}}).Code)
		})
	})
}

func failed(code int) error {
	if code >= 500 {
		return http.ErrAbortHandler
	}
	return nil
}
