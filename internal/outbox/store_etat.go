package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// messageLu is a message as its row tells it, its address still sealed.
type messageLu struct {
	Etat
	destinataire []byte
}

const (
	situation = `CASE WHEN statut = 'envoye' THEN 'envoye' WHEN statut = 'echec' THEN 'mort' WHEN erreur IS NOT NULL THEN 'en_echec' ELSE 'en_attente' END`
	etat      = `id, genre, canal, ` + situation + `, destinataire, COALESCE(erreur, ''), livraison, essais, doublons,
		date_creation, date_issue, prochain_essai, peremption, date_effacement`
)

func scanEtat(s db.Scanner) (m messageLu, err error) {
	err = s.Scan(&m.ID, &m.Genre, &m.Canal, &m.Situation, &m.destinataire, &m.Erreur, &m.Livraison, &m.Essais, &m.Doublons,
		&m.DateCreation, &m.DateIssue, &m.ProchainEssai, &m.Peremption, &m.DateEffacement)
	return m, err
}

// listMessages gives one more than asked, to know whether the list goes on.
// Identifiers are ordered by time.
func listMessages(ctx context.Context, tx *db.Tx, f Filtre) ([]messageLu, error) {
	rows, err := tx.Query(ctx, `SELECT `+etat+` FROM message
		WHERE ($1 = '' OR `+situation+` = $1) AND ($2 = '' OR genre = $2) AND (id < $3 OR $3 IS NULL)
		ORDER BY id DESC LIMIT $4`, string(f.Situation), f.Genre, f.Avant, f.Limite+1)
	list, err := db.Collect(rows, err, scanEtat)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	return list, nil
}

// messageOf reads the message queued under a key.
func messageOf(ctx context.Context, tx *db.Tx, cle string) (messageLu, bool, error) {
	m, err := scanEtat(tx.QueryRow(ctx, `SELECT `+etat+` FROM message WHERE cle = $1`, cle))
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read message: %w", err)
	}
	return m, true, nil
}

func oneMessage(ctx context.Context, tx *db.Tx, id ident.MessageID) (messageLu, bool, error) {
	m, err := scanEtat(tx.QueryRow(ctx, `SELECT `+etat+` FROM message WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("read message: %w", err)
	}
	return m, true, nil
}
