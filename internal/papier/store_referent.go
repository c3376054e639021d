package papier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// missingByCode gives the mandats on paper of this structure whose signed copy
// is missing, by code and aidant: a référent reads no name of a person helped.
//
// reads: accord, mandat, aidant
func missingByCode(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]ligneReferent, error) {
	as, err := consentement.ToComplete(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	var out []ligneReferent
	rows, err := tx.Query(ctx, `SELECT m.id, m.code_public, a.prenom, a.nom FROM accord c JOIN mandat m ON m.id = c.mandat_id JOIN aidant a ON a.id = m.aidant_id
		WHERE c.organisation_id = $1 AND c.piece_id IS NULL AND c.moyen = 'papier' AND c.date_expiration >= $2
		ORDER BY c.date_creation, c.mandat_id LIMIT $3`, org, tx.Now, len(as)) // the same
	type nom struct {
		id           ident.MandatID
		code, aidant string
	}
	ns, err := db.Collect(rows, err, func(s db.Scanner) (n nom, err error) {
		var prenom, famille string
		err = s.Scan(&n.id, &n.code, &prenom, &famille)
		n.aidant = prenom + " " + famille
		return n, err
	})
	if err != nil {
		return nil, err
	}
	by := make(map[ident.MandatID]nom, len(ns))
	for _, n := range ns {
		by[n.id] = n
	}
	for _, a := range as {
		out = append(out, ligneReferent{Code: by[a.Mandat].code, Aidant: by[a.Mandat].aidant, Accord: a})
	}
	return out, nil
}

// accordOfCode finds a mandat on paper of this structure by the code printed
// on it. Unknown, foreign and already complete give the same answer.
//
// reads: mandat
func accordOfCode(ctx context.Context, tx *db.Tx, org ident.OrganisationID, code string) (consentement.Accord, error) {
	wrong := fault.Form(fault.Fields{"code": "Aucun mandat à compléter n’a ce code dans votre structure. Vérifiez les 12 signes."})
	var id ident.MandatID
	err := tx.QueryRow(ctx, `SELECT id FROM mandat WHERE code_public = $1 AND organisation_id = $2`, code, org).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return consentement.Accord{}, wrong
	}
	if err != nil {
		return consentement.Accord{}, fmt.Errorf("find mandat by code: %w", err)
	}
	a, err := consentement.Load(ctx, tx, org, id)
	if fault.Is(err, fault.NotFound) || err == nil && (a.Moyen != consentement.Papier || a.Complete()) {
		return a, wrong
	}
	return a, err
}
