package aidant_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

func TestNouveauCheck(t *testing.T) {
	good := aidant.Nouveau{Prenom: " Nadia ", Nom: "Ferroukhi", Email: " Nadia.F@Valbrune.example ", Organisation: ident.New[ident.OrganisationID]()}
	n, err := good.Check()
	if err != nil || n.Email != "nadia.f@valbrune.example" || n.Prenom != "Nadia" {
		t.Fatalf("%+v %v", n, err)
	}
	for name, tt := range map[string]struct {
		edit  func(*aidant.Nouveau)
		field string
	}{
		"sans prénom":        {func(n *aidant.Nouveau) { n.Prenom = " " }, "prenom"},
		"sans nom":           {func(n *aidant.Nouveau) { n.Nom = "" }, "nom"},
		"sans adresse":       {func(n *aidant.Nouveau) { n.Email = "nadia" }, "email"},
		"deux adresses":      {func(n *aidant.Nouveau) { n.Email = "a@b.fr, c@d.fr" }, "email"},
		"nom affiché":        {func(n *aidant.Nouveau) { n.Email = "Nadia <a@b.fr>" }, "email"},
		"boîte partagée":     {func(n *aidant.Nouveau) { n.Email = "contact@valbrune.example" }, "email"},
		"boîte d'un service": {func(n *aidant.Nouveau) { n.Email = "ccas.valbrune@valbrune.example" }, "email"},
		"non aidant seul":    {func(n *aidant.Nouveau) { n.NonAidant = true }, "non_aidant"},
		"sans structure":     {func(n *aidant.Nouveau) { n.Organisation = ident.OrganisationID{} }, "organisation"},
	} {
		n := good
		tt.edit(&n)
		if _, err := n.Check(); fault.FieldsOf(err)[tt.field] == "" {
			t.Errorf("%s: no message on %s (%v)", name, tt.field, err)
		}
	}
}

// The text of a version is frozen: a change is a new version.
func TestCGUIsFrozen(t *testing.T) {
	want := map[string]string{
		"cgu 1.0":             "45aa4e91c18c09ef3722c73479c30294a9f164771f4189b24ecf1a4f4606f49e",
		"charte_aidant 1.0":   "9fa6baa1b5ade0c593cf7d51262847ccd926023a25bddda2d0992abcf6787fda",
		"charte_referent 1.0": "2d3a699a7e7828321d5b114e724b95b4dcc4faf5e8453dfaef7aaaed15233e92",
	}
	for _, text := range aidant.Textes {
		name := string(text.Document) + " " + text.Version
		if got := text.Empreinte(); got != want[name] {
			t.Errorf("%s changed: %s, not %s. Published terms are never edited: add a version", name, got, want[name])
		}
	}
	cgu := aidant.Textes[0]
	for _, needed := range []string{"gratuit", "mineurs", "tutelle", "six ans", "cinq mois", "mots de passe", "sans demander de raison"} {
		if !strings.Contains(cgu.HTML, needed) {
			t.Errorf("the terms do not say %q", needed)
		}
	}
}

func TestAccounts(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := testkit.NewSocle(t, d)
		c := s.NewCompte(t, "camille.essai@example.org", testkit.Siret1)
		ctx := t.Context()
		err := d.Update(ctx, func(tx *db.Tx) error {
			_, err := aidant.Create(ctx, tx, s.Journal, aidant.Nouveau{Prenom: "A", Nom: "B", Email: "CAMILLE.essai@example.org", Organisation: c.Organisation.ID})
			if fault.FieldsOf(err)["email"] == "" {
				t.Errorf("a second account with one address: %v", err)
			}
			n, err := aidant.CountActive(ctx, tx, c.Organisation.ID)
			if n != 1 || err != nil {
				t.Errorf("%d active, %v", n, err)
			}
			if err := aidant.Leave(ctx, tx, c.Aidant.ID, c.Organisation.ID); err != nil {
				return err
			}
			orgs, err := aidant.Structures(ctx, tx, c.Aidant.ID)
			if len(orgs) != 0 {
				t.Errorf("still a member of %v", orgs)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		err = d.Update(ctx, func(tx *db.Tx) error {
			_, err := aidant.Create(ctx, tx, s.Journal, aidant.Nouveau{Prenom: "A", Nom: "B", Email: "autre.essai@example.org", Organisation: ident.New[ident.OrganisationID]()})
			return err
		})
		if fault.FieldsOf(err)["organisation"] == "" {
			t.Errorf("an unknown structure: %v", err)
		}
	})
}
