package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
)

// debit is how many lines a second go from an act to a signed checkpoint.
type debit struct {
	Ecrivains int      `json:"ecrivains"`
	Noeuds    int      `json:"noeuds"`
	Actes     resultat `json:"actes"` // one line each
	Lignes    int64    `json:"lignes"`
	Bout      float64  `json:"lignes_par_seconde"` // until the last one was numbered
	RetardP50 float64  `json:"retard_p50_ms"`
	RetardP99 float64  `json:"retard_p99_ms"`
	RetardMax float64  `json:"retard_max_ms"`
}

// passage is what one call of the sequencer left: the tree had that size then.
type passage struct {
	instant time.Time
	taille  int64
}

// debit has clients append, one line an act, while each node numbers every
// second, as the task of the service does.
func (bj *bancJournal) debit(ctx context.Context, clients int, nodes []noeudJournal) (d debit, err error) {
	d = debit{Ecrivains: clients, Noeuds: len(nodes)}
	before := bj.taille
	sequencing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var seen []passage
	errs := make([]error, len(nodes))
	for i, n := range nodes {
		wg.Go(func() {
			errs[i] = everySecond(sequencing, func() error {
				p, err := bj.number(ctx, n)
				if p.taille > 0 {
					mu.Lock()
					defer mu.Unlock()
					seen = append(seen, p)
				}
				return err
			})
		})
	}
	var lines atomic.Int64
	begin := time.Now()
	d.Actes, err = repeat(ctx, nil, clients, 2*bj.duree, func(client int) error {
		n := nodes[client%len(nodes)]
		e := bj.entry()
		lines.Add(1)
		return n.d.Update(ctx, func(tx *db.Tx) error { return n.j.Append(ctx, tx, e) })
	})
	stop()
	wg.Wait()
	if err = errors.Join(append(errs, err)...); err != nil {
		return d, err
	}
	last, err := bj.number(ctx, nodes[0])
	if err != nil {
		return d, err
	}
	seen = append(seen, last)
	d.Lignes = lines.Load()
	d.Bout = float64(d.Lignes) / time.Since(begin).Seconds()
	bj.taille = before + d.Lignes
	return d, bj.retards(ctx, &d, before, seen)
}

func everySecond(ctx context.Context, do func() error) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			if err := do(); err != nil {
				return err
			}
		}
	}
}

// number does what the task does, and notes when it was done.
func (bj *bancJournal) number(ctx context.Context, n noeudJournal) (p passage, err error) {
	done, err := n.j.Sequence(ctx)
	if err != nil || done == 0 {
		return p, err
	}
	p.instant = time.Now()
	err = n.d.View(ctx, func(tx *db.Tx) (err error) { p.taille, err = readTaille(ctx, tx); return err })
	return p, err
}

// retards is, for each line, the time from its act's instant to the end of the
// call that numbered it: more than the truth when the call numbered several
// batches.
func (bj *bancJournal) retards(ctx context.Context, d *debit, first int64, seen []passage) error {
	slices.SortFunc(seen, func(a, b passage) int { return cmp.Compare(a.taille, b.taille) })
	var all []time.Duration
	for _, p := range seen {
		if p.taille <= first {
			continue
		}
		err := bj.noeuds[0].d.View(ctx, func(tx *db.Tx) error {
			instants, err := readInstants(ctx, tx, first, p.taille)
			for _, t := range instants {
				all = append(all, p.instant.Sub(t.Time()))
			}
			return err
		})
		if err != nil {
			return err
		}
		first = p.taille
	}
	if len(all) == 0 {
		return nil
	}
	r := summary(all, time.Second)
	d.RetardP50, d.RetardP99, d.RetardMax = r.P50, r.P99, r.Max
	return nil
}

// surcharge compares an act that appends to the journal with the same act that
// inserts the same lines, once, in a plain table.
type surcharge struct {
	Lignes   int      `json:"lignes"`
	Journal  resultat `json:"journal"`
	Table    resultat `json:"table"`
	Surcout  float64  `json:"surcout_ms"`  // at the median
	ActeReel float64  `json:"acte_p50_ms"` // of the real act that writes as many
	Part     float64  `json:"part"`
}

// surcharges measures a use (one line) and a mandat of three démarches (four).
func (bj *bancJournal) surcharges(ctx context.Context) (out []surcharge, err error) {
	n := bj.noeuds[0]
	if err := n.d.Update(ctx, func(tx *db.Tx) error { return createPlain(ctx, tx) }); err != nil {
		return nil, err
	}
	for _, lines := range []int{1, 4} {
		s := surcharge{Lignes: lines}
		act := func() []journal.Entry {
			all := make([]journal.Entry, lines)
			for i := range all {
				all[i] = bj.entry()
			}
			return all
		}
		// In turn, so that what else the machine does weighs on both.
		var inJournal, inTable []time.Duration
		begin := time.Now()
		for time.Since(begin) < 2*bj.duree {
			all := act()
			start := time.Now()
			if err := n.d.Update(ctx, func(tx *db.Tx) error { return n.j.Append(ctx, tx, all...) }); err != nil {
				return nil, err
			}
			middle := time.Now()
			if err := n.d.Update(ctx, func(tx *db.Tx) error { return insertPlain(ctx, tx, all) }); err != nil {
				return nil, err
			}
			inJournal, inTable = append(inJournal, middle.Sub(start)), append(inTable, time.Since(middle))
			bj.taille += int64(lines)
		}
		s.Journal, s.Table = summary(inJournal, time.Since(begin)), summary(inTable, time.Since(begin))
		s.Surcout = s.Journal.P50 - s.Table.P50
		out = append(out, s)
	}
	_, err = n.j.Sequence(ctx)
	return out, err
}

// against tells each extra cost as a part of the real act, measured in the same
// run on the same base by one client.
func (m *mesuresJournal) against(clients []parClients) {
	if len(clients) == 0 {
		return
	}
	for i := range m.Actes {
		a := &m.Actes[i]
		if a.ActeReel = clients[0].Utilisations.P50; a.Lignes > 1 {
			a.ActeReel = clients[0].Conclusions.P50
		}
		if a.ActeReel > 0 {
			a.Part = a.Surcout / a.ActeReel
		}
	}
}
