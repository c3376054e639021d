package aidant

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// IdleSince gives the open accounts of the espaces whose reference date is at
// or before an instant (A-W25). The operator's team has its own rule.
func IdleSince(ctx context.Context, tx *db.Tx, before db.Time) ([]Aidant, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM aidant a WHERE a.actif AND a.role_gestion = '' AND a.date_creation <= $1
		AND (a.date_connexion IS NULL OR a.date_connexion <= $1) AND (a.date_etat IS NULL OR a.date_etat <= $1) ORDER BY a.id`, before)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list idle accounts: %w", err)
	}
	return all, nil
}

// Remindable gives the open accounts that may conclude mandats and accept to be
// reminded.
func Remindable(ctx context.Context, tx *db.Tx) ([]Aidant, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM aidant a WHERE a.actif AND a.habilite AND a.relances ORDER BY a.id`)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list accounts to remind: %w", err)
	}
	return all, nil
}

// NoteWarned records that the closing was announced.
func NoteWarned(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	_, err := changed(tx.Exec(ctx, `UPDATE aidant SET date_avertissement = $2 WHERE id = $1`, id, tx.Now))
	return err
}

// NoteReminded records a reminder.
func NoteReminded(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	_, err := changed(tx.Exec(ctx, `UPDATE aidant SET date_rappel = $2 WHERE id = $1`, id, tx.Now))
	return err
}
