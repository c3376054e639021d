package journal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/testkit"
)

// TestPackedReading: the quick way of reading ranks gives what the database
// holds, column by column, and it is the one that serves.
func TestPackedReading(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		bare := journal.Entry{Initiateur: journal.Systeme, Fait: fait.ReplayCode{}}
		m.append(t, m.use(), bare, m.entry(fait.ViewMandat{}), bare, m.use())
		m.append(t, m.use())
		m.sequence(t, 6)
		var erased ident.LigneID
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			if err := tx.QueryRow(t.Context(), `SELECT ligne_id FROM journal_rang WHERE rang = 2`).Scan(&erased); err != nil {
				return err
			}
			return m.j.EraseContent(t.Context(), tx, erased)
		})
		if err != nil {
			t.Fatal(err)
		}
		m.view(t, func(ctx context.Context, tx *db.Tx) error {
			quick, slow, packed, err := journal.PagePacked(ctx, tx, 0, 5)
			if got, want := fmt.Sprintf("%+v", quick), fmt.Sprintf("%+v", slow); !packed || got != want {
				t.Errorf("packed %v\n%s\ninstead of\n%s", packed, got, want)
			}
			return err
		})
	})
}

// TestPackedReadingGivesUp: what the program does not write is not guessed at.
func TestPackedReadingGivesUp(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		m := victime(t, dialect)
		changes := []string{`DELETE FROM journal_rang WHERE rang = 3`, `UPDATE journal_rang SET entree = substr(entree, 1, 31) WHERE rang = 3`}
		if dialect == db.SQLite { // the other refuses such values
			changes = append(changes, `UPDATE journal_ligne SET initiateur = 'aidant|' WHERE id = `+line3, `UPDATE journal_ligne SET instant = '2026' WHERE id = `+line3,
				`UPDATE journal_ligne SET mandat_id = 'x' WHERE id = `+line3, `UPDATE journal_rang SET rang = 3.5 WHERE rang = 3`)
		}
		for _, q := range changes {
			undo := errors.New("undo")
			err := m.d.Update(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), q); err != nil {
					return err
				}
				if _, _, packed, _ := journal.PagePacked(t.Context(), tx, 0, 5); packed {
					t.Errorf("%s, %s: read as if nothing had changed", dialect, q)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Error(err)
			}
		}
	}
}
