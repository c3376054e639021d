package usager_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

var odile = usager.Recue{SubFC: "sub-odile", Identite: usager.Identite{
	GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female", Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100", Email: "odile@example.org",
}}

func actions(t *testing.T, d *db.DB, j *journal.Journal, u ident.UsagerID) []string {
	t.Helper()
	var out []string
	err := d.View(t.Context(), func(tx *db.Tx) error {
		ls, err := j.List(t.Context(), tx, journal.Filtre{Usager: u})
		for _, l := range ls {
			out = append([]string{l.Action}, out...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// FS-22, FS-24: an identity received is a version, and the journal names the
// fields that changed, never their values.
func TestReceive(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := testkit.NewSocle(t, d)
		c := s.NewCompte(t, "camille.essai@example.org", testkit.Siret1)
		other := s.NewCompte(t, "dominique.essai@example.org", testkit.Siret2)
		g := &usager.Registre{Sub: s.Sub, Journal: s.Journal}
		receive := func(r usager.Recue, c testkit.Compte) (u usager.Usager) {
			t.Helper()
			err := d.Update(t.Context(), func(tx *db.Tx) (err error) {
				u, err = g.Receive(t.Context(), tx, r, usager.Acte{Aidant: c.Aidant.ID, Organisation: c.Organisation.ID, Operation: testkit.NewOperation()})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		first := receive(odile, c)
		again := receive(odile, c)
		if again.ID != first.ID || again.Version != 1 || again.Sub != first.Sub {
			t.Errorf("the same person gave %v then %v", first, again)
		}
		changed := odile
		changed.FamilyName, changed.Email = "VASSELIN-NEUF", "neuf@example.org"
		changed.GivenNames = []string{"Odile Simone"}
		next := receive(changed, c)
		if next.ID != first.ID || next.Version != 2 || next.Sub != first.Sub {
			t.Errorf("a changed identity gave version %d of another person: %v", next.Version, next.ID != first.ID)
		}
		receive(changed, other)
		want := []string{
			"create_usager", "franceconnect_usager", "franceconnect_usager",
			"update_identite_usager", "update_email_usager", "franceconnect_usager", "franceconnect_usager",
		}
		if diff := cmp.Diff(want, actions(t, d, s.Journal, first.ID)); diff != "" {
			t.Error(diff)
		}
		err := d.View(t.Context(), func(tx *db.Tx) error {
			u, err := usager.Load(t.Context(), tx, first.ID)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(changed.Identite, u.Identite); diff != "" {
				t.Error(diff)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Two structures hold two contacts: one never overwrites the other (M-W38).
func TestContactPerStructure(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := testkit.NewSocle(t, d)
		a, b := s.NewCompte(t, "camille.essai@example.org", testkit.Siret1), s.NewCompte(t, "dominique.essai@example.org", testkit.Siret2)
		g := &usager.Registre{Sub: s.Sub, Journal: s.Journal}
		ctx := t.Context()
		err := d.Update(ctx, func(tx *db.Tx) error {
			u, err := g.Receive(ctx, tx, odile, usager.Acte{Aidant: a.Aidant.ID, Organisation: a.Organisation.ID, Operation: testkit.NewOperation()})
			if err != nil {
				return err
			}
			if err := usager.SetContactEmail(ctx, tx, b.Organisation.ID, u.ID, "autre@example.org"); err != nil {
				return err
			}
			for org, want := range map[ident.OrganisationID]string{a.Organisation.ID: "odile@example.org", b.Organisation.ID: "autre@example.org"} {
				if got, err := usager.ContactEmail(ctx, tx, org, u.ID); err != nil || got != want {
					t.Errorf("contact %q, want %q (%v)", got, want, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Two simultaneous first logins of one person give one usager (FS-23).
func TestSimultaneousFirstLogins(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s := testkit.NewSocle(t, d)
		c := s.NewCompte(t, "camille.essai@example.org", testkit.Siret1)
		g := &usager.Registre{Sub: s.Sub, Journal: s.Journal}
		ids := make([]ident.UsagerID, 6)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				err := d.Update(t.Context(), func(tx *db.Tx) error {
					u, err := g.Receive(t.Context(), tx, odile, usager.Acte{Aidant: c.Aidant.ID, Organisation: c.Organisation.ID, Operation: testkit.NewOperation()})
					ids[i] = u.ID
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] || id.IsZero() {
				t.Errorf("several usagers for one person: %v", ids)
			}
		}
	})
}
