package cessation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

const columns = `id, genre, organisation_id, cible_id, code, motif, reference_chiffree, demandeur_id, decideur_id, date_creation, date_expiration, issue, date_issue, date_fin, faits`

// The states are mandat's: one expression each.
const actif, accorde, ouverte = mandat.ActifSQL, mandat.AccordeSQL, mandat.OuverteSQL

func scan(s db.Scanner) (o Operation, err error) {
	var creation, expiration, issue, fin db.Time
	err = s.Scan(&o.ID, &o.Genre, &o.Organisation, &o.Cible, &o.Code, &o.Motif, &o.reference, &o.Demandeur, &o.Decideur, &creation, &expiration, &o.Issue, &issue, &fin, &o.Faits)
	o.Creation, o.Expiration, o.DateIssue, o.Fin = creation.Time(), expiration.Time(), issue.Time(), fin.Time()
	return o, err
}

// insert records a request. The one before it, if nobody answered in time,
// ends here; one that waits or runs is a field message.
func insert(ctx context.Context, tx *db.Tx, o Operation) error {
	if _, err := tx.Exec(ctx, `UPDATE cessation SET issue = 'expire', date_issue = $2 WHERE organisation_id = $1 AND issue = '' AND date_expiration <= $2`, o.Organisation, tx.Now); err != nil {
		return fmt.Errorf("expire request: %w", err)
	}
	n, err := tx.Exec(ctx, `INSERT INTO cessation (id, genre, organisation_id, cible_id, code, motif, reference_chiffree, demandeur_id, date_creation, date_expiration)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) ON CONFLICT (organisation_id) WHERE issue = '' OR issue = 'approuve' AND date_fin IS NULL DO NOTHING`,
		o.ID, string(o.Genre), o.Organisation, o.Cible, o.Code, o.Motif, o.reference, o.Demandeur, tx.Now, tx.Now.Add(Duree))
	if err != nil {
		return fmt.Errorf("record request: %w", err)
	}
	if n == 0 {
		return fault.Form(fault.Fields{"siret": "Une demande attend déjà, ou est en cours, pour cette structure."})
	}
	return nil
}

// load reads one; fault.NotFound if there is none.
func load(ctx context.Context, tx *db.Tx, id ident.OperationID) (Operation, error) {
	o, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM cessation WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return o, fault.New(fault.NotFound, "operation_inconnue")
	}
	if err != nil {
		return o, fmt.Errorf("load request: %w", err)
	}
	return o, nil
}

// recentesMax bounds the list of requests.
const recentesMax = 50

// recent lists the latest ones.
func recent(ctx context.Context, tx *db.Tx) ([]Operation, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM cessation ORDER BY date_creation DESC, id DESC LIMIT $1`, recentesMax)
	return db.Collect(rows, err, scan)
}

// CountWaiting counts what waits for a second person.
func CountWaiting(ctx context.Context, tx *db.Tx) (n int, err error) {
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM cessation WHERE issue = '' AND date_expiration > $1`, tx.Now).Scan(&n); err != nil {
		return 0, fmt.Errorf("count requests: %w", err)
	}
	return n, nil
}

// decide is the gate: a request that waits, asked by somebody else who is still
// of the team, once.
//
// reads: aidant
func decide(ctx context.Context, tx *db.Tx, id ident.OperationID, par ident.AidantID, issue string) (Operation, error) {
	o, err := scan(tx.QueryRow(ctx, `UPDATE cessation SET issue = $3, decideur_id = $2, date_issue = $4 WHERE id = $1 AND issue = '' AND date_expiration > $4 AND demandeur_id <> $2
		AND ($3 = 'refuse' OR EXISTS (SELECT 1 FROM aidant a WHERE a.id = demandeur_id AND a.actif AND a.role_gestion IN ($5, $6))) RETURNING `+columns,
		id, par, issue, tx.Now, string(actor.AdminTechnique), string(actor.AdminMetier)))
	if errors.Is(err, sql.ErrNoRows) {
		return o, fault.New(fault.Conflict, "demande_perdue")
	}
	if err != nil {
		return o, fmt.Errorf("decide request: %w", err)
	}
	return o, nil
}

// approved lists what is to be executed, the oldest first.
func approved(ctx context.Context, tx *db.Tx) ([]Operation, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM cessation WHERE issue = 'approuve' AND date_fin IS NULL ORDER BY date_issue, id`)
	return db.Collect(rows, err, scan)
}

// remaining gives the mandats in force that an operation has not looked at yet,
// at most n; those of one code when it is about one.
//
// reads: mandat, autorisation
func remaining(ctx context.Context, tx *db.Tx, o Operation, n int) ([]ident.MandatID, error) {
	rows, err := tx.Query(ctx, `SELECT m.id FROM mandat m WHERE m.organisation_id = $1 AND `+actif+` AND ($3 = '' OR m.code_public = $3)
		AND NOT EXISTS (SELECT 1 FROM cessation_echec e WHERE e.cessation_id = $4 AND e.mandat_id = m.id) ORDER BY m.id LIMIT $5`, o.Organisation, tx.Now, o.Code, o.ID, n)
	return db.Collect(rows, err, func(s db.Scanner) (id ident.MandatID, err error) { return id, s.Scan(&id) })
}

// count adds to what an operation has done.
func count(ctx context.Context, tx *db.Tx, id ident.OperationID, n int) error {
	if _, err := tx.Exec(ctx, `UPDATE cessation SET faits = faits + $2 WHERE id = $1`, id, n); err != nil {
		return fmt.Errorf("count what is done: %w", err)
	}
	return nil
}

// fail keeps why a mandat was left where it was.
func fail(ctx context.Context, tx *db.Tx, id ident.OperationID, m ident.MandatID, raison string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO cessation_echec (cessation_id, mandat_id, raison) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, id, m, raison); err != nil {
		return fmt.Errorf("keep failure: %w", err)
	}
	return nil
}

// finish closes an operation that has nothing left.
func finish(ctx context.Context, tx *db.Tx, id ident.OperationID) error {
	if _, err := tx.Exec(ctx, `UPDATE cessation SET date_fin = $2 WHERE id = $1 AND date_fin IS NULL`, id, tx.Now); err != nil {
		return fmt.Errorf("finish operation: %w", err)
	}
	return nil
}

// echecsMax bounds the list of a report.
const echecsMax = 500

// echecs lists what was left, by code.
//
// reads: mandat
func echecs(ctx context.Context, tx *db.Tx, id ident.OperationID) ([]Echec, error) {
	rows, err := tx.Query(ctx, `SELECT m.code_public, e.raison FROM cessation_echec e JOIN mandat m ON m.id = e.mandat_id WHERE e.cessation_id = $1 ORDER BY e.raison, m.code_public LIMIT $2`, id, echecsMax)
	return db.Collect(rows, err, func(s db.Scanner) (e Echec, err error) { return e, s.Scan(&e.Code, &e.Raison) })
}

// transferred counts the mandats of a structure that others continue.
func transferred(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COALESCE(sum(faits), 0) FROM cessation WHERE organisation_id = $1 AND genre = 'transfert'`, org).Scan(&n)
	return n, err
}

// figures counts the mandats in force of a structure and who has one.
//
// reads: mandat, autorisation
func figures(ctx context.Context, tx *db.Tx, o Operation) (a Apercu, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*), count(DISTINCT m.usager_id) FROM mandat m WHERE m.organisation_id = $1 AND `+actif+` AND ($3 = '' OR m.code_public = $3)`, o.Organisation, tx.Now, o.Code).Scan(&a.Mandats, &a.Personnes)
	if err != nil {
		return a, fmt.Errorf("count mandats: %w", err)
	}
	return a, nil
}

// left counts what a transfer would leave, by reason: the same rules as
// mandat.Transferable, for all the mandats at once.
//
// reads: mandat, autorisation, organisation_demarche
func left(ctx context.Context, tx *db.Tx, o Operation) (map[string]int, error) {
	var accord, hors int
	err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE NOT x.agreed), count(*) FILTER (WHERE x.agreed AND x.beyond) FROM (
			SELECT `+accorde+` AS agreed,
				EXISTS (SELECT 1 FROM autorisation t WHERE t.mandat_id = m.id AND `+ouverte+` AND NOT EXISTS (SELECT 1 FROM organisation_demarche p WHERE p.organisation_id = $4 AND p.demarche = t.demarche)) AS beyond
			FROM mandat m WHERE m.organisation_id = $1 AND `+actif+` AND ($3 = '' OR m.code_public = $3)) x`,
		o.Organisation, tx.Now, o.Code, o.Cible).Scan(&accord, &hors)
	if err != nil {
		return nil, fmt.Errorf("count what a transfer would leave: %w", err)
	}
	out := map[string]int{}
	if accord > 0 {
		out[mandat.RaisonAccord] = accord
	}
	if hors > 0 {
		out[mandat.RaisonPerimetre] = hors
	}
	return out, nil
}

// structureOf finds a structure by its SIRET; zero when there is none.
//
// reads: organisation
func structureOf(ctx context.Context, tx *db.Tx, siret string) (id ident.OrganisationID, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM organisation WHERE siret = $1`, siret).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return id, nil
	}
	return id, err
}

// EraseMandat lets a mandat go at the end of its retention.
func EraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM cessation_echec WHERE mandat_id = $1`, id); err != nil {
		return fmt.Errorf("erase failures: %w", err)
	}
	return nil
}
