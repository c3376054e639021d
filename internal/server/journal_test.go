package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
)

// TestJournalBacklogIsTold: lines that nobody numbers are seen, in the figures
// and in the list of tasks.
func TestJournalBacklogIsTold(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	m.Connecte(t, "nadia")
	if _, err := m.Server.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	testkit.Says(t, read(t, m), "aidantsconnect_journal_attente 0", "aidantsconnect_journal_retard_secondes 0")
	m.Connecte(t, "claire")
	m.Horloge.Avancer(61 * time.Second)
	if n, age, err := m.Server.Publie.Backlog(t.Context()); err != nil || n == 0 || age < 61*time.Second {
		t.Errorf("%d lines for %s, %v", n, age, err)
	}
	testkit.Says(t, read(t, m), "aidantsconnect_journal_retard_secondes 6")
}

// TestReceiptOffline: a receipt made by the service is verified by a process
// that has neither base nor keys; one that was changed is refused.
func TestReceiptOffline(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	m.Connecte(t, "nadia")
	if _, err := m.Server.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	var receipt bytes.Buffer
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		lines, err := m.Server.Journal.List(t.Context(), tx, journal.Filtre{Action: "connect_aidant"})
		if err != nil {
			return err
		}
		r, err := m.Server.Publie.Receipt(t.Context(), tx, lines[0].ID)
		if err != nil {
			return err
		}
		return json.NewEncoder(&receipt).Encode(r)
	}))
	vkeys, err := m.Server.Journal.VerifierKeys()
	ok(t, err)
	path := filepath.Join(t.TempDir(), "recu.json")
	for name, c := range map[string]struct {
		text, want string
		keys       []string
		fails      bool
	}{
		"right":         {text: receipt.String(), want: "VRAI. Ligne ", keys: vkeys},
		"changed":       {text: strings.Replace(receipt.String(), `"aidant"`, `"admin"`, 1), want: "FAUX", keys: vkeys, fails: true},
		"not a receipt": {text: "{}", want: "n'est pas un reçu", keys: vkeys, fails: true},
		"no key":        {text: receipt.String(), fails: true},
	} {
		ok(t, os.WriteFile(path, []byte(c.text), 0o600))
		var out bytes.Buffer
		if err := server.JournalVerifyReceipt(path, c.keys, "", &out); (err != nil) != c.fails || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %v %q", name, err, out.String())
		}
	}
}

// TestCertifiedDate: what an authority certified is in the figures, in the whole
// verification and in a receipt, each verified offline with its certificates.
func TestCertifiedDate(t *testing.T) {
	tiers := testkit.NewHorodateur(t, func() time.Time { return testkit.Start })
	roots := filepath.Join(t.TempDir(), "racines.pem")
	ok(t, os.WriteFile(roots, tiers.PEM, 0o600))
	t.Setenv("AC_HORODATAGE_URL", tiers.URL)
	t.Setenv("AC_HORODATAGE_AUTORITE", roots)
	m := testkit.NewMonde(t, db.SQLite)
	m.Connecte(t, "nadia")
	if _, err := m.Server.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := m.Server.Publie.Date(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	testkit.Says(t, read(t, m), "aidantsconnect_journal_horodatage_age_secondes ")
	verified := func(cfg server.Config, autorite string) string {
		t.Helper()
		var out bytes.Buffer
		ok(t, server.JournalVerify(t.Context(), cfg, autorite, &out))
		return out.String()
	}
	testkit.Says(t, verified(m.Config, ""), "Dates certifiées : 1, toutes justes", "intact")
	auditor := server.Config{Base: m.Config.Base}
	testkit.Says(t, verified(auditor, ""), "Dates certifiées : 1, non vérifiées")
	testkit.Says(t, verified(auditor, roots), "Dates certifiées : 1, toutes justes")
	var line ident.LigneID
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		lines, err := m.Server.Journal.List(t.Context(), tx, journal.Filtre{Action: "connect_aidant"})
		if err == nil {
			line = lines[0].ID
		}
		return err
	}))
	var receipt, out bytes.Buffer
	ok(t, server.JournalReceipt(t.Context(), m.Config, line.String(), &receipt))
	path := filepath.Join(t.TempDir(), "recu.json")
	ok(t, os.WriteFile(path, receipt.Bytes(), 0o600))
	vkeys, err := m.Server.Journal.VerifierKeys()
	ok(t, err)
	ok(t, server.JournalVerifyReceipt(path, vkeys, "", &out))
	testkit.Says(t, out.String(), "date certifiée par un tiers")
	ok(t, server.JournalVerifyReceipt(path, vkeys, roots, &out))
	testkit.Says(t, out.String(), "Date certifiée par Horodatage d’essai")
	ok(t, os.WriteFile(roots, testkit.NewHorodateur(t, m.Horloge.Now).PEM, 0o600))
	if err := server.JournalVerifyReceipt(path, vkeys, roots, &out); !errors.Is(err, journal.ErrAltere) {
		t.Errorf("another authority: %v", err)
	}
	if err := server.JournalVerify(t.Context(), auditor, roots, &out); !errors.Is(err, journal.ErrAltere) || !strings.Contains(out.String(), "1 FAUSSES") {
		t.Errorf("another authority: %v %s", err, out.String())
	}
}

// TestFollowTheService: the whole program, followed over HTTP.
func TestFollowTheService(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	follow := server.SuiviJournal{URL: m.Adresses.App + "/journal", Fichier: filepath.Join(t.TempDir(), "vu.json"), UneFois: true}
	for _, who := range []string{"nadia", "claire"} {
		m.Connecte(t, who)
		if _, err := m.Server.Journal.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := server.JournalFollow(context.Background(), follow, &out); err != nil || !strings.Contains(out.String(), "C'est bien la suite.") {
			t.Errorf("%v %q", err, out.String())
		}
	}
}
