package rapprochement

import (
	"context"
	"database/sql"
	"fmt"

	"aidantsconnect/internal/db"
)

// requete finds the gaps of one kind: how many, and one of them. Lines without
// their mandat are looked for no further back than since; the other lines, of
// the mandats that are there.
type requete struct {
	genre string
	row   func(ctx context.Context, tx *db.Tx, since db.Time) *db.Row
}

// reads: mandat, mandat_fin, revocation_ecrite, autorisation, usage_mandat, accord_piece, organisation, journal_ligne
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
	{"ligne_sans_autorisation", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action = 'create_autorisation' AND EXISTS (SELECT 1 FROM mandat m WHERE m.id = l.mandat_id) AND NOT EXISTS (SELECT 1 FROM autorisation x WHERE x.id = l.autorisation_id AND x.mandat_id = l.mandat_id)`)
	}},
	{"fin_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.id AS text)) FROM autorisation x WHERE x.fin IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.fin_operation_id
			AND (l.action IN ('end_mandat', 'cancel_mandat') OR l.action = 'cancel_autorisation' AND l.autorisation_id = x.id))`)
	}},
	{"ligne_sans_fin", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action = 'cancel_autorisation' AND EXISTS (SELECT 1 FROM mandat m WHERE m.id = l.mandat_id)
			AND NOT EXISTS (SELECT 1 FROM autorisation x WHERE x.id = l.autorisation_id AND x.fin IS NOT NULL AND x.fin_operation_id = l.operation_id)`)
	}},
	{"fin_mandat_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.mandat_id AS text)) FROM mandat_fin x
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.operation_id
			AND l.action IN ('end_mandat', 'cancel_mandat', 'cancel_autorisation', 'supersede_mandat'))`)
	}},
	{"ligne_sans_fin_mandat", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action IN ('end_mandat', 'cancel_mandat') AND EXISTS (SELECT 1 FROM mandat m WHERE m.id = l.mandat_id)
			AND NOT EXISTS (SELECT 1 FROM mandat_fin x WHERE x.mandat_id = l.mandat_id AND x.operation_id = l.operation_id)`)
	}},
	{"ecrite_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.mandat_id AS text)) FROM revocation_ecrite x
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.operation_id
			AND l.action = 'cancel_autorisation' AND l.initiateur = 'admin')`)
	}},
	{"ligne_sans_ecrite", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.mandat_id AS text)) FROM mandat_fin x WHERE x.motif = 'revoque_usager'
		AND EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.operation_id AND l.action = 'cancel_autorisation' AND l.initiateur = 'admin')
		AND NOT EXISTS (SELECT 1 FROM revocation_ecrite r WHERE r.mandat_id = x.mandat_id AND r.operation_id = x.operation_id)`)
	}},
	{"usage_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.operation_id AS text)) FROM usage_mandat x
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.operation_id
			AND l.autorisation_id = x.autorisation_id AND l.action = 'use_autorisation')`)
	}},
	{"ligne_sans_usage", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action = 'use_autorisation' AND EXISTS (SELECT 1 FROM mandat m WHERE m.id = l.mandat_id)
			AND NOT EXISTS (SELECT 1 FROM usage_mandat x WHERE x.operation_id = l.operation_id AND x.mandat_id = l.mandat_id)`)
	}},
	{"usage_deux_lignes", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.operation_id AS text)) FROM (SELECT l.operation_id FROM journal_ligne l
		WHERE l.action = 'use_autorisation' GROUP BY l.operation_id HAVING count(*) > 1) x`)
	}},
	{"copie_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.mandat_id AS text)) FROM (SELECT p.mandat_id, count(*) AS pieces FROM accord_piece p WHERE p.genre = 'copie' GROUP BY p.mandat_id) x
		WHERE x.pieces > (SELECT count(*) FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.action = 'sign_papier')`)
	}},
	{"copie_annulee_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.mandat_id AS text)) FROM (SELECT p.mandat_id, count(*) AS pieces FROM accord_piece p WHERE p.date_annulation IS NOT NULL GROUP BY p.mandat_id) x
		WHERE x.pieces > (SELECT count(*) FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.action = 'cancel_papier')`)
	}},
	{"transfert_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.mandat_id AS text)) FROM mandat_fin x WHERE x.motif = 'transfere'
		AND NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.mandat_id = x.mandat_id AND l.operation_id = x.operation_id AND l.action = 'transfer_mandat')`)
	}},
	{"ligne_sans_transfert", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l WHERE l.action = 'transfer_mandat' AND EXISTS (SELECT 1 FROM mandat m WHERE m.id = l.mandat_id)
		AND NOT EXISTS (SELECT 1 FROM mandat_fin x WHERE x.mandat_id = l.mandat_id AND x.operation_id = l.operation_id AND x.motif = 'transfere')`)
	}},
	{"structure_sans_ligne", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(x.id AS text)) FROM organisation x
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne l WHERE l.organisation_id = x.id AND l.action = 'create_organisation')`)
	}},
	{"ligne_sans_structure", func(ctx context.Context, tx *db.Tx, _ db.Time) *db.Row {
		return tx.QueryRow(ctx, `SELECT count(*), min(CAST(l.id AS text)) FROM journal_ligne l
		WHERE l.action = 'create_organisation' AND NOT EXISTS (SELECT 1 FROM organisation x WHERE x.id = l.organisation_id)`)
	}},
}

// mandats runs the statements.
func mandats(ctx context.Context, tx *db.Tx) (found []Ecart, err error) {
	for _, r := range requetes {
		e := Ecart{Genre: r.genre}
		var example sql.NullString
		if err := r.row(ctx, tx, tx.Now.AddDate(-conservation, 0, 0)).Scan(&e.Nombre, &example); err != nil {
			return nil, fmt.Errorf("compare the journal with the tables, %s: %w", r.genre, err)
		}
		if e.Exemple = example.String; e.Nombre > 0 {
			found = append(found, e)
		}
	}
	return found, nil
}
