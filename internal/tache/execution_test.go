package tache_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/tache"
	"aidantsconnect/internal/testkit"
)

// counter is a task that counts its executions and does what it is told.
type counter struct {
	mu   sync.Mutex
	n    int
	then func(ctx context.Context) (int, error)
}

func (c *counter) do(ctx context.Context) (int, error) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	if c.then != nil {
		return c.then(ctx)
	}
	return 7, nil
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (c *counter) every(d time.Duration) tache.Tache {
	return tache.Tache{Nom: "compter", Chaque: d, Delai: time.Minute, Faire: c.do}
}

func planning(t *testing.T, d *db.DB, taches ...tache.Tache) *tache.Planning {
	t.Helper()
	p, err := tache.New(tache.Config{DB: d, Log: testkit.Log(t), Taches: taches})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func runDue(t *testing.T, p *tache.Planning, want int) {
	t.Helper()
	if n, err := p.RunDue(t.Context()); err != nil || n != want {
		t.Fatalf("RunDue ran %d tasks (%v), want %d", n, err, want)
	}
}

func status(t *testing.T, p *tache.Planning) tache.Etat {
	t.Helper()
	e, err := p.Status(t.Context())
	if err != nil || len(e) != 1 {
		t.Fatalf("%d states, %v", len(e), err)
	}
	return e[0]
}

func TestEveryRunsWhenDue(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		var c counter
		p := planning(t, d, c.every(time.Minute))
		if e := status(t, p); e.EnRetard || e.Executions != 0 {
			t.Errorf("before anything ran: %+v", e)
		}
		runDue(t, p, 1)
		runDue(t, p, 0)
		clock.Advance(59 * time.Second)
		runDue(t, p, 0)
		clock.Advance(time.Second)
		runDue(t, p, 1)
		now := clock.Now()
		want := tache.Etat{Nom: "compter", Prochaine: now.Add(time.Minute), Debut: now, Fin: now, Resultat: 7, Executions: 2, Rythme: "toutes les 1 min"}
		if diff := cmp.Diff(want, status(t, p)); diff != "" {
			t.Error(diff)
		}
	})
}

// A program stopped for three days makes up one execution, not three.
func TestMissedRunsOnce(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		var c counter
		job := tache.Tache{Nom: "nuit", Heure: "03:00", Delai: time.Minute, Faire: c.do}
		p := planning(t, d, job)
		runDue(t, p, 0) // a daily task waits for its time
		clock.Advance(72 * time.Hour)
		if late := tache.Late([]tache.Etat{status(t, p)}); len(late) != 1 {
			t.Error("three days late, and nobody says so")
		}
		p = planning(t, d, job) // a restart
		runDue(t, p, 1)
		runDue(t, p, 0)
		if want := time.Date(2026, 3, 6, 2, 0, 0, 0, time.UTC); !status(t, p).Prochaine.Equal(want) {
			t.Errorf("next at %s", status(t, p).Prochaine)
		}
	})
}

// The night of 29 March 2026 has no 02:10; that of 25 October has two.
func TestDailyAcrossChangeOfHour(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		for _, day := range []time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)} {
			var c counter
			clock.Set(day)
			p := planning(t, d, tache.Tache{Nom: "nuit " + day.Month().String(), Heure: "02:10", Delai: time.Minute, Faire: c.do})
			for range 24 * 6 { // every ten minutes until the next noon
				if _, err := p.RunDue(t.Context()); err != nil {
					t.Fatal(err)
				}
				clock.Advance(10 * time.Minute)
			}
			if c.count() != 1 {
				t.Errorf("%d executions in the night of %s", c.count(), day.Format("2 January"))
			}
		}
	})
}

// A clock that was a year ahead and was put right leaves no task waiting for
// that year to pass: neither its date nor an execution held by a node that died.
func TestClockMovedBack(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		right := clock.Now()
		clock.Set(right.AddDate(1, 0, 0))
		var often, daily, held counter
		jobs := []tache.Tache{
			often.every(time.Second),
			{Nom: "nuit", Heure: "03:00", Delai: time.Minute, Faire: daily.do},
			{Nom: "tenue", Chaque: time.Second, Delai: time.Minute, Faire: held.do},
		}
		jobs[0].Utile = func(context.Context) (bool, error) { return false, nil } // it is seen to live all the same
		runDue(t, planning(t, d, jobs...), 2)
		err := d.Update(t.Context(), func(tx *db.Tx) error { // a node died while it ran that task
			_, err := tx.Exec(t.Context(), `UPDATE tache SET porteur = 'mort', bail_fin = $1, prochaine = debut WHERE nom = 'tenue'`, db.At(clock.Now().Add(time.Minute)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		asked, wake := make(chan time.Duration), make(chan time.Time)
		p, err := tache.New(tache.Config{DB: d, Log: testkit.Log(t), Taches: jobs, After: func(d time.Duration) <-chan time.Time {
			asked <- d
			return wake
		}})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		for range jobs { // nothing is due
			<-asked
		}
		clock.Set(right)
		for range jobs {
			wake <- time.Time{}
		}
		for range jobs {
			<-asked
		}
		states, err := p.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stop()
		<-done
		if often.count() != 2 || held.count() != 2 || daily.count() != 0 {
			t.Errorf("executions: %d frequent, %d held, %d daily", often.count(), held.count(), daily.count())
		}
		for _, e := range states {
			if wait := e.Prochaine.Sub(right); wait > 25*time.Hour || e.EnCours {
				t.Errorf("%s waits for %s, held %v", e.Nom, wait, e.EnCours)
			}
		}
	})
}

// Two nodes run the same schedule on one database at the same moment: each
// execution happens once.
func TestTwoRunners(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		var c counter
		nodes := []*tache.Planning{planning(t, d, c.every(time.Minute)), planning(t, d, c.every(time.Minute)), planning(t, d, c.every(time.Minute))}
		for round := 1; round <= 5; round++ {
			var wg sync.WaitGroup
			for _, p := range nodes {
				wg.Go(func() {
					if _, err := p.RunDue(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if c.count() != round {
				t.Fatalf("%d executions after %d rounds", c.count(), round)
			}
			clock.Advance(time.Minute)
		}
	})
}

// A node that died in the middle keeps the task until its deadline, then it
// runs again; what the dead node writes later is ignored.
func TestDeadNode(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		var second counter
		alive := planning(t, d, second.every(time.Hour))
		first := counter{then: func(context.Context) (int, error) {
			runDue(t, alive, 0) // held
			if !status(t, alive).EnCours {
				t.Error("nobody seems to run it")
			}
			clock.Advance(2 * time.Minute) // we are taken for dead
			runDue(t, alive, 1)
			return 99, nil
		}}
		runDue(t, planning(t, d, first.every(time.Hour)), 1)
		if e := status(t, alive); e.Resultat != 7 || e.Executions != 1 || e.EnCours {
			t.Errorf("the dead node wrote: %+v", e)
		}
	})
}

func TestFailuresAreRecordedAndRetried(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		bad := counter{then: func(context.Context) (int, error) {
			return 3, errors.New("the far server\nsays no " + strings.Repeat("x", 400))
		}}
		var good counter
		p := planning(t, d, tache.Tache{Nom: "mauvaise", Chaque: time.Second, Delai: time.Minute, Faire: bad.do},
			tache.Tache{Nom: "panique", Chaque: time.Second, Delai: time.Minute, Faire: func(context.Context) (int, error) { panic("x") }},
			tache.Tache{Nom: "bonne", Chaque: time.Second, Delai: time.Minute, Faire: good.do})
		for i := range 3 {
			n, err := p.RunDue(t.Context())
			if n != 3 || err == nil || good.count() != i+1 {
				t.Fatalf("round %d: %d tasks, the good one %d times, %v", i, n, good.count(), err)
			}
			clock.Advance(time.Minute)
		}
		states, err := p.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e := states[0]
		if e.Echecs != 3 || e.Executions != 0 || !strings.HasPrefix(e.Erreur, "the far server says no xx") || len([]rune(e.Erreur)) > 301 {
			t.Errorf("%+v", e)
		}
		if states[1].Erreur != "panic" {
			t.Errorf("%+v", states[1])
		}
		bad.then = nil
		if _, err := p.RunDue(t.Context()); err == nil {
			t.Error("the panic is forgotten")
		}
		if states, _ = p.Status(t.Context()); states[0].Echecs != 0 || states[0].Erreur != "" || states[0].Executions != 1 {
			t.Errorf("after a success: %+v", states[0])
		}
	})
}

// The deadline of a task reaches its context.
func TestDeadline(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		slow := tache.Tache{Nom: "lente", Chaque: time.Hour, Delai: time.Millisecond, Faire: func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}}
		p := planning(t, d, slow)
		if n, err := p.RunDue(t.Context()); n != 1 || err == nil {
			t.Fatalf("%d, %v", n, err)
		}
		if e := status(t, p); e.Erreur != context.DeadlineExceeded.Error() {
			t.Errorf("%+v", e)
		}
	})
}

// The loop runs a task when it is due, skips it when there is nothing to do,
// and gives it back when it is stopped in the middle.
func TestRun(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		ctx, cancel := context.WithCancel(t.Context())
		asked, wake := make(chan time.Duration), make(chan time.Time)
		var useful atomic.Bool
		c := counter{}
		c.then = func(ctx context.Context) (int, error) {
			if c.count() < 3 {
				return 1, nil
			}
			cancel()
			return 0, ctx.Err()
		}
		job := c.every(time.Second)
		job.Utile = func(context.Context) (bool, error) { return useful.Load(), nil }
		p, err := tache.New(tache.Config{DB: d, Log: testkit.Log(t), Taches: []tache.Tache{job}, After: func(d time.Duration) <-chan time.Time {
			asked <- d // the loop has done its step: the test may look
			return wake
		}})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		step := func(why string, want int) {
			t.Helper()
			if wait := <-asked; wait != time.Second || c.count() != want {
				t.Errorf("%s: %d executions, next look in %s", why, c.count(), wait)
			}
			wake <- time.Time{}
		}
		step("the first time, useful or not", 1)
		step("not due", 1)
		clock.Advance(2 * time.Second) // between two looks of the loop
		step("not due when it looked", 1)
		step("due, but of no use", 1)
		<-asked
		clock.Advance(time.Minute)
		wake <- time.Time{}
		step("of no use, but it must be seen to live", 2)
		<-asked
		useful.Store(true)
		clock.Advance(2 * time.Second)
		wake <- time.Time{}
		<-asked // the third, interrupted
		if err := <-done; !errors.Is(err, context.Canceled) || c.count() != 3 {
			t.Fatal(err, c.count())
		}
		if e := status(t, p); e.Executions != 2 || e.Echecs != 0 || e.EnCours || e.Prochaine.After(clock.Now()) {
			t.Errorf("after the stop: %+v", e)
		}
	})
}

func TestNewReportsEveryMistake(t *testing.T) {
	var c counter
	_, err := tache.New(tache.Config{Taches: []tache.Tache{c.every(time.Second), c.every(time.Second), {Nom: "vide"}}, Desactivees: []string{"inconnue"}})
	for _, want := range []string{`"compter" is written twice`, `"vide"`, `"inconnue"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not reported: %v", want, err)
		}
	}
}

func TestDisabled(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var c counter
		p, err := tache.New(tache.Config{DB: d, Log: testkit.Log(t), Taches: []tache.Tache{c.every(time.Second)}, Desactivees: []string{"compter"}})
		if err != nil {
			t.Fatal(err)
		}
		runDue(t, p, 0)
	})
}
