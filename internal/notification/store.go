package notification

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

const columns = `n.id, n.genre, n.destinataires, n.titre, n.corps, n.lien, n.date_creation, n.date_expiration, n.date_retrait`

func scanInto(n *Notification, s db.Scanner, more ...any) error {
	var creation, expiration, retrait db.Time
	err := s.Scan(append([]any{&n.ID, &n.Genre, &n.Public, &n.Titre, &n.Corps, &n.Lien, &creation, &expiration, &retrait}, more...)...)
	n.DateCreation, n.DateExpiration, n.DateRetrait = creation.Time(), expiration.Time(), retrait.Time()
	return err
}

func scanMine(s db.Scanner) (n Notification, err error) {
	var lecture db.Time
	err = scanInto(&n, s, &lecture)
	n.DateLecture = lecture.Time()
	return n, err
}

// visibles are the notifications in place that concern the account $1. One to
// be read concerns who was there when it was published.
const visibles = ` FROM notification n JOIN aidant a ON a.id = $1 LEFT JOIN notification_lecture l ON l.notification_id = n.id AND l.aidant_id = a.id
	WHERE n.date_retrait IS NULL AND (n.date_expiration IS NOT NULL OR n.date_creation >= a.date_creation)
		AND (n.destinataires = 'tous' OR n.destinataires = 'aidants' AND a.habilite OR n.destinataires = 'referents' AND EXISTS
			(SELECT 1 FROM referent r WHERE r.aidant_id = a.id AND r.date_fin IS NULL))`

// parPage is how many a page of the list shows.
const parPage = 100

// mine lists those of an account, latest first; genre "" for all. apres is where
// the page begins.
//
// reads: aidant, referent
func mine(ctx context.Context, tx *db.Tx, id ident.AidantID, genre Genre, apres ident.OperationID) (list []Notification, more bool, err error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+`, l.date`+visibles+` AND ($2 = '' OR n.genre = $2) AND (n.id < $3 OR $3 IS NULL) AND n.date_creation > $4
		ORDER BY n.id DESC LIMIT $5`, id, string(genre), apres, tx.Now.AddDate(-1, 0, 0), parPage+1)
	list, err = db.Collect(rows, err, scanMine)
	if err != nil {
		return nil, false, fmt.Errorf("list notifications: %w", err)
	}
	if len(list) > parPage {
		return list[:parPage], true, nil
	}
	return list, false, nil
}

// one reads one of an account; fault.NotFound for what is not theirs.
//
// reads: aidant, referent
func one(ctx context.Context, tx *db.Tx, id ident.AidantID, n ident.OperationID) (Notification, error) {
	x, err := scanMine(tx.QueryRow(ctx, `SELECT `+columns+`, l.date`+visibles+` AND n.id = $2`, id, n))
	return x, unknown(err)
}

func unknown(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "notification_inconnue")
	}
	if err != nil {
		return fmt.Errorf("load notification: %w", err)
	}
	return nil
}

// pending lists those that the home of an account shows, warnings first.
//
// reads: aidant, referent
func pending(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Notification, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+`, l.date`+visibles+` AND (n.date_expiration > $2 OR n.date_expiration IS NULL AND l.date IS NULL)
		ORDER BY CASE WHEN n.genre = 'alerte' THEN 0 ELSE 1 END, n.id DESC LIMIT $3`, id, tx.Now, parPage)
	list, err := db.Collect(rows, err, scanMine)
	if err != nil {
		return nil, fmt.Errorf("list notifications to read: %w", err)
	}
	return list, nil
}

// mark notes that an account has read one, or has not; again changes nothing.
func mark(ctx context.Context, tx *db.Tx, id ident.AidantID, n ident.OperationID, lu bool) (err error) {
	if lu {
		_, err = tx.Exec(ctx, `INSERT INTO notification_lecture (notification_id, aidant_id, date) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, n, id, tx.Now)
	} else {
		_, err = tx.Exec(ctx, `DELETE FROM notification_lecture WHERE notification_id = $1 AND aidant_id = $2`, n, id)
	}
	if err != nil {
		return fmt.Errorf("mark notification: %w", err)
	}
	return nil
}

// insert publishes; false when it already is.
func insert(ctx context.Context, tx *db.Tx, n Notification, par ident.AidantID) (bool, error) {
	added, err := tx.Exec(ctx, `INSERT INTO notification (id, genre, destinataires, titre, corps, lien, auteur_id, date_creation, date_expiration, courriel_fini)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) ON CONFLICT (id) DO NOTHING`,
		n.ID, string(n.Genre), string(n.Public), n.Titre, n.Corps, n.Lien, par, tx.Now, db.At(n.DateExpiration), n.Genre != Nouveaute)
	if err != nil {
		return false, fmt.Errorf("publish notification: %w", err)
	}
	return added == 1, nil
}

// withdraw takes one back, once.
func withdraw(ctx context.Context, tx *db.Tx, id ident.OperationID) error {
	n, err := tx.Exec(ctx, `UPDATE notification SET date_retrait = $2, courriel_fini = true WHERE id = $1 AND date_retrait IS NULL`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("withdraw notification: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "notification_retiree")
	}
	return nil
}

// all lists the last ones for the team.
//
// reads: aidant
func all(ctx context.Context, tx *db.Tx) ([]Notification, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+`, a.prenom || ' ' || a.nom, (SELECT count(*) FROM notification_lecture l WHERE l.notification_id = n.id)
		FROM notification n JOIN aidant a ON a.id = n.auteur_id ORDER BY n.id DESC LIMIT $1`, parPage)
	list, err := db.Collect(rows, err, func(s db.Scanner) (n Notification, err error) { return n, scanInto(&n, s, &n.Par, &n.Lectures) })
	if err != nil {
		return nil, fmt.Errorf("list notifications: %w", err)
	}
	return list, nil
}

// audience are the open accounts that a notification concerns.
const audience = ` FROM aidant a WHERE a.actif AND ($1 = 'tous' OR $1 = 'aidants' AND a.habilite OR $1 = 'referents' AND EXISTS
	(SELECT 1 FROM referent r WHERE r.aidant_id = a.id AND r.date_fin IS NULL))`

// countAudience counts them, and those who accept news by mail.
//
// reads: aidant, referent
func countAudience(ctx context.Context, tx *db.Tx, p Public) (n, mails int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE a.nouveautes)`+audience, string(p)).Scan(&n, &mails)
	if err != nil {
		return 0, 0, fmt.Errorf("count audience: %w", err)
	}
	return n, mails, nil
}

// lot is how many mails one transaction queues.
const lot = 200

// toMail gives one notification whose mails are not all written, and after which
// account; found is false when there is none.
func toMail(ctx context.Context, tx *db.Tx) (n Notification, apres ident.AidantID, found bool, err error) {
	err = scanInto(&n, tx.QueryRow(ctx, `SELECT `+columns+`, n.courriel_apres FROM notification n WHERE NOT n.courriel_fini ORDER BY n.id LIMIT 1`), &apres)
	if errors.Is(err, sql.ErrNoRows) {
		return n, apres, false, nil
	}
	if err != nil {
		return n, apres, false, fmt.Errorf("load notification to mail: %w", err)
	}
	return n, apres, true, nil
}

// readers gives the next accounts to write to.
//
// reads: aidant, referent
func readers(ctx context.Context, tx *db.Tx, p Public, apres ident.AidantID) ([]aidant.Aidant, error) {
	rows, err := tx.Query(ctx, `SELECT a.id, a.prenom, a.email`+audience+` AND a.nouveautes AND (a.id > $2 OR $2 IS NULL) ORDER BY a.id LIMIT $3`, string(p), apres, lot)
	list, err := db.Collect(rows, err, func(s db.Scanner) (a aidant.Aidant, err error) { return a, s.Scan(&a.ID, &a.Prenom, &a.Email) })
	if err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	return list, nil
}

// advance notes how far the mails are.
func advance(ctx context.Context, tx *db.Tx, n ident.OperationID, apres ident.AidantID, fini bool) error {
	if _, err := tx.Exec(ctx, `UPDATE notification SET courriel_apres = $2, courriel_fini = $3 WHERE id = $1`, n, apres, fini); err != nil {
		return fmt.Errorf("advance mails: %w", err)
	}
	return nil
}
