package facteur

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

// attente is a secret proposed to an account, sealed.
type attente struct {
	id     ident.FacteurID
	graine []byte
}

func replaceAttente(ctx context.Context, tx *db.Tx, aidant ident.AidantID, id ident.FacteurID, sealed []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO facteur_attente (id, aidant_id, graine, date_expiration) VALUES ($1,$2,$3,$4)
		ON CONFLICT (aidant_id) DO UPDATE SET id = excluded.id, graine = excluded.graine, date_expiration = excluded.date_expiration`,
		id, aidant, sealed, tx.Now.Add(AttenteDuree))
	if err != nil {
		return fmt.Errorf("store pending application: %w", err)
	}
	return nil
}

func loadAttente(ctx context.Context, tx *db.Tx, aidant ident.AidantID) (a attente, ok bool, err error) {
	err = tx.QueryRow(ctx, `SELECT id, graine FROM facteur_attente WHERE aidant_id = $1 AND date_expiration > $2`, aidant, tx.Now).Scan(&a.id, &a.graine)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("load pending application: %w", err)
	}
	return a, true, nil
}

// graine opens a pending secret for the screen of its holder.
func (c *Coffre) graine(ctx context.Context, tx *db.Tx, compte ident.AidantID, a attente) (Graine, error) {
	octets, err := c.Champs.Open(a.graine, contexteAttente(a.id))
	if err != nil {
		return Graine{}, fmt.Errorf("open pending seed: %w", err)
	}
	g, err := c.shown(ctx, tx, compte, a.id)
	g.octets = octets
	return g, err
}

// shown is how a secret is named in the application.
func (c *Coffre) shown(ctx context.Context, tx *db.Tx, compte ident.AidantID, id ident.FacteurID) (Graine, error) {
	who, err := aidant.Load(ctx, tx, compte)
	if err != nil {
		return Graine{}, err
	}
	service := c.Site.Nom
	if service == "" {
		service = "Aidants Connect"
	}
	return Graine{Attente: id, compte: who.Email, service: service}, nil
}

// deleteAttente takes the pending secret out; a second confirmation of the same
// finds nothing.
func deleteAttente(ctx context.Context, tx *db.Tx, id ident.FacteurID) error {
	n, err := tx.Exec(ctx, `DELETE FROM facteur_attente WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("consume pending application: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Gone, "attente_perdue")
	}
	return nil
}

// countResync notes one more resynchronisation tried in the current hour; the
// row was written by the count of the failure.
func countResync(ctx context.Context, tx *db.Tx, aidant ident.AidantID, e essai) error {
	_, err := tx.Exec(ctx, `UPDATE facteur_essai SET resync_nombre = $2, resync_debut = $3 WHERE aidant_id = $1`, aidant, e.resyncNombre+1, e.resyncDebut)
	if err != nil {
		return fmt.Errorf("count resynchronisation: %w", err)
	}
	return nil
}

// setCalage keeps what a resynchronisation fixed.
func setCalage(ctx context.Context, tx *db.Tx, id ident.FacteurID, calage int64) error {
	if _, err := tx.Exec(ctx, `UPDATE facteur SET calage = $2 WHERE id = $1`, id, calage); err != nil {
		return fmt.Errorf("keep the clock of a factor: %w", err)
	}
	return nil
}
