package connexion

import (
	"context"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
)

// Verify judges a code of who is signed in, within the act that wants it. The
// wrong ones are counted on the browser of the session: a stranger who makes
// the delays of the account run keeps nobody from working.
func (h *Handlers) Verify(ctx context.Context, tx *db.Tx, a actor.Actor, code string) (facteur.Resultat, error) {
	return h.verify(ctx, tx, a.Aidant, a.Appareil, code)
}

// verify counts on a browser known to the account, or on the account for all
// the others together.
func (h *Handlers) verify(ctx context.Context, tx *db.Tx, compte ident.AidantID, connu ident.AppareilID, code string) (facteur.Resultat, error) {
	k, known, err := counter(ctx, tx, compte, connu)
	if err != nil {
		return facteur.Resultat{}, err
	}
	if !known {
		return h.Facteurs.Verify(ctx, tx, compte, code)
	}
	before := k
	res, err := h.Facteurs.VerifyFrom(ctx, tx, compte, &k, code)
	if err != nil || k == before {
		return res, err
	}
	return res, saveCounter(ctx, tx, connu, k)
}
