package journal

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// The rows of a batch travel as one JSON parameter, so that a batch of any
// size is one literal statement and one round trip. JSON functions and casts
// differ: each such statement is written twice, side by side.

// byDialect chooses between two texts of one statement.
func byDialect(tx *db.Tx, sqlite, postgres string) string {
	if tx.Dialect() == db.SQLite {
		return sqlite
	}
	return postgres
}

// readOrigine is "" before the first start.
func readOrigine(ctx context.Context, tx *db.Tx) (string, error) {
	var o string
	err := tx.QueryRow(ctx, `SELECT origine FROM journal_origine WHERE id = 1`).Scan(&o)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return o, err
}

// fixOrigine writes the origin unless one is there, and gives the one that is.
func fixOrigine(ctx context.Context, tx *db.Tx, origine string) (string, error) {
	_, err := tx.Exec(ctx, `INSERT INTO journal_origine (id, origine, date_creation) VALUES (1, $1, $2) ON CONFLICT DO NOTHING`, origine, tx.Now)
	if err != nil {
		return "", err
	}
	return readOrigine(ctx, tx)
}

// orNull is nil for what is absent.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// execJSON runs a statement on a batch and refuses that it touched fewer rows.
func execJSON[T any](ctx context.Context, tx *db.Tx, query string, rows []T) error {
	b, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode rows: %w", err)
	}
	n, err := tx.Exec(ctx, query, string(b))
	if err != nil {
		return err
	}
	if n != int64(len(rows)) {
		return errCourse
	}
	return nil
}

func deleteContenu(ctx context.Context, tx *db.Tx, id ident.LigneID) error {
	_, err := tx.Exec(ctx, `DELETE FROM journal_contenu WHERE ligne_id = $1`, id)
	return err
}

// selectPseudonyme gives the sealed key of a person, nil if there is none.
func selectPseudonyme(ctx context.Context, tx *db.Tx, empreinte string) (sealed []byte, err error) {
	err = tx.QueryRow(ctx, `SELECT cle FROM journal_pseudonyme WHERE personne_empreinte = $1`, []byte(empreinte)).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return sealed, err
}

// selectPseudonymes gives every sealed key.
func selectPseudonymes(ctx context.Context, tx *db.Tx) (map[string][]byte, error) {
	rows, err := tx.Query(ctx, `SELECT personne_empreinte, cle FROM journal_pseudonyme`)
	cles := map[string][]byte{}
	return cles, each(rows, err, func() error {
		var empreinte, cle []byte
		err := rows.Scan(&empreinte, &cle)
		cles[string(empreinte)] = cle
		return err
	})
}

// insertPseudonyme tells whether it is ours that was stored.
func insertPseudonyme(ctx context.Context, tx *db.Tx, empreinte, genre string, sealed []byte) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO journal_pseudonyme (personne_empreinte, genre, cle, date_creation) VALUES ($1, $2, $3, $4)
		ON CONFLICT (personne_empreinte) DO NOTHING`, []byte(empreinte), genre, sealed, tx.Now)
	return n == 1, err
}

func deletePseudonyme(ctx context.Context, tx *db.Tx, empreinte string) error {
	_, err := tx.Exec(ctx, `DELETE FROM journal_pseudonyme WHERE personne_empreinte = $1`, []byte(empreinte))
	return err
}

func hasAttente(ctx context.Context, tx *db.Tx) (ok bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM journal_attente)`).Scan(&ok)
	return ok, err
}

// readTete gives the size and root of the last checkpoint and the next rank,
// in one statement: READ COMMITTED, two would see two states.
func readTete(ctx context.Context, tx *db.Tx) (taille int64, racine tlog.Hash, next int64, err error) {
	var r []byte
	err = tx.QueryRow(ctx, `SELECT coalesce((SELECT max(taille) FROM journal_point), 0),
		(SELECT racine FROM journal_point ORDER BY taille DESC LIMIT 1),
		coalesce((SELECT max(rang) + 1 FROM journal_rang), 0)`).Scan(&taille, &r, &next)
	copy(racine[:], r)
	return taille, racine, next, err
}

// selectAttente gives the oldest waiting lines. Their identifiers are ordered
// by time and, within an act, as they were appended.
func selectAttente(ctx context.Context, tx *db.Tx, limite int) ([]attente, error) {
	rows, err := tx.Query(ctx, `SELECT a.ligne_id, l.entree FROM journal_attente AS a JOIN journal_ligne AS l ON l.id = a.ligne_id
		ORDER BY a.ligne_id LIMIT $1`, limite)
	return db.Collect(rows, err, func(s db.Scanner) (a attente, err error) {
		err = s.Scan(&a.id, &a.entree)
		return a, err
	})
}

func insertRangs(ctx context.Context, tx *db.Tx, premier int64, lot []attente) error {
	rows := make([][]any, len(lot))
	for i, l := range lot {
		rows[i] = []any{premier + int64(i), l.id.String(), hex.EncodeToString(l.entree)}
	}
	return execJSON(ctx, tx, byDialect(tx,
		`INSERT INTO journal_rang (rang, ligne_id, entree)
			SELECT value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each($1) WHERE true ON CONFLICT DO NOTHING`,
		`INSERT INTO journal_rang (rang, ligne_id, entree)
			SELECT CAST(v ->> 0 AS bigint), CAST(v ->> 1 AS uuid), decode(v ->> 2, 'hex')
			FROM json_array_elements(CAST($1 AS json)) AS t(v) ON CONFLICT DO NOTHING`), rows)
}

func insertNoeuds(ctx context.Context, tx *db.Tx, premier int64, noeuds []tlog.Hash) error {
	rows := make([][]any, len(noeuds))
	for i, h := range noeuds {
		rows[i] = []any{premier + int64(i), hex.EncodeToString(h[:])}
	}
	return execJSON(ctx, tx, byDialect(tx,
		`INSERT INTO journal_noeud (indice, empreinte)
			SELECT value ->> 0, unhex(value ->> 1) FROM json_each($1) WHERE true ON CONFLICT DO NOTHING`,
		`INSERT INTO journal_noeud (indice, empreinte)
			SELECT CAST(v ->> 0 AS bigint), decode(v ->> 1, 'hex')
			FROM json_array_elements(CAST($1 AS json)) AS t(v) ON CONFLICT DO NOTHING`), rows)
}

func insertPoint(ctx context.Context, tx *db.Tx, taille int64, racine tlog.Hash, msg string) error {
	n, err := tx.Exec(ctx, `INSERT INTO journal_point (taille, racine, note, instant) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		taille, racine[:], msg, tx.Now)
	if err == nil && n == 0 {
		err = errCourse
	}
	return err
}

func deleteAttente(ctx context.Context, tx *db.Tx, lot []attente) error {
	ids := make([]string, len(lot))
	for i, l := range lot {
		ids[i] = l.id.String()
	}
	return execJSON(ctx, tx, byDialect(tx,
		`DELETE FROM journal_attente WHERE ligne_id IN (SELECT value FROM json_each($1))`,
		`DELETE FROM journal_attente WHERE ligne_id IN (SELECT CAST(v AS uuid) FROM json_array_elements_text(CAST($1 AS json)) AS t(v))`), ids)
}

// readNoeuds gives the stored hashes at these positions, in that order.
func readNoeuds(ctx context.Context, tx *db.Tx, indices []int64) ([]tlog.Hash, error) {
	b, err := json.Marshal(indices)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, byDialect(tx,
		`SELECT indice, empreinte FROM journal_noeud WHERE indice IN (SELECT value FROM json_each($1))`,
		`SELECT indice, empreinte FROM journal_noeud WHERE indice IN (SELECT CAST(v AS bigint) FROM json_array_elements_text(CAST($1 AS json)) AS t(v))`),
		string(b))
	found, err := db.Collect(rows, err, scanNoeud)
	if err != nil {
		return nil, err
	}
	byIndice := make(map[int64]tlog.Hash, len(found))
	for _, n := range found {
		byIndice[n.indice] = n.empreinte
	}
	out := make([]tlog.Hash, len(indices))
	for i, k := range indices {
		h, ok := byIndice[k]
		if !ok {
			return nil, fmt.Errorf("%w: node %d is missing", ErrAltere, k)
		}
		out[i] = h
	}
	return out, nil
}

// noeud is one stored hash of the tree.
type noeud struct {
	indice    int64
	empreinte tlog.Hash
}

func scanNoeud(s db.Scanner) (n noeud, err error) {
	var h []byte
	if err := s.Scan(&n.indice, &h); err != nil {
		return n, err
	}
	if len(h) != tlog.HashSize {
		return n, fmt.Errorf("%w: node %d has %d bytes", ErrAltere, n.indice, len(h))
	}
	copy(n.empreinte[:], h)
	return n, nil
}
