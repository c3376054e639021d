package acces

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// zero stands for every structure in a condition.
const zero = "00000000-0000-0000-0000-000000000000"

func orgOrZero(o ident.OrganisationID) string {
	if o.IsZero() {
		return zero
	}
	return o.String()
}

func insert(ctx context.Context, tx *db.Tx, d Demande) error {
	var org any
	if !d.Organisation.IsZero() {
		org = d.Organisation
	}
	_, err := tx.Exec(ctx, `INSERT INTO acces_demande (id, usager_id, organisation_id, aidant_id, verification, recue, date_creation) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		d.ID, d.Usager, org, d.Aidant, string(d.Verification), d.Recue, tx.Now)
	if err != nil {
		return fmt.Errorf("record demand of access: %w", err)
	}
	return nil
}

const colonnes = `d.id, d.usager_id, d.organisation_id, d.aidant_id, a.prenom || ' ' || a.nom, d.verification, d.recue, d.date_creation, d.date_remise`

func scan(s db.Scanner) (d Demande, err error) {
	var creation, remise db.Time
	err = s.Scan(&d.ID, &d.Usager, &d.Organisation, &d.Aidant, &d.Par, &d.Verification, &d.Recue, &creation, &remise)
	d.Creation, d.Remise = creation.Time(), remise.Time()
	return d, err
}

// registreMax bounds the register on its page.
const registreMax = 100

// register lists the demands, the latest first: a structure's own, or those
// made to the team.
//
// reads: aidant
func register(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Demande, error) {
	rows, err := tx.Query(ctx, `SELECT `+colonnes+` FROM acces_demande d JOIN aidant a ON a.id = d.aidant_id
		WHERE COALESCE(d.organisation_id, '`+zero+`') = $1 ORDER BY d.date_creation DESC, d.id DESC LIMIT $2`, orgOrZero(org), registreMax)
	return db.Collect(rows, err, scan)
}

// load reads a demand of who looks; another's is not there.
//
// reads: aidant
func load(ctx context.Context, tx *db.Tx, id ident.OperationID, org ident.OrganisationID, by ident.AidantID) (Demande, error) {
	d, err := scan(tx.QueryRow(ctx, `SELECT `+colonnes+` FROM acces_demande d JOIN aidant a ON a.id = d.aidant_id
		WHERE d.id = $1 AND d.aidant_id = $2 AND COALESCE(d.organisation_id, '`+zero+`') = $3`, id, by, orgOrZero(org)))
	if errors.Is(err, sql.ErrNoRows) {
		return d, fault.New(fault.NotFound, "demande_introuvable")
	}
	if err == nil && !d.Open(tx.Now.Time()) {
		return d, fault.New(fault.NotFound, "demande_fermee")
	}
	return d, err
}

func markGiven(ctx context.Context, tx *db.Tx, id ident.OperationID) error {
	_, err := tx.Exec(ctx, `UPDATE acces_demande SET date_remise = $2 WHERE id = $1 AND date_remise IS NULL`, id, tx.Now)
	return err
}

// EraseUsager destroys the demands of a person whose retention is over.
func EraseUsager(ctx context.Context, tx *db.Tx, id ident.UsagerID) error {
	_, err := tx.Exec(ctx, `DELETE FROM acces_demande WHERE usager_id = $1`, id)
	return err
}

// mandats lists those of a person by their public code: all of them, or those
// with one structure.
//
// reads: mandat
func mandats(ctx context.Context, tx *db.Tx, u ident.UsagerID, org ident.OrganisationID) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT code_public FROM mandat WHERE usager_id = $1 AND (organisation_id = $2 OR $2 = '`+zero+`') ORDER BY date_creation, id`, u, orgOrZero(org))
	return db.Collect(rows, err, func(s db.Scanner) (code string, err error) { return code, s.Scan(&code) })
}
