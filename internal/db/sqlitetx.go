package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// bounds end a transaction.
type bounds interface {
	Commit() error
	Rollback() error
}

// sqliteBounds are statements like others, kept prepared: a transaction of
// database/sql parses them each time, and starts a goroutine for itself and
// for each of its queries, to watch for a cancellation that is looked at
// between the statements anyway.
type sqliteBounds struct{ conn *sql.Conn }

func beginSQLite(conn *sql.Conn, read bool) (bounds, error) {
	text := "BEGIN IMMEDIATE"
	if read {
		text = "BEGIN"
	}
	_, err := conn.ExecContext(context.Background(), text)
	return sqliteBounds{conn}, err
}

// Commit implements bounds. One that fails may leave the transaction open.
func (b sqliteBounds) Commit() error {
	_, err := b.conn.ExecContext(context.Background(), "COMMIT")
	if err != nil {
		_ = b.Rollback()
	}
	return err
}

// Rollback implements bounds. A connection that cannot is dropped: SQLite has
// already rolled back, or nothing is known of it.
func (b sqliteBounds) Rollback() error {
	_, err := b.conn.ExecContext(context.Background(), "ROLLBACK")
	if err != nil {
		_ = b.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	return err
}
