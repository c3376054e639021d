package tache

import (
	"context"
	"testing"
	"time"
)

func noop(context.Context) (int, error) { return 0, nil }

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04:05 MST", s, paris)
	if err != nil {
		v, err = time.Parse(time.RFC3339, s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		why   string
		t     Tache
		after string
		want  string
	}{
		{"a pause", Tache{Chaque: 10 * time.Second}, "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z"},
		{"later today, in winter", Tache{Heure: "03:00"}, "2026-01-15T01:00:00Z", "2026-01-15T02:00:00Z"},
		{"exactly on time is tomorrow", Tache{Heure: "03:00"}, "2026-01-15T02:00:00Z", "2026-01-16T02:00:00Z"},
		{"in summer France is two hours ahead", Tache{Heure: "03:00"}, "2026-07-15T00:59:59Z", "2026-07-15T01:00:00Z"},
		{"23:30 in UTC is already tomorrow in France", Tache{Heure: "00:45"}, "2026-01-15T23:30:00Z", "2026-01-15T23:45:00Z"},
		// 29 March 2026: 02:00 becomes 03:00; 02:10 does not exist.
		{"the missing hour still has its execution", Tache{Heure: "02:10"}, "2026-03-28T12:00:00Z", "2026-03-29T01:10:00Z"},
		{"and only one", Tache{Heure: "02:10"}, "2026-03-29T01:10:00Z", "2026-03-30T00:10:00Z"},
		{"after the change of March", Tache{Heure: "04:30"}, "2026-03-28T12:00:00Z", "2026-03-29T02:30:00Z"},
		// 25 October 2026: 03:00 becomes 02:00; 02:10 comes twice.
		{"the double hour runs at its first coming", Tache{Heure: "02:10"}, "2026-10-24T12:00:00Z", "2026-10-25T00:10:00Z"},
		{"and not at its second", Tache{Heure: "02:10"}, "2026-10-25T00:10:00Z", "2026-10-26T01:10:00Z"},
		{"after the change of October", Tache{Heure: "04:30"}, "2026-10-24T12:00:00Z", "2026-10-25T03:30:00Z"},
		{"working days: Friday to Monday", Tache{Heure: "06:00", Jours: Ouvres}, "2026-01-16T05:00:00Z", "2026-01-19T05:00:00Z"},
		{"once a week, a week later", Tache{Heure: "08:00", Jours: []time.Weekday{time.Wednesday}}, "2026-01-14T07:00:00Z", "2026-01-21T07:00:00Z"},
	} {
		t.Run(c.why, func(t *testing.T) {
			if got, want := c.t.Next(at(t, c.after)), at(t, c.want); !got.Equal(want) {
				t.Errorf("Next(%s) = %s, want %s", c.after, got.UTC().Format(time.RFC3339), c.want)
			}
		})
	}
}

// Every day of ten years has one execution and one only, whatever the hour.
func TestNextOncePerDay(t *testing.T) {
	for _, heure := range []string{"00:00", "02:00", "02:10", "02:59", "03:00", "23:59"} {
		job := Tache{Heure: heure}
		now := at(t, "2024-12-31T22:59:30Z")
		day := time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)
		for range 3650 {
			now = job.Next(now)
			l := now.In(paris)
			got := time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC)
			if !got.Equal(day.AddDate(0, 0, 1)) {
				t.Fatalf("%s: after %s came %s", heure, day.Format(time.DateOnly), l)
			}
			day = got
		}
	}
}

func TestRetry(t *testing.T) {
	now := at(t, "2026-01-15T01:00:00Z")
	for _, c := range []struct {
		why  string
		t    Tache
		n    int
		want time.Duration
	}{
		{"every second: first failure", Tache{Chaque: time.Second}, 1, 2 * time.Second},
		{"every second: third", Tache{Chaque: time.Second}, 3, 8 * time.Second},
		{"every second: never more than a minute", Tache{Chaque: time.Second}, 400, time.Minute},
		{"hourly: not sooner than its pause", Tache{Chaque: time.Hour}, 1, time.Hour},
		{"daily: soon", Tache{Heure: "01:00"}, 1, time.Minute},
		{"daily: then every hour", Tache{Heure: "01:00"}, 30, time.Hour},
		{"daily: its own time comes first", Tache{Heure: "02:30"}, 30, 30 * time.Minute},
	} {
		if got := c.t.Retry(c.n, now).Sub(now); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	work := func() Tache {
		return Tache{Nom: "x", Chaque: time.Second, Delai: time.Second, Faire: noop}
	}
	if err := work().check(); err != nil {
		t.Fatalf("a right line is refused: %v", err)
	}
	for why, spoil := range map[string]func(*Tache){
		"no name":     func(t *Tache) { t.Nom = "" },
		"no work":     func(t *Tache) { t.Faire = nil },
		"no deadline": func(t *Tache) { t.Delai = 0 },
		"no time":     func(t *Tache) { t.Chaque = 0 },
		"two times":   func(t *Tache) { t.Heure = "01:00" },
		"bad time":    func(t *Tache) { t.Chaque, t.Heure = 0, "25:00" },
		"short time":  func(t *Tache) { t.Chaque, t.Heure = 0, "1:00" },
	} {
		job := work()
		spoil(&job)
		if job.check() == nil {
			t.Errorf("%s is accepted", why)
		}
	}
}
