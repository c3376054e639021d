package compte

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
)

// changement is a change of e-mail.
type changement struct {
	aidant          ident.AidantID
	ancien, nouveau string
	applique        bool // before the act that reads it
	demande         db.Time
}

// changementNouveau is one to store: two digests, never the secrets.
type changementNouveau struct {
	aidant                   ident.AidantID
	ancien, nouveau          string
	confirmation, annulation []byte
}

// insertChange stores the only pending change of an account.
func insertChange(ctx context.Context, tx *db.Tx, c changementNouveau) error {
	if err := dropPending(ctx, tx, c.aidant, "remplace"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO changement_courriel (id, aidant_id, ancien, nouveau, confirmation_empreinte, annulation_empreinte, statut, date_demande)
		VALUES ($1,$2,$3,$4,$5,$6,'attente',$7)`, ident.New[ident.OperationID](), c.aidant, c.ancien, c.nouveau, c.confirmation, c.annulation, tx.Now)
	if err != nil {
		return fmt.Errorf("store e-mail change: %w", err)
	}
	return nil
}

// dropPending ends the pending change of an account, if any.
func dropPending(ctx context.Context, tx *db.Tx, id ident.AidantID, statut string) error {
	if _, err := tx.Exec(ctx, `UPDATE changement_courriel SET statut = $2 WHERE aidant_id = $1 AND statut = 'attente'`, id, statut); err != nil {
		return fmt.Errorf("end pending e-mail change: %w", err)
	}
	return nil
}

// pendingChange gives the address that awaits its confirmation; "" for none.
func pendingChange(ctx context.Context, tx *db.Tx, id ident.AidantID) (nouveau string, err error) {
	err = tx.QueryRow(ctx, `SELECT nouveau FROM changement_courriel WHERE aidant_id = $1 AND statut = 'attente' AND date_demande > $2`,
		id, tx.Now.Add(-VieConfirmation)).Scan(&nouveau)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read pending e-mail change: %w", err)
	}
	return nouveau, nil
}

// consumeConfirmation takes a pending change out by the secret sent to the new
// address; one statement, so it serves once, for an open account whose address
// is still the former one.
//
// reads: aidant
func consumeConfirmation(ctx context.Context, tx *db.Tx, digest []byte) (c changement, err error) {
	err = tx.QueryRow(ctx, `UPDATE changement_courriel SET statut = 'applique', date_effet = $2
		WHERE confirmation_empreinte = $1 AND statut = 'attente' AND date_demande > $3
		AND EXISTS (SELECT 1 FROM aidant a WHERE a.id = changement_courriel.aidant_id AND a.actif AND a.email = changement_courriel.ancien)
		RETURNING aidant_id, ancien, nouveau`, digest, tx.Now, tx.Now.Add(-VieConfirmation)).Scan(&c.aidant, &c.ancien, &c.nouveau)
	return c, lost(err)
}

// consumeCancel takes a change back by the secret sent to the former address:
// before it took effect, or within seven days after.
func consumeCancel(ctx context.Context, tx *db.Tx, digest []byte) (c changement, err error) {
	err = tx.QueryRow(ctx, `UPDATE changement_courriel SET statut = 'annule'
		WHERE annulation_empreinte = $1 AND (statut IN ('attente', 'remplace') AND date_demande > $2 OR statut = 'applique' AND date_effet > $2)
		RETURNING aidant_id, ancien, nouveau, date_effet IS NOT NULL, date_demande`, digest, tx.Now.Add(-VieAnnulation)).
		Scan(&c.aidant, &c.ancien, &c.nouveau, &c.applique, &c.demande)
	if err != nil {
		return c, lost(err)
	}
	// What was asked after it falls with it: whoever took the account could
	// otherwise take it back by their own link.
	if _, err := tx.Exec(ctx, `UPDATE changement_courriel SET statut = 'annule' WHERE aidant_id = $1 AND date_demande >= $2`, c.aidant, c.demande); err != nil {
		return c, fmt.Errorf("cancel later e-mail changes: %w", err)
	}
	return c, nil
}

// live tells whether a secret of a change, of either kind, would serve.
func live(ctx context.Context, tx *db.Tx, digest []byte) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM changement_courriel WHERE confirmation_empreinte = $1 AND statut = 'attente' AND date_demande > $2)
		OR EXISTS (SELECT 1 FROM changement_courriel WHERE annulation_empreinte = $1
			AND (statut IN ('attente', 'remplace') AND date_demande > $3 OR statut = 'applique' AND date_effet > $3))`,
		digest, tx.Now.Add(-VieConfirmation), tx.Now.Add(-VieAnnulation)).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("read e-mail change: %w", err)
	}
	return yes, nil
}

func lost(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.Gone, "lien_perdu")
	}
	if err != nil {
		return fmt.Errorf("consume e-mail change: %w", err)
	}
	return nil
}

// PurgeChanges forgets the changes of address that no link can act on.
func PurgeChanges(ctx context.Context, tx *db.Tx) (int, error) {
	limit := tx.Now.Add(-VieAnnulation)
	n, err := tx.Exec(ctx, `DELETE FROM changement_courriel WHERE date_demande <= $1 AND (date_effet IS NULL OR date_effet <= $1)`, limit)
	if err != nil {
		return 0, fmt.Errorf("purge e-mail changes: %w", err)
	}
	return int(n), nil
}

// VieConfirmation is how long a change of address waits for its confirmation.
const VieConfirmation = 24 * time.Hour

// VieAnnulation is how long it can be undone, and is kept.
var VieAnnulation = garde.Changement.Temps
