package accueil

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// actsOf gives every mandat that somebody concluded, and every use they made of
// one, in all their structures.
//
// reads: mandat, usage_mandat
func actsOf(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Acte, error) {
	rows, err := tx.Query(ctx, `SELECT m.date_creation, false, m.usager_id FROM mandat m WHERE m.aidant_id = $1
		UNION ALL SELECT u.date, true, u.usager_id FROM usage_mandat u WHERE u.aidant_id = $1`, id)
	all, err := db.Collect(rows, err, func(s db.Scanner) (a Acte, err error) {
		var date db.Time
		err = s.Scan(&date, &a.Usage, &a.Usager)
		a.Date = date.Time()
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("read one's own acts: %w", err)
	}
	return all, nil
}
