package facteur

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// retrait is a removal to note.
type retrait struct {
	Retrait
	aidant  ident.AidantID
	facteur Facteur
}

// deleteFacteur takes the row out; whoever comes second finds nothing.
func deleteFacteur(ctx context.Context, tx *db.Tx, aidant ident.AidantID, f Facteur) error {
	query := `DELETE FROM facteur WHERE id = $1 AND aidant_id = $2`
	if f.Genre == Passkey {
		query = `DELETE FROM facteur_cle WHERE id = $1 AND aidant_id = $2`
	}
	n, err := tx.Exec(ctx, query, f.ID, aidant)
	if err != nil {
		return fmt.Errorf("delete factor: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "facteur_inconnu")
	}
	return nil
}

// noteRemoval keeps why a factor was removed. A free text is sealed: it may
// name people, and only who must know reads it.
func (c *Coffre) noteRemoval(ctx context.Context, tx *db.Tx, par Par, r retrait) error {
	var sealed []byte
	if r.Precision != "" {
		var err error
		if sealed, err = c.Champs.Seal([]byte(r.Precision), "facteur_retrait/"+r.facteur.ID.String()); err != nil {
			return fmt.Errorf("seal reason: %w", err)
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO facteur_retrait (id, aidant_id, genre, motif, precision_chiffree, auteur_id, date) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		r.facteur.ID, r.aidant, string(r.facteur.Genre), string(r.Motif), sealed, par.Auteur, tx.Now)
	if err != nil {
		return fmt.Errorf("note removal: %w", err)
	}
	return nil
}
