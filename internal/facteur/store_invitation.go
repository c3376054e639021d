package facteur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// invitation is a live invitation, as its row holds it.
type invitation struct {
	id         ident.FacteurID
	aidant     ident.AidantID
	code       []byte // digest
	essais     int64
	graine     []byte // sealed; empty until the activation code was given
	navigateur []byte // digest
}

// replaceInvitation stores the only invitation of an account.
func replaceInvitation(ctx context.Context, tx *db.Tx, i invitation, lien, code []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO facteur_invitation (id, aidant_id, lien_empreinte, code_empreinte, essais, date_expiration) VALUES ($1,$2,$3,$4,0,$5)
		ON CONFLICT (aidant_id) DO UPDATE SET id = excluded.id, lien_empreinte = excluded.lien_empreinte, code_empreinte = excluded.code_empreinte,
			essais = 0, graine = NULL, navigateur_empreinte = NULL, date_expiration = excluded.date_expiration`,
		i.id, i.aidant, lien, code, tx.Now.Add(InvitationDuree))
	if err != nil {
		return fmt.Errorf("store invitation: %w", err)
	}
	return nil
}

// loadInvitation finds a live invitation of an open account by its link.
//
// reads: aidant
func loadInvitation(ctx context.Context, tx *db.Tx, lien []byte) (i invitation, ok bool, err error) {
	err = tx.QueryRow(ctx, `SELECT i.id, i.aidant_id, i.code_empreinte, i.essais, i.graine, i.navigateur_empreinte FROM facteur_invitation i JOIN aidant a ON a.id = i.aidant_id
		WHERE i.lien_empreinte = $1 AND i.date_expiration > $2 AND a.actif`, lien, tx.Now).
		Scan(&i.id, &i.aidant, &i.code, &i.essais, &i.graine, &i.navigateur)
	if errors.Is(err, sql.ErrNoRows) {
		return i, false, nil
	}
	if err != nil {
		return i, false, fmt.Errorf("load invitation: %w", err)
	}
	return i, true, nil
}

func countActivation(ctx context.Context, tx *db.Tx, id ident.FacteurID) error {
	if _, err := tx.Exec(ctx, `UPDATE facteur_invitation SET essais = essais + 1 WHERE id = $1`, id); err != nil {
		return fmt.Errorf("count activation code: %w", err)
	}
	return nil
}

// activateInvitation ties the invitation to the browser that gave the code: one
// conditional statement, so that the code serves once.
func activateInvitation(ctx context.Context, tx *db.Tx, id ident.FacteurID, graine, navigateur []byte) error {
	n, err := tx.Exec(ctx, `UPDATE facteur_invitation SET graine = $2, navigateur_empreinte = $3 WHERE id = $1 AND graine IS NULL`, id, graine, navigateur)
	if err != nil {
		return fmt.Errorf("activate invitation: %w", err)
	}
	if n == 0 {
		return errLienPerdu()
	}
	return nil
}

// deleteInvitation consumes the invitation, once.
func deleteInvitation(ctx context.Context, tx *db.Tx, id ident.FacteurID) error {
	n, err := tx.Exec(ctx, `DELETE FROM facteur_invitation WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("consume invitation: %w", err)
	}
	if n == 0 {
		return errLienPerdu()
	}
	return nil
}

// Purge deletes what has ended: challenges, pending secrets, invitations,
// recovery codes; it gives how many.
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	var total int64
	for _, query := range []string{
		`DELETE FROM facteur_defi WHERE date_expiration <= $1`,
		`DELETE FROM facteur_attente WHERE date_expiration <= $1`,
		`DELETE FROM facteur_invitation WHERE date_expiration <= $1`,
		`DELETE FROM facteur_secours WHERE date_expiration <= $1`,
	} {
		n, err := tx.Exec(ctx, query, tx.Now)
		if err != nil {
			return 0, fmt.Errorf("purge factors: %w", err)
		}
		total += n
	}
	return int(total), nil
}
