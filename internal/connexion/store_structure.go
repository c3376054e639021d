package connexion

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// MoveSessions gives the open sessions of an account that stand in one
// structure another current structure: the membership of the first just ended
// (comptes 7.4).
func MoveSessions(ctx context.Context, tx *db.Tx, id ident.AidantID, from, to ident.OrganisationID) error {
	if _, err := tx.Exec(ctx, `UPDATE session_web SET organisation_id = $3 WHERE aidant_id = $1 AND organisation_id = $2`, id, from, to); err != nil {
		return fmt.Errorf("move sessions: %w", err)
	}
	return nil
}
