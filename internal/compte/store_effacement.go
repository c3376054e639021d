package compte

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseAidant destroys what this package keeps of an account.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM changement_courriel WHERE aidant_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM premier_pas WHERE aidant_id = $1`, id)
	return err
}
