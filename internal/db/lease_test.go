package db_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

func TestLease(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		take := func(holder string, want bool) {
			t.Helper()
			got, err := d.Lease(t.Context(), "travail", holder, time.Minute)
			if err != nil || got != want {
				t.Errorf("%s: %v, %v; want %v", holder, got, err, want)
			}
		}
		take("a", true)
		take("b", false)
		take("a", true) // extended
		clock.Advance(59 * time.Second)
		take("b", false)
		take("a", true)
		clock.Advance(59 * time.Second)
		take("b", false) // the extension counts
		clock.Advance(time.Second)
		take("b", true)
		take("a", false)
		if err := d.Release(t.Context(), "travail", "a"); err != nil {
			t.Error(err)
		}
		take("a", false) // only the holder gives it back
		if err := d.Release(t.Context(), "travail", "b"); err != nil {
			t.Error(err)
		}
		take("a", true)
		if got, err := d.Lease(t.Context(), "autre", "b", time.Minute); err != nil || !got {
			t.Errorf("another lease: %v, %v", got, err)
		}
	})
}

func TestLeaseHasOneHolder(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var holders atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				got, err := d.Lease(t.Context(), "travail", fmt.Sprint(i), time.Minute)
				if err != nil {
					t.Error(err)
				}
				if got {
					holders.Add(1)
				}
			})
		}
		wg.Wait()
		if holders.Load() != 1 {
			t.Errorf("%d holders", holders.Load())
		}
	})
}
