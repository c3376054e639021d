package limite_test

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

func each(t *testing.T, fn func(t *testing.T, c *limite.Compteurs, clock *testkit.Clock)) {
	key := secret.RandomKey()
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		fn(t, &limite.Compteurs{DB: d, Empreintes: key}, clock)
	})
}

var regle = limite.Regle{Nom: "essai", N: 5, Fenetre: 15 * time.Minute}

func allow(t *testing.T, c *limite.Compteurs, es ...limite.Essai) time.Duration {
	t.Helper()
	wait, err := c.Allow(t.Context(), es...)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

// A burst, then one each Fenetre/N: whoever waits is never shut out (A-W7).
func TestAllow(t *testing.T) {
	each(t, func(t *testing.T, c *limite.Compteurs, clock *testkit.Clock) {
		for i := range 5 {
			if w := allow(t, c, regle.By("nadia")); w != 0 {
				t.Errorf("use %d waits %v", i+1, w)
			}
		}
		if w := allow(t, c, regle.By("nadia")); w != 3*time.Minute {
			t.Errorf("the sixth waits %v, not 3 min", w)
		}
		if w := allow(t, c, regle.By("claire")); w != 0 {
			t.Errorf("somebody else waits %v", w)
		}
		clock.Advance(time.Minute)
		if w := allow(t, c, regle.By("nadia")); w != 2*time.Minute {
			t.Errorf("a minute later it waits %v: asking must not push the end away", w)
		}
		clock.Advance(2 * time.Minute)
		if w := allow(t, c, regle.By("nadia")); w != 0 {
			t.Errorf("after the wait said: %v", w)
		}
		if w := allow(t, c, regle.By("nadia")); w != 3*time.Minute {
			t.Errorf("one was given back, not two: %v", w)
		}
	})
}

// A request refused by one rule uses nothing of the others.
func TestAllowIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, c *limite.Compteurs, _ *testkit.Clock) {
		once := limite.Regle{Nom: "une_fois", N: 1, Fenetre: time.Hour}
		allow(t, c, once.By("a"))
		for range 10 {
			if w := allow(t, c, regle.By("a"), once.By("a")); w == 0 {
				t.Fatal("the second rule is not applied")
			}
		}
		for i := range 5 {
			if w := allow(t, c, regle.By("a")); w != 0 {
				t.Errorf("use %d was spent by a refusal", i+1)
			}
		}
	})
}

// What an act that fails would have sent is not counted.
func TestAllowWithinAnAct(t *testing.T) {
	each(t, func(t *testing.T, c *limite.Compteurs, _ *testkit.Clock) {
		failed := errors.New("the act failed")
		act := func(end error) error {
			return c.DB.Update(t.Context(), func(tx *db.Tx) error {
				w, err := c.AllowTx(t.Context(), tx, regle.By("a"))
				if err == nil && w > 0 {
					t.Errorf("waits %v", w)
				}
				return cmp.Or(err, end)
			})
		}
		for range 10 {
			if err := act(failed); !errors.Is(err, failed) {
				t.Fatal(err)
			}
		}
		testkit.FailEachStatement(t, c.DB, func() error { return act(nil) })
	})
}

// Every node, every request at once: exactly the burst.
func TestAllowInParallel(t *testing.T) {
	each(t, func(t *testing.T, c *limite.Compteurs, _ *testkit.Clock) {
		var allowed atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				w, err := c.Allow(t.Context(), regle.By("a"))
				if err != nil {
					t.Error(err)
				}
				if w == 0 {
					allowed.Add(1)
				}
			})
		}
		wg.Wait()
		if allowed.Load() != 5 {
			t.Errorf("%d were allowed, not 5", allowed.Load())
		}
	})
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, c *limite.Compteurs, clock *testkit.Clock) {
		purge := func() (n int) {
			t.Helper()
			err := c.DB.Update(t.Context(), func(tx *db.Tx) (err error) {
				n, err = limite.Purge(t.Context(), tx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		allow(t, c, regle.By("a"))
		clock.Advance(3*time.Minute - time.Millisecond)
		if n := purge(); n != 0 {
			t.Errorf("%d counters still in use are gone", n)
		}
		clock.Advance(time.Millisecond)
		if n := purge(); n != 1 {
			t.Errorf("%d counters purged, not 1", n)
		}
	})
}

// A subject is stored as a keyed digest, and one IPv6 client is its /64.
func TestLimitByAddress(t *testing.T) {
	each(t, func(t *testing.T, c *limite.Compteurs, clock *testkit.Clock) {
		m := web.NewMux(web.Config{Log: testkit.Log(t), Now: clock.Now})
		m.Public("POST /essai/", c.Limit(func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}, limite.Regle{Nom: "adresse", N: 2, Fenetre: time.Minute}))
		ask := func(address string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, "/essai/", nil)
			r.RemoteAddr = address
			w := httptest.NewRecorder()
			m.ServeHTTP(w, r)
			return w
		}
		for i, address := range []string{"[2001:db8::1]:1", "[2001:db8::ffff]:2", "[2001:db8::2]:3"} {
			w := ask(address)
			if want := []int{204, 204, 429}[i]; w.Code != want {
				t.Errorf("%s: %d, not %d", address, w.Code, want)
			}
			if i == 2 && (w.Header().Get("Retry-After") != "30" || !strings.Contains(w.Body.String(), "Réessayez dans 30 secondes")) {
				t.Errorf("Retry-After %q, %s", w.Header().Get("Retry-After"), w.Body)
			}
		}
		if w := ask("[2001:db8:0:1::1]:1"); w.Code != 204 {
			t.Errorf("the neighbour: %d", w.Code)
		}
		if strings.Contains(fmt.Sprint(testkit.Content(t, c.DB)), "2001:db8") {
			t.Error("an address is in the database")
		}
	})
}

func TestDuree(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "1 seconde", 90 * time.Second: "90 secondes", 91 * time.Second: "2 minutes", 61 * time.Minute: "61 minutes", 4 * time.Hour: "4 heures",
	} {
		if got := limite.Duree(d); got != want {
			t.Errorf("%v: %q, not %q", d, got, want)
		}
	}
}
