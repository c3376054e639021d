package mandat

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// lotExpiration is how many mandats one transaction closes.
const lotExpiration = 100

// expire closes what is still open of an expired mandat, at its expiry, and
// gives the journal line: the first to find it does it once.
func expire(ctx context.Context, tx *db.Tx, open []ouverte, id ident.MandatID) (journal.Entry, error) {
	fin := Fin{Mandat: id, Operation: ident.New[ident.OperationID](), Motif: Expire, Entier: true}
	e := journal.Entry{Initiateur: journal.Systeme, Mandat: id, Operation: fin.Operation}
	var ds []demarche.Demarche
	for _, o := range open {
		if o.Mandat != id {
			continue
		}
		if len(ds) == 0 {
			fin.Effet = db.At(o.DateExpiration)
			e.Organisation, e.Usager = o.Organisation, o.Usager
			if err := InsertFin(ctx, tx, fin); err != nil {
				return e, err
			}
		}
		if err := Close(ctx, tx, o.ID, fin); err != nil {
			return e, err
		}
		ds = append(ds, o.Demarche)
	}
	e.Fait = fait.EndMandat{Motif: string(Expire), Demarches: demarche.Sorted(ds), DateEffet: fin.Effet, DateConnue: tx.Now}
	return e, nil
}

// CloseExpired ends, at their expiry, the autorisations whose mandat has
// expired (mandats.md 14), by batches, and tells how many mandats. No right
// depends on it: every check also reads the expiry.
func (h *Handlers) CloseExpired(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := h.DB.Update(ctx, func(tx *db.Tx) error {
			open, err := overdue(ctx, tx, lotExpiration)
			if err != nil || len(open) == 0 {
				n = 0
				return err
			}
			var entries []journal.Entry
			seen := map[ident.MandatID]bool{}
			for _, o := range open {
				if seen[o.Mandat] {
					continue
				}
				seen[o.Mandat] = true
				e, err := expire(ctx, tx, open, o.Mandat)
				if err != nil {
					return err
				}
				entries = append(entries, e)
			}
			n = len(entries)
			return h.Greffe.Journal.Append(ctx, tx, entries...)
		})
		if err != nil {
			return total, fmt.Errorf("close expired mandats: %w", err)
		}
		if n == 0 {
			return total, nil
		}
		total += n
	}
}
