package mandat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/usager"
)

// OfAutorisation reads the mandat of one autorisation of this structure with
// this person; anything else is fault.NotFound (M-W31).
func OfAutorisation(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID, id ident.AutorisationID) (Mandat, error) {
	var m ident.MandatID
	err := tx.QueryRow(ctx, `SELECT mandat_id FROM autorisation WHERE id = $1 AND organisation_id = $2 AND usager_id = $3`, id, org, u).Scan(&m)
	if errors.Is(err, sql.ErrNoRows) {
		return Mandat{}, fault.New(fault.NotFound, "autorisation_introuvable")
	}
	if err != nil {
		return Mandat{}, fmt.Errorf("find mandat of autorisation: %w", err)
	}
	return Load(ctx, tx, org, m)
}

// LoadFin reads the act that ended a mandat or a part of it.
func LoadFin(ctx context.Context, tx *db.Tx, m ident.MandatID, op ident.OperationID) (Fin, error) {
	f := Fin{Mandat: m, Operation: op}
	err := tx.QueryRow(ctx, `SELECT motif, entier, canal, aidant_id, date_effet, date_connue FROM mandat_fin WHERE mandat_id = $1 AND operation_id = $2`, m, op).
		Scan(&f.Motif, &f.Entier, &f.Canal, &f.Aidant, &f.Effet, &f.Connue)
	if err != nil {
		return f, fmt.Errorf("load end: %w", err)
	}
	return f, nil
}

// NoticeAddress is where the person is told: what this structure holds for
// them, else what the mandat carries; "" if nowhere.
func NoticeAddress(ctx context.Context, tx *db.Tx, m Mandat) (string, error) {
	to, err := usager.ContactEmail(ctx, tx, m.Organisation, m.Usager)
	if to == "" {
		to = m.Identite.Email
	}
	return to, err
}

// SignPapier records that both signatures are on the paper. Zero rows, known
// by done, when it was recorded already or when the mandat is not this
// structure's.
func SignPapier(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.MandatID, by ident.AidantID) (done bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE mandat SET papier_statut = 'signe', papier_date = $3, papier_aidant_id = $4 WHERE id = $1 AND organisation_id = $2 AND papier_statut = 'non_signe'`,
		id, org, tx.Now, by)
	if err != nil {
		return false, fmt.Errorf("record paper signature: %w", err)
	}
	return n == 1, nil
}

// LiveOfUsager gives the mandats in force of a person with every structure,
// in the order they were signed.
func LiveOfUsager(ctx context.Context, tx *db.Tx, u ident.UsagerID) ([]Mandat, error) {
	rows, err := tx.Query(ctx, `SELECT m.id, m.organisation_id FROM mandat m WHERE m.usager_id = $1 AND `+sqlActif+` ORDER BY m.date_creation, m.id`, u, tx.Now)
	keys, err := db.Collect(rows, err, func(s db.Scanner) (m Mandat, err error) { return m, s.Scan(&m.ID, &m.Organisation) })
	for i, k := range keys {
		if err != nil {
			break
		}
		keys[i], err = loadAny(ctx, tx, k.Organisation, k.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("list mandats in force: %w", err)
	}
	return keys, nil
}

// Successor names the structure and the code of the mandat that continues
// another one: its own structure may read no more of it.
func Successor(ctx context.Context, tx *db.Tx, m Mandat) (structure, code string, err error) {
	if m.Successeur.IsZero() {
		return "", "", nil
	}
	if err := tx.QueryRow(ctx, `SELECT organisation_nom, code_public FROM mandat WHERE id = $1`, m.Successeur).Scan(&structure, &code); err != nil {
		return "", "", fmt.Errorf("read successor: %w", err)
	}
	return structure, code, nil
}
