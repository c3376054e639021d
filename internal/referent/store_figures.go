package referent

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

// cellule is what one person did in one month for one démarche; the démarche
// is empty for the mandats concluded.
type cellule struct {
	mois     int // index in the period
	aidant   ident.AidantID
	nom      string
	demarche demarche.Demarche
	nombre   int
}

// activite counts, month by month, what each person did for the structure:
// numbers only, no usager.
//
// reads: mandat, usage_mandat, aidant
func activite(ctx context.Context, tx *db.Tx, org ident.OrganisationID, bornes []time.Time) (usages, mandats []cellule, err error) {
	for i := range len(bornes) - 1 {
		from, to := db.At(bornes[i]), db.At(bornes[i+1])
		one := func(s db.Scanner) (c cellule, err error) {
			c.mois = i
			return c, s.Scan(&c.aidant, &c.nom, &c.demarche, &c.nombre)
		}
		rows, err := tx.Query(ctx, `SELECT a.id, a.prenom || ' ' || a.nom, u.demarche, count(*) FROM usage_mandat u JOIN aidant a ON a.id = u.aidant_id
			WHERE u.organisation_id = $1 AND u.date >= $2 AND u.date < $3 GROUP BY a.id, a.prenom, a.nom, a.nom_tri, u.demarche ORDER BY a.nom_tri, a.id, u.demarche`, org, from, to)
		us, err := db.Collect(rows, err, one)
		if err != nil {
			return nil, nil, fmt.Errorf("count uses: %w", err)
		}
		usages = append(usages, us...)
		rows, err = tx.Query(ctx, `SELECT a.id, a.prenom || ' ' || a.nom, '', count(*) FROM mandat m JOIN aidant a ON a.id = m.aidant_id
			WHERE m.organisation_id = $1 AND m.date_creation >= $2 AND m.date_creation < $3 GROUP BY a.id, a.prenom, a.nom, a.nom_tri ORDER BY a.nom_tri, a.id`, org, from, to)
		ms, err := db.Collect(rows, err, one)
		if err != nil {
			return nil, nil, fmt.Errorf("count mandats: %w", err)
		}
		mandats = append(mandats, ms...)
	}
	return usages, mandats, nil
}

// accompagnes counts the people for whom something was done, or who signed, in
// the period.
//
// reads: mandat, usage_mandat
func accompagnes(ctx context.Context, tx *db.Tx, org ident.OrganisationID, from, to time.Time) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM (
		SELECT usager_id FROM usage_mandat WHERE organisation_id = $1 AND date >= $2 AND date < $3
		UNION SELECT usager_id FROM mandat WHERE organisation_id = $1 AND date_creation >= $2 AND date_creation < $3) v`,
		org, db.At(from), db.At(to)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count people: %w", err)
	}
	return n, nil
}
