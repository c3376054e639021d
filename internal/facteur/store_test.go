package facteur_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/testkit"
)

type banc struct {
	testkit.Socle
	testkit.Compte
	clock *testkit.Clock
}

func eachBanc(t *testing.T, fn func(t *testing.T, b banc)) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		s := testkit.NewSocle(t, d)
		fn(t, banc{s, s.NewCompte(t, "camille.essai@example.org", testkit.Siret1), clock})
	})
}

// verify presents the code of the step at this offset from now.
func (b banc) verify(t *testing.T, offset int64) facteur.Resultat {
	t.Helper()
	return b.present(t, facteur.Code(b.Graine, facteur.Pas(b.clock.Now(), 30)+offset))
}

func (b banc) present(t *testing.T, code string) (r facteur.Resultat) {
	t.Helper()
	err := b.DB.Update(t.Context(), func(tx *db.Tx) (err error) {
		r, err = b.Facteurs.Verify(t.Context(), tx, b.Aidant.ID, code)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCodeServesOnce(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		if r := b.verify(t, 0); !r.Accepte {
			t.Fatalf("a right code is refused: %+v", r)
		}
		r := b.verify(t, 0)
		if r.Accepte || r.Motif != "code_deja_servi" {
			t.Fatalf("a used code gives %+v", r)
		}
		if want := b.clock.Now().Truncate(30 * time.Second).Add(30 * time.Second); !r.Prochain.Equal(want) {
			t.Errorf("the next code is said to come at %v, not %v", r.Prochain, want)
		}
		if avis := r.Avis(b.clock.Now()); !strings.HasPrefix(avis, "Ce code a déjà servi.") {
			t.Errorf("avis %q", avis)
		}
		b.clock.Advance(2 * time.Second) // past the delay of one failure
		if r := b.verify(t, 1); !r.Accepte {
			t.Errorf("the next step's code is refused: %+v", r)
		}
	})
}

// A code is accepted once, even in parallel (A-W8).
func TestCodeServesOnceInParallel(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		var mu sync.Mutex
		accepted := 0
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if r := b.verify(t, 0); r.Accepte {
					mu.Lock()
					accepted++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if accepted != 1 {
			t.Errorf("accepted %d times", accepted)
		}
	})
}

// The delay doubles, is capped, and refuses a right code too (A-W8).
func TestDelayAfterFailures(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		for n := int64(1); n <= 12; n++ {
			if r := b.present(t, "not-it"); r.Accepte || r.Motif != "code_faux" {
				t.Fatalf("failure %d: %+v", n, r)
			}
			wait := facteur.Delay(n)
			b.clock.Advance(wait - time.Millisecond)
			if r := b.verify(t, 0); r.Accepte || r.Motif != "delai" {
				t.Fatalf("after %d failures, a right code one millisecond early: %+v", n, r)
			}
			b.clock.Advance(time.Millisecond)
		}
		if r := b.verify(t, 0); !r.Accepte {
			t.Errorf("after the delay: %+v", r)
		}
		if r := b.verify(t, 1); !r.Accepte {
			t.Errorf("success did not reset the delay: %+v", r)
		}
	})
}

// The window never widens; drift is learned on success only (A-W9).
func TestWindowAndDrift(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		for range 5 {
			b.clock.Advance(20 * time.Minute)
			if r := b.verify(t, 2); r.Accepte {
				t.Fatal("a code two steps away was accepted")
			}
		}
		b.clock.Advance(20 * time.Minute)
		if r := b.verify(t, 1); !r.Accepte {
			t.Fatalf("one step ahead: %+v", r)
		}
		b.clock.Advance(5 * time.Minute)
		if r := b.verify(t, 2); !r.Accepte {
			t.Errorf("after learning one step of drift, two ahead: %+v", r)
		}
	})
}

// Codes typed later and later never push the code of the moment out of the
// window of an application.
func TestLateCodesKeepTheMomentInTheWindow(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		for _, late := range []int64{-1, -2, -2} {
			b.clock.Advance(10 * time.Minute)
			if r := b.verify(t, late); !r.Accepte {
				t.Fatalf("%d steps late: %+v", -late, r)
			}
		}
		b.clock.Advance(10 * time.Minute)
		if r := b.verify(t, 0); !r.Accepte {
			t.Errorf("the code of the moment is refused: %+v", r)
		}
	})
}

// An act that fails gives the code back: the transaction is one.
func TestRollbackGivesTheCodeBack(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		failed := b.DB.Update(t.Context(), func(tx *db.Tx) error {
			r, err := b.Facteurs.Verify(t.Context(), tx, b.Aidant.ID, facteur.Code(b.Graine, facteur.Pas(b.clock.Now(), 30)))
			if err != nil || !r.Accepte {
				t.Errorf("%+v %v", r, err)
			}
			return db.ErrInjected
		})
		if failed == nil {
			t.Fatal("the act did not fail")
		}
		if r := b.verify(t, 0); !r.Accepte {
			t.Errorf("the code was lost: %+v", r)
		}
	})
}

// A seed moved to another row does not open: its context is its identifier.
func TestSeedIsBoundToItsRow(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		other := b.NewCompte(t, "dominique.essai@example.org", testkit.Siret2)
		err := b.DB.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE facteur SET graine = (SELECT f.graine FROM facteur f WHERE f.aidant_id = $2) WHERE aidant_id = $1`, other.Aidant.ID, b.Aidant.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = b.DB.Update(t.Context(), func(tx *db.Tx) error {
			_, err := b.Facteurs.Verify(t.Context(), tx, other.Aidant.ID, facteur.Code(b.Graine, facteur.Pas(b.clock.Now(), 30)))
			return err
		})
		if err == nil {
			t.Error("a moved seed opened")
		}
	})
}

func FuzzNormalizeCode(f *testing.F) {
	for _, s := range []string{"123456", "123 456", "", "12345é", "\u00a0123456"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := facteur.NormalizeCode(s); ok && (len(c) != 6 && len(c) != 10 || strings.Trim(c, "0123456789") != "") {
			t.Errorf("NormalizeCode(%q) = %q", s, c)
		}
	})
}
