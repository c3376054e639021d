package mandat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/tri"
	"aidantsconnect/internal/usager"
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
	// sqlUtile: an autorisation that can be used now.
	sqlUtile = `(` + sqlVivante + ` AND ` + sqlUtilisable + `)`
)

// Mandant is a person who has a live mandat with a structure, as the pages
// that choose one show them.
type Mandant struct {
	Usager   ident.UsagerID
	NomTri   string // with Usager, the key of the next page
	Identite usager.Identite
}

// Recherche asks a page of LiveUsagers. Words match the beginning of a word of
// the names or of the birth date, accents and case ignored.
type Recherche struct {
	Texte    string
	ApresNom string // NomTri and Usager of the last one of the page before
	Apres    ident.UsagerID
	Limite   int // 50 when zero
}

// rechercheMots bounds the words of a search.
const rechercheMots = 4

func (r Recherche) patterns() [rechercheMots]string {
	var out [rechercheMots]string
	for i, w := range tri.Words(r.Texte, rechercheMots) {
		out[i] = "% " + strings.ReplaceAll(w, "%", "") + "%"
	}
	return out
}

// LiveUsagers gives, by displayed name, the people who have a live mandat with
// this structure: M-W25, one EXISTS on one mandat. The identity shown is the
// snapshot of their latest live mandat.
func LiveUsagers(ctx context.Context, tx *db.Tx, org ident.OrganisationID, r Recherche) ([]Mandant, error) {
	if r.Limite <= 0 {
		r.Limite = 50
	}
	p := r.patterns()
	var apres any = r.Apres
	if r.Apres.IsZero() {
		apres = "00000000-0000-0000-0000-000000000000"
	}
	rows, err := tx.Query(ctx, `SELECT r.usager_id, r.nom_tri, m.given_name, m.family_name, m.preferred_username, m.gender, m.birthdate, m.birthplace, m.birthcountry, m.email
		FROM mandat_relation r JOIN mandat m ON m.id = (
			SELECT m.id FROM mandat m WHERE m.organisation_id = r.organisation_id AND m.usager_id = r.usager_id AND `+sqlActif+` ORDER BY m.date_creation DESC, m.id DESC LIMIT 1)
		WHERE r.organisation_id = $1 AND (r.nom_tri, r.usager_id) > ($3, $4)
			AND ($5 = '' OR ' ' || r.recherche_tri LIKE $5) AND ($6 = '' OR ' ' || r.recherche_tri LIKE $6)
			AND ($7 = '' OR ' ' || r.recherche_tri LIKE $7) AND ($8 = '' OR ' ' || r.recherche_tri LIKE $8)
		ORDER BY r.nom_tri, r.usager_id LIMIT $9`, org, tx.Now, r.ApresNom, apres, p[0], p[1], p[2], p[3], r.Limite)
	return db.Collect(rows, err, func(s db.Scanner) (m Mandant, err error) {
		i := &m.Identite
		return m, s.Scan(&m.Usager, &m.NomTri, &i.GivenName, &i.FamilyName, &i.PreferredUsername, &i.Gender, &i.Birthdate, &i.Birthplace, &i.Birthcountry, &i.Email)
	})
}

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
