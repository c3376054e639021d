package server_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
)

// TestJournalVerifyPoint: the command compares the base with a checkpoint kept
// elsewhere, and refuses a file that holds none.
func TestJournalVerifyPoint(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	m.Connecte(t, "nadia")
	if _, err := m.Server.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	var kept string
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) (err error) { kept, err = m.Server.Journal.Checkpoint(t.Context(), tx); return err }))
	path := filepath.Join(t.TempDir(), "point.txt")
	for text, want := range map[string]string{kept: "Ce journal continue le point gardé", "Bonjour": "ne contient pas de point"} {
		ok(t, os.WriteFile(path, []byte(text), 0o600))
		var out bytes.Buffer
		if err := server.JournalVerifyPoint(t.Context(), m.Config, path, &out); (err == nil) != (text == kept) || !strings.Contains(out.String(), want) {
			t.Errorf("%v %q", err, out.String())
		}
	}
}
