package testkit_test

import (
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

func TestFailEachStatement(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		runs := 0
		n := testkit.FailEachStatement(t, d, func() error {
			runs++
			return d.Update(ctx, func(tx *db.Tx) error {
				for _, nom := range []string{"a", "b"} {
					if _, err := tx.Exec(ctx, `INSERT INTO bail (nom, porteur, echeance) VALUES ($1, 'p', $2)`, nom, tx.Now); err != nil {
						return err
					}
				}
				return nil
			})
		})
		if n != 3 || runs != 4 {
			t.Errorf("%d statements in %d runs, want 3 in 4", n, runs)
		}
		if rows := testkit.Content(t, d)["bail"]; len(rows) != 2 {
			t.Errorf("the last run left %v", rows)
		}
	})
}
