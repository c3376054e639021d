package journal_test

import (
	"errors"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/testkit"
)

// The journal's key changes while lines are appended: the checkpoints of the
// former key still verify with it, on every node, from the database alone, and
// for ever; a checkpoint signed by a key the journal never had does not.
func TestKeyRotation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d)
		keys, err := cle.Open(t.Context(), d, m.box)
		if err != nil {
			t.Fatal(err)
		}
		if m.j, err = journal.Open(t.Context(), d, m.pseudonyms, keys, origine); err != nil {
			t.Fatal(err)
		}
		other := m.open(t) // a node that has not read the table again
		signedBy := map[string]bool{}
		line := func() {
			t.Helper()
			m.append(t, m.use())
			m.sequence(t, 1)
			k, err := keys.Current(cle.Journal)
			if err != nil {
				t.Fatal(err)
			}
			signedBy[k.Kid] = true
		}
		line()
		if _, _, err := keys.Rotate(t.Context(), cle.Journal); err != nil {
			t.Fatal(err)
		}
		later := m.open(t) // it knows of the key that waits
		line()             // still the former key
		clock.Advance(20 * time.Minute)
		if n, err := keys.Promote(t.Context()); n != 1 || err != nil {
			t.Fatalf("promoted %d, %v", n, err)
		}
		line()
		if len(signedBy) != 2 {
			t.Errorf("%d keys signed, want 2", len(signedBy))
		}
		// For a while the former key signs too: who knows only it is not lost.
		if r, err := other.Verify(t.Context()); err != nil || r.Points != 3 {
			t.Errorf("by the former key: %d checkpoints, %v", r.Points, err)
		}
		clock.Advance(10 * 365 * 24 * time.Hour)
		line()
		for name, j := range map[string]*journal.Journal{"the node": m.j, "one that knew": later, "a new one": m.open(t)} {
			if r, err := j.Verify(t.Context()); err != nil || r.NombreFautes > 0 || r.Points != 4 {
				t.Errorf("%s: %d faults, %d checkpoints, %v", name, r.NombreFautes, r.Points, err)
			}
		}
		if r, err := journal.Audit(t.Context(), d, nil); err != nil || r.Points != 4 {
			t.Errorf("from the database alone: %+v, %v", r, err)
		}
		// That key was unknown to it: it says so rather than trust the table.
		if _, err := other.Verify(t.Context()); !errors.Is(err, journal.ErrAltere) {
			t.Errorf("an unknown key: %v", err)
		}
	})
}
