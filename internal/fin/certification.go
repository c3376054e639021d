package fin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/mandat"
)

// Certify is the task: the certificates of the ends that nobody asked for yet,
// each in its own transaction. One that cannot be made says so and keeps no
// other waiting; it is tried again later and later. Those of a replacement, a
// transfer or a closure, made by thousands, wait to be asked for.
func (g *Actes) Certify(ctx context.Context) (n int, err error) {
	var wait []extremite
	var now time.Time
	err = g.DB.View(ctx, func(tx *db.Tx) error {
		now = tx.Now.Time()
		wait, err = uncertified(ctx, tx)
		return err
	})
	if err != nil || len(wait) == 0 {
		g.reprises.keep(nil)
		return n, err
	}
	if _, err := g.Greffe.Sceau(now); err != nil {
		return 0, err // no key: none of them can be made
	}
	g.reprises.keep(wait)
	var errs []error
	for _, x := range wait {
		if !g.reprises.due(x, now) {
			continue
		}
		made, err := g.certifyOne(ctx, x)
		if ctx.Err() != nil {
			return n, errors.Join(append(errs, ctx.Err())...)
		}
		if err != nil {
			g.reprises.failed(x, now)
			errs = append(errs, fmt.Errorf("certify the end of mandat %s: %w", x.mandat, err))
		} else if made {
			n++
		}
	}
	return n, errors.Join(errs...)
}

// certifyOne makes one certificate, unless it is not over: then there is
// nothing to certify.
func (g *Actes) certifyOne(ctx context.Context, x extremite) (made bool, err error) {
	defer func() { // what cannot be printed keeps no other waiting
		if p := recover(); p != nil {
			made, err = false, fmt.Errorf("panic: %v", p)
		}
	}()
	v := finView{Etendue: Etendue{Une: x.une}}
	err = g.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Mandat, err = mandat.Load(ctx, tx, x.organisation, x.mandat); err != nil || v.Acte().IsZero() {
			return err
		}
		return v.loadFin(ctx, tx)
	})
	if err != nil || v.Acte().IsZero() {
		return false, err
	}
	_, err = g.certify(ctx, v)
	return err == nil, err
}

// attenteMax is the longest wait between two tries of the same certificate.
const attenteMax = 6 * time.Hour

// reprises are the certificates that could not be made, and when each is tried
// again. It lies in memory: after a restart all are due, perhaps with the
// version that can make them.
type reprises struct {
	mu   sync.Mutex
	vues map[extremite]reprise
}

type reprise struct {
	apres   time.Time
	attente time.Duration
}

// keep forgets what waits no more.
func (r *reprises) keep(wait []extremite) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.vues) == 0 {
		return
	}
	former := r.vues
	r.vues = map[extremite]reprise{}
	for _, x := range wait {
		if v, ok := former[x]; ok {
			r.vues[x] = v
		}
	}
}

func (r *reprises) due(x extremite, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !now.Before(r.vues[x].apres)
}

func (r *reprises) failed(x extremite, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.vues == nil {
		r.vues = map[extremite]reprise{}
	}
	wait := min(max(2*r.vues[x].attente, time.Minute), attenteMax)
	r.vues[x] = reprise{now.Add(wait), wait}
}
