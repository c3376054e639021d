package fournisseur

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// RecentUse tells whether this web session used a mandat of this person since
// an instant: their identity may still be open at FranceConnect, and the one
// that comes back may be the one we asserted ourselves (FS-33).
func RecentUse(ctx context.Context, tx *db.Tx, s ident.SessionID, u ident.UsagerID, since db.Time) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM dossier_utilisation WHERE session_id = $1 AND usager_id = $2 AND date_creation > $3)`, s, u, since).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for a recent use: %w", err)
	}
	return yes, nil
}
