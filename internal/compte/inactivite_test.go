package compte_test

import (
	"context"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// The day before, the day, the day after (A-W25, A-W27).
func TestInactivityRules(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		ok(t, err)
		return d
	}
	open := func(edit func(a *aidant.Aidant)) aidant.Aidant {
		a := aidant.Aidant{Actif: true, Habilite: true, Relances: true, DateCreation: day("2026-01-10")}
		if edit != nil {
			edit(&a)
		}
		return a
	}
	signedIn := func(a *aidant.Aidant) { a.DateConnexion = day("2026-02-10") }
	reopened := func(a *aidant.Aidant) { a.DateConnexion, a.DateEtat = day("2026-02-10"), day("2026-03-10") }
	warned := func(a *aidant.Aidant) { a.DateAvertissement = day("2026-06-15") }
	for _, tt := range []struct {
		name        string
		a           aidant.Aidant
		now         string
		warn, close bool
	}{
		{"jamais connecté, la veille", open(nil), "2026-06-09", false, false},
		{"jamais connecté, le jour", open(nil), "2026-06-10", true, false},
		{"jamais connecté, le lendemain", open(nil), "2026-06-11", true, false},
		{"connecté, la veille", open(signedIn), "2026-07-09", false, false},
		{"connecté, le jour", open(signedIn), "2026-07-10", true, false},
		{"rouvert, la veille", open(reopened), "2026-08-09", false, false},
		{"rouvert, le jour", open(reopened), "2026-08-10", true, false},
		{"averti, la veille de la fermeture", open(warned), "2026-07-14", false, false},
		{"averti, le jour", open(warned), "2026-07-15", false, true},
		{"averti, le lendemain", open(warned), "2026-07-16", false, true},
		{"averti, puis connecté", open(func(a *aidant.Aidant) { warned(a); a.DateConnexion = day("2026-07-01") }), "2026-07-15", false, false},
		{"fermé", open(func(a *aidant.Aidant) { warned(a); a.Actif = false }), "2026-09-01", false, false},
	} {
		if got := compte.ToWarn(tt.a, day(tt.now)); got != tt.warn {
			t.Errorf("%s: warned %v", tt.name, got)
		}
		if got := compte.ToClose(tt.a, day(tt.now)); got != tt.close {
			t.Errorf("%s: closed %v", tt.name, got)
		}
	}
	for _, tt := range []struct {
		name     string
		a        aidant.Aidant
		activity string
		now      string
		want     bool
	}{
		{"jamais d'acte, la veille", open(nil), "", "2026-04-09", false},
		{"jamais d'acte, le jour", open(nil), "", "2026-04-10", true},
		{"un acte, la veille", open(nil), "2026-02-01", "2026-05-01", false},
		{"un acte, le jour", open(nil), "2026-02-01", "2026-05-02", true},
		{"déjà rappelé dans cette période", open(func(a *aidant.Aidant) { a.DateRappel = day("2026-05-02") }), "2026-02-01", "2026-08-02", false},
		{"rappelé avant son dernier acte", open(func(a *aidant.Aidant) { a.DateRappel = day("2026-05-02") }), "2026-06-01", "2026-09-01", true},
		{"refuse les rappels", open(func(a *aidant.Aidant) { a.Relances = false }), "", "2026-09-01", false},
		{"sans droit de mandat", open(func(a *aidant.Aidant) { a.Habilite = false }), "", "2026-09-01", false},
		{"compte fermé", open(func(a *aidant.Aidant) { a.Actif = false }), "", "2026-09-01", false},
		{"rouvert hier", open(func(a *aidant.Aidant) { a.DateEtat = day("2026-08-31") }), "2026-02-01", "2026-09-01", false},
	} {
		var activity time.Time
		if tt.activity != "" {
			activity = day(tt.activity)
		}
		if got := compte.ToRemind(tt.a, activity, day(tt.now)); got != tt.want {
			t.Errorf("%s: reminded %v", tt.name, got)
		}
	}
}

// The tasks, run twice each day: one warning, one closing, one reminder; a
// sign-in or a reopening starts again.
func TestInactivityTasks(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newBanc(t, d)
		run := func() (out [3]int) {
			t.Helper()
			for range 2 {
				for i, task := range []func() (int, error){
					func() (int, error) { return m.Warn(t.Context(), d) },
					func() (int, error) { return m.CloseIdle(t.Context(), d) },
					func() (int, error) { return m.Remind(t.Context(), d, m.noActivity) },
				} {
					n, err := task()
					ok(t, err)
					out[i] += n
				}
			}
			return out
		}
		at := func(months, days int, want [3]int) {
			t.Helper()
			clock.Set(testkit.Start.AddDate(0, months, days))
			if got := run(); got != want {
				t.Errorf("%d months and %d days: warned, closed, reminded %v, want %v", months, days, got, want)
			}
		}
		at(0, 89, [3]int{0, 0, 0})
		at(0, 90, [3]int{0, 0, 1}) // Alix, who may conclude and never did
		at(5, -1, [3]int{0, 0, 0})
		at(5, 0, [3]int{3, 0, 0})
		m.update(t, func(ctx context.Context, tx *db.Tx) error { return aidant.NoteSignIn(ctx, tx, m.rose.ID) })
		at(6, -1, [3]int{0, 0, 0})
		m.openSession(t, m.alix, m.a)
		at(6, 0, [3]int{0, 2, 0}) // the last référent too: everybody is concerned
		if a, p := m.load(t, m.leo); a.Actif || a.MotifEtat != "inactivite" || !p.Membre {
			t.Errorf("%+v %+v", a, p)
		}
		if len(m.sessions(t, m.alix)) != 0 {
			t.Error("a session survived")
		}
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			return m.Reactivate(ctx, tx, m.par(m.rose), in(m.alix, m.a))
		})
		at(6, 1, [3]int{0, 0, 0})
		at(6, 90, [3]int{0, 0, 1})
		if got, want := m.wrote(t), "E-08:3 E-09:2 E-10:2 E-45:1|deactivate_aidant:2 reactivate_aidant:1|"; got != want {
			t.Errorf("wrote %s, want %s", got, want)
		}
	})
}

func (m *banc) noActivity(context.Context, *db.Tx) (map[string]time.Time, error) {
	return map[string]time.Time{ident.New[ident.AidantID]().String(): testkit.Start}, nil
}

func TestInactivityIsAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newBanc(t, d)
		m.update(t, func(ctx context.Context, tx *db.Tx) error { // one account to deal with
			for _, a := range []aidant.Aidant{m.rose, m.leo} {
				if _, err := aidant.Close(ctx, tx, a.ID, "autre"); err != nil {
					return err
				}
			}
			return nil
		})
		clock.Set(testkit.Start.AddDate(0, 5, 0))
		testkit.FailEachStatement(t, d, func() error { _, err := m.Warn(t.Context(), d); return err })
		clock.Set(testkit.Start.AddDate(0, 6, 0))
		testkit.FailEachStatement(t, d, func() error {
			_, err := m.Remind(t.Context(), d, m.noActivity)
			return err
		})
		testkit.FailEachStatement(t, d, func() error { _, err := m.CloseIdle(t.Context(), d); return err })
	})
}
