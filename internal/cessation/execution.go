package cessation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
)

// Waiting tells whether something approved is not finished.
func (h *Handlers) Waiting(ctx context.Context) (yes bool, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		list, err := approved(ctx, tx)
		yes = len(list) > 0
		return err
	})
	return yes, err
}

// Run is the task: it goes on with what was approved, and counts the mandats it
// ended or transferred. Stopped in the middle, it goes on where it was: a mandat
// that is done is no longer in force.
func (h *Handlers) Run(ctx context.Context) (total int, err error) {
	var list []Operation
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		list, err = approved(ctx, tx)
		return err
	})
	var errs []error
	for _, o := range list {
		n, err := h.execute(ctx, o)
		total += n
		errs = append(errs, err) // one that fails stops no other
	}
	if total > 0 {
		h.Fins.Outbox.Poke()
	}
	return total, errors.Join(append(errs, err)...)
}

func (h *Handlers) execute(ctx context.Context, o Operation) (total int, err error) {
	for {
		var ids []ident.MandatID
		err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
			ids, err = remaining(ctx, tx, o, lus)
			return err
		})
		if err != nil {
			return total, err
		}
		if len(ids) == 0 {
			return total, h.DB.Update(ctx, func(tx *db.Tx) error { return finish(ctx, tx, o.ID) })
		}
		do := h.endAll
		if o.Genre == Transfert {
			do = h.transferAll
		}
		for some := range slices.Chunk(ids, lot) {
			n, err := do(ctx, o, some)
			if total += n; err != nil {
				return total, fmt.Errorf("%s of a structure: %w", o.Genre, err)
			}
		}
	}
}

// endAll ends mandats of a closed structure, in one transaction: from the
// instant it was decided, though later known.
func (h *Handlers) endAll(ctx context.Context, o Operation, ids []ident.MandatID) (n int, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		n = 0
		for _, id := range ids {
			m, err := mandat.Load(ctx, tx, o.Organisation, id)
			if err != nil {
				return err
			}
			if !m.Active(tx.Now.Time()) { // ended meanwhile
				continue
			}
			if err := h.Fins.EndClosed(ctx, tx, o.Decideur, m, o.ID, o.DateIssue); err != nil {
				return err
			}
			n++
		}
		return count(ctx, tx, o.ID, n)
	})
	return n, err
}

// transferAll has another structure continue mandats, one transaction each.
// What it refuses is listed, and left as it was.
func (h *Handlers) transferAll(ctx context.Context, o Operation, ids []ident.MandatID) (n int, err error) {
	for _, id := range ids {
		printed := h.printed(ctx, o, id)
		err := h.DB.Update(ctx, func(tx *db.Tx) error { return h.transfer(ctx, tx, o, id, printed) })
		if fault.Is(err, fault.Conflict) {
			why := fault.ReasonOf(err)
			if err := h.DB.Update(ctx, func(tx *db.Tx) error { return fail(ctx, tx, o.ID, id, why) }); err != nil {
				return n, err
			}
			continue
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// printed makes the document of one transfer ahead of its transaction. Nothing
// rests on it: what cannot be printed now, the transaction refuses or prints.
func (h *Handlers) printed(ctx context.Context, o Operation, id ident.MandatID) (e *mandat.Epreuve) {
	var m mandat.Mandat
	var s mandat.Suite
	var now time.Time
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now.Time()
		m, s, err = h.suite(ctx, tx, o, id)
		return err
	})
	if err != nil {
		return nil
	}
	e, _ = h.Greffe.PrepareTransfer(m, s, now)
	return e
}

// suite reads a mandat, and the structure that would continue it.
func (h *Handlers) suite(ctx context.Context, tx *db.Tx, o Operation, id ident.MandatID) (mandat.Mandat, mandat.Suite, error) {
	m, err := mandat.Load(ctx, tx, o.Organisation, id)
	if err != nil {
		return m, mandat.Suite{}, err
	}
	to, err := organisation.Load(ctx, tx, o.Cible)
	why, _ := o.Genre.find(o.Motif)
	return m, mandat.Suite{
		Operation: o.ID, Organisation: to.ID, Active: to.Active, Perimetre: to.Perimetre, Motif: o.Motif, Raison: why.imprime, Demandeur: o.Demandeur, Approbateur: o.Decideur,
		Structure: mandat.Structure{Nom: to.Nom, Siret: to.Siret, Adresse: to.Adresse, CodePostal: to.CodePostal, Ville: to.Ville},
	}, err
}

func (h *Handlers) transfer(ctx context.Context, tx *db.Tx, o Operation, id ident.MandatID, printed *mandat.Epreuve) error {
	m, s, err := h.suite(ctx, tx, o, id)
	if err != nil {
		return err
	}
	s.Epreuve = printed
	if _, err = h.Greffe.Transfer(ctx, tx, m, s); err != nil {
		return err
	}
	return count(ctx, tx, o.ID, 1)
}
