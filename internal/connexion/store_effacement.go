package connexion

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseAidant destroys what is left of the sign-ins of an account.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	for _, act := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM session_web WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM lien_connexion WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM premiere_connexion WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM empreinte_connexion WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM appareil WHERE aidant_id = $1`, id) },
	} {
		if _, err := act(); err != nil {
			return fmt.Errorf("erase sign-ins: %w", err)
		}
	}
	return nil
}
