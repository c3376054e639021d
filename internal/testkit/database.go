package testkit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"aidantsconnect/internal/db"
)

// EachDB runs a test on a migrated, empty database of each dialect, as the
// subtests "sqlite" and "postgres". The clock stands at Start.
func EachDB(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachDBClock(t, func(t *testing.T, d *db.DB, _ *Clock) { fn(t, d) })
}

// EachDBClock is EachDB with the clock in hand.
func EachDBClock(t *testing.T, fn func(t *testing.T, d *db.DB, clock *Clock)) {
	t.Helper()
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			clock := NewClock(Start)
			fn(t, OpenDB(t, dialect, clock), clock)
		})
	}
}

// OpenDB opens a migrated, empty database for the length of the test, then
// checks the invariants and drops it.
func OpenDB(t testing.TB, dialect db.Dialect, clock *Clock) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), NewDatabase(t, dialect), db.Options{Clock: clock.Now, Log: Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() { // one failure is told once
			d.FailAt(0)
			checkInvariants(t, d, false)
		}
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

// NewDatabase makes a migrated, empty database for the length of the test and
// gives its address: for tests of a whole program, which opens it itself.
func NewDatabase(t testing.TB, dialect db.Dialect) string {
	t.Helper()
	if dialect == db.SQLite {
		return newSQLite(t)
	}
	return newPostgres(t)
}

// sqliteTemplate is the content of a migrated SQLite file.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) { return once("sqlite", makeSQLiteTemplate) })

func makeSQLiteTemplate() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "ac-modele")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "modele.db")
	if err := migrated("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closing has emptied the WAL into it
}

func newSQLite(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("migrated SQLite template: %v", err)
	}
	path := filepath.Join(t.TempDir(), "base.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// EmptyPostgres makes a PostgreSQL database without any table for the length
// of the test and gives its address.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return EmptyPostgresWith(t, "LOCALE 'C'")
}

// EmptyPostgresWith is EmptyPostgres with the options of CREATE DATABASE.
func EmptyPostgresWith(t testing.TB, options string) string {
	t.Helper()
	return createPostgres(t, "ENCODING 'UTF8' TEMPLATE template0 "+options)
}

// postgresTemplate is the name of a migrated PostgreSQL database.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	if err := sweep(); err != nil {
		return "", err
	}
	name, err := once("postgres", makePostgresTemplate)
	return string(name), err
})

func makePostgresTemplate() ([]byte, error) {
	name := databaseName("modele")
	if os.Getenv(modeles) != "" {
		name = fmt.Sprintf("%smodele_%d", databasePrefix, os.Getpid()) // outlives this process: sweep leaves it
	}
	if err := administer("CREATE DATABASE " + name + " ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"); err != nil {
		return nil, err
	}
	address, err := databaseAddress(name)
	if err != nil {
		return nil, err
	}
	return []byte(name), migrated(address)
}

// modeles names the folder where the test processes of one run share what is
// long to make: migrating takes a second, and each package is a process.
const modeles = "AC_TEST_MODELES"

// once makes something once for the whole run, or for this process alone when
// the run has no folder.
func once(name string, build func() ([]byte, error)) ([]byte, error) {
	dir := os.Getenv(modeles)
	if dir == "" {
		return build()
	}
	lock, err := os.OpenFile(filepath.Join(dir, name+".verrou"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Close() }() // which unlocks, as does dying
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name)
	made, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return made, err
	}
	if made, err = build(); err != nil {
		return nil, err
	}
	// Whole or not there: who dies here is followed by who starts again.
	if err := os.WriteFile(path+".neuf", made, 0o600); err != nil {
		return nil, err
	}
	return made, os.Rename(path+".neuf", path)
}

var databaseNumber atomic.Int64

func newPostgres(t testing.TB) string {
	t.Helper()
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("migrated PostgreSQL template: %v", err)
	}
	// Files copied as they are, with the caches of the catalogue: half the time of the default.
	return createPostgres(t, "STRATEGY FILE_COPY TEMPLATE "+template)
}

func createPostgres(t testing.TB, options string) string {
	t.Helper()
	name := databaseName(fmt.Sprint(databaseNumber.Add(1)))
	if err := administer("CREATE DATABASE " + name + " " + options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := administer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	address, err := databaseAddress(name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// migrated migrates a database and closes it.
func migrated(address string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, address, db.Options{})
	if err != nil {
		return err
	}
	if err := d.Migrate(ctx); err != nil {
		_ = d.Close()
		return err
	}
	return d.Close()
}
