package transparence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"

	"golang.org/x/mod/sumdb/tlog"
)

// insertDate keeps a certified date; another node may have been first.
func insertDate(ctx context.Context, tx *db.Tx, d datee) error {
	_, err := tx.Exec(ctx, `INSERT INTO journal_horodatage (taille, reponse, instant, autorite, date) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (taille) DO NOTHING`,
		d.Taille, d.reponse, d.Instant, d.Autorite, tx.Now)
	if err != nil {
		return fmt.Errorf("store certified date: %w", err)
	}
	return nil
}

// lastDate gives the last dated checkpoint, the zero one when there is none.
//
// reads: journal_point
func lastDate(ctx context.Context, tx *db.Tx) (datee, error) {
	return oneDate(tx.QueryRow(ctx, `SELECT d.taille, p.racine, p.note, d.reponse, d.instant, d.autorite FROM journal_horodatage d
		JOIN journal_point p ON p.taille = d.taille ORDER BY d.taille DESC LIMIT 1`))
}

// dateAfter gives the first dated checkpoint of a greater size.
//
// reads: journal_point
func dateAfter(ctx context.Context, tx *db.Tx, size int64) (datee, error) {
	return oneDate(tx.QueryRow(ctx, `SELECT d.taille, p.racine, p.note, d.reponse, d.instant, d.autorite FROM journal_horodatage d
		JOIN journal_point p ON p.taille = d.taille WHERE d.taille > $1 ORDER BY d.taille LIMIT 1`, size))
}

// datesAfter gives those of greater sizes, some hundreds at most. A date without
// its checkpoint is there too: it then certifies nothing.
//
// reads: journal_point
func datesAfter(ctx context.Context, tx *db.Tx, size int64) ([]datee, error) {
	rows, err := tx.Query(ctx, `SELECT d.taille, p.racine, p.note, d.reponse, d.instant, d.autorite FROM journal_horodatage d
		LEFT JOIN journal_point p ON p.taille = d.taille WHERE d.taille > $1 ORDER BY d.taille LIMIT 500`, size)
	list, err := db.Collect(rows, err, func(s db.Scanner) (d datee, err error) {
		var root []byte
		var note sql.NullString
		err = s.Scan(&d.Taille, &root, &note, &d.reponse, &d.Instant, &d.Autorite)
		d.Note = note.String
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("read certified dates: %w", err)
	}
	return list, nil
}

func oneDate(row db.Scanner) (d datee, err error) {
	var root []byte
	err = row.Scan(&d.Taille, &root, &d.Note, &d.reponse, &d.Instant, &d.Autorite)
	if errors.Is(err, sql.ErrNoRows) {
		return datee{}, nil
	}
	if err == nil && len(root) != tlog.HashSize {
		err = journal.ErrAltere
	}
	if err != nil {
		return datee{}, fmt.Errorf("read certified date: %w", err)
	}
	copy(d.Racine[:], root)
	return d, nil
}
