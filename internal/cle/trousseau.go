package cle

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/secret"
)

// Trousseau is the keys in memory. It is safe for concurrent use.
type Trousseau struct {
	db   *db.DB
	box  *secret.Box
	keys atomic.Pointer[anneau]
}

// anneau is one immutable reading of the table.
type anneau struct {
	kid       map[string]Cle
	active    map[string]Cle   // by usage
	published map[string][]Cle // by usage: active, suivante, then retiree
}

// Open loads the keys and creates those that every deployment needs. Two nodes
// that start together end with the same keys: the first row wins.
func Open(ctx context.Context, d *db.DB, box *secret.Box) (*Trousseau, error) {
	t := &Trousseau{db: d, box: box}
	if err := t.Reload(ctx); err != nil {
		return nil, err
	}
	for _, usage := range []string{FiES256, Attestation, Journal} {
		if err := t.Ensure(ctx, usage); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Ensure creates the key of that usage if there is none that signs.
func (t *Trousseau) Ensure(ctx context.Context, usage string) error {
	if _, ok := t.keys.Load().active[usage]; ok {
		return nil
	}
	k, err := Generate(usage)
	if err != nil {
		return err
	}
	err = t.db.Update(ctx, func(tx *db.Tx) error { return t.insertFirst(ctx, tx, k) })
	if err != nil {
		return fmt.Errorf("create the first key of %s: %w", usage, err)
	}
	return t.Reload(ctx)
}

// Reload reads the table again, after a rotation made by another node. A row
// that does not open is an error, and the keys in memory stay as they were.
func (t *Trousseau) Reload(ctx context.Context) error {
	a := &anneau{kid: map[string]Cle{}, active: map[string]Cle{}, published: map[string][]Cle{}}
	err := t.db.View(ctx, func(tx *db.Tx) error {
		keys, err := t.all(ctx, tx)
		if err != nil {
			return err
		}
		slices.SortStableFunc(keys, func(x, y Cle) int { return cmp.Compare(rank(x.Etat), rank(y.Etat)) })
		for _, k := range keys {
			a.kid[k.Kid] = k
			if k.Etat == Active {
				a.active[k.Usage] = k
			}
			if k.Published(tx.Now.Time()) {
				a.published[k.Usage] = append(a.published[k.Usage], k)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load signing keys: %w", err)
	}
	t.keys.Store(a)
	return nil
}

func rank(etat string) int { return slices.Index([]string{Active, Suivante, Retiree}, etat) }

// Current is the key that signs for that usage.
func (t *Trousseau) Current(usage string) (Cle, error) {
	if k, ok := t.keys.Load().active[usage]; ok {
		return k, nil
	}
	return Cle{}, fault.Wrap(fault.Internal, "cle_absente", fmt.Errorf("no active key for %q", usage))
}

// Published gives, for those usages, the keys whose public half others need
// now, the one that signs first. For /jwks: Published(FiES256, FiRS256).
func (t *Trousseau) Published(usages ...string) []Cle {
	a := t.keys.Load()
	var out []Cle
	for _, u := range usages {
		out = append(out, a.published[u]...)
	}
	return out
}

// Find gives any key ever used, by its identifier.
func (t *Trousseau) Find(kid string) (Cle, bool) {
	k, ok := t.keys.Load().kid[kid]
	return k, ok
}
