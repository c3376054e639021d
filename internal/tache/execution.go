package tache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/secret"
)

// Config is what the runner needs from outside.
type Config struct {
	DB     *db.DB
	Log    *slog.Logger
	Taches []Tache
	// Desactivees names the tasks this node must not run (AC_TACHES_DESACTIVEES).
	Desactivees []string
	// After replaces time.After in tests.
	After func(time.Duration) <-chan time.Time
}

// Planning runs a schedule. Several may run the same one on one database.
type Planning struct {
	db     *db.DB
	log    *slog.Logger
	taches []Tache
	after  func(time.Duration) <-chan time.Time
}

// New checks the schedule; every mistake is reported.
func New(c Config) (*Planning, error) {
	p := &Planning{db: c.DB, log: c.Log, after: c.After}
	if p.after == nil {
		p.after = time.After
	}
	var errs []error
	seen := map[string]bool{}
	for _, t := range c.Taches {
		if seen[t.Nom] {
			errs = append(errs, fmt.Errorf("task %q is written twice", t.Nom))
		}
		seen[t.Nom] = true
		errs = append(errs, t.check())
		if !slices.Contains(c.Desactivees, t.Nom) {
			p.taches = append(p.taches, t)
		}
	}
	for _, nom := range c.Desactivees {
		if !seen[nom] {
			errs = append(errs, fmt.Errorf("no task is named %q", nom))
		}
	}
	return p, errors.Join(errs...)
}

// again is when a task that was dated too far is due: a frequent one now.
func (t Tache) again(now time.Time) time.Time {
	if t.Chaque > 0 {
		return now
	}
	return t.Next(now)
}

// tenue is the longest that an execution may be held, seen from a node whose
// clock differs a little from the holder's.
func (t Tache) tenue() time.Duration { return t.Delai + 2*margeBail }

// Register creates the rows of the schedule. Run and RunDue do it too.
func (p *Planning) Register(ctx context.Context) error {
	return p.db.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		for _, t := range p.taches {
			next := db.At(t.Next(tx.Now.Time()))
			first := next
			if t.Chaque > 0 {
				first = tx.Now // a new environment does not wait an hour
			}
			if err := register(ctx, tx, t.Nom, first, next); err != nil {
				return err
			}
		}
		return nil
	})
}

// Run runs the schedule until ctx ends, then waits for what is running. Each
// task has its own goroutine: a long one never delays the others.
func (p *Planning) Run(ctx context.Context) error {
	for failures := 1; ; failures++ {
		err := p.Register(ctx)
		if err == nil {
			break
		}
		p.log.ErrorContext(ctx, "register tasks", "error", err)
		if !p.wait(ctx, doubling(time.Second, failures, recueCourte)) {
			return ctx.Err()
		}
	}
	var wg sync.WaitGroup
	for _, t := range p.taches {
		wg.Go(func() { p.loop(ctx, t) })
	}
	wg.Wait()
	return ctx.Err()
}

// loop runs one task each time it is due, until ctx ends. Another node may
// change the row at any time: it is read again at least every minute.
func (p *Planning) loop(ctx context.Context, t Tache) {
	failures := 0
	for ctx.Err() == nil {
		wait, err := p.step(ctx, t)
		if err != nil { // the database: the task's own errors are in its row
			failures++
			p.log.ErrorContext(ctx, "run task", "tache", t.Nom, "error", err)
			wait = doubling(time.Second, failures, recueCourte)
		} else {
			failures = 0
		}
		if !p.wait(ctx, min(max(wait, 100*time.Millisecond), recueCourte)) {
			return
		}
	}
}

// wait pauses; false when ctx ended first.
func (p *Planning) wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-p.after(d):
		return true
	}
}

// step runs the task if it is due and tells how long to wait before looking
// again.
func (p *Planning) step(ctx context.Context, t Tache) (time.Duration, error) {
	var r row
	var now time.Time
	err := p.db.View(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now.Time()
		r, err = load(ctx, tx, t.Nom)
		return err
	})
	if err != nil {
		return 0, err
	}
	if r.Prochaine.Time().After(t.latest(now)) {
		r.Prochaine = db.At(t.again(now))
		if err := p.bringBack(ctx, t); err != nil {
			return 0, err
		}
	}
	if wait := r.Prochaine.Time().Sub(now); wait > 0 {
		return wait, nil
	}
	if wait := r.BailFin.Time().Sub(now); wait > 0 && wait <= t.tenue() { // somebody is at it
		if t.Chaque > 0 {
			wait = min(wait, t.Chaque)
		}
		return wait, nil
	}
	if idle, err := p.idle(ctx, t, r, now); err != nil || idle {
		return t.Chaque, err
	}
	if _, err := p.runOne(ctx, t); err != nil {
		return 0, err
	}
	return t.Chaque, nil // zero for a daily task: the row tells the rest
}

// bringBack makes a task whose date lies beyond its schedule due when it should.
func (p *Planning) bringBack(ctx context.Context, t Tache) error {
	return p.db.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		now := tx.Now.Time()
		return bringBack(ctx, tx, t.Nom, db.At(t.again(now)), db.At(t.latest(now)))
	})
}

// idle tells that a task which is due has nothing to do.
func (p *Planning) idle(ctx context.Context, t Tache, r row, now time.Time) (bool, error) {
	if since := now.Sub(r.Fin.Time()); t.Utile == nil || since >= vieMinimale || since < 0 {
		return false, nil
	}
	useful, err := t.Utile(ctx)
	if err != nil {
		return false, fmt.Errorf("is task %s useful: %w", t.Nom, err)
	}
	return !useful, nil
}

// RunDue runs once each task that is due, one after the other, and counts the
// executions. The error joins those of the tasks that failed: each is also in
// its row, and the others ran. For tests and the command line.
func (p *Planning) RunDue(ctx context.Context) (int, error) {
	if err := p.Register(ctx); err != nil {
		return 0, err
	}
	count := 0
	var errs []error
	for _, t := range p.taches {
		ran, err := p.runOne(ctx, t)
		if ran {
			count++
		}
		if err != nil {
			return count, errors.Join(append(errs, err)...)
		}
		if ran {
			errs = append(errs, p.lastError(ctx, t))
		}
	}
	return count, errors.Join(errs...)
}

func (p *Planning) lastError(ctx context.Context, t Tache) error {
	var r row
	err := p.db.View(ctx, func(tx *db.Tx) (err error) {
		r, err = load(ctx, tx, t.Nom)
		return err
	})
	if err == nil && r.Erreur != "" {
		err = fmt.Errorf("task %s: %s", t.Nom, r.Erreur)
	}
	return err
}

// runOne claims one execution, does the work and records how it ended. The
// error is the database's; that of the work is recorded.
func (p *Planning) runOne(ctx context.Context, t Tache) (ran bool, err error) {
	porteur := secret.NewToken().Reveal()
	var echecs int
	err = p.db.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		ran, err = claim(ctx, tx, t, porteur)
		if err != nil || !ran {
			return err
		}
		r, err := load(ctx, tx, t.Nom)
		echecs = r.Echecs
		return err
	})
	if err != nil || !ran {
		return false, err
	}
	n, failure := p.work(ctx, t)
	// A shutdown must not leave the row held until its lease ends.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), margeBail)
	defer cancel()
	err = p.db.UpdateReadCommitted(after, func(tx *db.Tx) error {
		now := tx.Now.Time()
		switch {
		case failure == nil:
			return succeed(after, tx, t.Nom, porteur, n, db.At(t.Next(now)))
		case ctx.Err() != nil:
			return release(after, tx, t.Nom, porteur)
		default:
			return fail(after, tx, t.Nom, porteur, short(failure), db.At(t.Retry(echecs+1, now)))
		}
	})
	return true, err
}

// work does the work within its deadline. A panic is one more failure.
func (p *Planning) work(ctx context.Context, t Tache) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.Delai)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			p.log.ErrorContext(ctx, "task panicked", "tache", t.Nom, "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
		if err != nil && !errors.Is(err, context.Canceled) { // a shutdown is no failure
			p.log.ErrorContext(ctx, "task failed", "tache", t.Nom, "error", err)
		}
	}()
	return t.Faire(ctx)
}

// short keeps an error to one line that fits a page.
func short(err error) string {
	s := strings.Join(strings.Fields(err.Error()), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	if s == "" {
		s = "error"
	}
	return s
}
