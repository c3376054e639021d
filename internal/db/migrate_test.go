package db_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

// empty opens a database that nothing was migrated in.
func empty(t *testing.T, dialect db.Dialect) (*db.DB, string) {
	t.Helper()
	address := "sqlite:" + filepath.Join(t.TempDir(), "vide ?#%.db")
	if dialect == db.Postgres {
		address = testkit.EmptyPostgres(t)
	}
	return open(t, address), address
}

func open(t *testing.T, address string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), address, db.Options{Log: testkit.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Several nodes start at once on a new database: each migrates, none fails.
func TestMigrateTogether(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			d, address := empty(t, dialect)
			if done, err := d.Migrated(t.Context()); err != nil || done {
				t.Fatalf("an empty database: %v, %v", done, err)
			}
			nodes := []*db.DB{d, open(t, address), open(t, address)}
			var wg sync.WaitGroup
			for _, node := range nodes {
				wg.Go(func() {
					if err := node.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for _, node := range nodes {
				if done, err := node.Migrated(t.Context()); err != nil || !done {
					t.Errorf("after migrating: %v, %v", done, err)
				}
			}
			update(t, d, `DELETE FROM goose_db_version WHERE version_id = 1`)
			if done, err := d.Migrated(t.Context()); err != nil || done {
				t.Errorf("with one missing: %v, %v", done, err)
			}
		})
	}
}

// A migration of one database has its twin in the other, so that both schemas
// have the same numbers.
func TestMigrationTwins(t *testing.T) {
	lists := map[db.Dialect]string{}
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		files, err := db.Migrations(dialect)
		if err != nil {
			t.Fatal(err)
		}
		names, err := fs.Glob(files, "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		numbers := map[string]string{}
		for _, name := range names {
			number, _, _ := strings.Cut(name, "_")
			if other := numbers[number]; other != "" || len(number) != 5 {
				t.Errorf("%s: numbers have five digits and serve once (%s)", name, other)
			}
			numbers[number] = name
			text, err := fs.ReadFile(files, name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(text), "-- +goose Up\n") {
				t.Errorf("%s: must begin with -- +goose Up", name)
			}
			if strings.Contains(string(text), "+goose Down") {
				t.Errorf("%s: migrations only go forward", name)
			}
		}
		lists[dialect] = strings.Join(names, "\n")
	}
	if lists[db.SQLite] != lists[db.Postgres] {
		t.Errorf("SQLite:\n%s\n\nPostgreSQL:\n%s", lists[db.SQLite], lists[db.Postgres])
	}
}

func TestOpenRefusesAnotherOrder(t *testing.T) {
	address := testkit.EmptyPostgresWith(t, "LOCALE_PROVIDER icu ICU_LOCALE 'fr'")
	_, err := db.Open(t.Context(), address, db.Options{})
	if err == nil || !strings.Contains(err.Error(), "LOCALE 'C'") {
		t.Errorf("a database sorted in French: %v", err)
	}
}

func TestOpenRefusesAddresses(t *testing.T) {
	for _, address := range []string{
		"", "base.db", "sqlite:", "sqlite::memory:", "mysql://localhost/base",
		"sqlite:" + filepath.Join(t.TempDir(), "absent", "base.db"),
		"postgres://postgres@/postgres?host=/nulle/part",
		"postgres://postgres@/postgres?host=/nulle/part&default_query_exec_mode=simple_protocol",
	} {
		d, err := db.Open(context.Background(), address, db.Options{})
		if err == nil {
			_ = d.Close()
			t.Errorf("%q was opened", address)
		}
	}
}
