package mandat

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Erase destroys a mandat at the end of its retention: document, record,
// ends, autorisations. Those that follow it let it go.
func Erase(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	for _, act := range []func() (int64, error){
		func() (int64, error) {
			return tx.Exec(ctx, `UPDATE mandat SET successeur_id = NULL WHERE successeur_id = $1`, id)
		},
		func() (int64, error) {
			return tx.Exec(ctx, `UPDATE mandat SET predecesseur_id = NULL WHERE predecesseur_id = $1`, id)
		},
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM mandat_document WHERE mandat_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM autorisation WHERE mandat_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM mandat_fin WHERE mandat_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM mandat WHERE id = $1`, id) },
	} {
		if _, err := act(); err != nil {
			return fmt.Errorf("erase mandat: %w", err)
		}
	}
	return nil
}

// EraseUsager destroys the keys of the lists for a person without a mandat.
func EraseUsager(ctx context.Context, tx *db.Tx, u ident.UsagerID) error {
	_, err := tx.Exec(ctx, `DELETE FROM mandat_relation WHERE usager_id = $1`, u)
	return err
}
