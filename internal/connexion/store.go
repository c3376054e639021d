package connexion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// lien is a sign-in link that was just consumed.
type lien struct {
	entree
	suite string
}

// lienNouveau is a sign-in link to store: digests, never the secrets.
type lienNouveau struct {
	cle, code, navigateur []byte
	suite, moyen          string
	duree                 time.Duration
}

// replaceLink stores the only live link of an account; a former one is void
// (comptes 2.1).
func replaceLink(ctx context.Context, tx *db.Tx, id ident.AidantID, l lienNouveau) error {
	_, err := tx.Exec(ctx, `INSERT INTO lien_connexion (id, aidant_id, cle_empreinte, code_empreinte, essais, navigateur_empreinte, suite, moyen, date_otp, date_expiration)
		VALUES ($1,$2,$3,$4,0,$5,$6,$7,$8,$9)
		ON CONFLICT (aidant_id) DO UPDATE SET id = excluded.id, cle_empreinte = excluded.cle_empreinte, code_empreinte = excluded.code_empreinte, essais = 0,
			navigateur_empreinte = excluded.navigateur_empreinte, suite = excluded.suite, moyen = excluded.moyen, date_otp = excluded.date_otp, date_expiration = excluded.date_expiration`,
		ident.New[ident.OperationID](), id, l.cle, l.code, l.navigateur, l.suite, l.moyen, tx.Now, tx.Now.Add(l.duree))
	if err != nil {
		return fmt.Errorf("store sign-in link: %w", err)
	}
	return nil
}

// consumeLink takes the link out if it is live, was asked by this browser, and
// its account is open; one statement, so it serves once.
//
// reads: aidant
func consumeLink(ctx context.Context, tx *db.Tx, cle, navigateur []byte) (lien, error) {
	var l lien
	err := tx.QueryRow(ctx, `DELETE FROM lien_connexion WHERE cle_empreinte = $1 AND navigateur_empreinte = $2 AND date_expiration > $3
		AND EXISTS (SELECT 1 FROM aidant a WHERE a.id = lien_connexion.aidant_id AND a.actif)
		RETURNING aidant_id, suite, moyen, date_otp`, cle, navigateur, tx.Now).Scan(&l.aidant, &l.suite, &l.moyen, &l.dateOTP)
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New(fault.Gone, "lien_perdu")
	}
	if err != nil {
		return l, fmt.Errorf("consume sign-in link: %w", err)
	}
	return l, nil
}

// consumeLinkByCode is consumeLink for who typed the short code of the mail in
// the browser that asked it (comptes 2.1, point 7).
//
// reads: aidant
func consumeLinkByCode(ctx context.Context, tx *db.Tx, code, navigateur []byte) (lien, error) {
	var l lien
	err := tx.QueryRow(ctx, `DELETE FROM lien_connexion WHERE navigateur_empreinte = $1 AND code_empreinte = $2 AND date_expiration > $3
		AND EXISTS (SELECT 1 FROM aidant a WHERE a.id = lien_connexion.aidant_id AND a.actif)
		RETURNING aidant_id, suite, moyen, date_otp`, navigateur, code, tx.Now).Scan(&l.aidant, &l.suite, &l.moyen, &l.dateOTP)
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New(fault.Gone, "lien_perdu")
	}
	if err != nil {
		return l, fmt.Errorf("consume sign-in link by its code: %w", err)
	}
	return l, nil
}

// countCode adds a wrong short code to the link this browser asked, which is
// void at the last one; lost when there is no link.
func countCode(ctx context.Context, tx *db.Tx, navigateur []byte) (lost bool, err error) {
	var id ident.OperationID
	var n int
	err = tx.QueryRow(ctx, `UPDATE lien_connexion SET essais = essais + 1 WHERE navigateur_empreinte = $1 AND date_expiration > $2 RETURNING id, essais`, navigateur, tx.Now).Scan(&id, &n)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("count short code: %w", err)
	}
	if n < MaxEchecs {
		return false, nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM lien_connexion WHERE id = $1`, id); err != nil {
		return false, fmt.Errorf("void link: %w", err)
	}
	return true, nil
}

// renewLink gives the live link of this browser another secret and another short
// code, to be mailed again; it lives VieLien after the code at most (A-W10).
func renewLink(ctx context.Context, tx *db.Tx, l lienNouveau) (compte ident.AidantID, fin db.Time, err error) {
	var otp db.Time
	err = tx.QueryRow(ctx, `SELECT aidant_id, date_otp FROM lien_connexion WHERE navigateur_empreinte = $1 AND date_expiration > $2`, l.navigateur, tx.Now).Scan(&compte, &otp)
	if errors.Is(err, sql.ErrNoRows) {
		return compte, fin, fault.New(fault.Gone, "lien_perdu")
	}
	if err != nil {
		return compte, fin, fmt.Errorf("find link: %w", err)
	}
	fin = tx.Now.Add(l.duree)
	if last := otp.Add(vieLien); last.Before(fin) {
		fin = last
	}
	_, err = tx.Exec(ctx, `UPDATE lien_connexion SET cle_empreinte = $2, code_empreinte = $3, essais = 0, date_expiration = $4 WHERE aidant_id = $1`, compte, l.cle, l.code, fin)
	if err != nil {
		return compte, fin, fmt.Errorf("renew link: %w", err)
	}
	return compte, fin, nil
}

// linkFrom tells whether a live link exists and whether this browser asked it.
func linkFrom(ctx context.Context, tx *db.Tx, cle, navigateur []byte) (live, mine bool, err error) {
	err = tx.QueryRow(ctx, `SELECT navigateur_empreinte = $2 FROM lien_connexion WHERE cle_empreinte = $1 AND date_expiration > $3`, cle, navigateur, tx.Now).Scan(&mine)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, mine, err
}

// Purge deletes links and sessions past their end; it gives how many.
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	a, err := tx.Exec(ctx, `DELETE FROM lien_connexion WHERE date_expiration <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge links: %w", err)
	}
	b, err := tx.Exec(ctx, `DELETE FROM session_web WHERE date_expiration <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge sessions: %w", err)
	}
	c, err := tx.Exec(ctx, `DELETE FROM connexion_refusee WHERE date <= $1`, tx.Now.Add(-24*time.Hour))
	if err != nil {
		return 0, fmt.Errorf("purge unknown addresses: %w", err)
	}
	d, err := tx.Exec(ctx, `DELETE FROM premiere_connexion WHERE date_expiration <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge first connections: %w", err)
	}
	return int(a + b + c + d), nil
}

// noteRefused counts a sign-in attempt for which no code was judged: the address
// has no open account, or its account's delay runs. It costs a write, as a
// wrong code does (A-W73).
func noteRefused(ctx context.Context, tx *db.Tx, adresse []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO connexion_refusee (adresse_empreinte, nombre, date) VALUES ($1,1,$2)
		ON CONFLICT (adresse_empreinte) DO UPDATE SET nombre = connexion_refusee.nombre + 1, date = excluded.date`, adresse, tx.Now)
	if err != nil {
		return fmt.Errorf("count refused address: %w", err)
	}
	return nil
}
