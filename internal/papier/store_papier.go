package papier

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// missingNames reads who the mandats are about whose signed copy is missing.
//
// reads: accord, mandat
func missingNames[T any](ctx context.Context, tx *db.Tx, org ident.OrganisationID, scan func(db.Scanner) (T, error)) ([]T, error) {
	rows, err := tx.Query(ctx, `SELECT m.id, m.given_name, m.family_name, m.preferred_username FROM accord c JOIN mandat m ON m.id = c.mandat_id
		WHERE c.organisation_id = $1 AND c.piece_id IS NULL AND c.moyen = 'papier' AND c.date_expiration >= $2`, org, tx.Now)
	return db.Collect(rows, err, scan)
}
