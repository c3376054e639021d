package notification

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseAidant destroys what an account read.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	_, err := tx.Exec(ctx, `DELETE FROM notification_lecture WHERE aidant_id = $1`, id)
	return err
}
