package db

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// maxPrepared bounds the statements kept prepared on one SQLite connection.
// The program's statements are literals, fewer than this.
const maxPrepared = 500

// cachingConnector keeps the statements of a connection prepared. Preparing is
// most of the cost of a short SQLite statement, and database/sql by itself
// prepares again at each call.
type cachingConnector struct{ driver.Connector }

// sqliteConn is what the SQLite driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

func (c cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	sc, ok := conn.(sqliteConn)
	if !ok {
		return nil, fmt.Errorf("unexpected sqlite connection %T", conn)
	}
	return &cachingConn{sqliteConn: sc, stmts: map[string]*cachedStmt{}}, nil
}

type cachingConn struct {
	sqliteConn
	stmts map[string]*cachedStmt
}

// sqliteStmt is what the SQLite driver's statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type cachedStmt struct {
	sqliteStmt
	busy bool // its rows are being read: it cannot run again meanwhile
	keep bool // false: closed after use
}

func (s *cachedStmt) release() error {
	s.busy = false
	if s.keep {
		return nil
	}
	return s.Close()
}

// stmt finds or prepares a statement and marks it busy.
func (c *cachingConn) stmt(ctx context.Context, query string) (*cachedStmt, error) {
	known := c.stmts[query]
	if known != nil && !known.busy {
		known.busy = true
		return known, nil
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, fmt.Errorf("unexpected sqlite statement %T", prepared)
	}
	fresh := &cachedStmt{sqliteStmt: s, busy: true}
	if known == nil && len(c.stmts) < maxPrepared {
		fresh.keep = true
		c.stmts[query] = fresh
	}
	return fresh, nil
}

// ExecContext implements driver.ExecerContext.
func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(ctx, args)
	if e := s.release(); err == nil && e != nil {
		return nil, e
	}
	return res, err
}

// QueryContext implements driver.QueryerContext.
func (c *cachingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		_ = s.release()
		return nil, err
	}
	return &cachedRows{Rows: rows, stmt: s}, nil
}

// Close closes the statements, then the connection.
func (c *cachingConn) Close() error {
	for _, s := range c.stmts {
		_ = s.Close()
	}
	c.stmts = nil
	return c.sqliteConn.Close()
}

type cachedRows struct {
	driver.Rows
	stmt *cachedStmt
}

func (r *cachedRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	err := r.Rows.Close()
	e := r.stmt.release()
	r.stmt = nil
	if err == nil {
		err = e
	}
	return err
}
