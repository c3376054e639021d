package connexion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// memberships gives the organisations of a person, by name.
//
// reads: appartenance, organisation
func memberships(ctx context.Context, tx *db.Tx, compte ident.AidantID) ([]Structure, error) {
	rows, err := tx.Query(ctx, `SELECT o.id, o.nom, o.ville, o.active FROM appartenance p JOIN organisation o ON o.id = p.organisation_id
		WHERE p.aidant_id = $1 AND p.date_fin IS NULL ORDER BY o.nom, o.id`, compte)
	return db.Collect(rows, err, func(s db.Scanner) (o Structure, err error) { return o, s.Scan(&o.ID, &o.Nom, &o.Ville, &o.Active) })
}

// reads: appartenance
func isMember(ctx context.Context, tx *db.Tx, compte ident.AidantID, org ident.OrganisationID) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM appartenance WHERE aidant_id = $1 AND organisation_id = $2 AND date_fin IS NULL)`, compte, org).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("check membership: %w", err)
	}
	return yes, nil
}

// setOrganisation changes the current organisation of a session and gives the
// one before.
func setOrganisation(ctx context.Context, tx *db.Tx, id ident.SessionID, org ident.OrganisationID) (avant ident.OrganisationID, err error) {
	err = tx.QueryRow(ctx, `SELECT organisation_id FROM session_web WHERE id = $1`, id).Scan(&avant)
	if errors.Is(err, sql.ErrNoRows) {
		return avant, fault.New(fault.Unauthenticated, "session_fermee")
	}
	if err != nil {
		return avant, fmt.Errorf("read current organisation: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE session_web SET organisation_id = $2 WHERE id = $1`, id, org); err != nil {
		return avant, fmt.Errorf("switch organisation: %w", err)
	}
	return avant, nil
}
