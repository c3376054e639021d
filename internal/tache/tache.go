// Package tache runs what the program does by itself, at times that the
// program carries: a new environment runs every task without manual set-up
// (M-W60).
//
// The schedule is a list in the code. The table tache holds one row per task:
// when it is next due, who is running it, and how the last execution ended. An execution is claimed by one conditional UPDATE, so that
// any number of nodes may run the same schedule on SQLite or PostgreSQL and
// each execution happens once. What was missed while nothing ran is made up
// once, not as many times as it was missed (comptes.md §15). A failure is
// recorded, retried later and never stops the others.
//
// It serves no URL and writes nothing to the journal: each task writes what
// its own acts require. A task must be idempotent, because one that is cut in
// the middle runs again.
//
// What failed is kept apart for ninety days, to be read once the retries are
// over; a task can be made due by hand (Replay).
//
// Tables: tache, tache_echec.
package tache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // the hours are French even on a machine without time zones
)

// Tache is one line of the schedule: either Chaque or Heure is set.
type Tache struct {
	// Nom identifies the row and the log lines ("courriels"). It never changes.
	Nom string
	// Chaque is the pause between the end of an execution and the next one.
	Chaque time.Duration
	// Heure is a time of day in France, "02:10", for a daily task.
	Heure string
	// Jours limits Heure to these days; empty means every day.
	Jours []time.Weekday
	// Delai is the deadline of an execution. A node that dies keeps the task
	// from the others until then.
	Delai time.Duration
	// Utile, when set, tells cheaply whether there is anything to do. A task
	// that runs every second would otherwise cost two durable commits a second
	// on an idle machine. It must only read.
	Utile func(ctx context.Context) (bool, error)
	// Faire does the work and counts what it did. Its error is stored and
	// logged: it holds no personal data.
	Faire func(ctx context.Context) (n int, err error)
}

// Ouvres are the working days, for Jours.
var Ouvres = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

const (
	// margeBail keeps two nodes whose clocks differ a little from running the
	// same task together.
	margeBail = 10 * time.Second
	// recueCourte and recueLongue bound the wait after failures of a frequent
	// and of a daily task.
	recueCourte = time.Minute
	recueLongue = time.Hour
	// vieMinimale makes an idle task that has a Utile run all the same now and
	// then, so that its row tells that somebody watches over it.
	vieMinimale = time.Minute
)

// check refuses a line of the schedule that could not run.
func (t Tache) check() error {
	var errs []error
	if t.Nom == "" || t.Faire == nil {
		errs = append(errs, errors.New("a task needs a name and something to do"))
	}
	if t.Delai <= 0 {
		errs = append(errs, errors.New("a task needs a deadline"))
	}
	if (t.Chaque > 0) == (t.Heure != "") {
		errs = append(errs, errors.New("a task has a pause or a time of day, not both"))
	}
	if t.Heure != "" {
		if _, _, err := parseHeure(t.Heure); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("task %q: %w", t.Nom, err)
	}
	return nil
}

// Next gives the first time the task is due after this instant.
func (t Tache) Next(after time.Time) time.Time {
	if t.Chaque > 0 {
		return after.Add(t.Chaque)
	}
	h, m, _ := parseHeure(t.Heure) // checked at the start
	local := after.In(paris)
	// Eight days reach the same weekday again, whatever the change of hour.
	for i := range 9 {
		jour := time.Date(local.Year(), local.Month(), local.Day()+i, 12, 0, 0, 0, time.UTC)
		due := wall(jour, h, m)
		if due.After(after) && (len(t.Jours) == 0 || slices.Contains(t.Jours, jour.Weekday())) {
			return due
		}
	}
	return after.AddDate(0, 0, 7) // unreachable: Jours has at least one day
}

// Retry gives the time of the next attempt after so many failures in a row
// (at least one). A frequent task slows down, to a minute at most; a daily one
// is tried again before its next day comes.
func (t Tache) Retry(failures int, now time.Time) time.Time {
	if t.Chaque > 0 {
		wait := doubling(2*time.Second, failures, recueCourte)
		return now.Add(max(wait, t.Chaque))
	}
	again := now.Add(doubling(time.Minute, failures, recueLongue))
	if next := t.Next(now); next.Before(again) {
		return next
	}
	return again
}

// latest is past which nothing of this schedule can be due, asked now: a row
// dated later was written before the clocks were moved back, and would wait for
// as long as they were wrong. Two nodes whose clocks differ a little agree.
func (t Tache) latest(now time.Time) time.Time {
	if t.Chaque > 0 {
		return now.Add(margeBail + max(t.Chaque, recueCourte)) // a failure waits that much
	}
	return t.Next(now.Add(margeBail))
}

// late tells how far past its time a task may be before the node is not well.
func (t Tache) late() time.Duration {
	return max(5*time.Minute, 3*t.Chaque, 2*t.Delai)
}

// doubling is first × 2^(n-1), at most limit.
func doubling(first time.Duration, n int, limit time.Duration) time.Duration {
	d := first
	for i := 1; i < n && d < limit; i++ {
		d *= 2
	}
	return min(d, limit)
}

// paris is where the hours of the schedule are read.
var paris = mustLocation("Europe/Paris")

func mustLocation(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // time/tzdata is embedded
	}
	return l
}

// wall gives the instant of an hour of one day in France. time.Date does not
// say which instant it picks when the hour exists twice or not at all: we take
// the first of the two in October, and in March the instant that the clock
// would have shown had it not moved, so that each day has exactly one.
func wall(day time.Time, h, m int) time.Time {
	naive := time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, time.UTC)
	before := offset(naive.Add(-24 * time.Hour))
	after := offset(naive.Add(24 * time.Hour))
	first := naive.Add(-before)
	if second := naive.Add(-after); offset(first) != before && offset(second) == after {
		return second
	}
	return first
}

// offset is how far French time is ahead of UTC at this instant.
func offset(t time.Time) time.Duration {
	_, s := t.In(paris).Zone()
	return time.Duration(s) * time.Second
}

func parseHeure(s string) (h, m int, err error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, 0, fmt.Errorf("time of day %q is not HH:MM", s)
	}
	return t.Hour(), t.Minute(), nil
}
