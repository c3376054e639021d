package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
)

// byDialect chooses between two texts of one statement.
func byDialect(tx *db.Tx, sqlite, postgres string) string {
	if tx.Dialect() == db.SQLite {
		return sqlite
	}
	return postgres
}

func readTaille(ctx context.Context, tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT coalesce(max(taille), 0) FROM journal_point`).Scan(&n)
	return n, err
}

func readEntree(ctx context.Context, tx *db.Tx, rang int64) (b []byte, err error) {
	err = tx.QueryRow(ctx, `SELECT entree FROM journal_rang WHERE rang = $1`, rang).Scan(&b)
	return b, err
}

// readInstants gives when the lines of some ranks were appended.
func readInstants(ctx context.Context, tx *db.Tx, first, end int64) ([]db.Time, error) {
	rows, err := tx.Query(ctx, `SELECT l.instant FROM journal_rang AS r JOIN journal_ligne AS l ON l.id = r.ligne_id WHERE r.rang >= $1 AND r.rang < $2`, first, end)
	return db.Collect(rows, err, func(s db.Scanner) (t db.Time, err error) {
		err = s.Scan(&t)
		return t, err
	})
}

func databaseSize(ctx context.Context, tx *db.Tx) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&n)
	return n, err
}

// createPlain makes what the journal would be without anything to prove: one
// table, with the same indexes, where people are in the clear.
func createPlain(ctx context.Context, tx *db.Tx) error {
	for _, q := range []string{
		`CREATE TABLE journal_simple (id uuid NOT NULL PRIMARY KEY, instant timestamptz NOT NULL, action text NOT NULL, initiateur text NOT NULL,
			aidant_id uuid, concerne_id uuid, usager_id uuid, organisation_id uuid, mandat_id uuid, autorisation_id uuid, operation_id uuid, session_id uuid, contenu text NOT NULL)`,
		`CREATE INDEX journal_simple_organisation ON journal_simple (organisation_id, id)`,
		`CREATE INDEX journal_simple_mandat ON journal_simple (mandat_id, id)`,
		`CREATE INDEX journal_simple_usager ON journal_simple (usager_id, id)`,
	} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func insertPlain(ctx context.Context, tx *db.Tx, entries []journal.Entry) error {
	for _, e := range entries {
		contenu, err := json.Marshal(e.Fait)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO journal_simple (id, instant, action, initiateur, aidant_id, concerne_id, usager_id, organisation_id, mandat_id, autorisation_id, operation_id, session_id, contenu)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`, ident.New[ident.LigneID](), tx.Now, e.Fait.Action(), string(e.Initiateur), e.Aidant, e.Concerne, e.Usager,
			e.Organisation, e.Mandat, e.Autorisation, e.Operation, e.Session, string(contenu))
		if err != nil {
			return err
		}
	}
	return nil
}

// bords is the right edge of the tree while it is loaded.
type bords struct {
	taille int64
	pics   []tlog.Hash
}

// add gives the hashes that an entry stores, as journal does.
func (b *bords) add(entree []byte) []tlog.Hash {
	h := tlog.RecordHash(entree)
	out := []tlog.Hash{h}
	for n := b.taille; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(b.pics[len(b.pics)-1], h)
		b.pics = b.pics[:len(b.pics)-1]
		out = append(out, h)
	}
	b.pics = append(b.pics, h)
	b.taille++
	return out
}

// tree takes the tree to a size that ordinary lines would need hours and tens
// of gigabytes for: the same ranks, entries and nodes, of lines that are not.
func (bj *bancJournal) tree(ctx context.Context, size int64) error {
	const lotFeuilles = 10_000
	d := bj.noeuds[0].d
	if err := bj.readEdge(ctx); err != nil {
		return err
	}
	p := newProgress("feuilles", int(size-bj.taille))
	for bj.taille < size {
		n := min(lotFeuilles, size-bj.taille)
		rangs, noeuds := make([][]any, 0, n), make([][]any, 0, 2*n)
		indice := tlog.StoredHashCount(bj.taille)
		for i := range n {
			e := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(bj.taille+i)))
			rangs = append(rangs, []any{bj.taille + i, ident.New[ident.LigneID]().String(), hex.EncodeToString(e[:])})
			for _, h := range bj.bords.add(e[:]) {
				noeuds = append(noeuds, []any{indice, hex.EncodeToString(h[:])})
				indice++
			}
		}
		if err := d.UpdateReadCommitted(ctx, func(tx *db.Tx) error { return insertTree(ctx, tx, rangs, noeuds) }); err != nil {
			return err
		}
		bj.taille += n
		p.add(int(n))
	}
	p.end()
	return nil
}

// readEdge finds the edge again by building the tree from the entries.
func (bj *bancJournal) readEdge(ctx context.Context) error {
	bj.bords = bords{}
	return bj.noeuds[0].d.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT entree FROM journal_rang ORDER BY rang`)
		_, err = db.Collect(rows, err, func(s db.Scanner) (nothing struct{}, err error) {
			var e []byte
			err = s.Scan(&e)
			bj.bords.add(e)
			return nothing, err
		})
		return err
	})
}

func insertTree(ctx context.Context, tx *db.Tx, rangs, noeuds [][]any) error {
	for _, one := range []struct {
		query string
		rows  [][]any
	}{
		{byDialect(tx,
			`INSERT INTO journal_rang (rang, ligne_id, entree) SELECT value ->> 0, value ->> 1, unhex(value ->> 2) FROM json_each($1)`,
			`INSERT INTO journal_rang (rang, ligne_id, entree) SELECT CAST(v ->> 0 AS bigint), CAST(v ->> 1 AS uuid), decode(v ->> 2, 'hex')
				FROM json_array_elements(CAST($1 AS json)) AS t(v)`), rangs},
		{byDialect(tx,
			`INSERT INTO journal_noeud (indice, empreinte) SELECT value ->> 0, unhex(value ->> 1) FROM json_each($1)`,
			`INSERT INTO journal_noeud (indice, empreinte) SELECT CAST(v ->> 0 AS bigint), decode(v ->> 1, 'hex')
				FROM json_array_elements(CAST($1 AS json)) AS t(v)`), noeuds},
	} {
		b, err := json.Marshal(one.rows)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, one.query, string(b)); err != nil {
			return fmt.Errorf("load the tree: %w", err)
		}
	}
	return nil
}
