package testkit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/db"

	"github.com/google/go-cmp/cmp"
)

// FailEachStatement runs an act again and again, making its first statement
// fail, then its second, up to its COMMIT, and checks that each failed run
// leaves every table as it was. Then it lets the act succeed, once, and gives
// the number of its statements. act must answer an error when it failed (an
// HTTP status of 500, say) and must be the only one to use Update meanwhile.
// The tables named in except may change: those of a refusal's own record.
func FailEachStatement(t testing.TB, d *db.DB, act func() error, except ...string) int {
	t.Helper()
	defer d.FailAt(0)
	before := Content(t, d, except...)
	for n := 1; n <= 1000; n++ {
		d.FailAt(n)
		err := act()
		ran := d.Statements()
		d.FailAt(0)
		if err == nil {
			if ran >= n {
				t.Errorf("statement %d failed and the act says that it succeeded", n)
			}
			return ran
		}
		if ran != n {
			t.Fatalf("statement %d was to fail, the act ended at statement %d: %v", n, ran, err)
		}
		if diff := cmp.Diff(before, Content(t, d, except...)); diff != "" {
			t.Fatalf("statement %d failed and something was left behind:\n%s", n, diff)
		}
	}
	t.Fatal("the act never succeeds")
	return 0
}

// Content is every row of every table, but for those excepted, in a form made
// to be compared.
func Content(t testing.TB, d *db.DB, except ...string) map[string][]string {
	t.Helper()
	ctx := context.Background()
	all := map[string][]string{}
	err := d.View(ctx, func(tx *db.Tx) error {
		query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
		if d.Dialect() == db.Postgres {
			query = `SELECT CAST(tablename AS text) FROM pg_tables WHERE schemaname = current_schema()`
		}
		rows, err := tx.Query(ctx, query)
		tables, err := db.Collect(rows, err, func(s db.Scanner) (name string, err error) { return name, s.Scan(&name) })
		if err != nil {
			return err
		}
		for _, table := range tables {
			if slices.Contains(except, table) || strings.HasPrefix(table, "goose") {
				continue
			}
			if all[table], err = rowsOf(ctx, tx, table); err != nil {
				return fmt.Errorf("read %s: %w", table, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func rowsOf(ctx context.Context, tx *db.Tx, table string) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT * FROM "`+table+`"`)
	if err != nil {
		return nil, err
	}
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	all, err := db.Collect(rows, nil, func(s db.Scanner) (string, error) {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := s.Scan(targets...); err != nil {
			return "", err
		}
		for i, v := range values {
			values[i] = fmt.Sprintf("%s=%v", names[i], v)
		}
		return fmt.Sprint(values), nil
	})
	slices.Sort(all)
	return all, err
}
