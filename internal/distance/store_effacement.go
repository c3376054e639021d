package distance

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/textos"
)

// EraseMandat destroys the request that a mandat was signed with, and its
// dialogue by SMS.
func EraseMandat(ctx context.Context, tx *db.Tx, m ident.MandatID) error {
	rows, err := tx.Query(ctx, `SELECT id FROM demande_accord WHERE mandat_id = $1`, m)
	ids, err := db.Collect(rows, err, scanID)
	return eraseAll(ctx, tx, ids, err)
}

// EraseUsager destroys the requests made to a person, and those of the
// dossiers prepared for them.
//
// reads: dossier_signature
func EraseUsager(ctx context.Context, tx *db.Tx, u ident.UsagerID) error {
	rows, err := tx.Query(ctx, `SELECT id FROM demande_accord WHERE usager_id = $1 OR attendu_id = $1 OR dossier_id IN (SELECT d.id FROM dossier_signature d WHERE d.usager_id = $1)`, u)
	ids, err := db.Collect(rows, err, scanID)
	return eraseAll(ctx, tx, ids, err)
}

func scanID(s db.Scanner) (id ident.DemandeID, err error) { return id, s.Scan(&id) }

func eraseAll(ctx context.Context, tx *db.Tx, ids []ident.DemandeID, err error) error {
	if err != nil {
		return fmt.Errorf("find requests: %w", err)
	}
	for _, id := range ids {
		if err := textos.Erase(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM demande_accord WHERE id = $1`, id); err != nil {
			return fmt.Errorf("erase request: %w", err)
		}
	}
	return nil
}
