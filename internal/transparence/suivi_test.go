package transparence_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/transparence"

	"golang.org/x/mod/sumdb/tlog"
)

// TestFollow: a monitor sees a log grow, and is not fooled by one that changes
// its past, shrinks, or signs with another key.
func TestFollow(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d, time.Now)
		m.serve()
		var said strings.Builder
		s := transparence.Suivi{Lecteur: transparence.NewLecteur(m.URL+"/journal/", client()), Fichier: filepath.Join(t.TempDir(), "vu.json"), Sortie: &said}
		if err := s.Once(t.Context()); err == nil {
			t.Error("an empty journal has no checkpoint")
		}
		for _, n := range []int{3, 250, 4, 300} {
			m.grow(n)
			ok(t, s.Once(t.Context()))
		}
		ok(t, s.Once(t.Context())) // nothing new
		if !strings.Contains(said.String(), "557 lignes, 300 de plus") || !strings.Contains(said.String(), "557 lignes, 0 de plus") {
			t.Errorf("said:\n%s", said.String())
		}
		seen, err := os.ReadFile(s.Fichier)
		ok(t, err)
		for name, msg := range map[string]string{
			"another past":           sign(t, m, 300, tlog.Hash{1}),
			"two roots":              sign(t, m, 557, tlog.Hash{1}),
			"more than is shown now": sign(t, m, 558, tlog.Hash{1}),
		} {
			said.Reset()
			ok(t, s.SetSeen(msg))
			if err := s.Once(t.Context()); !errors.Is(err, transparence.ErrIncoherent) || !strings.Contains(said.String(), "ALERTE") {
				t.Errorf("%s: %v, said %q", name, err, said.String())
			}
			if kept, err := s.Seen(); err != nil || kept != msg {
				t.Errorf("%s: the proof of the two histories was not kept", name)
			}
			ok(t, os.WriteFile(s.Fichier, seen, 0o600))
		}
		stranger := newMonde(t, testkit.OpenDB(t, d.Dialect(), testkit.NewClock(testkit.Start)), time.Now)
		stranger.grow(600)
		stranger.serve()
		s.Lecteur = transparence.NewLecteur(stranger.URL+"/journal", client())
		if err := s.Once(t.Context()); err == nil {
			t.Error("another key of the same name is believed")
		}
	})
}

// TestFollowThroughRotation: the journal changes its key. Who followed it learns
// the new key from the checkpoints that both sign, and from nothing else: a key
// that is only shown is not believed; who comes back after the transition is
// told, and gives the new key by hand.
func TestFollowThroughRotation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock.Now)
		m.serve()
		var said strings.Builder
		follow := func(file string) transparence.Suivi {
			return transparence.Suivi{Lecteur: transparence.NewLecteur(m.URL+"/journal", client()), Fichier: filepath.Join(t.TempDir(), file), Sortie: &said}
		}
		s, absent := follow("vu.json"), follow("absent.json")
		m.grow(3)
		ok(t, s.Once(t.Context()))
		ok(t, absent.Once(t.Context()))
		_, _, err := m.cles.Rotate(t.Context(), cle.Journal)
		ok(t, err)
		said.Reset()
		m.grow(2)
		ok(t, s.Once(t.Context()))
		if strings.Contains(said.String(), "Nouvelle clé") {
			t.Error("a key that is shown and does not sign yet is believed")
		}
		clock.Advance(20 * time.Minute)
		_, err = m.cles.Promote(t.Context())
		ok(t, err)
		m.grow(4)
		ok(t, s.Once(t.Context()))
		if strings.Count(said.String(), "Nouvelle clé du journal") != 1 {
			t.Errorf("said:\n%s", said.String())
		}
		clock.Advance(31 * 24 * time.Hour)
		m.grow(5)
		ok(t, s.Once(t.Context()))
		if !strings.Contains(said.String(), "14 lignes, 5 de plus") {
			t.Errorf("said:\n%s", said.String())
		}
		if err := absent.Once(t.Context()); err == nil {
			t.Error("a key that nothing announced is believed")
		}
		vkeys, err := m.Journal.VerifierKeys()
		ok(t, err)
		absent.Cles = vkeys
		ok(t, absent.Once(t.Context()))
	})
}

// TestRestoredBackup: a checkpoint kept elsewhere, in the mail of its day, tells
// after a restoration whether lines were lost, or changed.
func TestRestoredBackup(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d, time.Now)
		var kept string
		m.grow(7)
		m.view(func(ctx context.Context, tx *db.Tx) (err error) {
			kept, err = m.Journal.Checkpoint(ctx, tx)
			return err
		})
		m.grow(5) // twelve lines, when the backup was made
		continues := func(text string) error {
			t.Helper()
			p, err := transparence.FindPoint("Bonjour.\r\n\r\n"+strings.ReplaceAll(text, "\n", "\r\n")+"\r\nGardez ce message.\r\n", origine, m.known())
			ok(t, err)
			var told error
			m.view(func(ctx context.Context, tx *db.Tx) error { told = m.Continues(ctx, tx, p); return nil })
			return told
		}
		if err := continues(kept); err != nil {
			t.Errorf("nothing was lost: %v", err)
		}
		for name, text := range map[string]string{
			"three lines lost": sign(t, m, 15, tlog.Hash{1}), "as many, others": sign(t, m, 12, tlog.Hash{1}), "another past": sign(t, m, 9, tlog.Hash{1}),
		} {
			if err := continues(text); !errors.Is(err, transparence.ErrIncoherent) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, text := range []string{"", "Bonjour", origine, kept[:len(kept)-20], strings.Replace(kept, "\n7\n", "\n8\n", 1)} {
			if _, err := transparence.FindPoint(text, origine, m.known()); err == nil {
				t.Errorf("%q is a checkpoint", text)
			}
		}
	})
}
