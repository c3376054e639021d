package traduction

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// reviews lists the reviews in force.
func reviews(ctx context.Context, tx *db.Tx) ([]Relecture, error) {
	rows, err := tx.Query(ctx, `SELECT id, langue, empreinte, relecteur, qualite, date_creation FROM traduction_relecture WHERE date_retrait IS NULL ORDER BY date_creation, id`)
	rs, err := db.Collect(rows, err, func(s db.Scanner) (r Relecture, err error) {
		var date db.Time
		err = s.Scan(&r.ID, &r.Langue, &r.Empreinte, &r.Relecteur, &r.Qualite, &date)
		r.Date = date.Time()
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("list reviews: %w", err)
	}
	return rs, nil
}

// insert records a review; fault.Conflict when this very text has one.
func insert(ctx context.Context, tx *db.Tx, r Relecture, by ident.AidantID) error {
	n, err := tx.Exec(ctx, `INSERT INTO traduction_relecture (id, langue, empreinte, relecteur, qualite, pose_par, date_creation) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (langue, empreinte) WHERE date_retrait IS NULL DO NOTHING`,
		r.ID, r.Langue, r.Empreinte, r.Relecteur, string(r.Qualite), by, tx.Now)
	if err != nil {
		return fmt.Errorf("record review: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "deja_relue")
	}
	return nil
}

// withdraw takes a review back; fault.Conflict when it is not in force.
func withdraw(ctx context.Context, tx *db.Tx, id ident.OperationID, by ident.AidantID) (r Relecture, err error) {
	err = tx.QueryRow(ctx, `UPDATE traduction_relecture SET date_retrait = $2, retire_par = $3 WHERE id = $1 AND date_retrait IS NULL RETURNING langue, empreinte`,
		id, tx.Now, by).Scan(&r.Langue, &r.Empreinte)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.Conflict, "deja_retiree")
	}
	if err != nil {
		return r, fmt.Errorf("withdraw review: %w", err)
	}
	return r, nil
}
