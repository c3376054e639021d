package croissance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	_ "modernc.org/sqlite"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// raw is a connection of its own to the database: it reads every table and
// writes rows by the thousand, which no slice does. One of the two is open.
type raw struct {
	dialecte db.Dialect
	lite     *sql.DB
	pg       *pgx.Conn
}

func open(ctx context.Context, address string) (*raw, error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		d, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)&_pragma=foreign_keys(0)&_pragma=synchronous(0)&_pragma=cache_size(-1048576)&_pragma=wal_autocheckpoint(100000)")
		if err != nil {
			return nil, err
		}
		d.SetMaxOpenConns(1)
		return &raw{dialecte: db.SQLite, lite: d}, nil
	}
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	// Rows come table after table: what refers to what is checked at the end.
	if _, err := c.Exec(ctx, `SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'`); err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return &raw{dialecte: db.Postgres, pg: c}, nil
}

func (r *raw) close(ctx context.Context) {
	if r.lite != nil {
		_ = r.lite.Close()
		return
	}
	_ = r.pg.Close(context.WithoutCancel(ctx))
}

// snapshot reads every table whole.
func (r *raw) snapshot(ctx context.Context) (releve, error) {
	names, err := r.tables(ctx)
	if err != nil {
		return nil, err
	}
	out := releve{}
	for _, name := range names {
		var t table
		if r.lite != nil {
			t, err = r.readLite(ctx, name)
		} else {
			t, err = r.readPG(ctx, name)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		out[name] = t
	}
	return out, nil
}

func (r *raw) tables(ctx context.Context) (out []string, err error) {
	if r.lite != nil {
		rows, err := r.lite.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name`)
		return db.Collect(rows, err, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) })
	}
	rows, err := r.pg.Query(ctx, `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'goose_%' ORDER BY tablename`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (r *raw) readLite(ctx context.Context, name string) (table, error) {
	rows, err := r.lite.QueryContext(ctx, `SELECT * FROM `+name)
	if err != nil {
		return table{}, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return table{}, errors.Join(err, rows.Close())
	}
	t := table{lignes: map[string][]any{}}
	for _, c := range types {
		t.colonnes = append(t.colonnes, colonne{nom: c.Name(), temps: strings.EqualFold(c.DatabaseTypeName(), "timestamptz")})
	}
	all, err := db.Collect(rows, nil, func(s db.Scanner) ([]any, error) {
		row := make([]any, len(types))
		into := make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		return row, s.Scan(into...)
	})
	for _, row := range all {
		t.add(row)
	}
	return t, err
}

func (r *raw) readPG(ctx context.Context, name string) (table, error) {
	rows, err := r.pg.Query(ctx, `SELECT * FROM `+name)
	if err != nil {
		return table{}, err
	}
	t := table{lignes: map[string][]any{}}
	for _, f := range rows.FieldDescriptions() {
		t.colonnes = append(t.colonnes, colonne{nom: f.Name, uuid: f.DataTypeOID == pgtype.UUIDOID, temps: f.DataTypeOID == pgtype.TimestamptzOID})
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	for _, row := range all {
		for i, v := range row {
			if b, ok := v.([16]byte); ok {
				row[i] = pgtype.UUID{Bytes: b, Valid: true}.String()
			}
		}
		t.add(row)
	}
	return t, err
}

// add keeps a row by what its first columns say: rows that an act changes are
// not rows that it adds, so the key is that of the columns that never change.
func (t *table) add(row []any) {
	t.lignes[fmt.Sprint(row[:min(2, len(row))]...)] = row
}

// Reste says what refers to nothing, by table: nothing, if the copies are whole.
func (a *Atelier) Reste(ctx context.Context) ([]string, error) {
	r, err := open(ctx, a.Adresse)
	if err != nil {
		return nil, err
	}
	defer r.close(ctx)
	if r.lite == nil {
		return nil, nil // the same copies: SQLite tells
	}
	rows, err := r.lite.QueryContext(ctx, `SELECT "table" || ' -> ' || parent FROM pragma_foreign_key_check`)
	out, err := db.Collect(rows, err, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) })
	slices.Sort(out)
	return slices.Compact(out), err
}

// deep gives the person at nine tenths of the list of a structure.
func (a *Atelier) deep(ctx context.Context, o ident.OrganisationID) (id string, err error) {
	err = a.Serveur.DB.View(ctx, func(tx *db.Tx) error {
		var u ident.UsagerID
		err := tx.QueryRow(ctx, `SELECT r.usager_id FROM mandat_relation r WHERE r.organisation_id = $1 ORDER BY r.nom_tri, r.usager_id
			LIMIT 1 OFFSET (SELECT count(*) * 9 / 10 FROM mandat_relation t WHERE t.organisation_id = $1)`, o).Scan(&u)
		id = u.String()
		return err
	})
	return id, err
}

// size is what the database takes on the disk, in mebibytes.
func (a *Atelier) size(ctx context.Context) (n int64, err error) {
	r, err := open(ctx, a.Adresse)
	if err != nil {
		return 0, err
	}
	defer r.close(ctx)
	if r.lite != nil {
		err = r.lite.QueryRowContext(ctx, `SELECT page_count * page_size / 1048576 FROM pragma_page_count, pragma_page_size`).Scan(&n)
	} else {
		err = r.pg.QueryRow(ctx, `SELECT pg_database_size(current_database()) / 1048576`).Scan(&n)
	}
	return n, err
}
