package cle

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
)

// preavis is how long a key is published before it signs. FI-62 asks for 15
// minutes; a node may learn of the key a minute late and others keep what it
// published another minute, so that 15 whole minutes are left to everybody.
const preavis = 20 * time.Minute

// Veille is how often a node must Reload: it learns of a key long before the
// key signs, and of a change of key while the former one is still published.
const Veille = time.Minute

// Usages are all the usages, in the order they are listed.
func Usages() []string { return []string{FiES256, FiRS256, Attestation, Journal} }

// Signera is the instant from which a waiting key may sign.
func (c Cle) Signera() time.Time { return c.DateCreation.Add(preavis) }

// Publiee is the instant until which the public half of a retired key of the FI
// is published; zero for the others, which stay (see Published).
func (c Cle) Publiee() time.Time {
	if c.Etat != Retiree || c.Usage != FiES256 && c.Usage != FiRS256 {
		return time.Time{}
	}
	return c.DateRetrait.Add(sursis)
}

// Rotate draws the next key of a usage: the operator's order, after which
// Promote does the rest. It is published at once and signs after the notice. A
// key that already waits is given back, with drawn false: ordering twice
// changes nothing.
func (t *Trousseau) Rotate(ctx context.Context, usage string) (next Cle, drawn bool, err error) {
	if !slices.Contains(Usages(), usage) {
		return Cle{}, false, fault.Form(fault.Fields{"usage": "Les usages sont fi_es256, fi_rs256, attestation et journal."})
	}
	k, err := Generate(usage)
	if err != nil {
		return Cle{}, false, err
	}
	err = t.db.Update(ctx, func(tx *db.Tx) error {
		drawn, err = t.insertNext(ctx, tx, k)
		return err
	})
	if err != nil {
		return Cle{}, false, fmt.Errorf("draw the next key of %s: %w", usage, err)
	}
	if err := t.Reload(ctx); err != nil {
		return Cle{}, false, err
	}
	for _, c := range t.All() {
		if c.Usage == usage && c.Etat == Suivante {
			return c, drawn, nil
		}
	}
	return Cle{}, false, fault.Form(fault.Fields{"usage": "Aucune clé de cet usage ne signe : il n'y a rien à remplacer."})
}

// Promote lets the waiting keys whose notice is over sign, and retires those
// they replace. It gives how many. Any node may run it, at any time.
func (t *Trousseau) Promote(ctx context.Context) (n int, err error) {
	err = t.db.Update(ctx, func(tx *db.Tx) error {
		n, err = promote(ctx, tx)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, t.Reload(ctx)
}

// All gives every key, by usage, the newest first.
func (t *Trousseau) All() []Cle {
	var out []Cle
	for _, c := range t.keys.Load().kid {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Cle) int {
		if d := slices.Index(Usages(), a.Usage) - slices.Index(Usages(), b.Usage); d != 0 {
			return d
		}
		if d := b.DateCreation.Compare(a.DateCreation); d != 0 {
			return d
		}
		return rank(a.Etat) - rank(b.Etat)
	})
	return out
}
