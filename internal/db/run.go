package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"aidantsconnect/internal/fault"
)

// tries is how many times a transaction is run before giving up.
const tries = 5

// mode is how a transaction is opened on each database.
type mode struct {
	isolation sql.IsolationLevel // PostgreSQL
	read      bool
	one       bool  // one statement, outside a transaction
	hook      *hook // nil: none
}

// Update runs an act: BEGIN IMMEDIATE on SQLite, SERIALIZABLE on PostgreSQL.
// What fn returns as an error rolls back and is returned as it is. fn may run
// several times.
func (d *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, mode{isolation: sql.LevelSerializable, hook: &d.acts}, fn)
}

// UpdateReadCommitted runs what takes work from a queue (outbox, jobs, the
// sequencer): serializable transactions would fight each other there. On
// SQLite it is Update.
func (d *DB) UpdateReadCommitted(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, mode{isolation: sql.LevelReadCommitted, hook: &d.queues}, fn)
}

// UpdateGated runs an act that one conditional statement of its own decides (the
// gate: UPDATE … WHERE … RETURNING on what is consumed, or a unique index), so
// that reading what others write at the same time cannot change its outcome:
// READ COMMITTED on PostgreSQL, where a gate waits for the row and looks again.
// Serializable acts on short-lived rows fight each other for nothing, because
// PostgreSQL watches a small table whole. An act that counts or compares rows
// before it writes belongs in Update. On SQLite it is Update.
func (d *DB) UpdateGated(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, mode{isolation: sql.LevelReadCommitted, hook: &d.acts}, fn)
}

// View reads one snapshot. It cannot write.
func (d *DB) View(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, mode{isolation: sql.LevelRepeatableRead, read: true}, fn)
}

// ViewOne reads with one statement, which is a snapshot by itself: it saves the
// exchanges that open and close a transaction. A second statement is refused.
func (d *DB) ViewOne(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, mode{read: true, one: true}, fn)
}

func (d *DB) run(ctx context.Context, m mode, fn func(*Tx) error) error {
	var err error
	for i := range tries {
		if i > 0 {
			d.retries.Add(1)
			d.log.Debug("transaction tried again", slog.Int("essai", i+1), slog.Any("erreur", err))
			if e := pause(ctx, i); e != nil {
				return e
			}
		}
		var again bool
		if again, err = d.inTurn(ctx, m, i > 0, fn); !again {
			return err
		}
	}
	return fault.Wrap(fault.Unavailable, "base_occupee", err)
}

// inTurn runs fn once; alone in this process when it was refused before.
func (d *DB) inTurn(ctx context.Context, m mode, alone bool, fn func(*Tx) error) (again bool, err error) {
	if d.tour == nil || m.read || m.isolation != sql.LevelSerializable {
		return d.once(ctx, m, fn)
	}
	leave, err := d.tour.enter(ctx, alone)
	if err != nil {
		return false, err
	}
	defer leave()
	return d.once(ctx, m, fn)
}

// once runs fn in one transaction and tells whether trying again may help.
func (d *DB) once(ctx context.Context, m mode, fn func(*Tx) error) (again bool, err error) {
	tx, end, err := d.begin(ctx, m)
	if err != nil {
		return retryable(err), unavailable(err)
	}
	defer end() // after a panic too
	if err := fn(tx); err != nil {
		// fn may have hidden what the database said under its own error.
		return retryable(err) || retryable(tx.err), err
	}
	if tx.err != nil {
		return retryable(tx.err), fmt.Errorf("db: a failed statement was ignored: %w", tx.err)
	}
	if err := tx.commit(ctx); err != nil {
		return retryable(err), fmt.Errorf("commit: %w", err)
	}
	if !m.read {
		d.commits.Add(1)
	}
	return false, nil
}

// begin opens the transaction; end rolls it back unless it was committed, and
// gives its connection back.
func (d *DB) begin(ctx context.Context, m mode) (tx *Tx, end func(), err error) {
	pool := d.write
	if m.read {
		pool = d.read
	}
	conn, err := d.connection(ctx, pool)
	if err != nil {
		return nil, nil, err
	}
	if m.one {
		tx = &Tx{Now: d.Now(), db: d, sql: conn, one: true}
		return tx, func() {
			tx.closed = true
			_ = conn.Close()
		}, nil
	}
	tx = &Tx{db: d, sql: conn}
	if d.dialect == SQLite {
		tx.end, err = beginSQLite(conn, m.read)
	} else {
		var st *sql.Tx
		st, err = conn.BeginTx(ctx, &sql.TxOptions{Isolation: m.isolation, ReadOnly: m.read})
		tx.sql, tx.end = st, st
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	tx.Now = d.Now()
	if m.hook != nil {
		tx.failAt = m.hook.failAt.Load()
	}
	return tx, func() {
		if !tx.closed {
			tx.closed = true
			_ = tx.end.Rollback() // the connection is dropped if it cannot
		}
		if m.hook != nil {
			m.hook.statements.Store(tx.n)
		}
		_ = conn.Close()
	}, nil
}

// patience bounds the wait for a connection: a queue that long is a refusal,
// and a transaction begun inside another on SQLite, which would wait for
// itself, is seen.
const patience = 10 * time.Second

func (d *DB) connection(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pool.Conn(wait)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fault.Wrap(fault.Unavailable, "base_occupee", err)
	}
	return conn, err
}

func (tx *Tx) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := tx.count(); err != nil {
		return err
	}
	tx.closed = true
	if tx.one {
		return nil
	}
	return tx.end.Commit()
}

// pause waits before try i+1, at random so that those who collided do not
// collide again.
func pause(ctx context.Context, i int) error {
	t := time.NewTimer(time.Millisecond + rand.N(time.Duration(4<<i)*time.Millisecond))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// hook is what tests make fail, and count, of one kind of transactions.
type hook struct{ failAt, statements atomic.Int64 }

// ErrInjected is the failure made by FailAt.
var ErrInjected = errors.New("db: statement made to fail by the test hook")

// FailAt makes statement n (from 1; the COMMIT counts as the last) of every
// following Update fail for good; 0 stops that. For tests: an act whose every
// statement fails in turn must leave nothing behind.
func (d *DB) FailAt(n int) { d.acts.failAt.Store(int64(n)) }

// FailQueueAt is FailAt for every following UpdateReadCommitted, which tasks
// run beside the acts.
func (d *DB) FailQueueAt(n int) { d.queues.failAt.Store(int64(n)) }

// Statements is how many statements the last Update ran, its COMMIT included.
func (d *DB) Statements() int { return int(d.acts.statements.Load()) }

func (tx *Tx) count() error {
	tx.n++
	if tx.failAt == tx.n {
		return ErrInjected
	}
	return nil
}
