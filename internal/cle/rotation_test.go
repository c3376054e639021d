package cle_test

import (
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/testkit"
)

func states(k *cle.Trousseau, usage string) (out []string) {
	for _, c := range k.All() {
		if c.Usage == usage {
			out = append(out, c.Etat)
		}
	}
	return out
}

// FI-62: a key is published at least 15 min before it signs and 24 h after it
// stopped, on every node, whichever of them carries the change out.
func TestRotation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := box(t)
		one := open(t, d, b)
		two := open(t, d, b)
		old := current(t, one, cle.FiES256)
		if _, _, err := one.Rotate(t.Context(), cle.FiRS256); fault.FieldsOf(err)["usage"] == "" {
			t.Errorf("a usage without key: %v", err)
		}
		if _, _, err := one.Rotate(t.Context(), "autre"); fault.FieldsOf(err)["usage"] == "" {
			t.Errorf("an unknown usage: %v", err)
		}
		next, drawn, err := one.Rotate(t.Context(), cle.FiES256)
		if err != nil || !drawn || next.Etat != cle.Suivante || next.Signera() != testkit.Start.Add(20*time.Minute) {
			t.Fatalf("got %v, %v, %v", next, drawn, err)
		}
		again, drawn, err := two.Rotate(t.Context(), cle.FiES256)
		if err != nil || drawn || again.Kid != next.Kid {
			t.Errorf("ordered twice: %v, %v, %v", again, drawn, err)
		}
		if got := two.Published(cle.FiES256); len(got) != 2 || got[0].Kid != old.Kid || got[1].Kid != next.Kid {
			t.Errorf("published at once: %v", got)
		}
		// Nothing changes before the notice is over.
		clock.Advance(20*time.Minute - time.Millisecond)
		if n, err := two.Promote(t.Context()); n != 0 || err != nil || current(t, two, cle.FiES256).Kid != old.Kid {
			t.Errorf("promoted too early: %d, %v", n, err)
		}
		clock.Advance(time.Millisecond)
		if n, err := two.Promote(t.Context()); n != 1 || err != nil || current(t, two, cle.FiES256).Kid != next.Kid {
			t.Errorf("promoted %d, %v", n, err)
		}
		if n, err := one.Promote(t.Context()); n != 0 || err != nil || current(t, one, cle.FiES256).Kid != next.Kid {
			t.Errorf("promoted twice: %d, %v", n, err)
		}
		gone, _ := one.Find(old.Kid)
		if gone.Etat != cle.Retiree || gone.DateRetrait != clock.Now() || gone.Publiee() != clock.Now().Add(24*time.Hour) || len(one.Published(cle.FiES256)) != 2 {
			t.Errorf("the former key: %+v", gone)
		}
		if got := states(one, cle.FiES256); len(got) != 2 || got[0] != cle.Active || got[1] != cle.Retiree {
			t.Errorf("states %v", got)
		}
		for _, u := range []string{cle.Attestation, cle.Journal} {
			if got := states(one, u); len(got) != 1 || got[0] != cle.Active {
				t.Errorf("%s changed too: %v", u, got)
			}
		}
		clock.Advance(24 * time.Hour)
		if err := one.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := one.Published(cle.FiES256); len(got) != 1 || got[0].Kid != next.Kid {
			t.Errorf("a day later: %v", got)
		}
		if _, ok := one.Find(old.Kid); !ok {
			t.Error("what the former key signed can no longer be verified")
		}
	})
}

// Every usage rotates, and two orders at the same time draw one key.
func TestRotationsTogether(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := box(t)
		k := open(t, d, b)
		if err := k.Ensure(t.Context(), cle.FiRS256); err != nil {
			t.Fatal(err)
		}
		before := map[string]string{}
		for _, u := range cle.Usages() {
			before[u] = current(t, k, u).Kid
			var drawn [3]bool
			var kids [3]string
			var group sync.WaitGroup
			for i := range drawn {
				node := open(t, d, b)
				group.Go(func() {
					next, yes, err := node.Rotate(t.Context(), u)
					if err != nil {
						t.Error(u, err)
					}
					drawn[i], kids[i] = yes, next.Kid
				})
			}
			group.Wait()
			n := 0
			for i := range drawn {
				if drawn[i] {
					n++
				}
				if kids[i] != kids[0] || kids[i] == before[u] {
					t.Errorf("%s: different keys %v", u, kids)
				}
			}
			if n != 1 {
				t.Errorf("%s: %d keys drawn", u, n)
			}
		}
		clock.Advance(20 * time.Minute)
		if n, err := k.Promote(t.Context()); n != 4 || err != nil {
			t.Errorf("promoted %d, %v", n, err)
		}
		for _, u := range cle.Usages() {
			c := current(t, k, u)
			if c.Kid == before[u] || c.DateActivation != clock.Now() {
				t.Errorf("%s: %+v", u, c)
			}
			if old, _ := k.Find(before[u]); u == cle.Journal && !old.Publiee().IsZero() {
				t.Error("a key of the journal is published for ever")
			}
		}
	})
}

// A usage whose key was withdrawn after a leak has nothing to replace: the next
// start draws a key that signs at once.
func TestNothingToRotate(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		k := open(t, d, box(t))
		exec(t, d, `UPDATE cle_signature SET etat = 'retiree', date_retrait = date_activation WHERE usage = 'fi_es256'`)
		if _, _, err := k.Rotate(t.Context(), cle.FiES256); fault.FieldsOf(err)["usage"] == "" {
			t.Errorf("got %v", err)
		}
		if got := states(k, cle.FiES256); len(got) != 1 {
			t.Errorf("states %v", got)
		}
	})
}
