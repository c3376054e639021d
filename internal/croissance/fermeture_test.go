package croissance

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
)

// The process to kill is this one, run again.
func TestMain(m *testing.M) {
	if child, err := Enfant(context.Background()); child {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A structure closes; the process is killed with -9 while it ends the mandats,
// and another goes on: nothing lost, nothing twice, each person told once, the
// journal whole and the same as the tables.
func TestClosureSurvivesAKill(t *testing.T) {
	ctx, folder := t.Context(), t.TempDir()
	env := map[string]string{
		"AC_ORIGINE": "http://localhost:1", "AC_ECOUTE": "127.0.0.1:1", "AC_BASE": testkit.NewDatabase(t, db.SQLite), "AC_SIMULATION": "true",
		"AC_COURRIEL": "dossier:" + filepath.Join(folder, "courriels"), "AC_COURRIEL_EXPEDITEUR": "Essai <essai@example.org>",
		"AC_FC_EMETTEUR": "http://fc.localhost:9/api/v2", "AC_FC_CLIENT_ID": "essai", "AC_FC_CLIENT_SECRET": strings.Repeat("e", 40), "AC_FC_ALG": "ES256",
		"AC_CONTACT": "aide@example.org", "AC_RESPONSABLE": "les essais", "AC_DPO": "aide@example.org", "AC_JOURNAL_ORIGINE": "essai.example/journal",
	}
	for _, v := range server.NewCles().Variables() {
		name, key, _ := strings.Cut(v, "=")
		env[name] = key
	}
	cfg, err := server.LoadConfig(nil, env)
	check(t, err)
	check(t, server.Migrate(ctx, cfg))
	s, err := server.New(ctx, cfg, server.Options{Log: slog.New(slog.DiscardHandler), Clock: server.Now})
	check(t, err)
	defer func() { check(t, s.Close()) }()
	f, err := Fermer(ctx, s, env, 240)
	check(t, err)
	if f.Tues >= 240 || f.Lignes == 0 {
		t.Errorf("not killed in the middle: %+v", f)
	}
}
