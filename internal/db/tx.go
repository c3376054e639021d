package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Tx is a running transaction. It is used by one goroutine and only until the
// function it was given to returns.
//
// Once a statement has failed the transaction is lost: PostgreSQL says so, and
// SQLite is made to do the same. A statement expected to meet a row already
// there says ON CONFLICT.
type Tx struct {
	// Now is the instant of the transaction, taken once, after the write lock
	// on SQLite.
	Now Time

	db     *DB
	sql    statements
	end    bounds // nil when there is one statement and no transaction
	one    bool
	n      int64 // statements so far
	failAt int64 // test hook: see DB.FailAt
	err    error // the first failure
	closed bool
}

// statements is what a transaction and a bare connection both run.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Dialect tells which of two side-by-side statement texts to run.
func (tx *Tx) Dialect() Dialect { return tx.db.dialect }

// Exec runs a statement and tells how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (affected int64, err error) {
	ctx, args, err = tx.before(ctx, query, args)
	if err != nil {
		return 0, err
	}
	res, err := tx.sql.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, tx.failed(err)
	}
	return res.RowsAffected()
}

// Query runs a statement that gives rows. See Collect.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, args, err := tx.before(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := tx.sql.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, tx.failed(err)
	}
	return rows, nil
}

// QueryRow runs a statement that gives at most one row. Its failure, or
// sql.ErrNoRows as it is, comes from Scan.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	ctx, args, err := tx.before(ctx, query, args)
	if err != nil {
		return &Row{err: err}
	}
	return &Row{tx: tx, row: tx.sql.QueryRowContext(ctx, query, args...)}
}

// before does what every statement needs: it refuses a finished, failed or
// cancelled transaction, counts, and converts the parameters.
func (tx *Tx) before(ctx context.Context, query string, args []any) (context.Context, []any, error) {
	if tx.closed {
		return nil, nil, errors.New("db: the transaction is over")
	}
	if tx.err != nil {
		return nil, nil, fmt.Errorf("db: the transaction has failed: %w", tx.err)
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, tx.failed(err)
	}
	if err := tx.count(); err != nil {
		return nil, nil, tx.failed(err)
	}
	// No transaction is there to refuse a write, nor to make two reads agree.
	if tx.one && (tx.n > 1 || !strings.HasPrefix(query, "SELECT ")) {
		return nil, nil, tx.failed(errors.New("db: ViewOne reads, with one SELECT"))
	}
	args, err := tx.convert(args)
	if err != nil {
		return nil, nil, tx.failed(err)
	}
	if tx.db.dialect == SQLite {
		// A SQLite statement is short, and watching for its cancellation
		// costs a goroutine each. It is looked at between statements.
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, args, nil
}

func (tx *Tx) failed(err error) error {
	if tx.err == nil {
		tx.err = err
	}
	return err
}

// Scanner is what gives the columns of one row: a *Row or a *sql.Rows.
type Scanner interface{ Scan(dest ...any) error }

// Row is the result of QueryRow.
type Row struct {
	tx  *Tx
	row *sql.Row
	err error
}

// Scan copies the columns of the row. Without a row it is sql.ErrNoRows, which
// does not end the transaction.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	err := r.row.Scan(dest...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return r.tx.failed(err)
	}
	return err
}

// Collect reads every row with scan, closes them and checks that none is
// missing. It takes the two results of Query as they are:
//
//	db.Collect(rows, err, scanMandat)
func Collect[T any](rows *sql.Rows, err error, scan func(Scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what there is to tell
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return all, nil
}
