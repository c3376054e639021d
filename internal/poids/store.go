package poids

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
)

// weigh adds up the bytes of every value of every table.
func weigh(ctx context.Context, d *db.DB) (out releve, err error) {
	out = releve{}
	err = d.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%'`)
		tables, err := db.Collect(rows, err, func(s db.Scanner) (name string, err error) { return name, s.Scan(&name) })
		if err != nil {
			return err
		}
		for _, table := range tables {
			if out[table], err = weighOne(ctx, tx, table); err != nil {
				return fmt.Errorf("weigh %s: %w", table, err)
			}
		}
		return nil
	})
	return out, err
}

func weighOne(ctx context.Context, tx *db.Tx, table string) (n int, err error) {
	rows, err := tx.Query(ctx, `SELECT name FROM pragma_table_info('`+table+`')`)
	columns, err := db.Collect(rows, err, func(s db.Scanner) (name string, err error) { return name, s.Scan(&name) })
	if err != nil {
		return 0, err
	}
	sum := "0"
	for _, c := range columns {
		sum += ` + COALESCE(length(CAST("` + c + `" AS blob)), 0)`
	}
	err = tx.QueryRow(ctx, `SELECT COALESCE(sum(`+sum+`), 0) FROM "`+table+`"`).Scan(&n)
	return n, err
}
