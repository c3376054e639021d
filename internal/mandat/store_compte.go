package mandat

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Compte holds the figures of a structure, without a name.
type Compte struct {
	Crees      int // mandats concluded since the beginning
	Actifs     int // active now
	Usagers    int // people who have an active one
	Bientot    int // active, ending within 30 days
	NonSignes  int // active, signatures on paper not recorded
	Incomplets int // active, on paper, the signed copy missing: they wait, or run on the structure's grace
}

// CountFor counts a structure's mandats in one statement.
func CountFor(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (c Compte, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE v.actif), count(DISTINCT v.usager_id) FILTER (WHERE v.actif),
			count(*) FILTER (WHERE v.bientot), count(*) FILTER (WHERE v.actif AND v.papier_statut = 'non_signe'), count(*) FILTER (WHERE v.actif AND v.incomplet)
		FROM (SELECT m.usager_id, `+PapierSQL+` AS papier_statut, `+sqlIncomplet+` AS incomplet, `+sqlActif+` AS actif, `+BientotSQL+`$3) AS bientot FROM mandat m WHERE m.organisation_id = $1) v`,
		org, tx.Now, tx.Now.Add(bientot)).Scan(&c.Crees, &c.Actifs, &c.Usagers, &c.Bientot, &c.NonSignes, &c.Incomplets)
	if err != nil {
		return c, fmt.Errorf("count mandats: %w", err)
	}
	return c, nil
}

// comptesMax bounds what a home page counts: past it the number would cost more
// than it tells.
const comptesMax = 1000

// ToDo counts what a structure has to do: Bientot, NonSignes and Incomplets
// alone, up to a thousand, without reading the mandats that need nothing.
//
// reads: accord
func ToDo(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (c Compte, err error) {
	err = tx.QueryRow(ctx, `SELECT
			(SELECT count(*) FROM (SELECT 1 FROM mandat m WHERE m.organisation_id = $1 AND `+BientotSQL+`$3) LIMIT $4) x),
			(SELECT count(*) FROM (SELECT 1 FROM accord c JOIN mandat m ON m.id = c.mandat_id WHERE c.organisation_id = $1 AND c.moyen = 'certification' AND `+PapierSQL+` = 'non_signe' AND `+sqlActif+` LIMIT $4) x),
			(SELECT count(*) FROM (SELECT 1 FROM accord c JOIN mandat m ON m.id = c.mandat_id WHERE c.organisation_id = $1 AND c.moyen = 'papier' AND c.piece_id IS NULL AND `+sqlActif+` LIMIT $4) x)`,
		org, tx.Now, SeuilBientot(tx.Now), comptesMax).Scan(&c.Bientot, &c.NonSignes, &c.Incomplets)
	if err != nil {
		return c, fmt.Errorf("count what is to do: %w", err)
	}
	c.NonSignes += c.Incomplets
	return c, nil
}
