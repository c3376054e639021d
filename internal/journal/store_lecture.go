package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// ligneLue is a line read back; present is false when its row is not there,
// contenuPresent when its facts are not.
type ligneLue struct {
	champs
	version          int64
	sel              []byte
	contenuEmpreinte []byte
	entree           []byte
	contenuSel       []byte
	contenu          []byte
	present          bool
	contenuPresent   bool
}

const colonnesLigne = `l.id, l.version, l.instant, l.action, l.initiateur, l.aidant, l.concerne, l.usager,
	l.organisation_id, l.mandat_id, l.autorisation_id, l.operation_id, l.session_empreinte, l.sel, l.contenu_empreinte, l.entree,
	c.sel, c.contenu`

// destinations are where the columns of colonnesLigne go; done makes the line.
// Both serve for row after row.
func (l *ligneLue) destinations() (dest []any, done func()) {
	var version sql.NullInt64
	var action, initiateur, aidant, concerne, usager, contenu sql.NullString
	dest = []any{
		&l.ID, &version, &l.Instant, &action, &initiateur, &aidant, &concerne, &usager,
		&l.Organisation, &l.Mandat, &l.Autorisation, &l.Operation, &l.Session, &l.sel, &l.contenuEmpreinte, &l.entree,
		&l.contenuSel, &contenu,
	}
	return dest, func() {
		l.present = version.Valid
		l.version = version.Int64
		l.Action, l.Initiateur = action.String, Initiateur(initiateur.String)
		l.Aidant, l.Concerne, l.Usager = aidant.String, concerne.String, usager.String
		l.contenuPresent = contenu.Valid
		l.contenu = []byte(contenu.String)
	}
}

// rangLu is a rank with its line.
type rangLu struct {
	rang   int64
	id     ident.LigneID
	entree []byte
	ligne  ligneLue
}

// each runs fn on every row and closes them.
func each(rows *sql.Rows, err error, fn func() error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what there is to tell
	for rows.Next() {
		if err := fn(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// selectRangsEpars is selectRangs for whatever a base may hold, column by column.
func selectRangsEpars(ctx context.Context, tx *db.Tx, premier, dernier int64) ([]rangLu, error) {
	rows, err := tx.Query(ctx, `SELECT r.rang, r.ligne_id, r.entree, `+colonnesLigne+`
		FROM journal_rang AS r LEFT JOIN journal_ligne AS l ON l.id = r.ligne_id LEFT JOIN journal_contenu AS c ON c.ligne_id = l.id
		WHERE r.rang >= $1 AND r.rang <= $2 ORDER BY r.rang`, premier, dernier)
	return db.Collect(rows, err, func(s db.Scanner) (r rangLu, err error) {
		dest, done := r.ligne.destinations()
		err = s.Scan(append([]any{&r.rang, &r.id, &r.entree}, dest...)...)
		done()
		return r, err
	})
}

// enAttente is a waiting mark with its line; rangee tells that it has a rank.
type enAttente struct {
	id     ident.LigneID
	rangee bool
	ligne  ligneLue
}

func selectEnAttente(ctx context.Context, tx *db.Tx, apres ident.LigneID, limite int) ([]enAttente, error) {
	rows, err := tx.Query(ctx, `SELECT a.ligne_id, EXISTS (SELECT 1 FROM journal_rang AS r WHERE r.ligne_id = a.ligne_id), `+colonnesLigne+`
		FROM journal_attente AS a LEFT JOIN journal_ligne AS l ON l.id = a.ligne_id LEFT JOIN journal_contenu AS c ON c.ligne_id = l.id
		WHERE a.ligne_id > $1 OR $1 IS NULL ORDER BY a.ligne_id LIMIT $2`, apres, limite)
	return db.Collect(rows, err, func(s db.Scanner) (a enAttente, err error) {
		dest, done := a.ligne.destinations()
		err = s.Scan(append([]any{&a.id, &a.rangee}, dest...)...)
		done()
		return a, err
	})
}

// countLignes counts the lines and those that wait.
func countLignes(ctx context.Context, tx *db.Tx) (lignes, attente int64, err error) {
	err = tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM journal_ligne), (SELECT count(*) FROM journal_attente)`).Scan(&lignes, &attente)
	return lignes, attente, err
}

// boundRangs counts the ranks and gives the least and the greatest.
func boundRangs(ctx context.Context, tx *db.Tx) (n, least, most int64, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*), coalesce(min(rang), 0), coalesce(max(rang), -1) FROM journal_rang`).Scan(&n, &least, &most)
	return n, least, most, err
}

// nextRang gives the first rank from that one on.
func nextRang(ctx context.Context, tx *db.Tx, from int64) (rang int64, ok bool, err error) {
	var r sql.NullInt64
	err = tx.QueryRow(ctx, `SELECT min(rang) FROM journal_rang WHERE rang >= $1`, from).Scan(&r)
	return r.Int64, r.Valid, err
}

func countContenus(ctx context.Context, tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM journal_contenu`).Scan(&n)
	return n, err
}

func countNoeuds(ctx context.Context, tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM journal_noeud`).Scan(&n)
	return n, err
}

// selectNoeuds gives the stored hashes from premier (included) to fin (excluded).
// When each is there with its 32 bytes, they come as one value: there are two
// for each line.
// They are put in dst.
func selectNoeuds(ctx context.Context, tx *db.Tx, dst []noeud, premier, fin int64) ([]noeud, error) {
	var n, least, most int64
	var all []byte
	err := tx.QueryRow(ctx, byDialect(tx,
		`SELECT count(*), coalesce(min(indice), 0), coalesce(max(indice), 0), CAST(group_concat(empreinte, '') AS blob)
			FROM (SELECT indice, empreinte FROM journal_noeud WHERE indice >= $1 AND indice < $2 AND length(empreinte) = 32 ORDER BY indice)`,
		`SELECT count(*), coalesce(min(indice), 0), coalesce(max(indice), 0), string_agg(empreinte, CAST('' AS bytea) ORDER BY indice)
			FROM journal_noeud WHERE indice >= $1 AND indice < $2 AND length(empreinte) = 32`), premier, fin).Scan(&n, &least, &most, &all)
	if err != nil {
		return nil, err
	}
	if n != fin-premier || n == 0 || least != premier || most != fin-1 || int64(len(all)) != n*tlog.HashSize {
		rows, err := tx.Query(ctx, `SELECT indice, empreinte FROM journal_noeud WHERE indice >= $1 AND indice < $2 ORDER BY indice`, premier, fin)
		return db.Collect(rows, err, scanNoeudLu)
	}
	for i := range int(n) {
		dst = append(dst, noeud{premier + int64(i), tlog.Hash(all[i*tlog.HashSize:])})
	}
	return dst, nil
}

// scanNoeudLu leaves a hash of a wrong length at zero, which is no hash: the
// verifier then reports it instead of stopping.
func scanNoeudLu(s db.Scanner) (n noeud, err error) {
	var h []byte
	err = s.Scan(&n.indice, &h)
	if len(h) == len(n.empreinte) {
		copy(n.empreinte[:], h)
	}
	return n, err
}

// selectPoints gives the checkpoints of sizes after one and up to another, some
// thousands at most.
func selectPoints(ctx context.Context, tx *db.Tx, apres, jusque int64) ([]point, error) {
	rows, err := tx.Query(ctx, `SELECT taille, racine, note FROM journal_point WHERE taille > $1 AND taille <= $2 ORDER BY taille LIMIT $3`,
		apres, jusque, 2*verifieParLot)
	return db.Collect(rows, err, func(s db.Scanner) (p point, err error) {
		err = s.Scan(&p.taille, &p.racine, &p.note)
		return p, err
	})
}

// selectHors finds lines neither ranked nor waiting.
func selectHors(ctx context.Context, tx *db.Tx, limite int) ([]ident.LigneID, error) {
	rows, err := tx.Query(ctx, `SELECT l.id FROM journal_ligne AS l
		WHERE NOT EXISTS (SELECT 1 FROM journal_rang AS r WHERE r.ligne_id = l.id)
		  AND NOT EXISTS (SELECT 1 FROM journal_attente AS a WHERE a.ligne_id = l.id)
		ORDER BY l.id LIMIT $1`, limite)
	return db.Collect(rows, err, scanID)
}

// selectOrphelins finds facts without a line.
func selectOrphelins(ctx context.Context, tx *db.Tx, limite int) ([]ident.LigneID, error) {
	rows, err := tx.Query(ctx, `SELECT c.ligne_id FROM journal_contenu AS c
		WHERE NOT EXISTS (SELECT 1 FROM journal_ligne AS l WHERE l.id = c.ligne_id) ORDER BY c.ligne_id LIMIT $1`, limite)
	return db.Collect(rows, err, scanID)
}

func scanID(s db.Scanner) (id ident.LigneID, err error) {
	err = s.Scan(&id)
	return id, err
}

// selectLignes is List. The last part of the text, one per main criterion, is
// what lets an index serve; the guards before it hold the other criteria.
func selectLignes(ctx context.Context, tx *db.Tx, f Filtre, aidant, usager string) ([]Ligne, error) {
	const base = `SELECT r.rang, ` + colonnesLigne + `
		FROM journal_ligne AS l LEFT JOIN journal_contenu AS c ON c.ligne_id = l.id LEFT JOIN journal_rang AS r ON r.ligne_id = l.id
		WHERE ($1 = '' OR l.action = $1) AND ($2 = '' OR l.aidant = $2 OR l.concerne = $2) AND ($3 = '' OR l.usager = $3)
		  AND (l.organisation_id = $4 OR $4 IS NULL) AND (l.mandat_id = $5 OR $5 IS NULL) AND (l.id < $6 OR $6 IS NULL)`
	const fin = ` ORDER BY l.id DESC LIMIT $7`
	query := base + fin
	switch {
	case !f.Mandat.IsZero():
		query = base + ` AND l.mandat_id = $5` + fin
	case usager != "":
		query = base + ` AND l.usager = $3` + fin
	case !f.Organisation.IsZero():
		query = base + ` AND l.organisation_id = $4` + fin
	}
	rows, err := tx.Query(ctx, query, f.Action, aidant, usager, f.Organisation, f.Mandat, f.Avant, f.limite())
	return db.Collect(rows, err, scanLigne)
}

// eachLigne gives fn the lines of some actions, oldest first.
func eachLigne(ctx context.Context, tx *db.Tx, actions []string, fn func(Ligne) error) error {
	b, err := json.Marshal(actions)
	if err != nil {
		return err
	}
	const base = `SELECT r.rang, ` + colonnesLigne + `
		FROM journal_ligne AS l LEFT JOIN journal_contenu AS c ON c.ligne_id = l.id LEFT JOIN journal_rang AS r ON r.ligne_id = l.id WHERE l.action IN `
	rows, err := tx.Query(ctx, byDialect(tx, base+`(SELECT value FROM json_each($1)) ORDER BY l.id`,
		base+`(SELECT v FROM json_array_elements_text(CAST($1 AS json)) AS t(v)) ORDER BY l.id`), string(b))
	return each(rows, err, func() error {
		l, err := scanLigne(rows)
		if err != nil {
			return err
		}
		return fn(l)
	})
}

func scanLigne(s db.Scanner) (Ligne, error) {
	var rang sql.NullInt64
	var lu ligneLue
	dest, done := lu.destinations()
	if err := s.Scan(append([]any{&rang}, dest...)...); err != nil {
		return Ligne{}, err
	}
	done()
	return lu.ligne(rang)
}

func selectLigne(ctx context.Context, tx *db.Tx, id ident.LigneID) (Ligne, error) {
	l, err := scanLigne(tx.QueryRow(ctx, `SELECT r.rang, `+colonnesLigne+`
		FROM journal_ligne AS l LEFT JOIN journal_contenu AS c ON c.ligne_id = l.id LEFT JOIN journal_rang AS r ON r.ligne_id = l.id WHERE l.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New(fault.NotFound, "ligne_inconnue")
	}
	return l, err
}

func countAction(ctx context.Context, tx *db.Tx, action string) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM journal_ligne WHERE action = $1`, action).Scan(&n)
	return n, err
}

func selectLastPoint(ctx context.Context, tx *db.Tx) (string, error) {
	var n sql.NullString
	err := tx.QueryRow(ctx, `SELECT (SELECT note FROM journal_point ORDER BY taille DESC LIMIT 1)`).Scan(&n)
	return n.String, err
}
