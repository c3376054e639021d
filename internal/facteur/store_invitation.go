package facteur

import (
	"context"
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
	expiration db.Time
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
