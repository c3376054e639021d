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

// CountFor counts a structure's mandats: what is to do as ToDo, the others from
// what the lists keep counted.
func CountFor(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (Compte, error) {
	c, err := ToDo(ctx, tx, org)
	if err != nil {
		return c, err
	}
	err = tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM mandat m WHERE m.organisation_id = $1), COALESCE(sum(x.n), 0), count(x.n) FROM (
			SELECT r.actifs AS n FROM mandat_relation r WHERE `+ListeActifsSQL+`
			UNION ALL SELECT count(*) FROM mandat_relation r JOIN mandat m ON m.organisation_id = r.organisation_id AND m.usager_id = r.usager_id
			WHERE `+ARevoirSQL+` AND `+sqlActif+` GROUP BY r.usager_id) x`, org, tx.Now).Scan(&c.Crees, &c.Actifs, &c.Usagers)
	if err != nil {
		return c, fmt.Errorf("count mandats: %w", err)
	}
	return c, nil
}

// ComptesMax bounds what a home page counts of what is to do: past it the number
// would cost more than it tells, and the page says « au moins ».
const ComptesMax = 1000

// ToDo counts what a structure has to do: Bientot, NonSignes and Incomplets
// alone, up to a thousand, without reading the mandats that need nothing.
//
// reads: accord
func ToDo(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (c Compte, err error) {
	err = tx.QueryRow(ctx, `SELECT
			(SELECT count(*) FROM (SELECT 1 FROM mandat m WHERE m.organisation_id = $1 AND `+BientotSQL+`$3) LIMIT $4) x),
			(SELECT count(*) FROM (SELECT 1 FROM accord c JOIN mandat m ON m.id = c.mandat_id WHERE c.organisation_id = $1 AND c.moyen = 'certification' AND `+PapierSQL+` = 'non_signe' AND `+sqlActif+` LIMIT $4) x),
			(SELECT count(*) FROM (SELECT 1 FROM accord c JOIN mandat m ON m.id = c.mandat_id WHERE c.organisation_id = $1 AND c.moyen = 'papier' AND c.piece_id IS NULL AND `+sqlActif+` LIMIT $4) x)`,
		org, tx.Now, SeuilBientot(tx.Now), ComptesMax).Scan(&c.Bientot, &c.NonSignes, &c.Incomplets)
	if err != nil {
		return c, fmt.Errorf("count what is to do: %w", err)
	}
	c.NonSignes += c.Incomplets
	return c, nil
}
