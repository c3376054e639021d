package suivi

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/tri"
)

// taillePage is how many people a page of the list shows; the statements ask
// for one more, to know whether the list goes on.
const taillePage = 50

// maxMots bounds the words of a search.
const maxMots = 4

// mots are the words of a search, "" for those that lack: each is any part of
// any name, accents and case ignored (the keys hold letters, digits and spaces
// only, so that no word is a pattern).
func mots(texte string) (out [maxMots]string) {
	copy(out[:], tri.Words(texte, maxMots))
	return out
}

// The parameters common to the statements: $1 the structure, $2 now, $3 since
// when an ended mandat is shown, $4 to $7 the search, $8 a démarche or ”, $9
// before when a mandat of the active tab expires, $10 a state of the paper or ”.
func parametres(tx *db.Tx, org ident.OrganisationID, f Filtre) []any {
	avant, papier := tx.Now.AddDate(100, 0, 0), ""
	if f.Bientot {
		avant = mandat.SeuilBientot(tx.Now)
	}
	if f.NonSigne {
		papier = mandat.NonSigne
	}
	p := mots(f.Texte)
	return []any{org, tx.Now, mandat.SeuilVisible(tx.Now), p[0], p[1], p[2], p[3], string(f.Demarche), avant, papier}
}

const (
	// These are mandat's: one expression per state.
	onglet      = mandat.OngletSQL
	remplace    = mandat.RemplaceSQL
	papier      = mandat.PapierSQL
	nonRevoquee = mandat.NonRevoqueeSQL
	// What the tabs walk is mandat's too.
	listeActifs   = mandat.ListeActifsSQL
	listeExpires  = mandat.ListeExpiresSQL
	listeRevoques = mandat.ListeRevoquesSQL
	aRevoir       = mandat.ARevoirSQL
	// quiRepond: the person answers the search. SQLite prepares a statement again
	// at each run when a parameter is itself the pattern of a LIKE, or a LIMIT.
	quiRepond = `r.recherche_tri LIKE '%' || $4 || '%' AND r.recherche_tri LIKE '%' || $5 || '%' AND r.recherche_tri LIKE '%' || $6 || '%' AND r.recherche_tri LIKE '%' || $7 || '%'`
	// retenu: the mandat is in the tab $11 and passes the filters. The date
	// stands in a CASE so that no index on it is preferred to the person's.
	retenu = `($10 = '' OR ` + papier + ` = $10)
		AND CASE WHEN ` + onglet + ` = $11 THEN $11 <> 'actifs' OR m.date_expiration < $9 ELSE false END
		AND ($8 = '' OR EXISTS (SELECT 1 FROM autorisation t WHERE t.mandat_id = m.id AND t.demarche = $8 AND ($11 = 'revoques' OR ` + nonRevoquee + `)))`
	// unePersonne: she has such a mandat with the structure. It is looked for
	// person after person, in their order, until the page is full; as EXISTS,
	// PostgreSQL would rather join the two tables whole.
	unePersonne = quiRepond + `
		AND (SELECT 1 FROM mandat m WHERE m.organisation_id = r.organisation_id AND m.usager_id = r.usager_id AND ` + retenu + ` LIMIT 1) IS NOT NULL`
)

// comptesMax bounds what a tab counts: past it, a number costs more than it
// tells. filtresMax does for what a filter keeps, looked for in everybody: each
// mandat is read.
const comptesMax, filtresMax = 2000, 500

// comptes counts the people and the mandats of each tab: all those that there
// are, up to comptesMax people. A filter is counted only when no tab has more
// than filtresMax.
func comptes(ctx context.Context, tx *db.Tx, org ident.OrganisationID, f Filtre) (map[mandat.Onglet]Compte, error) {
	out, err := countAll(ctx, tx, org)
	if err != nil {
		return nil, fmt.Errorf("count the tabs: %w", err)
	}
	many := false
	for _, c := range out {
		many = many || c.Personnes > filtresMax
	}
	switch {
	case !f.Narrowed():
		return out, nil
	case many:
		return nil, nil
	}
	if out, err = countFiltered(ctx, tx, org, f); err != nil {
		return nil, fmt.Errorf("count what is filtered: %w", err)
	}
	return out, nil
}

// countAll reads what mandat keeps counted, and the mandats of the few people
// for whom it is not up to date.
//
// reads: mandat, mandat_relation, autorisation
func countAll(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (map[mandat.Onglet]Compte, error) {
	rows, err := tx.Query(ctx, `SELECT 'actifs', count(*), COALESCE(sum(x.n), 0) FROM (SELECT r.actifs AS n FROM mandat_relation r WHERE `+listeActifs+` LIMIT $4) x
		UNION ALL SELECT 'expires', count(*), COALESCE(sum(x.n), 0) FROM (SELECT r.expires AS n FROM mandat_relation r WHERE `+listeExpires+` LIMIT $4) x
		UNION ALL SELECT 'revoques', count(*), COALESCE(sum(x.n), 0) FROM (SELECT r.revoques AS n FROM mandat_relation r WHERE `+listeRevoques+` LIMIT $4) x
		UNION ALL SELECT x.onglet, count(DISTINCT x.usager_id), count(*) FROM (
			SELECT m.usager_id, `+onglet+` AS onglet FROM mandat_relation r JOIN mandat m ON m.organisation_id = r.organisation_id AND m.usager_id = r.usager_id
			WHERE `+aRevoir+`) x WHERE x.onglet <> '' GROUP BY x.onglet`, org, tx.Now, mandat.SeuilVisible(tx.Now), comptesMax+1)
	return collectComptes(rows, err)
}

// countFiltered counts among everybody, in one statement.
//
// reads: mandat, mandat_relation, autorisation
func countFiltered(ctx context.Context, tx *db.Tx, org ident.OrganisationID, f Filtre) (map[mandat.Onglet]Compte, error) {
	rows, err := tx.Query(ctx, `WITH v AS MATERIALIZED (
			SELECT m.id, m.usager_id, m.date_expiration, `+onglet+` AS onglet
			FROM mandat m WHERE m.organisation_id = $1 AND m.date_expiration >= $3 AND ($10 = '' OR `+papier+` = $10)
				AND ($4 = '' OR (SELECT `+quiRepond+` FROM mandat_relation r WHERE r.organisation_id = m.organisation_id AND r.usager_id = m.usager_id)))
		SELECT v.onglet, count(DISTINCT v.usager_id), count(*) FROM v
		WHERE (v.onglet <> 'actifs' OR v.date_expiration < $9) AND ($8 = '' OR EXISTS (
			SELECT 1 FROM autorisation t WHERE t.mandat_id = v.id AND t.demarche = $8 AND (v.onglet = 'revoques' OR `+nonRevoquee+`)))
		GROUP BY v.onglet`, parametres(tx, org, f)...)
	return collectComptes(rows, err)
}

func collectComptes(rows *sql.Rows, err error) (map[mandat.Onglet]Compte, error) {
	type ligne struct {
		onglet mandat.Onglet
		Compte
	}
	all, err := db.Collect(rows, err, func(s db.Scanner) (l ligne, err error) { return l, s.Scan(&l.onglet, &l.Personnes, &l.Mandats) })
	out := map[mandat.Onglet]Compte{}
	for _, l := range all {
		c := out[l.onglet]
		c.Personnes, c.Mandats = c.Personnes+l.Personnes, c.Mandats+l.Mandats
		if c.Plus = c.Personnes > comptesMax; c.Plus {
			c.Personnes = comptesMax
		}
		out[l.onglet] = c
	}
	return out, err
}

// place is where a page begins: after a person, or before one.
type place struct {
	id      ident.UsagerID
	arriere bool // the page before that person
}

// The two ends of the order, as keys that no row holds.
const (
	premierID = "00000000-0000-0000-0000-000000000000"
	// A page walks two indexes, of those whom the tab shows and of those who are
	// to be looked at again, each in the order of the names until it is full.
	debut  = `WITH page AS MATERIALIZED (SELECT v.organisation_id, v.usager_id, v.nom_tri FROM (SELECT * FROM (SELECT r.organisation_id, r.usager_id, r.nom_tri FROM mandat_relation r WHERE `
	milieu = ` UNION ALL SELECT * FROM (SELECT r.organisation_id, r.usager_id, r.nom_tri FROM mandat_relation r WHERE ` + aRevoir + ` AND ` + unePersonne
	avance = ` AND ` + unePersonne + ` AND (r.nom_tri, r.usager_id) > ($12, $13) ORDER BY r.nom_tri, r.usager_id LIMIT 51) x` +
		milieu + ` AND (r.nom_tri, r.usager_id) > ($12, $13) ORDER BY r.nom_tri, r.usager_id LIMIT 51) y) v ORDER BY v.nom_tri, v.usager_id LIMIT 51)`
	recule = ` AND ` + unePersonne + ` AND (r.nom_tri, r.usager_id) < ($12, $13) ORDER BY r.nom_tri DESC, r.usager_id DESC LIMIT 51) x` +
		milieu + ` AND (r.nom_tri, r.usager_id) < ($12, $13) ORDER BY r.nom_tri DESC, r.usager_id DESC LIMIT 51) y) v ORDER BY v.nom_tri DESC, v.usager_id DESC LIMIT 51)`
	// Whom an active mandat of theirs leaves before $9 is to be looked at again
	// before $9.
	actifs = debut + listeActifs + ` AND CASE WHEN r.revoir < $9 THEN true ELSE false END`
	// mandatsDePage: what the people of the page have in the tab, by displayed
	// name, then by expiry.
	mandatsDePage = ` SELECT p.usager_id, n.given_name, n.family_name, n.preferred_username, n.birthdate,
			m.id, m.date_creation, m.date_expiration, ` + papier + `,
			(SELECT string_agg(t.demarche, ',') FROM autorisation t WHERE t.mandat_id = m.id AND ($11 = 'revoques' OR ` + nonRevoquee + `)),
			CASE WHEN $11 = 'revoques' THEN (SELECT max(t.fin) FROM autorisation t WHERE t.mandat_id = m.id) END, ` + remplace + `
		FROM page p JOIN mandat m ON m.organisation_id = p.organisation_id AND m.usager_id = p.usager_id AND ` + retenu + `
		JOIN mandat n ON n.id = (SELECT x.id FROM mandat x WHERE x.organisation_id = p.organisation_id AND x.usager_id = p.usager_id ORDER BY x.date_creation DESC, x.id DESC LIMIT 1)
		ORDER BY p.nom_tri, p.usager_id, m.date_expiration, m.id`
)

// liste gives one page of a tab, in two statements at most, and whether the
// list goes on in the direction asked.
//
// reads: mandat, mandat_relation, autorisation
func liste(ctx context.Context, tx *db.Tx, org ident.OrganisationID, f Filtre, from place) (page []Aide, more bool, err error) {
	nomTri, id := "", premierID
	if !from.id.IsZero() {
		id = from.id.String()
		err := tx.QueryRow(ctx, `SELECT r.nom_tri FROM mandat_relation r WHERE r.organisation_id = $1 AND r.usager_id = $2`, org, from.id).Scan(&nomTri)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, false, fault.New(fault.NotFound, "usager_inconnu")
		}
		if err != nil {
			return nil, false, fmt.Errorf("find place in the list: %w", err)
		}
	}
	tab, back := f.Onglet, from.arriere
	rows, err := tx.Query(ctx, pageText(tab, back), append(parametres(tx, org, f), string(f.Onglet), nomTri, id)...)
	lignes, err := db.Collect(rows, err, func(s db.Scanner) (Aide, error) { return scanAide(s, tx.Now, f.Onglet) })
	if err != nil {
		return nil, false, fmt.Errorf("list the people of a tab: %w", err)
	}
	for _, l := range lignes {
		if n := len(page); n > 0 && page[n-1].Usager == l.Usager {
			page[n-1].Mandats = append(page[n-1].Mandats, l.Mandats...)
		} else {
			page = append(page, l)
		}
	}
	if len(page) <= taillePage {
		return page, false, nil
	}
	if from.arriere { // the one too many is the farthest back
		return page[1:], true, nil
	}
	return page[:taillePage], true, nil
}

// pageText chooses the text of a page: each tab has its index.
func pageText(o mandat.Onglet, arriere bool) string {
	switch {
	case o == mandat.Expires && arriere:
		return debut + listeExpires + recule + mandatsDePage
	case o == mandat.Expires:
		return debut + listeExpires + avance + mandatsDePage
	case o == mandat.Revoques && arriere:
		return debut + listeRevoques + recule + mandatsDePage
	case o == mandat.Revoques:
		return debut + listeRevoques + avance + mandatsDePage
	case arriere:
		return actifs + recule + mandatsDePage
	}
	return actifs + avance + mandatsDePage
}

// scanAide reads one mandat with its person.
func scanAide(s db.Scanner, now db.Time, o mandat.Onglet) (Aide, error) {
	var a Aide
	var m Resume
	var creation, expiration, fin db.Time
	var papier string
	var ds sql.NullString
	i := &a.Identite
	err := s.Scan(&a.Usager, &i.GivenName, &i.FamilyName, &i.PreferredUsername, &i.Birthdate,
		&m.ID, &creation, &expiration, &papier, &ds, &fin, &m.Remplace)
	m.DateCreation, m.DateExpiration, m.DateFin = creation.Time(), expiration.Time(), fin.Time()
	m.Demarches = demarche.Displayed(demarche.ParseCSV(ds.String))
	m.NonSigne = papier == mandat.NonSigne
	m.Bientot = o == mandat.Actifs && expiration.Before(mandat.SeuilBientot(now))
	a.Mandats = slices.Grow(a.Mandats, 1)
	a.Mandats = append(a.Mandats, m)
	return a, err
}
