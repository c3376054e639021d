package fournisseur_test

import (
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// The page names a person; another one is chosen for the same request in a
// second tab. The first page must not act for somebody it does not name (FI-26).
func TestPersonChangedInAnotherTab(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		paul := m.newUsager("sub-paul", usager.Identite{
			GivenName: "Paul Henri", FamilyName: "ORSENNAT", Gender: "male", Birthdate: "1959-04-03", Birthplace: "80021", Birthcountry: usager.France, Email: "homonyme_1@example.org",
		})
		m.sign(m.a, paul, demarche.Papiers, demarche.Famille)
		n := m.browser("claire")
		id := n.demande()
		n.expect(n.choose(id, m.odile.ID), 303)
		page := n.get("/select_demarche/?demande=" + id).Body.String()
		if !strings.Contains(page, `name="usager" value="`+m.odile.ID.String()+`"`) {
			t.Fatal("the page does not say whom it was shown for")
		}
		n.expect(n.choose(id, paul.ID), 303)
		form := url.Values{
			"demande": {id}, "usager": {m.odile.ID.String()}, "demarche": {"papiers"}, "presence": {"present"},
			web.ChampOrganisation: {m.a.Organisation.String()},
		}
		w := n.do("POST", "/select_demarche/", form)
		n.expect(w, 409)
		if !strings.Contains(w.Body.String(), "Une autre personne a été choisie") {
			t.Error(plain(w.Body.String()))
		}
		if m.count(`SELECT count(*) FROM dossier_utilisation WHERE statut <> 'usager_choisi'`) != 0 {
			t.Error("something was accepted")
		}
		form.Set("usager", paul.ID.String())
		n.codeOf(n.do("POST", "/select_demarche/", form))
	})
}

// The same, at the very same moment: the rights were read for the first person
// when the second one is chosen. READ COMMITTED lets that happen; the gate not.
func TestPersonChangedUnderTheGate(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		paul := m.newUsager("sub-paul", ordinaire)
		m.sign(m.a, paul, demarche.Papiers)
		n := m.browser("claire")
		demande := n.demande()
		n.expect(n.choose(demande, m.odile.ID), 303)
		read := fournisseur.Droits{Usager: m.odile.ID, Demarche: demarche.Papiers}
		read.Autorisation, _ = ident.Parse[ident.AutorisationID](m.text(`SELECT CAST(id AS text) FROM autorisation WHERE usager_id = $1 AND demarche = 'papiers'`, m.odile.ID))
		read.Mandat, _ = ident.Parse[ident.MandatID](m.text(`SELECT CAST(mandat_id AS text) FROM autorisation WHERE id = $1`, read.Autorisation))
		n.expect(n.choose(demande, paul.ID), 303)
		id, _ := ident.Parse[ident.DossierID](demande)
		err := d.Update(t.Context(), func(tx *db.Tx) error { return fournisseur.Accept(t.Context(), tx, *m.a, id, read) })
		if !fault.Is(err, fault.Gone) {
			t.Errorf("an autorisation of one person was accepted for another: %v", err)
		}
	})
}
