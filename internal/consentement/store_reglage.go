package consentement

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Grace is the number of days this structure gives itself to join the signed
// copy of a mandat on paper: none unless its référent chose otherwise.
func Grace(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT grace_jours FROM accord_reglage WHERE organisation_id = $1`, org).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read grace: %w", err)
	}
	return n, nil
}

// SetGrace records the choice of a référent; mandats already signed keep theirs.
func SetGrace(ctx context.Context, tx *db.Tx, org ident.OrganisationID, by ident.AidantID, jours int) error {
	_, err := tx.Exec(ctx, `INSERT INTO accord_reglage (organisation_id, grace_jours, aidant_id, date_maj) VALUES ($1,$2,$3,$4)
		ON CONFLICT (organisation_id) DO UPDATE SET grace_jours = excluded.grace_jours, aidant_id = excluded.aidant_id, date_maj = excluded.date_maj`, org, jours, by, tx.Now)
	if err != nil {
		return fmt.Errorf("set grace: %w", err)
	}
	return nil
}
