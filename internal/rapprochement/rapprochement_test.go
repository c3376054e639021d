package rapprochement_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

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
		var want []string // behind the program, one thing after the other; the gaps add up
		for _, g := range gaps(t, m) {
			step(m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { return g.write(t.Context(), tx) }))
			want = append(want, g.kind)
			slices.Sort(want)
			if diff := cmp.Diff(want, kinds(t, m)); diff != "" {
				t.Fatalf("after %s: %s", g.kind, diff)
			}
		}
		if len(want) != len(rapprochement.Genres()) {
			t.Errorf("%d kinds of gap were made, of %d", len(want), len(rapprochement.Genres()))
		}
	})
}

type gap struct {
	kind  string
	write func(context.Context, *db.Tx) error
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
		{"usage_deux_lignes", line(use, nil)},
		{"ligne_sans_usage", line(use, func(e *journal.Entry) { e.Operation = ident.New[ident.OperationID]() })},
		{"usage_sans_ligne", row("usage_mandat", ofMandat, map[string]string{"operation_id": quoted(ident.New[ident.OperationID]())})},
		{"mandat_deux_lignes", line(attestation, nil)},
		{"ligne_sans_mandat", line(attestation, func(e *journal.Entry) { e.Mandat = elsewhere })},
		{"mandat_sans_ligne", row("mandat", "id = "+quoted(u.mandat), map[string]string{
			"id": quoted(ident.New[ident.MandatID]()), "dossier_id": "NULL", "code_public": "'" + strings.Repeat("Z", 12) + "'",
		})},
		{"ligne_sans_autorisation", line(fait.CreateAutorisation{Demarche: demarche.Social, Jours: 31}, func(e *journal.Entry) { e.Autorisation = ident.New[ident.AutorisationID]() })},
		{"autorisation_sans_ligne", row("autorisation", "id = "+quoted(u.autorisation), map[string]string{"id": quoted(ident.New[ident.AutorisationID]()), "demarche": "'logement'"})},
		{"ligne_sans_fin", line(fait.CancelAutorisation{Demarche: demarche.Papiers, Jours: 31, Motif: "revoque_usager"}, nil)},
		{"ligne_sans_fin_mandat", line(fait.EndMandat{Motif: "renonciation", Demarches: papiers, DateEffet: db.At(testkit.Start)}, nil)},
		{"fin_mandat_sans_ligne", row("mandat_fin", ofMandat, map[string]string{"operation_id": quoted(anOperation)})},
		{"fin_sans_ligne", statement(`UPDATE autorisation SET fin = $1, fin_connue = $1, fin_motif = 'renonciation', fin_operation_id = $2 WHERE id = $3`, db.At(testkit.Start), anOperation, u.autorisation)},
		{"copie_sans_ligne", statement(`INSERT INTO accord_piece (id, mandat_id, genre, rang, type_contenu, taille, empreinte, aidant_id, date_creation, date_effacement, annulation_motif)
			VALUES ($1, $2, 'copie', 1, 'image/jpeg', 1, $3, $4, $5, $5, '')`, ident.New[ident.PieceID](), u.mandat, make([]byte, 32), u.aidant, db.At(testkit.Start))},
		{"ligne_sans_structure", line(fait.CreateOrganisation{Demarches: papiers}, func(e *journal.Entry) { e.Organisation = ident.New[ident.OrganisationID]() })},
		{"structure_sans_ligne", row("organisation", "id = "+quoted(u.organisation), map[string]string{"id": quoted(ident.New[ident.OrganisationID]()), "siret": "'00000000000000'"})},
		{"compte_sans_ligne", row("aidant", "id = "+quoted(u.aidant), map[string]string{"id": quoted(ident.New[ident.AidantID]()), "email": "'intrus@exemple.fr'", "email_tri": "'intrus@exemple.fr'"})},
	}
}
