package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations are the files of one dialect, as goose reads them: the shared
// texts, and those marked _x for this database, without their second suffix
// (00012_nom_x.sqlite.sql becomes 00012_nom_x.sql).
func Migrations(dialect Dialect) (fs.FS, error) {
	return migrationsOf(embedded, dialect)
}

func migrationsOf(files fs.FS, dialect Dialect) (fs.FS, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	view := renamedFS{files, map[string]string{}}
	for _, file := range names {
		name := strings.TrimPrefix(file, "migrations/")
		stem := strings.TrimSuffix(name, ".sql")
		if base, only, marked := strings.Cut(stem, "."); marked {
			if !strings.HasSuffix(base, "_x") || (only != string(SQLite) && only != string(Postgres)) {
				return nil, fmt.Errorf("migration %s: a file of one database ends in _x.sqlite.sql or _x.postgres.sql", name)
			}
			if only != string(dialect) {
				continue
			}
			name = base + ".sql"
		}
		view.paths[name] = file
	}
	return view, nil
}

// renamedFS shows some files of another file system under other names.
type renamedFS struct {
	files fs.FS
	paths map[string]string
}

// Open implements fs.FS.
func (f renamedFS) Open(name string) (fs.File, error) {
	file, ok := f.paths[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return f.files.Open(file)
}

// Glob implements fs.GlobFS.
func (f renamedFS) Glob(pattern string) (names []string, err error) {
	for name := range f.paths {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// versions lists the numbers of the embedded migrations, in order.
func versions(files fs.FS) ([]int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name must begin with a number", name)
		}
		all = append(all, v)
	}
	slices.Sort(all)
	return all, nil
}

// Migrate applies the embedded migrations that are missing, each in its own
// transaction. Several processes may ask at once: one does it, the others
// wait. A schema newer than the program is left as it is.
func (d *DB) Migrate(ctx context.Context) error {
	files, err := Migrations(d.dialect)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	pool, dialect, opts, err := d.migrationPool()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() { _ = pool.Close() }()
	if d.dialect == SQLite {
		unlock, err := lockFolderOf(ctx, d.path)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		defer unlock()
	}
	opts = append(opts, goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true),
		goose.WithSlog(d.log))
	p, err := goose.NewProvider(dialect, pool, files, opts...)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, m := range done {
		d.log.Info("migration applied", slog.String("fichier", m.Source.Path), slog.Duration("duree", m.Duration))
	}
	return nil
}

// migrationPool opens connections apart from the program's: migrations hold
// one for long, and their statements are not worth keeping prepared.
func (d *DB) migrationPool() (*sql.DB, goose.Dialect, []goose.ProviderOption, error) {
	if d.dialect == SQLite {
		pool, err := sql.Open("sqlite", sqliteDSN(d.path, "_txlock", "immediate"))
		return pool, goose.DialectSQLite3, nil, err
	}
	cfg, err := postgresConfig(d.url)
	if err != nil {
		return nil, "", nil, err
	}
	// A row is the lock, not an advisory lock, which distributed engines lack.
	locker, err := lock.NewPostgresTableLocker(lock.WithTableLogger(d.log),
		lock.WithTableLockTimeout(200*time.Millisecond, 1500))
	if err != nil {
		return nil, "", nil, err
	}
	return stdlib.OpenDB(*cfg), goose.DialectPostgres, []goose.ProviderOption{goose.WithLocker(locker)}, nil
}

// Migrated tells whether every embedded migration was applied. It changes
// nothing in the database.
func (d *DB) Migrated(ctx context.Context) (bool, error) {
	files, err := Migrations(d.dialect)
	if err != nil {
		return false, err
	}
	want, err := versions(files)
	if err != nil {
		return false, err
	}
	var applied []int64
	err = d.View(ctx, func(tx *Tx) error {
		query := `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`
		if tx.Dialect() == Postgres {
			query = `SELECT 1 FROM information_schema.tables
				WHERE table_schema = current_schema() AND table_name = 'goose_db_version'`
		}
		var one int
		if err := tx.QueryRow(ctx, query).Scan(&one); errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT version_id FROM goose_db_version WHERE is_applied`)
		applied, err = Collect(rows, err, func(s Scanner) (v int64, err error) {
			err = s.Scan(&v)
			return v, err
		})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the schema's version: %w", err)
	}
	for _, v := range want {
		if !slices.Contains(applied, v) {
			return false, nil
		}
	}
	return true, nil
}
