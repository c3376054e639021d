package croissance

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"aidantsconnect/internal/db"
)

// lotMax is how many people go in one transaction.
const lotMax = 4000

// attendu is a person to write.
type attendu struct {
	g gabarit
	c *copie
}

// Charger writes the people of lots. Meanwhile the tables have only the indexes
// that are constraints: the others are made again at the end, by the statements
// that made them.
func (a *Atelier) Charger(ctx context.Context, lots ...Lot) error {
	r, err := open(ctx, a.Adresse)
	if err != nil {
		return err
	}
	defer r.close(ctx)
	var again []string
	if people(lots) > lotMax/100 { // else they cost less kept than made again
		if again, err = a.dropIndexes(ctx, r); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wait []attendu
	under := make(chan error, 1) // what became of the transaction before
	under <- nil
	flush := func() error {
		b := prepare(wait)
		wait = wait[:0]
		if err := <-under; err != nil {
			return err
		}
		go func() { under <- r.write(ctx, b) }()
		return nil
	}
	for _, l := range lots {
		for i := range l.Personnes {
			if wait = append(wait, attendu{a.gabarits[l.Genres[i%len(l.Genres)]], newCopie(l, l.Premier+i)}); len(wait) < lotMax {
				continue
			}
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(flush(), <-under); err != nil {
		return err
	}
	for _, q := range again {
		if err := r.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// brouillon is what one transaction writes, by table.
type brouillon struct {
	colonnes map[string][]string
	lignes   map[string][][]any
}

// prepare makes the rows of people, in the order of the keys: the pages where
// they go are then each looked for once.
func prepare(who []attendu) brouillon {
	b := brouillon{map[string][]string{}, map[string][][]any{}}
	for _, x := range who {
		for _, name := range x.g.tables {
			b.lignes[name] = append(b.lignes[name], x.g.rows(name, x.c)...)
			b.colonnes[name] = x.g.colonnes[name]
		}
	}
	for _, all := range b.lignes {
		slices.SortFunc(all, func(a, b []any) int { return cmp.Compare(key(a), key(b)) })
	}
	return b
}

// key is the first column, an identifier in every table that grows.
func key(row []any) string {
	s, _ := row[0].(string)
	return s
}

func (r *raw) write(ctx context.Context, b brouillon) error {
	if r.lite != nil {
		return r.writeLite(ctx, b)
	}
	return r.writePG(ctx, b)
}

func (r *raw) writeLite(ctx context.Context, b brouillon) (err error) {
	tx, err := r.lite.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.lignes)) {
		if err = insertLite(ctx, tx, name, b.colonnes[name], b.lignes[name]); err != nil {
			return errors.Join(fmt.Errorf("write %s: %w", name, err), tx.Rollback())
		}
	}
	return tx.Commit()
}

// ensemble is how many rows one statement writes.
const ensemble = 50

func insertLite(ctx context.Context, tx *sql.Tx, name string, colonnes []string, rows [][]any) error {
	for _, n := range []int{ensemble, 1} {
		// OR FAIL: nothing is kept to undo one statement, the transaction goes whole.
		row := "(?" + strings.Repeat(", ?", len(colonnes)-1) + ")"
		q, err := tx.PrepareContext(ctx, `INSERT OR FAIL INTO `+name+` (`+strings.Join(colonnes, ", ")+`) VALUES `+row+strings.Repeat(", "+row, n-1))
		if err != nil {
			return err
		}
		values := make([]any, 0, n*len(colonnes))
		for ; len(rows) >= n; rows = rows[n:] {
			values = values[:0]
			for _, x := range rows[:n] {
				values = append(values, x...)
			}
			if _, err := q.ExecContext(ctx, values...); err != nil {
				return errors.Join(err, q.Close())
			}
		}
		if err := q.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (r *raw) writePG(ctx context.Context, b brouillon) error {
	tx, err := r.pg.Begin(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(b.lignes)) {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{name}, b.colonnes[name], pgx.CopyFromRows(b.lignes[name])); err != nil {
			return errors.Join(fmt.Errorf("write %s: %w", name, err), tx.Rollback(ctx))
		}
	}
	return tx.Commit(ctx)
}

func (r *raw) exec(ctx context.Context, q string) (err error) {
	if r.lite != nil {
		_, err = r.lite.ExecContext(ctx, q)
	} else {
		_, err = r.pg.Exec(ctx, q)
	}
	return err
}

// people counts those of lots.
func people(lots []Lot) (n int) {
	for _, l := range lots {
		n += l.Personnes
	}
	return n
}

// index is one that is no constraint: its table, and what makes it.
type index struct{ nom, table, sql string }

func (r *raw) indexes(ctx context.Context) ([]index, error) {
	const lite = `SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX %' ORDER BY name`
	const pg = `SELECT indexname, tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE 'CREATE INDEX %' ORDER BY indexname`
	if r.lite != nil {
		rows, err := r.lite.QueryContext(ctx, lite)
		return db.Collect(rows, err, func(s db.Scanner) (x index, err error) { return x, s.Scan(&x.nom, &x.table, &x.sql) })
	}
	rows, err := r.pg.Query(ctx, pg)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (x index, err error) { return x, row.Scan(&x.nom, &x.table, &x.sql) })
}

// dropIndexes drops those of the tables that a copy writes, and gives what
// makes them again.
func (a *Atelier) dropIndexes(ctx context.Context, r *raw) (again []string, err error) {
	written := map[string]bool{}
	for _, g := range a.gabarits {
		for _, name := range g.tables {
			written[name] = true
		}
	}
	all, err := r.indexes(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if !written[x.table] {
			continue
		}
		if err := r.exec(ctx, `DROP INDEX `+x.nom); err != nil {
			return nil, err
		}
		again = append(again, x.sql)
	}
	return again, nil
}
