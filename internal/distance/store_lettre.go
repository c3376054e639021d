package distance

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// setLetter keeps the digest of the letter that was printed.
func setLetter(ctx context.Context, tx *db.Tx, id ident.DemandeID, lettre []byte) error {
	_, err := tx.Exec(ctx, `UPDATE demande_accord SET lettre_empreinte = $2 WHERE id = $1`, id, lettre)
	if err != nil {
		return fmt.Errorf("keep letter: %w", err)
	}
	return nil
}

// try counts a code that is about to be compared: a try is used before it is
// judged. No row: the letter is over, or too many were wrong.
func try(ctx context.Context, tx *db.Tx, id ident.DossierID) (Demande, error) {
	return one(tx.QueryRow(ctx, `UPDATE demande_accord SET essais = essais + 1
		WHERE dossier_id = $1 AND moyen = 'courrier' AND statut = 'envoyee' AND essais < $2 AND date_limite > $3 RETURNING `+columns, id, essaisMax, tx.Now), errFinie)
}

// letterOf reads the digests of a letter: its code and its pages.
func letterOf(ctx context.Context, tx *db.Tx, id ident.DemandeID) (code, lettre []byte, err error) {
	if err = tx.QueryRow(ctx, `SELECT code_empreinte, lettre_empreinte FROM demande_accord WHERE id = $1`, id).Scan(&code, &lettre); err != nil {
		return nil, nil, fmt.Errorf("load letter: %w", err)
	}
	return code, lettre, nil
}
