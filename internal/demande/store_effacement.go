package demande

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseAidant destroys what was typed by an account, and asked about it. What
// it asked of others is theirs, and goes with EraseOld.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	for _, act := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM ajout_brouillon WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM rattachement WHERE aidant_id = $1`, id) },
	} {
		if _, err := act(); err != nil {
			return fmt.Errorf("erase requests: %w", err)
		}
	}
	return nil
}

// EraseOld destroys the requests that ended before an instant: they hold the
// address, and sometimes the name and phone, of who they were about.
func EraseOld(ctx context.Context, tx *db.Tx, before db.Time) (int, error) {
	total := int64(0)
	for _, act := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM rattachement WHERE date_fin < $1`, before) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM coreferent WHERE date_fin < $1`, before) },
		func() (int64, error) {
			return tx.Exec(ctx, `DELETE FROM correction_structure WHERE date_fin < $1`, before)
		},
	} {
		n, err := act()
		if err != nil {
			return 0, fmt.Errorf("erase old requests: %w", err)
		}
		total += n
	}
	return int(total), nil
}
