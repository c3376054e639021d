package accueil

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Activities gives the latest act of each account that did one: a mandat
// concluded or used (A-W27).
//
// reads: mandat, usage_mandat
func Activities(ctx context.Context, tx *db.Tx) (map[string]time.Time, error) {
	rows, err := tx.Query(ctx, `SELECT v.aidant_id, max(v.date) FROM (
			SELECT m.aidant_id, max(m.date_creation) AS date FROM mandat m GROUP BY m.aidant_id
			UNION ALL SELECT u.aidant_id, max(u.date) FROM usage_mandat u GROUP BY u.aidant_id) v GROUP BY v.aidant_id`)
	type line struct {
		id   ident.AidantID
		date db.Time
	}
	all, err := db.Collect(rows, err, func(s db.Scanner) (l line, err error) { return l, s.Scan(&l.id, &l.date) })
	if err != nil {
		return nil, fmt.Errorf("read latest acts: %w", err)
	}
	out := make(map[string]time.Time, len(all))
	for _, l := range all {
		out[l.id.String()] = l.date.Time()
	}
	return out, nil
}
