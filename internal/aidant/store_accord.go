package aidant

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Acceptation is one text that somebody signed.
type Acceptation struct {
	Document  Document
	Version   string
	Empreinte string
	Date      time.Time
}

// Acceptations gives what somebody signed, the newest first.
func Acceptations(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Acceptation, error) {
	rows, err := tx.Query(ctx, `SELECT document, version, empreinte, date FROM acceptation WHERE aidant_id = $1 ORDER BY date DESC, document`, id)
	return db.Collect(rows, err, func(s db.Scanner) (c Acceptation, err error) {
		var date db.Time
		err = s.Scan(&c.Document, &c.Version, &c.Empreinte, &date)
		c.Date = date.Time()
		return c, err
	})
}

// signed gives the versions that somebody signed, as Etat wants them.
func signed(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]string, error) {
	var s sql.NullString
	err := tx.QueryRow(ctx, `SELECT string_agg(c.document || ':' || c.version, ',') FROM acceptation c WHERE c.aidant_id = $1`, id).Scan(&s)
	if err != nil {
		return nil, fmt.Errorf("read acceptances: %w", err)
	}
	return ParseSigned(s.String), nil
}

// ToAnnounce gives the open accounts that signed a former version of this
// document and not this one.
func ToAnnounce(ctx context.Context, tx *db.Tx, t Texte) ([]Aidant, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM aidant a WHERE a.actif
		AND EXISTS (SELECT 1 FROM acceptation c WHERE c.aidant_id = a.id AND c.document = $1)
		AND NOT EXISTS (SELECT 1 FROM acceptation c WHERE c.aidant_id = a.id AND c.document = $1 AND c.version = $2)
		ORDER BY a.id`, string(t.Document), t.Version)
	return db.Collect(rows, err, scan)
}
