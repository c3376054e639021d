package transparence_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
