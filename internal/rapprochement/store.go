package rapprochement

import (
	"context"
	"database/sql"
	"fmt"

	"aidantsconnect/internal/db"
)

// requete finds the gaps of one kind: how many, and one of them. Those that
// begin with lines look no further back than since.
type requete struct {
	genre string
	row   func(ctx context.Context, tx *db.Tx, since db.Time) *db.Row
}

// reads: mandat, autorisation, usage_mandat, journal_ligne
var requetes = []requete{
	{"mandat_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.id AS text)) FROM mandat x
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.id AND l.action = 'create_attestation')`)
	}},
	{"mandat_deux_lignes", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.mandat_id AS text)) FROM (SELECT l.mandat_id FROM journal_ligne l
		WHERE l.action = 'create_attestation' GROUP BY l.mandat_id HAVING count(*) > 1) x`)
	}},
	{"ligne_sans_mandat", func(ctx context.Context, tx *db.Tx, since db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action = 'create_attestation' AND l.instant > $1 AND NOT EXISTS (SELECT 1 FROM mandat x WHERE x.id = l.mandat_id)`, since)
	}},
	{"autorisation_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.id AS text)) FROM autorisation x
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.autorisation_id = x.id AND l.action = 'create_autorisation')`)
	}},
	{"fin_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.id AS text)) FROM autorisation x WHERE x.fin IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.fin_operation_id
			AND (l.action IN ('end_mandat', 'cancel_mandat') OR l.action = 'cancel_autorisation' AND l.autorisation_id = x.id))`)
	}},
	{"ligne_sans_fin", func(ctx context.Context, tx *db.Tx, since db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action = 'cancel_autorisation' AND l.instant > $1
			AND NOT EXISTS (SELECT 1 FROM autorisation x WHERE x.id = l.autorisation_id AND x.fin IS NOT NULL AND x.fin_operation_id = l.operation_id)`, since)
	}},
	{"usage_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.operation_id AS text)) FROM usage_mandat x
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.operation_id
			AND l.autorisation_id = x.autorisation_id AND l.action = 'use_autorisation')`)
	}},
	{"ligne_sans_usage", func(ctx context.Context, tx *db.Tx, since db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action = 'use_autorisation' AND l.instant > $1
			AND NOT EXISTS (SELECT 1 FROM usage_mandat x WHERE x.operation_id = l.operation_id AND x.mandat_id = l.mandat_id)`, since)
	}},
}

// Run gives every kind of gap that is there, in one snapshot.
func Run(ctx context.Context, d *db.DB) (found []Ecart, err error) {
	err = d.View(ctx, func(tx *db.Tx) error {
		found = nil
		for _, r := range requetes {
			e := Ecart{Genre: r.genre}
			var example sql.NullString
			if err := r.row(ctx, tx, tx.Now.AddDate(-conservation, 0, 0)).Scan(&e.Nombre, &example); err != nil {
				return fmt.Errorf("compare the journal with the tables, %s: %w", r.genre, err)
			}
			if e.Exemple = example.String; e.Nombre > 0 {
				found = append(found, e)
			}
		}
		return nil
	})
	return found, err
}
