package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"aidantsconnect/internal/db"
)

// resultat is what one thing done again and again gave.
type resultat struct {
	Nombre     int     `json:"nombre"`
	ParSeconde float64 `json:"par_seconde"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
	Max        float64 `json:"max_ms"`
	CPU        float64 `json:"processeur_ms"` // of this process, for one: the service and who plays against it
	Commits    float64 `json:"commits_par_operation,omitempty"`
	Reprises   int64   `json:"reprises,omitempty"`
	// Manque says why nothing was measured.
	Manque string `json:"manque,omitempty"`
}

// errFin stops the clients: nothing is left to do.
var errFin = errors.New("nothing left")

// repeat has n clients do one thing again and again for a while, after a short
// start that is not counted. d counts the commits, if it is here.
func repeat(ctx context.Context, d *db.DB, n int, length time.Duration, act func(client int) error) (resultat, error) {
	if err := during(n, length/5, func(client int) error { return errors.Join(ctx.Err(), act(client)) }, nil); err != nil {
		return resultat{}, err
	}
	var commits, retries int64
	if d != nil {
		commits, retries = d.Commits(), d.Retries()
	}
	var mu sync.Mutex
	var all []time.Duration
	begin, cpu := time.Now(), cpuTime()
	err := during(n, length, func(client int) error { return errors.Join(ctx.Err(), act(client)) }, func(mine []time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, mine...)
	})
	if err != nil || len(all) == 0 {
		return resultat{}, err
	}
	r := summary(all, time.Since(begin))
	r.CPU = ms(cpuTime()-cpu) / float64(len(all))
	if d != nil {
		r.Commits, r.Reprises = float64(d.Commits()-commits)/float64(len(all)), d.Retries()-retries
	}
	return r, nil
}

// during runs n clients until the time is over or one fails.
func during(n int, length time.Duration, act func(client int) error, told func([]time.Duration)) error {
	end := time.Now().Add(length)
	var wg sync.WaitGroup
	var stop atomic.Bool
	errs := make([]error, n)
	for client := range n {
		wg.Go(func() {
			var mine []time.Duration
			for !stop.Load() {
				begin := time.Now()
				if begin.After(end) {
					break
				}
				if err := act(client); err != nil {
					stop.Store(true)
					if !errors.Is(err, errFin) {
						errs[client] = err
					}
					break
				}
				mine = append(mine, time.Since(begin))
			}
			if told != nil {
				told(mine)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func summary(all []time.Duration, length time.Duration) resultat {
	slices.Sort(all)
	at := func(q float64) float64 { return ms(all[min(len(all)-1, int(q*float64(len(all))))]) }
	return resultat{
		Nombre: len(all), ParSeconde: float64(len(all)) / length.Seconds(), P50: at(.5), P99: at(.99), Max: ms(all[len(all)-1]),
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// group runs a few things side by side, at most n at a time.
type group struct {
	slots chan struct{}
	wg    sync.WaitGroup
	mu    sync.Mutex
	err   error
}

func newGroup(n int) *group { return &group{slots: make(chan struct{}, n)} }

func (g *group) run(f func() error) {
	g.slots <- struct{}{}
	g.wg.Go(func() {
		defer func() { <-g.slots }()
		if err := f(); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.err = errors.Join(g.err, err)
		}
	})
}

func (g *group) wait() error {
	g.wg.Wait()
	return g.err
}

// step says on the standard error what is being done.
func step(d db.Dialect, what string) { fmt.Fprintf(os.Stderr, "%-9s %s\n", d, what) }

// progress counts on one line of a terminal, and is silent elsewhere.
type progress struct {
	what  string
	total int
	mu    sync.Mutex
	done  int
	last  time.Time
	shown bool
}

func newProgress(what string, total int) *progress {
	p := &progress{what: what, total: total}
	if s, err := os.Stderr.Stat(); err == nil {
		p.shown = s.Mode()&os.ModeCharDevice != 0
	}
	if !p.shown {
		fmt.Fprintf(os.Stderr, "          %s (%d)\n", what, total)
	}
	return p
}

func (p *progress) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if p.shown && time.Since(p.last) > 100*time.Millisecond {
		p.last = time.Now()
		fmt.Fprintf(os.Stderr, "\r          %s : %d sur %d ", p.what, p.done, p.total)
	}
}

func (p *progress) end() {
	if p.shown {
		fmt.Fprintf(os.Stderr, "\r          %s : %d sur %d \n", p.what, p.done, p.total)
	}
}
