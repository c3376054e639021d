package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// Open opens "sqlite:PATH" or "postgres://…" and checks that it answers. It
// does not migrate. A SQLite file that does not exist is made, readable by its
// owner alone.
func Open(ctx context.Context, address string, o Options) (*DB, error) {
	d := &DB{clock: o.Clock, log: o.Log}
	if d.clock == nil {
		d.clock = time.Now
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	var err error
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		err = d.openSQLite(ctx, rest, cmp.Or(o.Connexions, 4))
	case "postgres", "postgresql":
		err = d.openPostgres(ctx, address, cmp.Or(o.Connexions, 16))
	default:
		return nil, errors.New(`open database: the address must begin with "sqlite:" or "postgres://"`)
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return d, nil
}

// openSQLite opens one writer and a pool of readers. A transaction of the
// writer takes the write lock when it begins: two acts never discover at
// commit that they crossed, and a reader never waits for the writer (WAL).
func (d *DB) openSQLite(ctx context.Context, path string, readers int) error {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return errors.New("sqlite: a file path is needed")
	}
	if err := createPrivate(path); err != nil {
		return err
	}
	d.dialect, d.path = SQLite, path
	w, err := sqlitePool(sqliteDSN(path), 1)
	if err != nil {
		return err
	}
	d.write = w
	// The writer goes first: it is the one that may have to convert to WAL.
	if err := w.PingContext(ctx); err != nil {
		return errors.Join(err, w.Close())
	}
	r, err := sqlitePool(sqliteDSN(path, "_query_only", "1"), readers)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	d.read = r
	if err := r.PingContext(ctx); err != nil {
		return errors.Join(err, r.Close(), w.Close())
	}
	return nil
}

// createPrivate makes an empty database that only its owner can read: it will
// hold personal data. SQLite gives the same mode to the files beside it.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// sqliteDSN is the address for the driver. synchronous=FULL makes a commit
// survive a power cut, not only a crash of the program. dqs=0: a word between
// double quotes is a name, never silently a text.
func sqliteDSN(path string, more ...string) string {
	q := url.Values{}
	q.Set("_busy_timeout", "5000")
	q.Set("_journal_mode", "WAL")
	q.Set("_synchronous", "FULL")
	q.Set("_foreign_keys", "1")
	q.Set("_dqs", "0")
	q.Add("_pragma", "temp_store(MEMORY)")
	q.Add("_pragma", "cache_size(-8000)")
	// A page that is written again and again is copied to the file once per
	// 16 MB of log instead of once per 4, and the commit that copies is rarer.
	q.Add("_pragma", "wal_autocheckpoint(4000)")
	for pair := range slices.Chunk(more, 2) {
		q.Set(pair[0], pair[1])
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func sqlitePool(dsn string, n int) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(cachingConnector{c})
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return pool, nil
}

// openPostgres opens one pool. Statements are prepared and cached on each
// connection; the simple protocol, which writes the values into the text, is
// refused.
func (d *DB) openPostgres(ctx context.Context, address string, n int) error {
	cfg, err := postgresConfig(address)
	if err != nil {
		return err
	}
	d.dialect, d.url = Postgres, address
	pool := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(withoutJIT))
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	d.write, d.read, d.tour = pool, pool, newTour(n)
	if err := checkPostgres(ctx, pool); err != nil {
		return errors.Join(err, pool.Close())
	}
	return nil
}

func postgresConfig(address string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err // pgx redacts the password
	}
	if cfg.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement {
		return nil, errors.New("postgres: default_query_exec_mode must not be set")
	}
	cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, 10*time.Second)
	for name, value := range map[string]string{"application_name": "aidantsconnect", "timezone": "UTC"} {
		if cfg.RuntimeParams[name] == "" {
			cfg.RuntimeParams[name] = value
		}
	}
	return cfg, nil
}

// withoutJIT: our statements are short, and their plans look dear on large
// tables: compiling one takes PostgreSQL longer, hundreds of milliseconds, than
// running it. An engine that does not know the setting has nothing to turn off.
func withoutJIT(ctx context.Context, c *pgx.Conn) error {
	_, _ = c.Exec(ctx, `SET jit = off`)
	return ctx.Err()
}

// collationProbes are put in another order than their bytes' by every
// collation that knows a language.
var collationProbes = []string{"B", "Z", "a", "a b", "a-c", "ab", "z", "É", "é"}

// checkPostgres refuses a database whose texts would not sort as SQLite's do:
// pages of lists are cut by order, so the order is part of the behaviour. The
// order itself is tested, not its name, which differs from engine to engine.
func checkPostgres(ctx context.Context, pool *sql.DB) error {
	const q = `SELECT p.mot FROM (SELECT CAST($1 AS text) AS mot UNION ALL SELECT $2 UNION ALL SELECT $3
		UNION ALL SELECT $4 UNION ALL SELECT $5 UNION ALL SELECT $6 UNION ALL SELECT $7
		UNION ALL SELECT $8 UNION ALL SELECT $9) AS p ORDER BY p.mot`
	args := make([]any, len(collationProbes))
	for i, p := range slices.Backward(collationProbes) {
		args[len(args)-1-i] = p
	}
	rows, err := pool.QueryContext(ctx, q, args...)
	got, err := Collect(rows, err, func(s Scanner) (word string, err error) {
		err = s.Scan(&word)
		return word, err
	})
	if err != nil {
		return err
	}
	if !slices.Equal(got, collationProbes) {
		return errors.New("postgres: the database must sort texts by their bytes: " +
			"create it with ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0")
	}
	return nil
}
