package conservation

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/distance"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/rappel"
	"aidantsconnect/internal/renouvellement"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/usager"
)

// Run is the daily task: archive, destroy the mandats that are due, then the
// people of whom nothing is left, then the accounts; each batch adds to the report
// in its own transaction. Run again, it finds
// nothing; stopped, it goes on where it was. What cannot be destroyed is told
// as a failure, and stops nothing else. It counts what was destroyed.
func (h *Handlers) Run(ctx context.Context) (int, error) {
	p := Passage{ID: ident.New[ident.OperationID](), Debut: h.DB.Now().Time()}
	if err := h.DB.Update(ctx, func(tx *db.Tx) error { return openPassage(ctx, tx, p) }); err != nil {
		return 0, err
	}
	for {
		n := 0
		err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
			if n, err = archive(ctx, tx); err != nil || n == 0 {
				return err
			}
			return addPassage(ctx, tx, p.ID, Passage{Archives: n})
		})
		if err != nil {
			return 0, err
		}
		if p.Archives += n; n == 0 {
			break
		}
	}
	var all registre
	if err := h.mandats(ctx, &p, &all); err != nil {
		return p.Mandats, err
	}
	if err := h.usagers(ctx, &p, &all); err != nil {
		return p.Mandats + p.Usagers, err
	}
	if err := h.comptes(ctx, &p, &all); err != nil {
		return p.Mandats + p.Usagers + p.Comptes, err
	}
	p.Empreinte = all.empreinte()
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if p.Geles, err = countHeld(ctx, tx); err != nil {
			return err
		}
		return closePassage(ctx, tx, p)
	})
	if err == nil && p.Echecs > 0 {
		err = fmt.Errorf("%d erasures failed", p.Echecs)
	}
	return p.Mandats + p.Usagers + p.Comptes, err
}

// mandats destroys those that are due, by batches; a batch that fails is tried
// again one by one, so that one mandat keeps no other.
func (h *Handlers) mandats(ctx context.Context, p *Passage, all *registre) error {
	after := zero
	for {
		var due []ident.MandatID
		err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
			due, err = dueMandats(ctx, tx, after)
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		after = due[len(due)-1].String()
		done, err := h.destroy(ctx, p.ID, due)
		if err != nil {
			for _, id := range due {
				one, err := h.destroy(ctx, p.ID, []ident.MandatID{id})
				if err != nil {
					p.Echecs++
					h.Log.ErrorContext(ctx, "mandat not erased", slog.String("mandat", id.String()), slog.String("erreur", err.Error()))
				}
				done = append(done, one...)
			}
		}
		for _, id := range done {
			all.add("mandat", id.String())
		}
		p.Mandats += len(done)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// destroy erases mandats in one transaction, with its line.
func (h *Handlers) destroy(ctx context.Context, op ident.OperationID, ids []ident.MandatID) (done []ident.MandatID, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		done = nil
		var r registre
		for _, id := range ids {
			yes, err := stillDue(ctx, tx, id)
			if err != nil {
				return err
			}
			if !yes { // held meanwhile
				continue
			}
			if err := eraseMandat(ctx, tx, id); err != nil {
				return err
			}
			done = append(done, id)
			r.add("mandat", id.String())
		}
		if len(done) == 0 {
			return nil
		}
		if err := addPassage(ctx, tx, op, Passage{Mandats: len(done)}); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Systeme, Operation: op, Fait: fait.PurgeRetention{Donnees: "mandat", Lignes: len(done), Empreinte: r.empreinte()},
		})
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// eraseMandat asks every owner to destroy what it keeps of a mandat.
func eraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	for _, erase := range []func(context.Context, *db.Tx, ident.MandatID) error{
		suivi.EraseMandat, cessation.EraseMandat, fournisseur.EraseMandat, distance.EraseMandat, attestation.EraseMandat, fin.EraseMandat, rappel.EraseMandat, renouvellement.EraseMandat,
		signature.EraseMandat, consentement.EraseMandat, forgetArchive, mandat.Erase,
	} {
		if err := erase(ctx, tx, id); err != nil {
			return fmt.Errorf("erase mandat: %w", err)
		}
	}
	return nil
}

// usagers destroys the people of whom nothing is to be kept, one transaction
// each.
func (h *Handlers) usagers(ctx context.Context, p *Passage, all *registre) error {
	after := zero
	for {
		var due []ident.UsagerID
		err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
			due, err = dueUsagers(ctx, tx, after)
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		for _, id := range due {
			done, err := h.forget(ctx, p.ID, id)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				p.Echecs++
				h.Log.ErrorContext(ctx, "usager not erased", slog.String("usager", id.String()), slog.String("erreur", err.Error()))
			case done:
				p.Usagers++
				all.add("usager", id.String())
			}
		}
		after = due[len(due)-1].String()
	}
}

// forget destroys one person, and last the key of their pseudonym: the line
// that says so is nobody's as soon as it is written.
func (h *Handlers) forget(ctx context.Context, op ident.OperationID, id ident.UsagerID) (done bool, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if done, err = stillAlone(ctx, tx, id); err != nil || !done {
			return err
		}
		for _, erase := range append(slices.Clone(h.Personnes),
			suivi.EraseUsager, fournisseur.EraseUsager, distance.EraseUsager, signature.EraseUsager, fin.EraseUsager, mandat.EraseUsager, forgetHolds, usager.Erase) {
			if err := erase(ctx, tx, id); err != nil {
				return fmt.Errorf("erase usager: %w", err)
			}
		}
		if err := addPassage(ctx, tx, op, Passage{Usagers: 1}); err != nil {
			return err
		}
		e := journal.Entry{Initiateur: journal.Systeme, Operation: op, Usager: id, Fait: fait.EraseUsager{Motif: "conservation"}}
		if err := h.Journal.Append(ctx, tx, e); err != nil {
			return err
		}
		return h.Journal.ForgetUsager(ctx, tx, id)
	})
	return done, err
}
