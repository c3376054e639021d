package aidant

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// What changes during the life of an account. These functions write rows and
// nothing else: the acts, with their rules, mails and journal, are in compte.

// Close closes an open account, for a reason of compte's list. The next
// request of any of its sessions is refused (A-W76).
func Close(ctx context.Context, tx *db.Tx, id ident.AidantID, motif string) (bool, error) {
	return changed(tx.Exec(ctx, `UPDATE aidant SET actif = false, date_etat = $3, motif_etat = $2, date_avertissement = NULL WHERE id = $1 AND actif`, id, motif, tx.Now))
}

// Reopen opens a closed account again and restarts its clock (A-W26).
func Reopen(ctx context.Context, tx *db.Tx, id ident.AidantID) (bool, error) {
	return changed(tx.Exec(ctx, `UPDATE aidant SET actif = true, date_etat = $2, motif_etat = '', date_avertissement = NULL, date_rappel = NULL, date_archive = NULL
		WHERE id = $1 AND NOT actif AND date_effacement IS NULL`, id, tx.Now))
}

// SetHabilite gives or takes the right to conclude and use mandats. Who gets it
// is no longer « référent non aidant »; a référent who loses it becomes so.
func SetHabilite(ctx context.Context, tx *db.Tx, id ident.AidantID, habilite bool) (bool, error) {
	return changed(tx.Exec(ctx, `UPDATE aidant SET habilite = $2, referent_non_aidant = NOT $2 AND EXISTS
			(SELECT 1 FROM referent r WHERE r.aidant_id = aidant.id AND r.date_fin IS NULL)
		WHERE id = $1 AND habilite <> $2`, id, habilite))
}

// StartReferent makes the person référent of a structure from now on.
func StartReferent(ctx context.Context, tx *db.Tx, id ident.AidantID, org ident.OrganisationID) error {
	_, err := tx.Exec(ctx, `INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`,
		ident.New[ident.OperationID](), id, org, tx.Now)
	if err != nil {
		return fmt.Errorf("insert référent role: %w", err)
	}
	return nil
}

// EndReferent ends the role; false when there was none.
func EndReferent(ctx context.Context, tx *db.Tx, id ident.AidantID, org ident.OrganisationID) (bool, error) {
	return changed(tx.Exec(ctx, `UPDATE referent SET date_fin = $3 WHERE aidant_id = $1 AND organisation_id = $2 AND date_fin IS NULL`, id, org, tx.Now))
}

// Place is what an account is in one structure, now.
type Place struct {
	Membre, Referent bool
	Structures       int // memberships of the account, this one included
	AutresReferents  int // other open accounts that are référents of the structure
}

// PlaceIn reads what an account is in a structure.
func PlaceIn(ctx context.Context, tx *db.Tx, id ident.AidantID, org ident.OrganisationID) (p Place, err error) {
	err = tx.QueryRow(ctx, `SELECT
			EXISTS (SELECT 1 FROM appartenance p WHERE p.aidant_id = $1 AND p.organisation_id = $2 AND p.date_fin IS NULL),
			EXISTS (SELECT 1 FROM referent r WHERE r.aidant_id = $1 AND r.organisation_id = $2 AND r.date_fin IS NULL),
			(SELECT count(*) FROM appartenance p WHERE p.aidant_id = $1 AND p.date_fin IS NULL),
			(SELECT count(*) FROM referent r JOIN aidant a ON a.id = r.aidant_id
				WHERE r.organisation_id = $2 AND r.date_fin IS NULL AND a.actif AND a.id <> $1)`, id, org).
		Scan(&p.Membre, &p.Referent, &p.Structures, &p.AutresReferents)
	if err != nil {
		return p, fmt.Errorf("read place in the structure: %w", err)
	}
	return p, nil
}

// Supervises tells whether a person is référent of a structure to which another
// belongs.
func Supervises(ctx context.Context, tx *db.Tx, referent, id ident.AidantID) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM referent r JOIN appartenance p ON p.organisation_id = r.organisation_id
		WHERE r.aidant_id = $1 AND r.date_fin IS NULL AND p.aidant_id = $2 AND p.date_fin IS NULL)`, referent, id).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("read who supervises: %w", err)
	}
	return yes, nil
}

// Referents gives the open accounts that are référents of a structure, by name.
func Referents(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Aidant, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM referent r JOIN aidant a ON a.id = r.aidant_id
		WHERE r.organisation_id = $1 AND r.date_fin IS NULL AND a.actif ORDER BY a.nom_tri, a.id`, org)
	return db.Collect(rows, err, scan)
}

// changed tells whether a conditional change found its row.
func changed(n int64, err error) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("change account: %w", err)
	}
	return n > 0, nil
}
