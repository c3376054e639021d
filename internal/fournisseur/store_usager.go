package fournisseur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/tri"
)

// pageSize is how many people the page of choice shows at once; the statements
// ask for one more, to know whether a page follows.
const pageSize = 25

// maxMots bounds the words of a search.
const maxMots = 4

// recherche is a search and a place in the list: after the person Apres.
type recherche struct {
	Texte string
	Apres ident.UsagerID
}

// mots are the words of the search, "" for those that lack: each is any part of
// any name, accents and case ignored (the keys hold letters, digits and spaces
// only, so that no word is a pattern).
func (r recherche) mots() (out [maxMots]string) {
	copy(out[:], tri.Words(r.Texte, maxMots))
	return out
}

// Both statements choose the people of the page first, by walking an index
// until it is full, then read what it shows of each: written as one join,
// PostgreSQL would rather join the tables whole; and it takes a condition for
// rarely true, so that it would sort everybody, unless a CASE hides it. "r" is
// the person.
const (
	// utile: an autorisation t that can be used now.
	utile = mandat.VivanteSQL + `$2) AND ` + mandat.UtilisableSQL + `$2)`
	// autorise: she has a live autorisation with the structure (FI-22).
	autorise = `(SELECT 1 FROM autorisation t WHERE t.organisation_id = r.organisation_id AND t.usager_id = r.usager_id AND ` + utile + ` LIMIT 1) IS NOT NULL`
	// quiRepond: the relation answers the search. SQLite prepares a statement
	// again at each run when a parameter is itself the pattern of a LIKE, or a
	// LIMIT: it might choose an index by it.
	quiRepond = `recherche_tri LIKE '%' || $5 || '%' AND recherche_tri LIKE '%' || $6 || '%' AND recherche_tri LIKE '%' || $7 || '%' AND recherche_tri LIKE '%' || $8 || '%'`
	// autre: she is after that place, answers the search, and was not helped
	// recently.
	autre = ` AND (r.nom_tri, r.usager_id) > ($3, $4) AND CASE WHEN $5 = '' THEN true ELSE ` + quiRepond + ` END AND ` + autorise + `
				AND CASE WHEN (SELECT 1 FROM usage_recent u WHERE u.organisation_id = r.organisation_id AND u.usager_id = r.usager_id) IS NULL THEN true ELSE false END
			ORDER BY r.nom_tri, r.usager_id LIMIT 26`
	listeActifs, aRevoir = mandat.ListeActifsSQL, mandat.ARevoirSQL
	// mandants: the identity is that of the mandat that lasts longest.
	mandants = ` SELECT r.usager_id, m.given_name, m.family_name, m.preferred_username, m.birthdate,
			(SELECT string_agg(t.demarche, ',') FROM autorisation t WHERE t.organisation_id = r.organisation_id AND t.usager_id = r.usager_id AND ` + utile + `)
		FROM page r JOIN mandat m ON m.id = (SELECT t.mandat_id FROM autorisation t
			WHERE t.organisation_id = r.organisation_id AND t.usager_id = r.usager_id AND ` + utile + `
			ORDER BY t.date_expiration DESC, t.mandat_id LIMIT 1) `
)

func scanMandant(s db.Scanner) (Mandant, error) {
	var m Mandant
	var ds sql.NullString
	i := &m.Identite
	err := s.Scan(&m.Usager, &i.GivenName, &i.FamilyName, &i.PreferredUsername, &i.Birthdate, &ds)
	m.Demarches = demarche.Displayed(demarche.ParseCSV(ds.String))
	return m, err
}

// liste gives a page of the people that this structure may act for: the most
// recently helped first, then the others by name. Both halves walk an index
// and stop at the end of the page. more tells whether another page follows.
func liste(ctx context.Context, tx *db.Tx, org ident.OrganisationID, r recherche) (ms []Mandant, more bool, err error) {
	from, err := place(ctx, tx, org, r.Apres)
	if err != nil {
		return nil, false, err
	}
	if !from.others {
		if ms, err = recent(ctx, tx, org, r, from); err != nil {
			return nil, false, err
		}
	}
	if len(ms) <= pageSize {
		others, err := others(ctx, tx, org, r, from)
		if err != nil {
			return nil, false, err
		}
		ms = append(ms, others...)
	}
	if len(ms) > pageSize {
		return ms[:pageSize], true, nil
	}
	return ms, false, nil
}

// position is a place in the list.
type position struct {
	others bool // past those helped recently
	date   db.Time
	nomTri string
	usager string
}

// The two ends of the order, as keys that no row holds.
const (
	firstID = "00000000-0000-0000-0000-000000000000"
	lastID  = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

// place finds the keys of the person the page comes after. The address holds
// an identifier only: no name goes into an address.
//
// reads: mandat_relation, usage_recent
func place(ctx context.Context, tx *db.Tx, org ident.OrganisationID, after ident.UsagerID) (position, error) {
	if after.IsZero() {
		return position{date: tx.Now.AddDate(100, 0, 0), usager: lastID}, nil
	}
	p := position{usager: after.String()}
	err := tx.QueryRow(ctx, `SELECT r.nom_tri, u.date FROM mandat_relation r LEFT JOIN usage_recent u ON u.organisation_id = r.organisation_id AND u.usager_id = r.usager_id
		WHERE r.organisation_id = $1 AND r.usager_id = $2`, org, after).Scan(&p.nomTri, &p.date)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.New(fault.NotFound, "usager_inconnu")
	}
	if err != nil {
		return p, fmt.Errorf("find place in the list: %w", err)
	}
	p.others = p.date.IsZero()
	return p, nil
}

// reads: usage_recent, mandat_relation, autorisation, mandat
func recent(ctx context.Context, tx *db.Tx, org ident.OrganisationID, r recherche, p position) ([]Mandant, error) {
	w := r.mots()
	rows, err := tx.Query(ctx, `WITH page AS MATERIALIZED (SELECT r.organisation_id, r.usager_id, r.date FROM usage_recent r
			WHERE r.organisation_id = $1 AND (r.date, r.usager_id) < ($3, $4) AND `+autorise+`
				AND CASE WHEN $5 = '' THEN true ELSE (SELECT `+quiRepond+` FROM mandat_relation n WHERE n.organisation_id = r.organisation_id AND n.usager_id = r.usager_id) END
			ORDER BY r.date DESC, r.usager_id DESC LIMIT 26)`+mandants+`ORDER BY r.date DESC, r.usager_id DESC`,
		org, tx.Now, p.date, p.usager, w[0], w[1], w[2], w[3])
	ms, err := db.Collect(rows, err, scanMandant)
	if err != nil {
		return nil, fmt.Errorf("list people helped recently: %w", err)
	}
	return ms, nil
}

// reads: mandat_relation, usage_recent, autorisation, mandat
func others(ctx context.Context, tx *db.Tx, org ident.OrganisationID, r recherche, p position) ([]Mandant, error) {
	if !p.others {
		p.nomTri, p.usager = "", firstID
	}
	w := r.mots()
	rows, err := tx.Query(ctx, `WITH page AS MATERIALIZED (SELECT v.organisation_id, v.usager_id, v.nom_tri FROM (
			SELECT * FROM (SELECT r.organisation_id, r.usager_id, r.nom_tri FROM mandat_relation r WHERE `+listeActifs+autre+`) x
			UNION ALL SELECT * FROM (SELECT r.organisation_id, r.usager_id, r.nom_tri FROM mandat_relation r WHERE `+aRevoir+autre+`) y) v
			ORDER BY v.nom_tri, v.usager_id LIMIT 26)`+mandants+`ORDER BY r.nom_tri, r.usager_id`,
		org, tx.Now, p.nomTri, p.usager, w[0], w[1], w[2], w[3])
	ms, err := db.Collect(rows, err, scanMandant)
	if err != nil {
		return nil, fmt.Errorf("list people by name: %w", err)
	}
	return ms, nil
}
