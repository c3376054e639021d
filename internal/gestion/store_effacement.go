package gestion

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseAidant destroys what the team did about an account, and why; what the
// account did for the team stays, by nobody.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM acte_gestion WHERE aidant_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM accord_gestion WHERE aidant_id = $1`, id)
	return err
}
