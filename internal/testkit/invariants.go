package testkit

import (
	"context"
	"fmt"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
)

// invariants hold at the end of every test that opened a database with EachDB.
// A new one is a function added to this list.
var invariants = []func(ctx context.Context, t testing.TB, d *db.DB){
	foreignKeysHold,
	columnsHoldTheirType,
	journalHolds,
}

// honest are those of the acts alone: a test that writes behind the program
// breaks them.
var honest = []func(ctx context.Context, t testing.TB, d *db.DB){
	usableHasItsProof,
}

func checkInvariants(t testing.TB, d *db.DB, altere bool) {
	t.Helper()
	ctx := context.Background() // the test's own is already cancelled
	for _, check := range invariants {
		check(ctx, t, d)
	}
	for _, check := range honest {
		if !altere {
			check(ctx, t, d)
		}
	}
}

// journalHolds checks the whole journal as its verifier does.
func journalHolds(ctx context.Context, t testing.TB, d *db.DB) {
	t.Helper()
	if r, err := journal.Audit(ctx, d, nil); err != nil {
		t.Errorf("the journal does not verify: %v %+v", err, r.Fautes)
	}
}

// foreignKeysHold checks that no row points nowhere. PostgreSQL keeps it.
func foreignKeysHold(ctx context.Context, t testing.TB, d *db.DB) {
	t.Helper()
	if d.Dialect() != db.SQLite {
		return
	}
	err := d.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT "table", parent FROM pragma_foreign_key_check`)
		broken, err := db.Collect(rows, err, func(s db.Scanner) (string, error) {
			var table, parent string
			err := s.Scan(&table, &parent)
			return table + " -> " + parent, err
		})
		for _, b := range broken {
			t.Errorf("a row points nowhere: %s", b)
		}
		return err
	})
	if err != nil {
		t.Errorf("check the foreign keys: %v", err)
	}
}

// columnShapes tells what a value of a declared type looks like on SQLite,
// which stores what it is given; %s is the column. PostgreSQL keeps it.
var columnShapes = map[string]string{
	"timestamptz": `typeof(%[1]s) = 'text' AND length(%[1]s) = 24 AND substr(%[1]s, 24) = 'Z'`,
	"uuid":        `typeof(%[1]s) = 'text' AND length(%[1]s) = 36`,
	"boolean":     `typeof(%[1]s) = 'integer' AND %[1]s IN (0, 1)`,
	"bigint":      `typeof(%[1]s) = 'integer'`,
	"integer":     `typeof(%[1]s) = 'integer'`,
	"text":        `typeof(%[1]s) = 'text'`,
	"bytea":       `typeof(%[1]s) = 'blob'`,
}

// columnsHoldTheirType finds on SQLite what PostgreSQL would have refused or
// changed: an instant of another width, a number in a text.
func columnsHoldTheirType(ctx context.Context, t testing.TB, d *db.DB) {
	t.Helper()
	if d.Dialect() != db.SQLite {
		return
	}
	type column struct{ table, name, declared string }
	err := d.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT m.name, c.name, lower(c.type) FROM sqlite_master AS m, pragma_table_info(m.name) AS c
			WHERE m.type = 'table' AND m.name NOT LIKE 'goose%' AND m.name NOT LIKE 'sqlite%'`)
		columns, err := db.Collect(rows, err, func(s db.Scanner) (c column, err error) {
			err = s.Scan(&c.table, &c.name, &c.declared)
			return c, err
		})
		if err != nil {
			return err
		}
		for _, c := range columns {
			shape, ok := columnShapes[c.declared]
			if !ok {
				t.Errorf("%s.%s: unexpected type %q", c.table, c.name, c.declared)
				continue
			}
			quoted := `"` + c.name + `"`
			query := fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE %s IS NOT NULL AND NOT (%s)`,
				c.table, quoted, fmt.Sprintf(shape, quoted))
			var n int
			if err := tx.QueryRow(ctx, query).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				t.Errorf("%s.%s: %d values are not of the form of a %s", c.table, c.name, n, c.declared)
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("check the columns: %v", err)
	}
}

// Invariants checks a database that the test opened by itself, as the end of a
// test of EachDB does.
func Invariants(t testing.TB, d *db.DB) {
	t.Helper()
	checkInvariants(t, d, false)
}
