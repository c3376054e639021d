package traitement_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/traitement"
)

// The list: empty, oldest first, by kind, page after page, and what is late.
func TestList(t *testing.T) {
	each(t, func(m *monde) {
		m.page("mona", traitement.Chemin, http.StatusOK, "Aucune demande n’attend", "Toutes (0)")
		m.page("rose", traitement.Chemin, http.StatusNotFound)
		m.page("ofra", traitement.Chemin, http.StatusNotFound)
		m.correction()
		m.clock.Advance(8 * 24 * time.Hour)
		m.rattachement()
		for i := range 35 {
			m.clock.Advance(time.Minute)
			m.coreferent(fmt.Sprintf("ana%02d@valbrune.example.org", i))
		}
		body := m.page("mona", traitement.Chemin, http.StatusOK, "Toutes (37)", "Rattachements (1)", "Co-référents (35)", "Corrections (1)", "En retard", "8 jours", "Alix GRANDCHAUMET", "Mairie de Valbrune", "Page suivante")
		if a, b := strings.Index(body, "/correction/"), strings.Index(body, "/rattachement/"); a < 0 || b < a {
			t.Error("the oldest is not first")
		}
		first := strings.Count(body, `href="`+traitement.Chemin+"coreferent/")
		_, rest, _ := strings.Cut(body, "apres=")
		next, _, _ := strings.Cut(rest, `"`)
		body = m.page("mona", traitement.Chemin+"?apres="+next, http.StatusOK, "Page précédente")
		if n := strings.Count(body, `href="`+traitement.Chemin+"coreferent/"); first != 28 || n != 7 {
			t.Errorf("%d then %d requests, want 28 and 7", first, n)
		}
		m.page("mona", traitement.Chemin+"?genre=correction", http.StatusOK, "/correction/")
		m.page("mona", traitement.Chemin+"?genre=x&apres=n'importe", http.StatusOK, "/correction/")
		m.page("mona", traitement.Chemin+"?etat=decidees", http.StatusOK, "Aucune demande n’a encore reçu de réponse")
	})
}

// Each kind accepted: what is asked is done, once, with its mails and its lines.
func TestAccept(t *testing.T) {
	each(t, func(m *monde) {
		path := m.rattachement()
		m.page("mona", path, http.StatusOK, "Rose GRANDCHAUMET", "Alix GRANDCHAUMET", "Centre des Tilleuls", "Structures qu’elle quitte", "peut conclure des mandats", "Accepter la demande")
		if n := m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'view_aidant'`); n != 1 {
			t.Errorf("%d lines view_aidant", n)
		}
		m.answer("mona", path, oui, http.StatusSeeOther)
		if n := m.count(`SELECT count(*) FROM appartenance WHERE aidant_id = $1 AND organisation_id = $2 AND date_fin IS NULL`, m.comptes["alix"].ID, m.org); n != 1 {
			t.Error("not attached")
		}
		if n := m.count(`SELECT count(*) FROM appartenance WHERE aidant_id = $1 AND date_fin IS NULL`, m.comptes["alix"].ID); n != 1 {
			t.Error("what she leaves is not left")
		}
		m.answer("mona", path, oui, http.StatusConflict, "n’attend plus")
		m.answer("alma", path, non, http.StatusConflict, "n’attend plus")
		m.page("alma", path, http.StatusOK, "Validée", "Mona GRANDCHAUMET, le", "Vérifiée par téléphone")
		if got, want := m.sum([]string{"E-03", "E-59"}, []string{"change_structure", "add_membership", "end_membership"}), "E-03 2 E-59 1 change_structure 1 add_membership 1 end_membership 1"; got != want {
			t.Errorf("%s, want %s", got, want)
		}

		path = m.coreferent("ana.belmonte@valbrune.example.org")
		m.page("mona", path, http.StatusOK, "Aucun compte n’a cette adresse", "06 12 34 56 78", "Un compte de référent s’ouvre")
		m.answer("mona", path, oui, http.StatusSeeOther)
		if n := m.count(`SELECT count(*) FROM aidant a JOIN referent r ON r.aidant_id = a.id WHERE a.email = 'ana.belmonte@valbrune.example.org' AND NOT a.habilite AND r.date_fin IS NULL`); n != 1 {
			t.Error("no référent")
		}
		if got, want := m.sum([]string{"E-14", "E-59"}, []string{"change_coreferent", "create_aidant"}), "E-14 1 E-59 2 change_coreferent 1 create_aidant 6"; got != want {
			t.Errorf("%s, want %s", got, want)
		}

		path = m.correction()
		m.page("mona", path, http.StatusOK, "1 rue du Port", "4 quai du Port", "inchangé")
		m.answer("mona", path, oui, http.StatusSeeOther)
		if n := m.count(`SELECT count(*) FROM organisation WHERE id = $1 AND adresse = '4 quai du Port'`, m.org); n != 1 {
			t.Error("not corrected")
		}
		if got, want := m.sum([]string{"E-59"}, []string{"change_correction", "update_organisation"}), "E-59 3 change_correction 1 update_organisation 1"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		m.page("mona", traitement.Chemin+"?etat=decidees", http.StatusOK, "Validée", "/rattachement/", "/coreferent/", "/correction/")
	})
}

// Each kind refused: nothing changes but the answer, and those who wait read it.
func TestRefuse(t *testing.T) {
	each(t, func(m *monde) {
		for _, path := range []string{m.rattachement(), m.coreferent("ana.belmonte@valbrune.example.org"), m.correction()} {
			m.answer("mona", path, non, http.StatusSeeOther)
			m.page("mona", path, http.StatusOK, "Sans suite", "La structure ne confirme pas", "La mairie ne confirme pas.")
			m.answer("mona", path, oui, http.StatusConflict, "n’attend plus")
		}
		if got, want := m.sum([]string{"E-03", "E-14", "E-59"}, []string{"change_structure", "change_coreferent", "change_correction", "add_membership", "update_organisation"}),
			"E-03 0 E-14 0 E-59 4 change_structure 1 change_coreferent 1 change_correction 1 add_membership 0 update_organisation 0"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		m.rattachement() // it never blocks another (A-W37)
		m.correction()
	})
}

// What is not an answer changes nothing and says what is missing, beside the field.
func TestAnswersRefused(t *testing.T) {
	each(t, func(m *monde) {
		path, other := m.rattachement(), m.coreferent("mona@grandchaumet.example.org")
		waits := func() {
			t.Helper()
			if n := m.count(`SELECT count(*) FROM rattachement WHERE etat = 'confirmee'`); n != 1 {
				t.Fatal("it was decided")
			}
		}
		m.answer("mona", path, url.Values{"decision": {"accepter"}}, http.StatusUnprocessableEntity, `id="accepter-motif"`, "Choisissez comment la demande a été vérifiée")
		m.answer("mona", path, url.Values{"decision": {"accepter"}, "motif": {"doublon"}}, http.StatusUnprocessableEntity)
		m.answer("mona", path, url.Values{"decision": {"refuser"}, "motif": {"autre"}, "reponse": {" "}}, http.StatusUnprocessableEntity, `href="#refuser-reponse"`, "le référent le lira")
		m.answer("mona", path, url.Values{"decision": {"refuser"}, "reponse": {"Trop tôt, écrivez-nous."}}, http.StatusUnprocessableEntity, "Trop tôt, écrivez-nous.")
		m.answer("mona", path, url.Values{"decision": {"refuser"}, "motif": {"autre"}, "reponse": {strings.Repeat("é", 501)}}, http.StatusUnprocessableEntity, "500 caractères au plus")
		m.answer("mona", path, url.Values{"decision": {"refuser"}, "motif": {"autre"}, "reponse": {strings.Repeat("x", 20<<10)}}, http.StatusRequestEntityTooLarge)
		m.answer("mona", path, nil, http.StatusBadRequest)
		m.answer("ofra", path, oui, http.StatusNotFound)
		m.answer("rose", path, oui, http.StatusNotFound)
		m.answer("mona", traitement.Chemin+"coreferent/"+ident.New[ident.OperationID]().String()+"/", oui, http.StatusNotFound)
		m.answer("mona", strings.Replace(path, "/rattachement/", "/coreferent/", 1), oui, http.StatusNotFound)
		m.answer("mona", strings.Replace(path, "/rattachement/", "/autre/", 1), oui, http.StatusNotFound)
		if w := m.do("mona", http.MethodPost, path+"?tard", oui); w.Code == http.StatusOK || m.count(`SELECT count(*) FROM message`) != 0 {
			t.Errorf("an old code decides: %d", w.Code)
		}
		// About oneself: somebody else answers, and an address of the team is no référent's.
		m.page("mona", other, http.StatusOK, "c’est à une autre personne de l’équipe")
		m.answer("mona", other, oui, http.StatusConflict, "une autre personne")
		m.answer("alma", other, oui, http.StatusConflict, "compte de l’équipe du service")
		waits()
		// What changed since the request: judged again by the act.
		m.exec(`UPDATE aidant SET actif = false, motif_etat = 'securite' WHERE id = $1`, m.comptes["alix"].ID)
		m.page("mona", path, http.StatusOK, "ne peut pas être acceptée maintenant", "désactivé")
		m.answer("mona", path, oui, http.StatusConflict, "désactivé")
		m.exec(`UPDATE aidant SET actif = true, motif_etat = '', habilite = false WHERE id = $1`, m.comptes["alix"].ID)
		m.answer("mona", path, oui, http.StatusConflict, "habilitée")
		m.exec(`UPDATE aidant SET habilite = true WHERE id = $1`, m.comptes["alix"].ID)
		m.exec(`UPDATE organisation SET active = false WHERE id = $1`, m.org)
		m.answer("mona", path, oui, http.StatusConflict, "plus active")
		waits()
	})
}

// The référent who asked has left: the answer goes to those who lead today.
func TestAnswerGoesToTheReferentsOfToday(t *testing.T) {
	each(t, func(m *monde) {
		path := m.correction()
		m.exec(`UPDATE referent SET date_fin = $2 WHERE aidant_id = $1`, m.comptes["rose"].ID, m.now())
		m.page("mona", path, http.StatusOK, "n’est plus référent", "vérifiez que la structure le veut toujours")
		m.answer("mona", path, oui, http.StatusSeeOther)
		if got := m.sum([]string{"E-59"}, nil); got != "E-59 0" {
			t.Error(got)
		}
	})
}

// Whatever statement fails, nothing is left behind.
func TestAnswersAreAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		for _, x := range []struct {
			path string
			form url.Values
		}{{m.rattachement(), oui}, {m.coreferent("ana.belmonte@valbrune.example.org"), oui}, {m.correction(), non}} {
			testkit.FailEachStatement(t, d, func() error {
				if w := m.do("mona", http.MethodPost, x.path, x.form); w.Code >= 500 {
					return http.ErrAbortHandler
				}
				return nil
			})
		}
		if got, want := m.sum([]string{"E-03", "E-14", "E-59"}, nil), "E-03 2 E-14 1 E-59 3"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}
