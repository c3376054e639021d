package organisation_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/testkit"
)

func TestNouvelleCheck(t *testing.T) {
	good := organisation.Nouvelle{Nom: "Maison", Siret: "218 000 219 00012", Adresse: "1 rue", CodePostal: "80000", Ville: "Valbrune"}
	n, err := good.Check()
	if err != nil || n.Siret != testkit.Siret1 || len(n.Perimetre) != 10 {
		t.Fatalf("%+v %v", n, err)
	}
	for name, tt := range map[string]struct {
		edit  func(*organisation.Nouvelle)
		field string
	}{
		"sans nom":        {func(n *organisation.Nouvelle) { n.Nom = " " }, "nom"},
		"siret court":     {func(n *organisation.Nouvelle) { n.Siret = "2180002190001" }, "siret"},
		"siret faux":      {func(n *organisation.Nouvelle) { n.Siret = "21800021900013" }, "siret"},
		"siret lettres":   {func(n *organisation.Nouvelle) { n.Siret = "2180002190001A" }, "siret"},
		"sans adresse":    {func(n *organisation.Nouvelle) { n.Adresse = "" }, "adresse"},
		"code postal":     {func(n *organisation.Nouvelle) { n.CodePostal = "8000" }, "code_postal"},
		"sans commune":    {func(n *organisation.Nouvelle) { n.Ville = "" }, "ville"},
		"poste, autorisé": {func(n *organisation.Nouvelle) { n.Siret = "35600000000048" }, ""},
	} {
		n := good
		tt.edit(&n)
		_, err := n.Check()
		if tt.field == "" && err != nil || tt.field != "" && fault.FieldsOf(err)[tt.field] == "" {
			t.Errorf("%s: %v", name, fault.FieldsOf(err))
		}
	}
}

func TestOrganisations(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := testkit.NewSocle(t, d)
		ctx := t.Context()
		n := organisation.Nouvelle{Nom: "Écomusée", Siret: testkit.Siret1, Adresse: "1 rue", CodePostal: "01004", Ville: "Valbrune", Perimetre: []demarche.Demarche{demarche.Travail, demarche.Famille}}
		err := d.Update(ctx, func(tx *db.Tx) error {
			o, err := organisation.Create(ctx, tx, s.Journal, n)
			if err != nil {
				return err
			}
			got, err := organisation.Load(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(o, got, cmp.AllowUnexported(ident.OrganisationID{})); diff != "" {
				t.Error(diff)
			}
			if _, err := organisation.Create(ctx, tx, s.Journal, n); fault.FieldsOf(err)["siret"] == "" {
				t.Errorf("the same SIRET twice: %v", err)
			}
			if err := organisation.SetPerimetre(ctx, tx, s.Journal, par(o.ID), nil); fault.FieldsOf(err)["demarche"] == "" {
				t.Errorf("an empty périmètre: %v", err)
			}
			if _, err := organisation.Load(ctx, tx, ident.New[ident.OrganisationID]()); !fault.Is(err, fault.NotFound) {
				t.Errorf("an unknown structure: %v", err)
			}
			return organisation.SetPerimetre(ctx, tx, s.Journal, par(o.ID), []demarche.Demarche{demarche.Argent})
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func par(id ident.OrganisationID) journal.Entry {
	return journal.Entry{Initiateur: journal.Admin, Organisation: id}
}

// A correction says which columns change, never their values; nothing changed
// writes nothing.
func TestSetCoordonnees(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := testkit.NewSocle(t, d)
		ctx := t.Context()
		err := d.Update(ctx, func(tx *db.Tx) error {
			o, err := organisation.Create(ctx, tx, s.Journal, organisation.Nouvelle{Nom: "Écomusée", Siret: testkit.Siret1, Adresse: "1 rue", CodePostal: "01004", Ville: "Valbrune"})
			if err != nil {
				return err
			}
			c := o.Coordonnees()
			c.Ville, c.Adresse = " Montferrol ", "2  rue"
			for range 2 {
				if err := organisation.SetCoordonnees(ctx, tx, s.Journal, par(o.ID), c); err != nil {
					return err
				}
			}
			if o, err = organisation.Load(ctx, tx, o.ID); err != nil || o.Ville != "Montferrol" || o.Adresse != "2 rue" || o.Nom != "Écomusée" {
				t.Errorf("%+v %v", o, err)
			}
			c.CodePostal = "1"
			if err := organisation.SetCoordonnees(ctx, tx, s.Journal, par(o.ID), c); fault.FieldsOf(err)["code_postal"] == "" {
				t.Errorf("a wrong code: %v", err)
			}
			var n int
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM journal_ligne WHERE action = 'update_organisation'`).Scan(&n); err != nil || n != 1 {
				t.Errorf("%d lines, %v", n, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
