package db_test

import (
	"os"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

// The settings on which durability and integrity rest are in force on the
// writer and on the readers, not only asked for.
func TestSQLiteSettings(t *testing.T) {
	d := testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
	ctx := t.Context()
	read := func(got map[string]string) func(tx *db.Tx) error {
		return func(tx *db.Tx) error {
			for name := range got {
				var v string
				if err := tx.QueryRow(ctx, "PRAGMA "+name).Scan(&v); err != nil {
					return err
				}
				got[name] = v
			}
			return nil
		}
	}
	for name, run := range map[string]func(func(*db.Tx) error) error{
		"writer": func(fn func(*db.Tx) error) error { return d.Update(ctx, fn) },
		"reader": func(fn func(*db.Tx) error) error { return d.View(ctx, fn) },
	} {
		got := map[string]string{"journal_mode": "", "synchronous": "", "foreign_keys": "", "busy_timeout": "", "query_only": ""}
		if err := run(read(got)); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0"}
		if name == "reader" {
			want["query_only"] = "1"
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// The database holds personal data: only its owner reads its files.
func TestSQLiteFilesArePrivate(t *testing.T) {
	d, address := empty(t, db.SQLite)
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	update(t, d, `INSERT INTO bail (nom, porteur, echeance) VALUES ('a', 'b', $1)`, d.Now())
	path := strings.TrimPrefix(address, "sqlite:")
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v", file, info.Mode())
		}
	}
}

// A second process writes to the same file: it waits, it does not fail.
func TestSQLiteTwoProcesses(t *testing.T) {
	d, address := empty(t, db.SQLite)
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := open(t, address)
	ctx := t.Context()
	done := make(chan error)
	err := d.Update(ctx, func(tx *db.Tx) error {
		go func() {
			_, err := other.Lease(ctx, "travail", "autre", 1)
			done <- err
		}()
		_, err := tx.Exec(ctx, `INSERT INTO bail (nom, porteur, echeance) VALUES ('a', 'b', $1)`, tx.Now)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := count(t, other, `SELECT count(*) FROM bail`); n != 2 {
		t.Errorf("%d rows of 2", n)
	}
}

// No statement of ours is compiled by PostgreSQL: that takes longer than to run it.
func TestPostgresDoesNotCompile(t *testing.T) {
	d := testkit.OpenDB(t, db.Postgres, testkit.NewClock(testkit.Start))
	err := d.View(t.Context(), func(tx *db.Tx) error {
		var jit string
		err := tx.QueryRow(t.Context(), `SELECT current_setting('jit')`).Scan(&jit)
		if err == nil && jit != "off" {
			t.Errorf("jit is %s", jit)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
