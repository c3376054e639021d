package conservation

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/detection"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/notification"
	"aidantsconnect/internal/proconnect"
)

// comptes archives the closed accounts whose last contact is three years old,
// erases those whose is six, then the requests of the same age (L-67, A-W54).
func (h *Handlers) comptes(ctx context.Context, p *Passage, all *registre) error {
	archived := h.DB.Now().AddDate(-garde.AnneesActives, 0, 0)
	erased := h.DB.Now().AddDate(-garde.AnneesTotales, 0, 0)
	err := h.each(ctx, p, lot{aidant.ToArchive, archived, func(id ident.AidantID) error {
		return h.DB.Update(ctx, func(tx *db.Tx) error {
			done, err := aidant.Archive(ctx, tx, id, archived)
			if err != nil || !done {
				return err
			}
			return eraseAccess(ctx, tx, id)
		})
	}})
	if err != nil {
		return err
	}
	err = h.each(ctx, p, lot{aidant.ToErase, erased, func(id ident.AidantID) error {
		done, err := h.forgetAidant(ctx, p.ID, id, erased)
		if done {
			p.Comptes++
			all.add("aidant", id.String())
		}
		return err
	}})
	if err != nil {
		return err
	}
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		n, err := demande.EraseOld(ctx, tx, erased)
		if err != nil || n == 0 {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Systeme, Operation: p.ID, Fait: fait.PurgeRetention{Donnees: "demande", Lignes: n}})
	})
}

// lot is a kind of accounts that are due, and what is done of each.
type lot struct {
	due    func(ctx context.Context, tx *db.Tx, before db.Time, after ident.AidantID) ([]ident.AidantID, error)
	before db.Time
	act    func(id ident.AidantID) error
}

// each treats the accounts of a lot, one transaction each: one that fails
// keeps no other.
func (h *Handlers) each(ctx context.Context, p *Passage, l lot) error {
	var after ident.AidantID
	for {
		var due []ident.AidantID
		err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
			due, err = l.due(ctx, tx, l.before, after)
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		for _, id := range due {
			err := l.act(id)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				p.Echecs++
				h.Log.ErrorContext(ctx, "account not treated", slog.String("aidant", id.String()), slog.String("erreur", err.Error()))
			}
		}
		after = due[len(due)-1]
	}
}

// eraseAccess destroys what only served to sign in.
func eraseAccess(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	for _, erase := range []func(context.Context, *db.Tx, ident.AidantID) error{
		connexion.EraseAidant, facteur.EraseAidant, compte.EraseAidant, proconnect.EraseAidant, notification.EraseAidant,
	} {
		if err := erase(ctx, tx, id); err != nil {
			return fmt.Errorf("erase access: %w", err)
		}
	}
	return nil
}

// forgetAidant destroys what an account holds of its person, and last the key
// of their pseudonym: the line that says so is nobody's as soon as it is
// written. What they did stays, by nobody.
func (h *Handlers) forgetAidant(ctx context.Context, op ident.OperationID, id ident.AidantID, before db.Time) (done bool, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if done, err = aidant.Erase(ctx, tx, id, before); err != nil || !done {
			return err
		}
		if err := eraseAccess(ctx, tx, id); err != nil {
			return err
		}
		for _, erase := range append(slices.Clone(h.Comptes), demande.EraseAidant, detection.EraseAidant) {
			if err := erase(ctx, tx, id); err != nil {
				return fmt.Errorf("erase account: %w", err)
			}
		}
		if err := addPassage(ctx, tx, op, Passage{Comptes: 1}); err != nil {
			return err
		}
		e := journal.Entry{Initiateur: journal.Systeme, Operation: op, Concerne: id, Fait: fait.EraseAidant{Motif: "conservation"}}
		if err := h.Journal.Append(ctx, tx, e); err != nil {
			return err
		}
		return h.Journal.ForgetAidant(ctx, tx, id)
	})
	return done && err == nil, err
}
