package papier

import (
	"context"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/mandat"
)

const ouverte = mandat.OuverteSQL

// dueCopies gives the mandats on paper signed before an instant whose copy is
// missing and which had n reminders, and counts one more. Those whose aidant
// left are counted too: the list of the référent shows them.
//
// reads: accord, mandat, aidant, autorisation
func dueCopies(ctx context.Context, tx *db.Tx, n int, before db.Time) ([]aRappeler, error) {
	rows, err := tx.Query(ctx, `SELECT c.mandat_id, m.aidant_id, c.organisation_id, a.email, c.rappels, c.limite, a.actif
		FROM accord c JOIN mandat m ON m.id = c.mandat_id JOIN aidant a ON a.id = m.aidant_id
		WHERE c.piece_id IS NULL AND c.moyen = 'papier' AND c.rappels = $1 AND c.date_creation <= $2 AND c.date_expiration >= $3
			AND EXISTS (SELECT 1 FROM autorisation t WHERE t.mandat_id = c.mandat_id AND `+ouverte+`)
		ORDER BY c.date_creation, c.mandat_id LIMIT 500`, n, before, tx.Now)
	type ligne struct {
		aRappeler
		actif bool
	}
	all, err := db.Collect(rows, err, func(s db.Scanner) (l ligne, err error) {
		return l, s.Scan(&l.mandat, &l.aidant, &l.organisation, &l.courriel, &l.rappels, &l.limite, &l.actif)
	})
	if err != nil {
		return nil, err
	}
	var out []aRappeler
	for _, l := range all {
		if err := consentement.CountReminder(ctx, tx, l.mandat, n); err != nil {
			return nil, err
		}
		if l.actif {
			out = append(out, l.aRappeler)
		}
	}
	return out, nil
}
