// Package db opens SQLite or PostgreSQL and runs transactions on them, with
// one SQL text for both ($1…, RETURNING, ON CONFLICT, partial indexes).
//
// A transaction is a function given to Update, UpdateReadCommitted or View. It
// has one instant, Tx.Now, and may be run several times: serialization
// failures, deadlocks and busy databases are tried again five times, then
// answered by fault.Unavailable. So the function must change nothing outside
// the database.
//
// Instants cross as Time and as nothing else: a bare time.Time in a parameter
// is refused, because each database would write it its own way.
//
// It serves no URL and appends nothing to the journal. It knows no table of
// the slices: it only carries their migrations.
//
// Tables: bail, goose_db_version, goose_lock.
package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// Dialect tells the two databases apart, where a text cannot be shared.
type Dialect string

// The two dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Options are what Open needs besides the address.
type Options struct {
	Clock func() time.Time // nil: the machine's
	Log   *slog.Logger     // nil: nothing is logged
	// Connexions bounds the open connections to PostgreSQL, and the readers of
	// SQLite, which has one writer whatever is asked. Zero: 16 and 4.
	Connexions int
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	write   *sql.DB // SQLite: exactly one connection
	read    *sql.DB // PostgreSQL: the same pool as write
	tour    *tour   // PostgreSQL: the turns of serializable acts
	clock   func() time.Time
	log     *slog.Logger

	path string // SQLite: the file
	url  string // PostgreSQL: the address, secret included: never logged

	acts, queues hook
	commits      atomic.Int64
	retries      atomic.Int64
}

// Dialect tells which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Now is the clock's instant, for those who are not in a transaction.
func (d *DB) Now() Time { return At(d.clock()) }

// Commits is how many transactions that write were committed since Open, and
// Retries how many were run again: on PostgreSQL, acts that crossed.
func (d *DB) Commits() int64 { return d.commits.Load() }

// Retries is told with Commits.
func (d *DB) Retries() int64 { return d.retries.Load() }

// Close waits for the running statements and closes every connection.
func (d *DB) Close() error {
	if d.read == d.write {
		return d.write.Close()
	}
	return errors.Join(d.read.Close(), d.write.Close())
}

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	return d.View(ctx, func(tx *Tx) error {
		var one int
		return tx.QueryRow(ctx, "SELECT 1").Scan(&one)
	})
}
