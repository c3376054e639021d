package attestation

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseMandat destroys the readings of a mandat, at the end of its retention.
func EraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	_, err := tx.Exec(ctx, `DELETE FROM verification_consultation WHERE mandat_id = $1`, id)
	return err
}
