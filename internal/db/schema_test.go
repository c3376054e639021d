package db_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

var updateGolden = flag.Bool("update", false, "write the golden files")

// The schemas that the migrations end in, for a reviewer to read: a migration
// shows there what it changes. Written by make generate.
func TestSchema(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var got string
		if d.Dialect() == db.SQLite {
			got = strings.Join(texts(t, d, `SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL
				AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%' ORDER BY tbl_name, type = 'table' DESC, name`), "\n\n")
		} else {
			got = postgresSchema(t, d)
		}
		path := filepath.Join("testdata", "schema."+string(d.Dialect())+".txt")
		if *updateGolden {
			if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
			t.Errorf("the schema is not that of %s (make generate):\n%s", path, diff)
		}
	})
}

// postgresSchema tells, table by table, the columns, constraints, indexes and
// triggers, as PostgreSQL understood them.
func postgresSchema(t *testing.T, d *db.DB) string {
	t.Helper()
	var b strings.Builder
	for _, table := range texts(t, d, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'
		AND tablename NOT LIKE 'goose%' ORDER BY tablename`) {
		fmt.Fprintf(&b, "%s\n", table)
		for _, query := range []string{
			`SELECT column_name || ' ' || udt_name || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END ||
				COALESCE(' DEFAULT ' || column_default, '')
				FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position`,
			`SELECT pg_get_constraintdef(c.oid) FROM pg_constraint AS c JOIN pg_class AS r ON r.oid = c.conrelid
				WHERE r.relname = $1 AND c.contype <> 'n' ORDER BY c.contype, c.conname`,
			`SELECT indexdef FROM pg_indexes WHERE tablename = $1 AND schemaname = 'public'
				AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname`,
			`SELECT pg_get_triggerdef(g.oid) FROM pg_trigger AS g JOIN pg_class AS r ON r.oid = g.tgrelid
				WHERE r.relname = $1 AND NOT g.tgisinternal ORDER BY g.tgname`,
		} {
			for _, line := range texts(t, d, query, table) {
				fmt.Fprintf(&b, "    %s\n", line)
			}
		}
		b.WriteString("\n")
	}
	for _, f := range texts(t, d, `SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
		WHERE n.nspname = 'public' ORDER BY p.proname`) {
		fmt.Fprintf(&b, "%s\n", f)
	}
	return strings.TrimRight(b.String(), "\n")
}

func texts(t *testing.T, d *db.DB, query string, args ...any) (all []string) {
	t.Helper()
	err := d.View(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), query, args...)
		all, err = db.Collect(rows, err, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var (
	tableText  = regexp.MustCompile(`(?ms)^(-- [^\n]+\n)?CREATE TABLE (\w+) \(([^\n]*\n.*?)^\);`)
	columnLine = regexp.MustCompile(`^\s+([a-z_]\w*)\s+[a-z]`)
)

// Every table and column says in French what it holds.
func TestSchemaIsCommented(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		files, err := db.Migrations(dialect)
		if err != nil {
			t.Fatal(err)
		}
		names, err := fs.Glob(files, "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count("\n"+string(text), "\nCREATE TABLE "); n != len(tableText.FindAllString(string(text), -1)) {
				t.Errorf("%s: a table is written CREATE TABLE nom (, a line per column, );", name)
			}
			for _, m := range tableText.FindAllStringSubmatch(string(text), -1) {
				for _, what := range uncommented(m[1], m[2], m[3]) {
					t.Errorf("%s: %s has no comment", name, what)
				}
			}
		}
	}
}

// uncommented lists the table and its columns that no comment explains, on the
// line or on the one before.
func uncommented(comment, table, body string) (all []string) {
	lines := strings.Split(body, "\n")
	isComment := func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "--") }
	if comment == "" && !isComment(lines[0]) && (len(lines) < 2 || !isComment(lines[1])) {
		all = append(all, table)
	}
	for i, line := range lines {
		m := columnLine.FindStringSubmatch(line)
		if m == nil || strings.Contains(line, "--") || (i > 0 && isComment(lines[i-1])) {
			continue
		}
		all = append(all, table+"."+m[1])
	}
	return slices.Compact(all)
}
