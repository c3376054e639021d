package fin

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

func insertEcrite(ctx context.Context, tx *db.Tx, m ident.MandatID, op ident.OperationID, d Ecrite) error {
	_, err := tx.Exec(ctx, `INSERT INTO revocation_ecrite (mandat_id, operation_id, recue, reference) VALUES ($1,$2,$3,$4)`, m, op, d.Recue, d.Reference)
	if err != nil {
		return fmt.Errorf("record written revocation: %w", err)
	}
	return nil
}

// received is the day the team received what the act records; "" when the
// person did not write to it.
func received(ctx context.Context, tx *db.Tx, m ident.MandatID, op ident.OperationID) (day string, err error) {
	err = tx.QueryRow(ctx, `SELECT recue FROM revocation_ecrite WHERE mandat_id = $1 AND operation_id = $2`, m, op).Scan(&day)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("look for a written revocation: %w", err)
	}
	return day, nil
}

// Enregistree is a written revocation, as the team reads it again.
type Enregistree struct {
	Ecrite
	Operation ident.OperationID
	Mandat    ident.MandatID
	Code      string // of the mandat
	Structure string
	Entier    bool
	Le        db.Time
	Par       string // of the team
}

// Written gives the last written revocations, the latest first: of a mandat, or
// of all when it is zero.
//
// reads: mandat, mandat_fin, aidant
func Written(ctx context.Context, tx *db.Tx, m ident.MandatID) ([]Enregistree, error) {
	rows, err := tx.Query(ctx, `SELECT r.mandat_id, r.operation_id, f.canal, r.recue, r.reference, m.code_public, m.organisation_nom, f.entier, f.date_connue, COALESCE(a.prenom || ' ' || a.nom, '')
		FROM revocation_ecrite r JOIN mandat_fin f ON f.mandat_id = r.mandat_id AND f.operation_id = r.operation_id JOIN mandat m ON m.id = r.mandat_id LEFT JOIN aidant a ON a.id = f.aidant_id
		WHERE $2 OR r.mandat_id = $1 ORDER BY f.date_connue DESC, r.operation_id LIMIT 50`, m, m.IsZero())
	list, err := db.Collect(rows, err, func(s db.Scanner) (x Enregistree, err error) {
		return x, s.Scan(&x.Mandat, &x.Operation, &x.Canal, &x.Recue, &x.Reference, &x.Code, &x.Structure, &x.Entier, &x.Le, &x.Par)
	})
	if err != nil {
		return nil, fmt.Errorf("list written revocations: %w", err)
	}
	return list, nil
}
