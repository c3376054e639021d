package signature

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseUsager destroys the dossiers of a person, at the end of their retention.
func EraseUsager(ctx context.Context, tx *db.Tx, u ident.UsagerID) error {
	_, err := tx.Exec(ctx, `DELETE FROM dossier_signature WHERE usager_id = $1`, u)
	return err
}

// EraseMandat lets go, in the dossiers, of a mandat that is erased.
func EraseMandat(ctx context.Context, tx *db.Tx, m ident.MandatID) error {
	_, err := tx.Exec(ctx, `UPDATE dossier_signature SET predecesseur_id = NULL WHERE predecesseur_id = $1`, m)
	return err
}
