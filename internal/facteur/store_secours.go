package facteur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// replaceSecours stores new recovery codes, digests only, in the place of the
// former ones; it names the lot by its first row.
func replaceSecours(ctx context.Context, tx *db.Tx, aidant ident.AidantID, digests [][]byte) (first ident.FacteurID, err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM facteur_secours WHERE aidant_id = $1`, aidant); err != nil {
		return first, fmt.Errorf("delete former recovery codes: %w", err)
	}
	for i, d := range digests {
		id := ident.New[ident.FacteurID]()
		if i == 0 {
			first = id
		}
		_, err := tx.Exec(ctx, `INSERT INTO facteur_secours (id, aidant_id, code_empreinte, date_creation, date_expiration) VALUES ($1,$2,$3,$4,$5)`,
			id, aidant, d, tx.Now, tx.Now.Add(SecoursDuree))
		if err != nil {
			return first, fmt.Errorf("insert recovery code: %w", err)
		}
	}
	return first, nil
}

// takeSecours consumes a recovery code, in one statement, so that it serves
// once; it gives how many are left.
func takeSecours(ctx context.Context, tx *db.Tx, aidant ident.AidantID, digest []byte) (id ident.FacteurID, left int, ok bool, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM facteur_secours WHERE aidant_id = $1 AND code_empreinte = $2 AND date_expiration > $3 RETURNING id`, aidant, digest, tx.Now).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return id, 0, false, nil
	}
	if err != nil {
		return id, 0, false, fmt.Errorf("consume recovery code: %w", err)
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FROM facteur_secours WHERE aidant_id = $1 AND date_expiration > $2`, aidant, tx.Now).Scan(&left)
	if err != nil {
		return id, 0, false, fmt.Errorf("count recovery codes: %w", err)
	}
	return id, left, true, nil
}
