package fournisseur

import (
	"context"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/suivi"
)

// Accept is the gate of the choice, with rights read before it.
func Accept(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID, d Droits) error {
	return accept(ctx, tx, a, id, choix{Droits: d, Presence: suivi.Present, Code: []byte("empreinte"), Limite: tx.Now.Add(time.Minute)})
}
