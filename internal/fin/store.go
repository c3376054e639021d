package fin

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

// bareColumns are evenementColumns in a RETURNING, which knows no alias.
const bareColumns = `id, usager_id, organisation_id, aidant_id, motif, source, date_effet, date_connue, statut, verification`

const evenementColumns = `e.id, e.usager_id, e.organisation_id, e.aidant_id, e.motif, e.source, e.date_effet, e.date_connue, e.statut, e.verification`

func scanEvenement(s db.Scanner) (e Evenement, err error) {
	var effet, connue db.Time
	err = s.Scan(&e.ID, &e.Usager, &e.Organisation, &e.Aidant, &e.Motif, &e.Source, &effet, &connue, &e.Statut, &e.Verification)
	e.Effet, e.Connu = effet.Time(), connue.Time()
	return e, err
}

// insertEvenement records what happened; a Conflict when it is known already.
func insertEvenement(ctx context.Context, tx *db.Tx, e Evenement) error {
	n, err := tx.Exec(ctx, `INSERT INTO evenement_usager (id, usager_id, organisation_id, aidant_id, motif, source, date_effet, date_connue, statut)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'signale') ON CONFLICT (usager_id, organisation_id, motif) WHERE statut <> 'annule' DO NOTHING`,
		e.ID, e.Usager, e.Organisation, e.Aidant, string(e.Motif), string(e.Source), db.At(e.Effet), tx.Now)
	if err != nil {
		return fmt.Errorf("record event: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "evenement_connu")
	}
	return nil
}

// OfUsager gives what this structure noted of a person and is not cancelled,
// the latest first.
func OfUsager(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]Evenement, error) {
	rows, err := tx.Query(ctx, `SELECT `+evenementColumns+` FROM evenement_usager e WHERE e.usager_id = $1 AND e.organisation_id = $2 AND e.statut <> 'annule' ORDER BY e.date_connue DESC, e.id DESC`, u, org)
	return db.Collect(rows, err, scanEvenement)
}

// Obstacle refuses a new mandat with a person who is known to have died, or to
// be protected: by this structure, or by all once the team has checked it.
func Obstacle(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) error {
	var motif mandat.Motif
	err := tx.QueryRow(ctx, `SELECT e.motif FROM evenement_usager e WHERE e.usager_id = $1 AND (e.statut = 'etendu' OR e.organisation_id = $2 AND e.statut <> 'annule') ORDER BY e.motif LIMIT 1`, u, org).Scan(&motif)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look for an event: %w", err)
	case motif == mandat.Deces:
		return fault.New(fault.Conflict, mandat.RaisonDeces)
	}
	return fault.New(fault.Conflict, mandat.RaisonProtection)
}

// Signale is an event that the team has to check.
type Signale struct {
	Evenement
	Structure string
	Codes     []string // of the mandats that it ended there
	Ailleurs  int      // live mandats of the person with other structures
}

const vivante = mandat.VivanteSQL

// evenementsMax bounds each list of the team; what is answered makes room.
const evenementsMax = 200

// withStatus lists the events of a state, the oldest first.
//
// reads: organisation, autorisation
func withStatus(ctx context.Context, tx *db.Tx, statut Statut) ([]Signale, error) {
	rows, err := tx.Query(ctx, `SELECT `+evenementColumns+`, o.nom,
			(SELECT count(DISTINCT t.mandat_id) FROM autorisation t WHERE t.usager_id = e.usager_id AND t.organisation_id <> e.organisation_id AND `+vivante+`$1))
		FROM evenement_usager e JOIN organisation o ON o.id = e.organisation_id WHERE e.statut = $2 ORDER BY e.date_connue, e.id LIMIT $3`, tx.Now, string(statut), evenementsMax)
	list, err := db.Collect(rows, err, func(s db.Scanner) (x Signale, err error) {
		x.Evenement, err = scanEvenement(also{s, []any{&x.Structure, &x.Ailleurs}})
		return x, err
	})
	for i := range list {
		if err == nil {
			list[i].Codes, err = codes(ctx, tx, list[i].Evenement)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

// CountPending counts what waits for the team.
func CountPending(ctx context.Context, tx *db.Tx) (n int, err error) {
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM evenement_usager WHERE statut = 'signale'`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count events: %w", err)
	}
	return n, nil
}

// codes gives the public codes of the mandats that an event ended in the
// structure that noted it.
//
// reads: mandat, mandat_fin
func codes(ctx context.Context, tx *db.Tx, e Evenement) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT m.code_public FROM mandat_fin f JOIN mandat m ON m.id = f.mandat_id WHERE f.operation_id = $1 AND m.usager_id = $2 AND m.organisation_id = $3 ORDER BY m.date_creation, m.id`, e.ID, e.Usager, e.Organisation)
	return db.Collect(rows, err, func(s db.Scanner) (c string, err error) { return c, s.Scan(&c) })
}

// decide is the gate of what the team answers: once, while it waits; or to take
// back what holds for every structure.
func decide(ctx context.Context, tx *db.Tx, id ident.OperationID, d decision) (Evenement, error) {
	e, err := scanEvenement(tx.QueryRow(ctx, `UPDATE evenement_usager SET statut = $2, verification = $3, decideur_id = $4, date_decision = $5
		WHERE id = $1 AND statut = CASE WHEN $2 = 'annule' THEN 'etendu' ELSE 'signale' END AND aidant_id <> $4 RETURNING `+bareColumns, id, string(d.statut), d.verification, d.par, tx.Now))
	if errors.Is(err, sql.ErrNoRows) {
		return e, fault.New(fault.Conflict, "evenement_decide")
	}
	if err != nil {
		return e, fmt.Errorf("decide event: %w", err)
	}
	return e, nil
}

// cancel takes back what this structure noted, unless the team has made it
// everybody's.
func cancel(ctx context.Context, tx *db.Tx, e Evenement, d decision) (Evenement, error) {
	out, err := scanEvenement(tx.QueryRow(ctx, `UPDATE evenement_usager SET statut = 'annule', verification = $4, decideur_id = $5, date_decision = $6
		WHERE id = $1 AND usager_id = $2 AND organisation_id = $3 AND statut IN ('signale', 'ecarte') RETURNING `+bareColumns,
		e.ID, e.Usager, e.Organisation, d.verification, d.par, tx.Now))
	if errors.Is(err, sql.ErrNoRows) {
		return out, fault.New(fault.Conflict, "evenement_decide")
	}
	if err != nil {
		return out, fmt.Errorf("cancel event: %w", err)
	}
	return out, nil
}

// EraseUsager destroys what was noted of a person.
func EraseUsager(ctx context.Context, tx *db.Tx, u ident.UsagerID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM evenement_usager WHERE usager_id = $1`, u); err != nil {
		return fmt.Errorf("erase events: %w", err)
	}
	return nil
}

// also scans the columns that follow those of a table.
type also struct {
	s    db.Scanner
	more []any
}

// Scan implements db.Scanner.
func (a also) Scan(dest ...any) error { return a.s.Scan(append(dest, a.more...)...) }

// membres gives who is told in a structure: its active people, each once.
//
// reads: aidant, appartenance, referent
func membres(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Membre, error) {
	rows, err := tx.Query(ctx, `SELECT a.id, a.email, EXISTS (SELECT 1 FROM referent r WHERE r.aidant_id = a.id AND r.organisation_id = $1 AND r.date_fin IS NULL) FROM aidant a
		WHERE a.actif AND a.email <> '' AND (EXISTS (SELECT 1 FROM appartenance p WHERE p.aidant_id = a.id AND p.organisation_id = $1 AND p.date_fin IS NULL)
			OR EXISTS (SELECT 1 FROM referent r WHERE r.aidant_id = a.id AND r.organisation_id = $1 AND r.date_fin IS NULL)) ORDER BY a.id`, org)
	return db.Collect(rows, err, func(s db.Scanner) (m Membre, err error) { return m, s.Scan(&m.ID, &m.Courriel, &m.Referent) })
}
