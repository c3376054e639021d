package detection

import (
	"context"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
)

const (
	// rattrapage is how many days past are looked at: what was missed is made up.
	rattrapage = 7
)

// Run looks at the days that are over, and counts what it found. Run again, it
// finds nothing more: a signalement of a kind, a subject and a period is
// written once.
func (h *Handlers) Run(ctx context.Context) (int, error) {
	total := 0
	now := h.DB.Now().Time()
	today := midnight(now)
	for i := rattrapage; i >= 1; i-- {
		day := midnight(today.AddDate(0, 0, -i).Add(12 * time.Hour)) // a change of hour moves midnight, not noon
		n, err := h.update(ctx, func(tx *db.Tx) ([]Signalement, error) {
			actes, err := actesOf(ctx, tx, day, midnight(day.Add(36*time.Hour)))
			return OfDay(day, actes, web.Paris(day).Location()), err
		})
		if total += n; err != nil {
			return total, err
		}
	}
	month := web.Paris(now).Format("2006-01")
	for _, look := range []func(tx *db.Tx) ([]Signalement, error){
		func(tx *db.Tx) ([]Signalement, error) {
			ps, err := partages(ctx, tx)
			return Shared(month, ps), err
		},
		func(tx *db.Tx) ([]Signalement, error) {
			vs, err := volumes(ctx, tx, db.At(now.AddDate(0, 0, -joursNorme)))
			return Far(month, vs), err
		},
	} {
		n, err := h.update(ctx, look)
		if total += n; err != nil {
			return total, err
		}
	}
	return total, h.DB.Update(ctx, func(tx *db.Tx) error { return forget(ctx, tx, db.At(garde.Signalement.Avant(tx.Now.Time()))) })
}

// midnight is the beginning of the day of Paris in which an instant is.
func midnight(t time.Time) time.Time {
	l := web.Paris(t)
	return time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, l.Location())
}

func (h *Handlers) update(ctx context.Context, look func(tx *db.Tx) ([]Signalement, error)) (n int, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		n = 0
		found, err := look(tx)
		if err != nil {
			return err
		}
		for _, s := range found {
			s.ID = ident.New[ident.OperationID]()
			fresh, err := insert(ctx, tx, s)
			if err != nil {
				return err
			}
			if fresh {
				n++
			}
		}
		return nil
	})
	return n, err
}
