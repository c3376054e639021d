package rapprochement

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// vie is how long the reports are kept, in years.
const vie = 1

// insert writes a report, and drops those that are too old.
func insert(ctx context.Context, tx *db.Tx, p Passage) error {
	if _, err := tx.Exec(ctx, `DELETE FROM rapprochement WHERE debut < $1`, tx.Now.AddDate(-vie, 0, 0)); err != nil {
		return fmt.Errorf("forget old comparisons: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO rapprochement (id, debut, fin, ecarts) VALUES ($1,$2,$3,$4)`, p.ID, db.At(p.Debut), db.At(p.Fin), p.Sortes); err != nil {
		return fmt.Errorf("record comparison: %w", err)
	}
	for _, e := range p.Ecarts {
		if _, err := tx.Exec(ctx, `INSERT INTO rapprochement_ecart (rapprochement_id, genre, nombre, exemple) VALUES ($1,$2,$3,$4)`, p.ID, e.Genre, e.Nombre, e.Exemple); err != nil {
			return fmt.Errorf("record gap: %w", err)
		}
	}
	return nil
}

// latest gives the last reports, newest first; only the first has its gaps.
func latest(ctx context.Context, tx *db.Tx, n int) ([]Passage, error) {
	rows, err := tx.Query(ctx, `SELECT id, debut, fin, ecarts FROM rapprochement ORDER BY debut DESC, id DESC LIMIT $1`, n)
	all, err := db.Collect(rows, err, func(s db.Scanner) (p Passage, err error) {
		var debut, fin db.Time
		err = s.Scan(&p.ID, &debut, &fin, &p.Sortes)
		p.Debut, p.Fin = debut.Time(), fin.Time()
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read comparisons: %w", err)
	}
	if len(all) == 0 {
		return nil, nil
	}
	if all[0].Ecarts, err = gaps(ctx, tx, all[0].ID); err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	return all, nil
}

func gaps(ctx context.Context, tx *db.Tx, id ident.OperationID) ([]Ecart, error) {
	rows, err := tx.Query(ctx, `SELECT genre, nombre, exemple FROM rapprochement_ecart WHERE rapprochement_id = $1 ORDER BY genre`, id)
	return db.Collect(rows, err, func(s db.Scanner) (e Ecart, err error) { return e, s.Scan(&e.Genre, &e.Nombre, &e.Exemple) })
}
