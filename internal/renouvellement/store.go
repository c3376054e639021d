package renouvellement

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// OfUsager reads what was renewed between a person and a structure. The rank
// is that of their latest mandat: a mandat made by a connection starts again.
//
// reads: mandat
func OfUsager(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) (Historique, error) {
	h := Historique{Renouveles: map[ident.MandatID]bool{}}
	rows, err := tx.Query(ctx, `SELECT r.predecesseur_id FROM renouvellement r WHERE r.usager_id = $1 AND r.organisation_id = $2`, u, org)
	all, err := db.Collect(rows, err, func(s db.Scanner) (id ident.MandatID, err error) { return id, s.Scan(&id) })
	if err != nil {
		return h, err
	}
	for _, id := range all {
		h.Renouveles[id] = true
	}
	err = tx.QueryRow(ctx, `SELECT COALESCE((SELECT r.rang FROM renouvellement r WHERE r.mandat_id = m.id), 0) FROM mandat m
		WHERE m.organisation_id = $1 AND m.usager_id = $2 ORDER BY m.date_creation DESC, m.id DESC LIMIT 1`, org, u).Scan(&h.Rang)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("read renewals: %w", err)
	}
	return h, nil
}

// read gives the mandat to renew and the history of its person.
func (a Acte) read(ctx context.Context, tx *db.Tx) (m mandat.Mandat, h Historique, err error) {
	m, err = mandat.Load(ctx, tx, a.Organisation, a.Predecesseur)
	if fault.Is(err, fault.NotFound) {
		return m, h, fault.New(fault.Conflict, RaisonNonRenouvelable)
	}
	if err != nil {
		return m, h, err
	}
	h, err = OfUsager(ctx, tx, a.Organisation, m.Usager)
	return m, h, err
}

// Record writes, within the signature, that this mandat renews another.
// former is what it renews, as it was before the signature.
func (a Acte) Record(ctx context.Context, tx *db.Tx, m mandat.Mandat, former Ancien) error {
	rang := 0
	if !a.Franceconnect {
		rang = former.rang + 1
	}
	_, err := tx.Exec(ctx, `INSERT INTO renouvellement (mandat_id, predecesseur_id, organisation_id, usager_id, rang, elargi, date_creation) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		m.ID, a.Predecesseur, m.Organisation, m.Usager, rang, former.elargi, tx.Now)
	if err != nil {
		return fmt.Errorf("record renewal: %w", err)
	}
	return nil
}

// Ancien is what a renewal must know of the mandat it takes over, read before
// the signature revokes it.
type Ancien struct {
	rang   int
	elargi bool
}

// Before verifies, and reads what Record needs.
func (a Acte) Before(ctx context.Context, tx *db.Tx) (Ancien, error) {
	m, h, err := a.read(ctx, tx)
	if err != nil {
		return Ancien{}, err
	}
	return Ancien{h.Rang, Widens(m, a.Demande)}, a.Check(m, h, tx.Now.Time())
}

// EraseMandat destroys the renewals of a mandat, and what it renewed, at the
// end of its retention. What renewed it ended years ago.
func EraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	_, err := tx.Exec(ctx, `DELETE FROM renouvellement WHERE mandat_id = $1 OR predecesseur_id = $1`, id)
	return err
}
