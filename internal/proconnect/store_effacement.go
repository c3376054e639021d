package proconnect

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseAidant destroys the link of an account with ProConnect.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	_, err := tx.Exec(ctx, `DELETE FROM proconnect_compte WHERE aidant_id = $1`, id)
	return err
}
