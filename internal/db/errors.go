package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"

	"aidantsconnect/internal/fault"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The SQLSTATE codes the program acts upon (PostgreSQL, appendix A).
const (
	pgUnique        = "23505"
	pgForeignKey    = "23503"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
)

func pgCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

// IsUnique tells whether a row with the same key was already there.
func IsUnique(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return true
	}
	return pgCode(err) == pgUnique
}

// IsForeignKey tells whether a row pointed at one that is not there, or was
// pointed at when deleted.
func IsForeignKey(err error) bool {
	return sqliteCode(err) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY || pgCode(err) == pgForeignKey
}

// retryable tells whether the same transaction may succeed if run again.
func retryable(err error) bool {
	if err == nil {
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		// The last is a cached plan that a migration made stale: prepared
		// again, it works. Its code alone says no more than "not supported".
		return e.Code == pgSerialization || e.Code == pgDeadlock || e.Routine == "RevalidateCachedQuery"
	}
	// The low byte is the primary code: BUSY has several extended ones.
	return sqliteCode(err)&0xff == sqlite3.SQLITE_BUSY
}

// unavailable turns a database that cannot be reached into a refusal that the
// edge answers by 503 instead of 500. Before BEGIN nothing was done, so it can
// be said; a loss in the middle stays an unexpected failure.
func unavailable(err error) error {
	if retryable(err) || errors.Is(err, context.Canceled) {
		return err
	}
	_, connect := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	if connect || network || errors.Is(err, driver.ErrBadConn) {
		return fault.Wrap(fault.Unavailable, "base_injoignable", err)
	}
	return err
}
