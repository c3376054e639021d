package rapprochement_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

func kinds(t *testing.T, m *testkit.Monde) (out []string) {
	t.Helper()
	found, err := rapprochement.Run(t.Context(), m.Server.DB, m.Server.Journal)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		if p := e.Phrase(); e.Nombre < 1 || len(e.Exemple) != 36 || !strings.Contains(p, e.Exemple) || strings.Contains(p, "%!") || strings.Contains(p, "  ") {
			t.Errorf("%+v says %q", e, p)
		}
		out = append(out, e.Genre)
	}
	slices.Sort(out)
	return out
}

// copyRow inserts a row like another one, but for some columns, as who can
// write the database would.
func copyRow(ctx context.Context, tx *db.Tx, table, where string, changed map[string]string) error {
	rows, err := tx.Query(ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return err
	}
	columns, err := columnsOf(rows)
	if err != nil {
		return err
	}
	values := slices.Clone(columns)
	for i, c := range columns {
		if v, ok := changed[c]; ok {
			values[i] = v
		}
	}
	n, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s`, table, strings.Join(columns, ", "), strings.Join(values, ", "), table, where))
	if err == nil && n != 1 {
		err = fmt.Errorf("%d rows of %s were copied", n, table)
	}
	return err
}

func columnsOf(rows *sql.Rows) ([]string, error) {
	defer func() { _ = rows.Close() }()
	return rows.Columns()
}

func quoted(id fmt.Stringer) string { return "'" + id.String() + "'" }

// TestTheyAgree: after mandats concluded, replaced, used, ended in part and
// whole, the journal and the tables agree; each thing written behind the
// program, or said by the journal alone, is told, with its kind.
func TestTheyAgree(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		step := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		projet := demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}
		_, err := p.Conclure(projet)
		step(err)
		_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
		step(err)
		step(p.Ouvrir(p.Adresses.App + "/espace-aidant/"))
		step(p.TerminerAutorisation("vasselin", demarche.Famille))
		if got := kinds(t, m); got != nil {
			t.Fatalf("honest acts: %v", got)
		}
		m.Altere = true
		var want, made []string // behind the program, one thing after the other; the gaps add up
		for _, x := range append([]subject{{"mandats", gaps(t, m)}}, subjects(t, m)...) {
			t.Run(x.name, func(t *testing.T) {
				for _, g := range x.gaps {
					if g.before != 0 {
						m.Horloge.Avancer(-g.before)
					}
					if err := m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { return g.write(t.Context(), tx) }); err != nil {
						t.Errorf("%s: %v", g.kind, err)
					}
					m.Horloge.Avancer(g.before)
					for k := range strings.FieldsSeq(g.kind) {
						if k, less := strings.CutPrefix(k, "-"); less { // one balances the other
							want = slices.DeleteFunc(want, func(x string) bool { return x == k })
							continue
						}
						want, made = append(want, k), append(made, k)
					}
					slices.Sort(want)
					want = slices.Compact(want)
					if diff := cmp.Diff(want, kinds(t, m)); diff != "" {
						t.Errorf("after %s: %s", g.kind, diff)
					}
				}
			})
		}
		slices.Sort(made)
		if diff := cmp.Diff(rapprochement.Genres(), slices.Compact(made)); diff != "" {
			t.Errorf("kinds of gap that nothing made: %s", diff)
		}
		told(t, m, len(want))
	})
}

// gap is something written behind the program, and the kinds it adds.
type gap struct {
	kind   string
	write  func(context.Context, *db.Tx) error
	before time.Duration // how long ago it is written
}

// subject is a part of the comparison.
type subject struct {
	name string
	gaps []gap
}

// gaps makes every kind of gap, and no other with it.
func gaps(t *testing.T, m *testkit.Monde) []gap {
	t.Helper()
	var u struct {
		mandat       ident.MandatID
		autorisation ident.AutorisationID
		operation    ident.OperationID
		organisation ident.OrganisationID
		usager       ident.UsagerID
		aidant       ident.AidantID
	}
	err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT mandat_id, autorisation_id, operation_id, organisation_id, usager_id, aidant_id FROM usage_mandat`).
			Scan(&u.mandat, &u.autorisation, &u.operation, &u.organisation, &u.usager, &u.aidant)
	})
	if err != nil {
		t.Fatal(err)
	}
	line := func(f fait.Fait, change func(*journal.Entry)) func(context.Context, *db.Tx) error {
		e := journal.Entry{
			Initiateur: journal.Aidant, Aidant: u.aidant, Usager: u.usager, Organisation: u.organisation, Mandat: u.mandat,
			Autorisation: u.autorisation, Operation: u.operation, Fait: f,
		}
		if change != nil {
			change(&e)
		}
		return func(ctx context.Context, tx *db.Tx) error { return m.Server.Journal.Append(ctx, tx, e) }
	}
	statement := func(q string, args ...any) func(context.Context, *db.Tx) error {
		return func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, q, args...); return err }
	}
	row := func(table, where string, changed map[string]string) func(context.Context, *db.Tx) error {
		return func(ctx context.Context, tx *db.Tx) error { return copyRow(ctx, tx, table, where, changed) }
	}
	ofMandat := "mandat_id = " + quoted(u.mandat)
	papiers := []demarche.Demarche{demarche.Papiers}
	elsewhere, anOperation := ident.New[ident.MandatID](), ident.New[ident.OperationID]()
	use := fait.UseAutorisation{Demarche: demarche.Papiers, Presence: fait.Present}
	attestation := fait.CreateAttestation{Demarches: papiers, Jours: 31, DocumentEmpreinte: fait.Empreinte(nil)}
	return []gap{
		{kind: "usage_deux_lignes", write: line(use, nil)},
		{kind: "ligne_sans_usage", write: line(use, func(e *journal.Entry) { e.Operation = ident.New[ident.OperationID]() })},
		{kind: "usage_sans_ligne", write: row("usage_mandat", ofMandat, map[string]string{"operation_id": quoted(ident.New[ident.OperationID]())})},
		{kind: "mandat_deux_lignes", write: line(attestation, nil)},
		{kind: "ligne_sans_mandat", write: line(attestation, func(e *journal.Entry) { e.Mandat = elsewhere })},
		{kind: "mandat_sans_ligne", write: row("mandat", "id = "+quoted(u.mandat), map[string]string{
			"id": quoted(ident.New[ident.MandatID]()), "dossier_id": "NULL", "code_public": "'" + strings.Repeat("Z", 12) + "'",
		})},
		{kind: "ligne_sans_autorisation", write: line(fait.CreateAutorisation{Demarche: demarche.Social, Jours: 31}, func(e *journal.Entry) { e.Autorisation = ident.New[ident.AutorisationID]() })},
		{kind: "autorisation_sans_ligne", write: row("autorisation", "id = "+quoted(u.autorisation), map[string]string{"id": quoted(ident.New[ident.AutorisationID]()), "demarche": "'logement'"})},
		{kind: "ligne_sans_fin", write: line(fait.CancelAutorisation{Demarche: demarche.Papiers, Jours: 31, Motif: "revoque_usager"}, nil)},
		{kind: "ligne_sans_fin_mandat", write: line(fait.EndMandat{Motif: "renonciation", Demarches: papiers, DateEffet: db.At(testkit.Start)}, nil)},
		{kind: "fin_mandat_sans_ligne", write: row("mandat_fin", ofMandat, map[string]string{"operation_id": quoted(anOperation)})},
		{kind: "ecrite_sans_ligne", write: statement(`INSERT INTO revocation_ecrite (mandat_id, operation_id, recue, reference) VALUES ($1, $2, '2026-03-02', $3)`, u.mandat, anOperation, make([]byte, 32))},
		{kind: "ligne_sans_ecrite", write: func(ctx context.Context, tx *db.Tx) error {
			op := ident.New[ident.OperationID]()
			if err := copyRow(ctx, tx, "mandat_fin", ofMandat+" AND operation_id <> "+quoted(anOperation), map[string]string{"operation_id": quoted(op), "motif": "'revoque_usager'"}); err != nil {
				return err
			}
			return line(fait.CancelAutorisation{Demarche: demarche.Papiers, Jours: 31, Motif: "revoque_usager"}, func(e *journal.Entry) { e.Initiateur, e.Operation = journal.Admin, op })(ctx, tx)
		}},
		{kind: "fin_sans_ligne", write: statement(`UPDATE autorisation SET fin = $1, fin_connue = $1, fin_motif = 'renonciation', fin_operation_id = $2 WHERE id = $3`, db.At(testkit.Start), anOperation, u.autorisation)},
		{kind: "copie_sans_ligne", write: statement(`INSERT INTO accord_piece (id, mandat_id, genre, rang, type_contenu, taille, empreinte, aidant_id, date_creation, date_effacement, annulation_motif)
			VALUES ($1, $2, 'copie', 1, 'image/jpeg', 1, $3, $4, $5, $5, '')`, ident.New[ident.PieceID](), u.mandat, make([]byte, 32), u.aidant, db.At(testkit.Start))},
		{kind: "ligne_sans_structure", write: line(fait.CreateOrganisation{Demarches: papiers}, func(e *journal.Entry) { e.Organisation = ident.New[ident.OrganisationID]() })},
		{kind: "structure_sans_ligne", write: row("organisation", "id = "+quoted(u.organisation), map[string]string{"id": quoted(ident.New[ident.OrganisationID]()), "siret": "'00000000000000'"})},
		{kind: "compte_sans_ligne", write: row("aidant", "id = "+quoted(u.aidant), map[string]string{"id": quoted(ident.New[ident.AidantID]()), "email": "'intrus@exemple.fr'", "email_tri": "'intrus@exemple.fr'"})},
	}
}
