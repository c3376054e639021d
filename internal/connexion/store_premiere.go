package connexion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// replaceFirst stores the only pending first connection of an account; the
// former one is void.
func replaceFirst(ctx context.Context, tx *db.Tx, compte ident.AidantID, lien, code []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO premiere_connexion (aidant_id, lien_empreinte, code_empreinte, essais, date_expiration) VALUES ($1,$2,$3,0,$4)
		ON CONFLICT (aidant_id) DO UPDATE SET lien_empreinte = excluded.lien_empreinte, code_empreinte = excluded.code_empreinte, essais = 0, date_expiration = excluded.date_expiration`,
		compte, lien, code, tx.Now.Add(viePremiere))
	if err != nil {
		return fmt.Errorf("store first connection: %w", err)
	}
	return nil
}

func firstLives(ctx context.Context, tx *db.Tx, lien []byte) (live bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM premiere_connexion WHERE lien_empreinte = $1 AND date_expiration > $2)`, lien, tx.Now).Scan(&live)
	return live, err
}

// consumeFirst takes the pending first connection out if the code is right: one
// statement, so it serves once.
func consumeFirst(ctx context.Context, tx *db.Tx, lien, code []byte) (compte ident.AidantID, ok bool, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM premiere_connexion WHERE lien_empreinte = $1 AND code_empreinte = $2 AND date_expiration > $3 RETURNING aidant_id`, lien, code, tx.Now).Scan(&compte)
	if errors.Is(err, sql.ErrNoRows) {
		return compte, false, nil
	}
	if err != nil {
		return compte, false, fmt.Errorf("consume first connection: %w", err)
	}
	return compte, true, nil
}

// countFirst adds a wrong code; the link is void at the last one.
func countFirst(ctx context.Context, tx *db.Tx, lien []byte) (lost bool, err error) {
	var n int
	err = tx.QueryRow(ctx, `UPDATE premiere_connexion SET essais = essais + 1 WHERE lien_empreinte = $1 AND date_expiration > $2 RETURNING essais`, lien, tx.Now).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("count code of the first connection: %w", err)
	}
	if n < MaxEchecs {
		return false, nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM premiere_connexion WHERE lien_empreinte = $1`, lien); err != nil {
		return false, fmt.Errorf("void first connection: %w", err)
	}
	return true, nil
}

// isReferent tells whether the account is référent of an open structure.
//
// reads: referent, organisation
func isReferent(ctx context.Context, tx *db.Tx, compte ident.AidantID) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM referent r JOIN organisation o ON o.id = r.organisation_id WHERE r.aidant_id = $1 AND r.date_fin IS NULL AND o.active)`, compte).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("check référent role: %w", err)
	}
	return yes, nil
}
