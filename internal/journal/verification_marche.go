package journal

import (
	"context"
	"math"
	"runtime"
	"sync"

	"aidantsconnect/internal/db"

	"golang.org/x/mod/sumdb/tlog"
)

// marche is the walk over the ranks, by several readers at once. Each takes the
// next page, reads it and recomputes what its lines say by themselves; one
// goroutine, in order, builds the tree from what they found.
//
// Each reader has its own snapshot. They see one journal all the same: ranks,
// lines, nodes and checkpoints are never changed nor removed, so what the first
// snapshot holds, each later one holds, and nobody reads past what the first one
// counted. Facts may be erased meanwhile, which is no fault.
type marche struct {
	v     *verification
	total int64 // ranks, as the first snapshot counts them
	// trous: the ranks are not 0 to total-1. One reader then looks for each page.
	trous bool

	mu     sync.Mutex
	rang   int64         // first rank of the next page
	fini   bool          // there is no greater rank
	places chan struct{} // one for each page that is held: memory is bounded
	ordre  chan *page    // those taken, in order
	stop   context.CancelFunc
	err    error // of the first reader that failed

	libres sync.Pool // pages done with
}

const (
	pagesEnAvance = 6
	// lecteursSQLite leaves the pages of the service connections to read with.
	lecteursSQLite, lecteursPostgres = 2, 4
)

// ranked walks the ranks in order, by pages. d is nil when there is but tx to
// read with.
func (v *verification) ranked(whole context.Context, tx *db.Tx, d *db.DB) error {
	n, least, most, err := boundRangs(whole, tx)
	if err != nil || n == 0 {
		return err
	}
	ctx, stop := context.WithCancel(whole)
	defer stop()
	m := &marche{
		v: v, total: n, trous: least != 0 || most != n-1, rang: least, stop: stop,
		places: make(chan struct{}, pagesEnAvance), ordre: make(chan *page, pagesEnAvance),
	}
	var readers, builder sync.WaitGroup
	builder.Go(m.build)
	if d != nil && !m.trous {
		for range helpers(d) {
			readers.Go(func() {
				// Without a connection to spare the others do its work.
				_ = d.View(ctx, func(tx *db.Tx) error { m.read(ctx, tx); return nil })
			})
		}
	}
	m.read(ctx, tx)
	readers.Wait()
	close(m.ordre)
	builder.Wait()
	if !m.trous {
		v.pointVu = max(v.pointVu, n)
	}
	if m.err == nil {
		m.err = whole.Err()
	}
	return m.err
}

// helpers are the readers besides the first.
func helpers(d *db.DB) int {
	if d.Dialect() == db.SQLite {
		return min(lecteursSQLite, runtime.GOMAXPROCS(0)) - 1
	}
	return min(lecteursPostgres, runtime.GOMAXPROCS(0)+1) - 1
}

// read takes page after page until there is none.
func (m *marche) read(ctx context.Context, tx *db.Tx) {
	c := controle{known: m.v.known, origine: m.v.report.Origine, mots: mots{}}
	for {
		p := m.take(ctx, tx)
		if p == nil {
			return
		}
		if p.err == nil {
			p.err = m.load(ctx, tx, p, c.mots)
		}
		if p.err == nil {
			c.check(p)
		}
		close(p.pret)
		if p.err != nil {
			return
		}
	}
}

// take gives the next page to read, nil when there is none. Pages are taken in
// order and one at a time, so that the oldest one held is always being read.
func (m *marche) take(ctx context.Context, tx *db.Tx) *page {
	select {
	case <-ctx.Done():
		return nil
	case m.places <- struct{}{}:
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fini {
		return nil
	}
	p, _ := m.libres.Get().(*page)
	if p == nil {
		p = &page{}
	}
	p.premier, p.err, p.pret, p.effaces = m.rang, nil, make(chan struct{}), 0
	if m.trous {
		rang, ok, err := nextRang(ctx, tx, m.rang)
		if err == nil && !ok {
			return nil
		}
		p.premier, p.err = rang, err
	} else if m.rang >= m.total {
		return nil
	}
	p.dernier = math.MaxInt64
	if p.premier < math.MaxInt64-verifieParLot {
		p.dernier = p.premier + verifieParLot - 1
	}
	if !m.trous {
		p.dernier = min(p.dernier, m.total-1)
	}
	m.rang, m.fini = p.dernier+1, p.dernier == math.MaxInt64
	m.ordre <- p
	return p
}

// load reads a page.
func (m *marche) load(ctx context.Context, tx *db.Tx, p *page, vus mots) (err error) {
	if p.rangs, err = selectRangs(ctx, tx, p.rangs[:0], p.premier, p.dernier, vus); err != nil {
		return err
	}
	p.noeuds = p.noeuds[:0]
	if p.premier >= 0 && p.premier < m.total { // past a gap no tree is compared
		p.noeuds, err = selectNoeuds(ctx, tx, p.noeuds, tlog.StoredHashCount(p.premier), tlog.StoredHashCount(min(p.dernier+1, m.total)))
		if err != nil {
			return err
		}
	}
	after := p.premier
	if after == 0 || m.trous {
		after = m.v.pointVu
	}
	p.points, err = selectPoints(ctx, tx, after, min(p.dernier, math.MaxInt64-1)+1)
	if m.trous && len(p.points) > 0 { // one reader
		m.v.pointVu = p.points[len(p.points)-1].taille
	}
	return err
}

// build makes the tree from the pages, in order, and compares.
func (m *marche) build() {
	var done int64
	for p := range m.ordre {
		<-p.pret
		if p.err != nil && m.err == nil {
			m.err = p.err
			m.stop()
		}
		if m.err == nil {
			m.v.page(p)
			done += int64(len(p.rangs))
			m.v.progress(done, m.total)
		}
		m.libres.Put(p)
		<-m.places
	}
}
