package fournisseur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
)

// found tells a row from none; a use that is not found is a refusal and not a
// failure, for the callers of this file.
func found(d dossier, err error) (dossier, bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("advance use: %w", err)
	}
	return d, true, nil
}

// echange is what /token presents and what it obtains.
type echange struct {
	code        []byte // digest
	clientID    string
	redirectURI string
	challenge   string // S256 of the verifier presented, "" if none
	jeton       []byte // digest of the access token to issue
	atHash      string
}

// redeem consumes a code: one statement checks the client, the address of the
// authorize request, PKCE, the step and the deadline (FI-43, M-W15). A verifier
// without a challenge is refused too (RFC 9700 §4.8.2: no downgrade).
func redeem(ctx context.Context, tx *db.Tx, e echange, life time.Duration) (dossier, bool, error) {
	return found(scanDossier(tx.QueryRow(ctx, `UPDATE dossier_utilisation SET statut = 'code_echange', jeton_empreinte = $5, at_hash = $6, jeton_echeance = $7, date_limite = $7, date_statut = $8
		WHERE code_empreinte = $1 AND statut = 'demarche_choisie' AND client_id = $2 AND redirect_uri = $3
			AND code_challenge = $4 AND date_limite > $8
		RETURNING `+dossierColumns,
		e.code, e.clientID, e.redirectURI, e.challenge, e.jeton, e.atHash, tx.Now.Add(life), tx.Now)))
}

// revokeReplayed ends the use whose code is presented again (FI-44): what the
// first exchange gave opens nothing any more. The code erased, a third time is
// only an unknown code.
func revokeReplayed(ctx context.Context, tx *db.Tx, code []byte) (dossier, bool, error) {
	return found(scanDossier(tx.QueryRow(ctx, `UPDATE dossier_utilisation SET statut = 'refuse', motif = 'code_rejoue',
			code_empreinte = NULL, jeton_empreinte = NULL, at_hash = NULL, nonce = '', code_challenge = '', date_statut = $2
		WHERE code_empreinte = $1 AND statut IN ('code_echange', 'servi')
		RETURNING `+dossierColumns, code, tx.Now)))
}

// refuse ends a use that a re-check stopped.
func refuse(ctx context.Context, tx *db.Tx, id ident.DossierID, m Motif) error {
	_, err := tx.Exec(ctx, `UPDATE dossier_utilisation SET statut = 'refuse', motif = $2,
			code_empreinte = NULL, jeton_empreinte = NULL, at_hash = NULL, nonce = '', code_challenge = '', date_statut = $3
		WHERE id = $1 AND statut IN ('code_echange', 'servi')`, id, string(m), tx.Now)
	if err != nil {
		return fmt.Errorf("refuse use: %w", err)
	}
	return nil
}

// serve takes the first /userinfo of an access token: one statement, so that a
// use is journaled once (FI-80).
func serve(ctx context.Context, tx *db.Tx, jeton []byte, life time.Duration) (dossier, bool, error) {
	return found(scanDossier(tx.QueryRow(ctx, `UPDATE dossier_utilisation SET statut = 'servi', date_statut = $2, date_limite = $3
		WHERE jeton_empreinte = $1 AND statut = 'code_echange' AND jeton_echeance > $2
		RETURNING `+dossierColumns, jeton, tx.Now, tx.Now.Add(life))))
}

// served reads a use already delivered, for a /userinfo repeated while the
// token lives.
func served(ctx context.Context, tx *db.Tx, jeton []byte) (dossier, bool, error) {
	return found(scanDossier(tx.QueryRow(ctx, `SELECT `+dossierColumns+` FROM dossier_utilisation
		WHERE jeton_empreinte = $1 AND statut = 'servi' AND jeton_echeance > $2`, jeton, tx.Now)))
}

// clientOf gives the client of a live access token, "" when there is none.
func clientOf(ctx context.Context, tx *db.Tx, jeton []byte) (id string, err error) {
	err = tx.QueryRow(ctx, `SELECT client_id FROM dossier_utilisation
		WHERE jeton_empreinte = $1 AND statut IN ('code_echange', 'servi') AND jeton_echeance > $2`, jeton, tx.Now).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find client of a token: %w", err)
	}
	return id, nil
}

// closeUse ends the use an ID token was issued for; none is not an error
// (FI-74).
func closeUse(ctx context.Context, tx *db.Tx, clientID, atHash string) error {
	_, err := tx.Exec(ctx, `UPDATE dossier_utilisation SET statut = 'clos', code_empreinte = NULL, jeton_empreinte = NULL, at_hash = NULL, nonce = '', code_challenge = '', date_statut = $3
		WHERE at_hash = $1 AND client_id = $2 AND statut IN ('code_echange', 'servi')`, atHash, clientID, tx.Now)
	if err != nil {
		return fmt.Errorf("close use: %w", err)
	}
	return nil
}

// PurgeDossiers ends the uses past their deadline, erasing what they held, and
// deletes the held requests past theirs and the uses ended a week ago
// (mandats.md 14: content erased, outcome kept). It gives how many rows.
func PurgeDossiers(ctx context.Context, tx *db.Tx) (int, error) {
	late, err := tx.Exec(ctx, `UPDATE dossier_utilisation SET statut = CASE WHEN statut = 'servi' THEN 'clos' ELSE 'expire' END,
			motif = CASE WHEN statut IN ('demarche_choisie', 'code_echange') THEN 'delai' ELSE motif END,
			code_empreinte = NULL, jeton_empreinte = NULL, at_hash = NULL, nonce = '', code_challenge = '', date_statut = $1
		WHERE statut IN ('usager_choisi', 'demarche_choisie', 'code_echange', 'servi') AND date_limite <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("end late uses: %w", err)
	}
	requests, err := tx.Exec(ctx, `DELETE FROM requete_tenue WHERE date_limite <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge held requests: %w", err)
	}
	old, err := tx.Exec(ctx, `DELETE FROM dossier_utilisation WHERE statut IN ('clos', 'expire', 'refuse') AND date_statut <= $1`, db.At(garde.Utilisation.Avant(tx.Now.Time())))
	if err != nil {
		return 0, fmt.Errorf("purge ended uses: %w", err)
	}
	return int(late + requests + old), nil
}
