package mandat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// The states of mandats.md 5 in SQL, one predicate each, for lists, guards,
// reminders and exports alike. m is the mandat, $1 the structure, $2 now. They
// say what the methods of Mandat say: a test compares them on every situation.
const (
	// sqlActif: not expired and at least one autorisation not ended.
	sqlActif = `(m.date_expiration >= $2 AND EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND a.fin IS NULL))`
	// sqlRevoque: every autorisation ended before the expiry.
	sqlRevoque = `(NOT EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND (a.fin IS NULL OR a.fin_motif = 'expire')))`
	// sqlExpire: past its end without having been fully revoked.
	sqlExpire = `(m.date_expiration < $2 AND EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND (a.fin IS NULL OR a.fin_motif = 'expire')))`
	// sqlRemplace: fully revoked, by supersession only.
	sqlRemplace = `NOT EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND (a.fin IS NULL OR a.fin_motif <> 'remplace'))`
	// sqlVivante: an autorisation not ended.
	sqlVivante = `(a.fin IS NULL AND a.date_expiration >= $2)`
	// sqlPerime: ended, whole, before $3 = SeuilVisible(now): no list shows it any more.
	sqlPerime = `(CASE WHEN ` + sqlRevoque + ` THEN NOT EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND a.fin >= $3) ELSE m.date_expiration < $3 END)`
	// sqlRenouvelable: of the structure $1, not fully revoked, not outdated (M-W6).
	sqlRenouvelable = `(m.organisation_id = $1 AND m.date_expiration >= $3 AND NOT ` + sqlRevoque + `)`
	// OuverteSQL, for an autorisation t: nobody and nothing ended it, even past its date.
	OuverteSQL = `t.fin IS NULL`
	// VivanteSQL, for an autorisation t, as Autorisation.Live: the caller ends it
	// with the parameter that holds now, VivanteSQL + `$3)`.
	VivanteSQL = `(` + OuverteSQL + ` AND t.date_expiration >= `
	// NonRevoqueeSQL, for an autorisation t, as not Autorisation.Revoked: nobody ended it before its term.
	NonRevoqueeSQL = `(t.fin IS NULL OR t.fin_motif = 'expire')`
	// sqlUtile: an autorisation that can be used now.
	sqlUtile = `(` + sqlVivante + ` AND ` + sqlUtilisable + `)`
)

// LiveAutorisations gives what this structure may do now for this person, in
// stored order; nothing when the person is unknown or another structure's.
// The périmètre is the caller's to apply (M-W26).
func LiveAutorisations(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]Autorisation, error) {
	rows, err := tx.Query(ctx, `SELECT `+autorisationColumns+` FROM autorisation a WHERE a.organisation_id = $1 AND a.usager_id = $3 AND `+sqlVivante+` ORDER BY a.demarche`, org, tx.Now, u)
	return db.Collect(rows, err, scanAutorisation)
}

// LiveAutorisation reads one autorisation of this structure and refuses it,
// with fault.Gone, unless it can be used now: what each step of a use asks
// again (FI-81, M-W15).
func LiveAutorisation(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.AutorisationID) (Autorisation, error) {
	a, err := scanAutorisation(tx.QueryRow(ctx, `SELECT `+autorisationColumns+` FROM autorisation a WHERE a.organisation_id = $1 AND a.id = $3 AND `+sqlUtile, org, tx.Now, id))
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.Gone, "autorisation_finie")
	}
	if err != nil {
		return a, fmt.Errorf("load live autorisation: %w", err)
	}
	return a, nil
}

// overdue gives the open autorisations of at most n expired mandats.
func overdue(ctx context.Context, tx *db.Tx, n int) ([]ouverte, error) {
	rows, err := tx.Query(ctx, `SELECT a.id, a.mandat_id, a.organisation_id, a.usager_id, a.demarche, a.date_expiration FROM autorisation a
		WHERE a.fin IS NULL AND a.mandat_id IN (SELECT b.mandat_id FROM autorisation b WHERE b.fin IS NULL AND b.date_expiration < $1 GROUP BY b.mandat_id LIMIT $2)
		ORDER BY a.mandat_id, a.demarche`, tx.Now, n)
	return db.Collect(rows, err, func(s db.Scanner) (o ouverte, err error) {
		var expiration db.Time
		err = s.Scan(&o.ID, &o.Mandat, &o.Organisation, &o.Usager, &o.Demarche, &expiration)
		o.DateExpiration = expiration.Time()
		return o, err
	})
}
