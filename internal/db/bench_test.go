package db_test

import (
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

// BenchmarkAct is what a small act costs: one read, one insert, one update,
// a durable commit. BenchmarkView is two reads of one row.
func BenchmarkAct(b *testing.B) {
	each(b, func(b *testing.B, d *db.DB) {
		ctx := b.Context()
		var n time.Duration
		for b.Loop() {
			n += time.Millisecond // SQLite skips a write that changes nothing
			err := d.Update(ctx, func(tx *db.Tx) error {
				var count int
				if err := tx.QueryRow(ctx, `SELECT count(*) FROM bail WHERE nom = $1`, "absent").Scan(&count); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `INSERT INTO bail (nom, porteur, echeance) VALUES ($1, $2, $3)
					ON CONFLICT (nom) DO NOTHING`, "b", "p", tx.Now); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `UPDATE bail SET echeance = $1 WHERE nom = $2`, tx.Now.Add(n), "b")
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkView(b *testing.B) {
	each(b, func(b *testing.B, d *db.DB) {
		ctx := b.Context()
		for b.Loop() {
			err := d.View(ctx, func(tx *db.Tx) error {
				for range 2 {
					var n int
					if err := tx.QueryRow(ctx, `SELECT count(*) FROM bail WHERE nom = $1`, "b").Scan(&n); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func each(b *testing.B, fn func(b *testing.B, d *db.DB)) {
	b.Helper()
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		b.Run(string(dialect), func(b *testing.B) {
			fn(b, testkit.OpenDB(b, dialect, testkit.NewClock(testkit.Start)))
		})
	}
}
