package facteur

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
)

// Remove takes a factor away from its account, with its reason (comptes 3.3,
// A-W79): a card goes back to the stock, the person is told (E-44), the other
// web sessions are closed; the caller's own is kept when it acts for itself.
// The holder never removes the last one (Conflict "dernier_facteur", A-W78). A
// factor that is not of this account is not found: the caller has checked that
// the account is within its reach.
func (c *Coffre) Remove(ctx context.Context, tx *db.Tx, par Par, aidant ident.AidantID, r Retrait) error {
	r, err := r.Check()
	if err != nil {
		return err
	}
	m, err := Load(ctx, tx, aidant)
	if err != nil {
		return err
	}
	f, err := m.Find(r.Facteur)
	if err != nil {
		return err
	}
	if par.self(aidant) {
		if err := m.Removable(f.ID); err != nil {
			return err
		}
	}
	if err := deleteFacteur(ctx, tx, aidant, f); err != nil {
		return err
	}
	if err := c.noteRemoval(ctx, tx, par, retrait{aidant: aidant, facteur: f, Retrait: r}); err != nil {
		return err
	}
	if c.CloseOthers != nil {
		var keep ident.SessionID
		if par.self(aidant) {
			keep = par.Session
		}
		if err := c.CloseOthers(ctx, tx, aidant, keep); err != nil {
			return fmt.Errorf("close other sessions: %w", err)
		}
	}
	if err := c.tellRemoved(ctx, tx, par, aidant, f); err != nil {
		return err
	}
	return c.Journal.Append(ctx, tx, par.line(aidant, removalFact(f, r.Motif)))
}

func removalFact(f Facteur, m Motif) fait.Fait {
	if f.Genre == Carte {
		return fait.CardDissociation{Genre: string(Carte), NumeroSerie: f.NumeroSerie, Motif: string(m)}
	}
	return fait.RemoveFacteur{Genre: string(f.Genre), Motif: string(m)}
}
