package fournisseur

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// EraseMandat destroys the work rows of a mandat, at the end of its retention.
func EraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	_, err := tx.Exec(ctx, `DELETE FROM dossier_utilisation WHERE mandat_id = $1`, id)
	return err
}

// EraseUsager destroys those of a person that reached no mandat.
func EraseUsager(ctx context.Context, tx *db.Tx, id ident.UsagerID) error {
	_, err := tx.Exec(ctx, `DELETE FROM dossier_utilisation WHERE usager_id = $1`, id)
	return err
}
