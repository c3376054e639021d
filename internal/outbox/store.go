package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// sealed is a message as its row holds it.
type sealed struct {
	ID                         ident.MessageID
	Genre, Canal               string
	Destinataire, Sujet, Texte []byte
	Essais                     int
	Peremption, DateCreation   db.Time
}

const columns = `id, genre, canal, destinataire, sujet, texte, essais, peremption, date_creation`

func scan(s db.Scanner) (m sealed, err error) {
	err = s.Scan(&m.ID, &m.Genre, &m.Canal, &m.Destinataire, &m.Sujet, &m.Texte, &m.Essais, &m.Peremption, &m.DateCreation)
	return m, err
}

// insert writes a message, unless its key is already there.
func insert(ctx context.Context, tx *db.Tx, cle string, m sealed) error {
	_, err := tx.Exec(ctx, `INSERT INTO message
		(id, cle, genre, canal, destinataire, sujet, texte, prochain_essai, peremption, date_creation)
		VALUES ($1, $2, $3, $9, $4, $5, $6, $7, $8, $7) ON CONFLICT (cle) DO NOTHING`,
		m.ID, cle, m.Genre, m.Destinataire, m.Sujet, m.Texte, tx.Now, m.Peremption, m.Canal)
	if err != nil {
		return fmt.Errorf("queue message: %w", err)
	}
	return nil
}

// claim takes up to n messages that are due. While one is held its next try
// is the end of the lease, so that the same condition finds what is due and
// what a dead node left; of two nodes that chose the same row the second sees
// the condition fail when it gets the lock, and passes. The choice is
// MATERIALIZED: PostgreSQL could run it again for each row and pass the limit.
func claim(ctx context.Context, tx *db.Tx, porteur string, until db.Time, n int) ([]sealed, error) {
	rows, err := tx.Query(ctx, `WITH choix AS MATERIALIZED (
			SELECT id FROM message WHERE statut IN ('en_file', 'en_cours') AND prochain_essai <= $1
			ORDER BY prochain_essai, id LIMIT $2)
		UPDATE message SET
			doublons = doublons + CASE WHEN statut = 'en_cours' THEN 1 ELSE 0 END,
			statut = 'en_cours', porteur = $3, prochain_essai = $4, essais = essais + 1
		WHERE id IN (SELECT id FROM choix) AND statut IN ('en_file', 'en_cours') AND prochain_essai <= $1
		RETURNING `+columns, tx.Now, n, porteur, until)
	list, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("claim messages: %w", err)
	}
	return list, nil
}

// issue is how a message ended; reference is the provider's name for it.
type issue struct{ statut, erreur, reference string }

// finish records the end of a message, sent or given up, if it is still ours.
func finish(ctx context.Context, tx *db.Tx, id ident.MessageID, porteur string, i issue) error {
	_, err := tx.Exec(ctx, `UPDATE message SET statut = $3, porteur = NULL, date_issue = $4, erreur = NULLIF($5, ''), reference = $6
		WHERE id = $1 AND porteur = $2`, id, porteur, i.statut, tx.Now, i.erreur, i.reference)
	if err != nil {
		return fmt.Errorf("finish message: %w", err)
	}
	return nil
}

// postpone gives a message back to the queue, if it is still ours.
func postpone(ctx context.Context, tx *db.Tx, id ident.MessageID, porteur string, e *Echec, next db.Time) error {
	doublons := 0
	if e.Incertain {
		doublons = 1
	}
	_, err := tx.Exec(ctx, `UPDATE message SET statut = 'en_file', porteur = NULL, prochain_essai = $3, erreur = $4,
		doublons = doublons + $5 WHERE id = $1 AND porteur = $2`, id, porteur, next, e.Nature, doublons)
	if err != nil {
		return fmt.Errorf("postpone message: %w", err)
	}
	return nil
}

// replay puts a message that failed back in the queue, with all its tries.
func replay(ctx context.Context, tx *db.Tx, id ident.MessageID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE message SET statut = 'en_file', essais = 0, date_issue = NULL, prochain_essai = $2
		WHERE id = $1 AND statut = 'echec' AND date_effacement IS NULL`, id, tx.Now)
	if err != nil {
		return false, fmt.Errorf("replay message: %w", err)
	}
	return n == 1, nil
}

// erase forgets what was said and to whom, of messages ended before a time.
func erase(ctx context.Context, tx *db.Tx, before db.Time) (int, error) {
	n, err := tx.Exec(ctx, `UPDATE message SET destinataire = NULL, sujet = NULL, texte = NULL, date_effacement = $2
		WHERE date_effacement IS NULL AND date_issue < $1`, before, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("erase messages: %w", err)
	}
	return int(n), nil
}

// File is the state of the queue, for probes and metrics.
type File struct {
	EnFile, EnCours int
	Echecs          int     // given up, to be looked at
	PlusAncien      db.Time // creation of the oldest that is not sent; zero when none
	SMS, PlafondSMS int     // text messages queued in the last 24 hours, and how many may be
}

// readQueue counts what is not sent.
func readQueue(ctx context.Context, tx *db.Tx) (f File, err error) {
	err = tx.QueryRow(ctx, `SELECT
			COUNT(*) FILTER (WHERE statut = 'en_file'), COUNT(*) FILTER (WHERE statut = 'en_cours'),
			MIN(date_creation)
		FROM message WHERE statut IN ('en_file', 'en_cours')`).Scan(&f.EnFile, &f.EnCours, &f.PlusAncien)
	if err != nil {
		return File{}, fmt.Errorf("read queue: %w", err)
	}
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM message WHERE statut = 'echec' AND date_effacement IS NULL`).Scan(&f.Echecs)
	if err != nil {
		return File{}, fmt.Errorf("count failed messages: %w", err)
	}
	return f, nil
}

// countDue counts what may be sent now.
func countDue(ctx context.Context, tx *db.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM message
		WHERE statut IN ('en_file', 'en_cours') AND prochain_essai <= $1`, tx.Now).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count due messages: %w", err)
	}
	return n, nil
}

// countSMS counts the text messages queued since a time.
func countSMS(ctx context.Context, tx *db.Tx, since db.Time) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM message WHERE canal = 'sms' AND date_creation > $1`, since).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count text messages: %w", err)
	}
	return n, nil
}

// report records what the provider says became of a text message. What reached
// the phone stays so, whatever comes later.
func report(ctx context.Context, tx *db.Tx, id ident.MessageID, reference string, l Livraison) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE message SET livraison = CASE WHEN livraison = 'remis' THEN livraison ELSE $3 END,
			date_livraison = CASE WHEN livraison = 'remis' THEN date_livraison ELSE $4 END
		WHERE canal = 'sms' AND statut <> 'en_file' AND (id = $1 OR ($2 <> '' AND reference = $2))`, id, reference, string(l), tx.Now)
	if err != nil {
		return false, fmt.Errorf("report delivery: %w", err)
	}
	return n > 0, nil
}

// keyOf finds a text message by our identifier or by the provider's reference.
func keyOf(ctx context.Context, tx *db.Tx, id ident.MessageID, reference string) (cle string, ok bool, err error) {
	err = tx.QueryRow(ctx, `SELECT cle FROM message WHERE canal = 'sms' AND (id = $1 OR ($2 <> '' AND reference = $2)) ORDER BY id LIMIT 1`, id, reference).Scan(&cle)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("find message: %w", err)
	}
	return cle, true, nil
}
