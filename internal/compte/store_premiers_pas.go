package compte

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Pas is what a person tells of their first steps, which no other row knows.
type Pas string

// What can be told: the practice was done, the path is hidden.
const (
	PasEntrainement Pas = "entrainement"
	PasMasque       Pas = "masque"
)

// TellStep records it, or takes it back.
func TellStep(ctx context.Context, tx *db.Tx, id ident.AidantID, p Pas, yes bool) error {
	var err error
	if yes {
		_, err = tx.Exec(ctx, `INSERT INTO premier_pas (aidant_id, etape, date) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, id, string(p), tx.Now)
	} else {
		_, err = tx.Exec(ctx, `DELETE FROM premier_pas WHERE aidant_id = $1 AND etape = $2`, id, string(p))
	}
	if err != nil {
		return fmt.Errorf("record first step: %w", err)
	}
	return nil
}

// StepsTold reads what the person told.
func StepsTold(ctx context.Context, tx *db.Tx, id ident.AidantID) (map[Pas]bool, error) {
	rows, err := tx.Query(ctx, `SELECT etape FROM premier_pas WHERE aidant_id = $1`, id)
	all, err := db.Collect(rows, err, func(s db.Scanner) (p Pas, err error) { return p, s.Scan(&p) })
	if err != nil {
		return nil, fmt.Errorf("read first steps: %w", err)
	}
	told := map[Pas]bool{}
	for _, p := range all {
		told[p] = true
	}
	return told, nil
}
