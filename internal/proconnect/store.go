package proconnect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// tiedTo finds the account tied to a person at ProConnect.
func tiedTo(ctx context.Context, tx *db.Tx, issuer string, sub []byte) (id ident.AidantID, ok bool, err error) {
	err = tx.QueryRow(ctx, `SELECT aidant_id FROM proconnect_compte WHERE issuer = $1 AND sub_empreinte = $2`, issuer, sub).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return id, false, nil
	}
	if err != nil {
		return id, false, fmt.Errorf("find account tied to ProConnect: %w", err)
	}
	return id, true, nil
}

// tie keeps the pair, once: done is false when it was there already.
func tie(ctx context.Context, tx *db.Tx, issuer string, sub []byte, id ident.AidantID) (done bool, err error) {
	n, err := tx.Exec(ctx, `INSERT INTO proconnect_compte (issuer, sub_empreinte, aidant_id, date_creation) VALUES ($1,$2,$3,$4) ON CONFLICT (issuer, sub_empreinte) DO NOTHING`,
		issuer, sub, id, tx.Now)
	if err != nil {
		return false, fmt.Errorf("tie account to ProConnect: %w", err)
	}
	return n == 1, nil
}

// untie drops what ties an account, and tells how many pairs.
func untie(ctx context.Context, tx *db.Tx, id ident.AidantID) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM proconnect_compte WHERE aidant_id = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("untie account from ProConnect: %w", err)
	}
	return n, nil
}

// tiedSince is when the account was tied, zero when it is not.
func tiedSince(ctx context.Context, tx *db.Tx, id ident.AidantID) (at db.Time, err error) {
	err = tx.QueryRow(ctx, `SELECT date_creation FROM proconnect_compte WHERE aidant_id = $1 ORDER BY date_creation LIMIT 1`, id).Scan(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return at, fmt.Errorf("read tie to ProConnect: %w", err)
	}
	return at, nil
}

// siretsOf are those of the structures of an account.
//
// reads: appartenance, organisation
func siretsOf(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT o.siret FROM appartenance g JOIN organisation o ON o.id = g.organisation_id WHERE g.aidant_id = $1 AND g.date_fin IS NULL`, id)
	return db.Collect(rows, err, func(s db.Scanner) (siret string, err error) { return siret, s.Scan(&siret) })
}

func keepSession(ctx context.Context, tx *db.Tx, temoin, jeton []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO proconnect_session (temoin_empreinte, jeton_chiffre, date_limite) VALUES ($1,$2,$3)`, temoin, jeton, tx.Now.Add(vieSession))
	if err != nil {
		return fmt.Errorf("keep ID token of ProConnect: %w", err)
	}
	return nil
}

// sessionOf gives the sealed ID token; nil when there is none.
func sessionOf(ctx context.Context, tx *db.Tx, temoin []byte) (jeton []byte, err error) {
	err = tx.QueryRow(ctx, `SELECT jeton_chiffre FROM proconnect_session WHERE temoin_empreinte = $1 AND date_limite > $2`, temoin, tx.Now).Scan(&jeton)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read ID token of ProConnect: %w", err)
	}
	return jeton, nil
}

func dropSession(ctx context.Context, tx *db.Tx, temoin []byte) error {
	if _, err := tx.Exec(ctx, `DELETE FROM proconnect_session WHERE temoin_empreinte = $1`, temoin); err != nil {
		return fmt.Errorf("drop ID token of ProConnect: %w", err)
	}
	return nil
}

// Purge drops what is past the end of ProConnect's session.
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `DELETE FROM proconnect_session WHERE date_limite <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge ID tokens of ProConnect: %w", err)
	}
	return int(n), nil
}
