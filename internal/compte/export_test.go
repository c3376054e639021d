package compte

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// What the tests of all-or-nothing reach.

func (h *Handlers) AskEmail(ctx context.Context, tx *db.Tx, id ident.AidantID, email string) error {
	return h.askEmail(ctx, tx, id, email)
}

func (h *Handlers) ApplyEmail(ctx context.Context, tx *db.Tx, key string) error {
	return h.applyEmail(ctx, tx, key)
}

func (h *Handlers) CancelEmail(ctx context.Context, tx *db.Tx, key string) error {
	_, err := h.cancelEmail(ctx, tx, key)
	return err
}

// InsertChange stores a change whose two secrets are known.
func (h *Handlers) InsertChange(ctx context.Context, tx *db.Tx, a aidant.Aidant, email string) error {
	return insertChange(ctx, tx, changementNouveau{a.ID, a.Email, email, h.confirmationDigest("oui"), h.annulationDigest("non")})
}
