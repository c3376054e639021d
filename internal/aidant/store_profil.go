package aidant

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// SetEmail changes the identifier of an account; false when another account
// has this address.
func SetEmail(ctx context.Context, tx *db.Tx, id ident.AidantID, email string) (bool, error) {
	done, err := changed(tx.Exec(ctx, `UPDATE aidant SET email = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM aidant b WHERE b.email = $2 AND b.id <> $1)`, id, email))
	if db.IsUnique(err) {
		return false, nil
	}
	return done, err
}

// SetPhone changes the phone, in E.164 or empty.
func SetPhone(ctx context.Context, tx *db.Tx, id ident.AidantID, e164 string) (bool, error) {
	return changed(tx.Exec(ctx, `UPDATE aidant SET telephone = $2 WHERE id = $1 AND telephone <> $2`, id, e164))
}

// SetProfession changes what the person does.
func SetProfession(ctx context.Context, tx *db.Tx, id ident.AidantID, profession string) error {
	_, err := changed(tx.Exec(ctx, `UPDATE aidant SET profession = $2 WHERE id = $1`, id, profession))
	return err
}

// SetPreferences changes which mails the person accepts besides those that
// nobody can refuse.
func SetPreferences(ctx context.Context, tx *db.Tx, id ident.AidantID, relances, nouveautes bool) error {
	_, err := changed(tx.Exec(ctx, `UPDATE aidant SET relances = $2, nouveautes = $3 WHERE id = $1`, id, relances, nouveautes))
	return err
}

// Appartenance is a membership, or a role of référent, with its dates.
type Appartenance struct {
	Organisation ident.OrganisationID
	Structure    string
	Referent     bool
	Debut, Fin   time.Time // Fin is zero while it lasts
}

// Appartenances gives every membership and role of an account, past ones
// included, those that last first (A-W60).
//
// reads: organisation
func Appartenances(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Appartenance, error) {
	rows, err := tx.Query(ctx, `SELECT v.organisation_id, o.nom, v.referent, v.date_debut, v.date_fin FROM (
			SELECT p.organisation_id, false AS referent, p.date_debut, p.date_fin FROM appartenance p WHERE p.aidant_id = $1
			UNION ALL SELECT r.organisation_id, true, r.date_debut, r.date_fin FROM referent r WHERE r.aidant_id = $1) v
		JOIN organisation o ON o.id = v.organisation_id
		ORDER BY CASE WHEN v.date_fin IS NULL THEN 0 ELSE 1 END, v.date_debut, o.nom_tri, v.referent`, id)
	all, err := db.Collect(rows, err, func(s db.Scanner) (p Appartenance, err error) {
		var debut, fin db.Time
		err = s.Scan(&p.Organisation, &p.Structure, &p.Referent, &debut, &fin)
		p.Debut, p.Fin = debut.Time(), fin.Time()
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list memberships: %w", err)
	}
	return all, nil
}
