package journal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

// TestSequencerCrashesAtEachStatement: whatever statement the sequencer dies
// at, its COMMIT included, nothing of its batch stays and nothing is lost; the
// next one does the work.
func TestSequencerCrashesAtEachStatement(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		m.append(t, m.use(), m.use())
		m.sequence(t, 2)
		m.append(t, m.use(), m.use(), m.use())
		before := testkit.Content(t, d, "bail")
		crashes := 0
		for ; crashes < 100; crashes++ {
			d.FailQueueAt(crashes + 1)
			n, err := m.open(t).Sequence(t.Context()) // another process each time
			d.FailQueueAt(0)
			if err == nil {
				if n != 3 {
					t.Errorf("%d lines numbered", n)
				}
				break
			}
			if !errors.Is(err, db.ErrInjected) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, testkit.Content(t, d, "bail")); diff != "" {
				t.Fatalf("dead at statement %d, something stayed:\n%s", crashes+1, diff)
			}
			if err := d.UpdateReadCommitted(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `DELETE FROM bail`) // of the dead: they last thirty seconds
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if crashes < 8 { // lease, edge, waiting lines, ranks, nodes, checkpoint, queue, COMMIT
			t.Errorf("the sequencer had only %d statements", crashes)
		}
		if r := m.verify(t); r.Taille != 5 || r.Points != 2 || r.EnAttente != 0 {
			t.Errorf("report: %+v", r)
		}
	})
}

// TestSequencerDiesAfterItsCommit: it wrote everything, and died before it gave
// its lease back. The next one numbers only what came after.
func TestSequencerDiesAfterItsCommit(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d)
		m.append(t, m.use(), m.use())
		if ok, err := d.Lease(t.Context(), "journal", "un nœud mort", 30*time.Second); err != nil || !ok {
			t.Fatal(ok, err)
		}
		if n, _, err := m.j.SequenceWithoutLease(t.Context()); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		m.append(t, m.use())
		m.sequence(t, 0)
		clock.Advance(30 * time.Second)
		m.sequence(t, 1)
		if r := m.verify(t); r.Taille != 3 || r.Points != 2 {
			t.Errorf("report: %+v", r)
		}
	})
}

// openSQLite opens a new database that the invariants of EachDB do not follow.
func openSQLite(t *testing.T) (d *db.DB, path string) {
	t.Helper()
	address := testkit.NewDatabase(t, db.SQLite)
	d, err := db.Open(t.Context(), address, db.Options{Clock: testkit.NewClock(testkit.Start).Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, strings.TrimPrefix(address, "sqlite:")
}

// TestDiskFull: an act for which the disk has no room fails whole; so does the
// sequencer; the journal verifies all along and goes on once there is room. On
// PostgreSQL a full disk is a statement that fails, which
// TestSequencerCrashesAtEachStatement and TestRolledBackActLeavesNothing hold.
func TestDiskFull(t *testing.T) {
	d, _ := openSQLite(t)
	m := newMonde(t, d)
	room := func(pages int64) {
		t.Helper()
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			var n int64
			return tx.QueryRow(t.Context(), `PRAGMA max_page_count = `+strconv.FormatInt(pages, 10)).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
	}
	act := make([]journal.Entry, 200)
	for i := range act {
		act[i] = m.use()
	}
	m.append(t, act...)
	var n int64
	m.view(t, func(ctx context.Context, tx *db.Tx) error { return tx.QueryRow(ctx, `PRAGMA page_count`).Scan(&n) })
	room(n)
	before := testkit.Content(t, d, "bail")
	full := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "full") {
			t.Errorf("%s with a full disk: %v", what, err)
		}
		if diff := cmp.Diff(before, testkit.Content(t, d, "bail")); diff != "" {
			t.Errorf("%s left something:\n%s", what, diff)
		}
		m.verify(t)
	}
	full("the act", m.tryAppend(t.Context(), act...))
	room(n) // of the connection, which may be another
	_, err := m.j.Sequence(t.Context())
	full("the sequencer", err)
	room(1 << 30)
	m.sequence(t, 200)
	m.append(t, act...)
	m.sequence(t, 200)
	m.verify(t)
}

// TestKeysSwapped: the rows of two signing keys are exchanged, so that the
// checkpoints to come are signed by the key of the attestations. What was
// signed before does not verify any more, and it is told.
func TestKeysSwapped(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		m.append(t, m.use())
		m.sequence(t, 1)
		swap := func() {
			m.sql(t, `UPDATE cle_signature SET usage = 'fi_rs256' WHERE usage = 'journal'`,
				`UPDATE cle_signature SET usage = 'journal' WHERE usage = 'attestation'`,
				`UPDATE cle_signature SET usage = 'attestation' WHERE usage = 'fi_rs256'`)
		}
		swap()
		if r, err := journal.Audit(t.Context(), d, nil); !errors.Is(err, journal.ErrAltere) {
			t.Error(err)
		} else {
			told(t, r, journal.FautePoint)
		}
		// A node that restarts may refuse these rows; if it takes them, it says
		// that the journal is not its own.
		keys, err := cle.Open(t.Context(), d, m.box)
		if err == nil {
			j, err := journal.Open(t.Context(), d, m.pseudonyms, keys, origine)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := j.Verify(t.Context()); !errors.Is(err, journal.ErrAltere) {
				t.Error(err)
			}
		}
		swap()
		m.verify(t)
	})
}

// TestClockMovedBack: two days earlier, acts go on, lines keep their order of
// arrival, and a lease taken in what is now the future keeps nobody out.
func TestClockMovedBack(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d)
		first := m.use()
		m.append(t, first)
		m.sequence(t, 1)
		if ok, err := d.Lease(t.Context(), "journal", "un nœud mort", 30*time.Second); err != nil || !ok {
			t.Fatal(ok, err)
		}
		clock.Advance(-48 * time.Hour)
		second := m.use()
		m.append(t, second)
		m.sequence(t, 1)
		if r := m.verify(t); r.Taille != 2 || r.Points != 2 {
			t.Errorf("report: %+v", r)
		}
		m.view(t, func(ctx context.Context, tx *db.Tx) error {
			all, err := m.j.List(ctx, tx, journal.Filtre{})
			if err != nil || len(all) != 2 || all[0].Mandat != second.Mandat || all[0].Rang != 1 || !all[0].Instant.Before(all[1].Instant) {
				t.Errorf("lines: %+v, %v", all, err)
			}
			return nil
		})
	})
}

// TestBytesOfTheFile: one bit of a line changed in the file of the database,
// without SQL, its triggers nor its constraints.
func TestBytesOfTheFile(t *testing.T) {
	d, path := openSQLite(t)
	m := newMonde(t, d)
	m.append(t, m.use(), m.use())
	m.sequence(t, 2)
	var entry []byte
	m.view(t, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT sel FROM journal_ligne ORDER BY id LIMIT 1`).Scan(&entry)
	})
	if err := d.Close(); err != nil { // the log of writes goes into the file
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, entry)
	if at < 0 || len(entry) != 32 {
		t.Fatal("the salt is not in the file")
	}
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(t.Context(), "sqlite:"+path, db.Options{Clock: testkit.NewClock(testkit.Start).Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	r, err := journal.Audit(t.Context(), d, nil)
	if !errors.Is(err, journal.ErrAltere) || r.NombreFautes != 1 {
		t.Errorf("%d faults, %v", r.NombreFautes, err)
	}
	told(t, r, journal.FauteLigne)
}

// TestLinesFarApart: ranks whose lines are not in a row of identifiers, as
// after acts that lasted, are read one by one and verify the same.
func TestLinesFarApart(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		m.append(t, m.use())
		m.append(t, m.use()) // who is in these lines is known from here on
		late := m.use()
		release, done := make(chan struct{}), make(chan error)
		if d.Dialect() == db.SQLite { // one writer: an act cannot last while others write
			m.append(t, late)
			close(done)
		} else {
			begun := make(chan struct{})
			go func() {
				done <- d.UpdateReadCommitted(t.Context(), func(tx *db.Tx) error {
					err := m.j.Append(t.Context(), tx, late)
					close(begun)
					<-release
					return err
				})
			}()
			<-begun
		}
		act := make([]journal.Entry, 1500)
		for i := range act {
			act[i] = m.use()
		}
		for range 3 {
			m.append(t, act...)
		}
		if _, err := m.j.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(release)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		m.append(t, act[:5]...)
		if _, err := m.j.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := m.verify(t); r.Taille != 4508 || r.EnAttente != 0 {
			t.Errorf("report: %+v", r)
		}
	})
}
