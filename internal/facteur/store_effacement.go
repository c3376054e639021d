package facteur

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseAidant destroys every factor of an account, and what is kept of those
// it had.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	for _, act := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM facteur_defi WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM facteur_cle WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM facteur_attente WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM facteur_essai WHERE aidant_id = $1`, id) },
		func() (int64, error) {
			return tx.Exec(ctx, `DELETE FROM facteur_invitation WHERE aidant_id = $1`, id)
		},
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM facteur_secours WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM facteur WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM facteur_retrait WHERE aidant_id = $1`, id) },
	} {
		if _, err := act(); err != nil {
			return fmt.Errorf("erase factors: %w", err)
		}
	}
	return nil
}
