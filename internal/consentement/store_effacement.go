package consentement

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseMandat destroys the agreement to a mandat and its proofs, at the end of
// its retention: their content first, which the database demands.
func EraseMandat(ctx context.Context, tx *db.Tx, m ident.MandatID) error {
	if _, err := tx.Exec(ctx, `UPDATE accord_piece SET contenu_chiffre = NULL, date_effacement = $2 WHERE mandat_id = $1 AND date_effacement IS NULL`, m, tx.Now); err != nil {
		return fmt.Errorf("erase proofs: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM accord WHERE mandat_id = $1`, m); err != nil {
		return fmt.Errorf("erase agreement: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM accord_piece WHERE mandat_id = $1`, m); err != nil {
		return fmt.Errorf("erase proofs: %w", err)
	}
	return nil
}
