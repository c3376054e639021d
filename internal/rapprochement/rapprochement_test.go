package rapprochement_test

import (
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

func kinds(t *testing.T, d *db.DB) (out []string) {
	t.Helper()
	found, err := rapprochement.Run(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		if p := e.Phrase(); e.Nombre < 1 || len(e.Exemple) != 36 || !strings.Contains(p, e.Exemple) || strings.Contains(p, "%!") {
			t.Errorf("%+v says %q", e, p)
		}
		out = append(out, e.Genre)
	}
	return out
}

// TestTheyAgree: after mandats concluded, replaced, used, ended in part and
// whole, the journal and the tables agree; each thing written behind the
// program is told, with its kind.
func TestTheyAgree(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		projet := demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}
		step := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := p.Conclure(projet)
		step(err)
		_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
		step(err)
		step(p.Ouvrir(p.Adresses.App + "/espace-aidant/"))
		step(p.TerminerAutorisation("vasselin", demarche.Famille))
		d := m.Server.DB
		if got := kinds(t, d); got != nil {
			t.Fatalf("honest acts: %v", got)
		}
		// Behind the program, one thing after the other; the gaps add up.
		var want []string
		for _, c := range []struct {
			kind, statement string
			args            []any
		}{
			{"usage_sans_ligne", `INSERT INTO usage_mandat (operation_id, date, organisation_id, aidant_id, usager_id, mandat_id, autorisation_id, demarche, presence)
				SELECT $1, date, organisation_id, aidant_id, usager_id, mandat_id, autorisation_id, demarche, presence FROM usage_mandat`, []any{ident.New[ident.OperationID]()}},
			{"fin_sans_ligne", `UPDATE autorisation SET fin = $1, fin_connue = $1, fin_motif = 'renonciation', fin_operation_id = (SELECT e.fin_operation_id FROM autorisation e
				WHERE e.fin IS NOT NULL AND e.mandat_id = autorisation.mandat_id) WHERE fin IS NULL AND mandat_id IN (SELECT u.mandat_id FROM usage_mandat u)`, []any{db.At(testkit.Start)}},
		} {
			step(d.Update(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), c.statement, c.args...); return err }))
			want = append(want, c.kind)
			slices.Sort(want)
			got := kinds(t, d)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after %s: %s", c.statement, diff)
			}
		}
	})
}
