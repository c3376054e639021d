package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// The whole main job, by itself, on both databases.
func TestPlay(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel() // each waits for a code that has not served
			var out bytes.Buffer
			if err := demo.Run(t.Context(), demo.Options{Play: true, Database: testkit.NewDatabase(t, dialect)}, &out, io.Discard); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			if n := strings.Count(out.String(), "✓"); n < 15 || strings.Contains(out.String(), "✗") {
				t.Errorf("%d steps:\n%s", n, out.String())
			}
		})
	}
}

// --json: one line, and everything it names answers.
func TestJSON(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- demo.Run(ctx, demo.Options{JSON: true, Sans: true}, w, io.Discard)
		_ = w.Close()
	}()
	var line struct {
		App, Franceconnect, Mailbox string
		Services                    []string
		Aidants                     []struct {
			TOTP string `json:"totp_secret"`
		}
		FI map[string]string
	}
	if err := json.NewDecoder(r).Decode(&line); err != nil {
		t.Fatal(err)
	}
	n := demo.NewNavigateur(local())
	for _, u := range append([]string{line.App + "/", line.App + "/sante/pret", line.Franceconnect + "/", line.Franceconnect + "/simulation/fautes", line.Mailbox, line.FI["issuer"] + "/jwks"}, line.Services...) {
		if err := n.Ouvrir(u); err != nil || n.Statut != http.StatusOK {
			t.Errorf("%s: %d %v", u, n.Statut, err)
		}
	}
	if len(line.Aidants) == 0 || line.Aidants[0].TOTP == "" || line.FI["client_secret"] == "" {
		t.Errorf("the line lacks accounts or the registration: %+v", line)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stop: %v", err)
	}
}

// local reaches *.localhost whatever the system resolves.
func local() http.RoundTripper {
	return &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}}
}

func TestBusyPort(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	err = demo.Run(t.Context(), demo.Options{Port: p}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "est déjà utilisé") {
		t.Errorf("a busy port gives %v", err)
	}
}

// The seeds leave mandats in every state and a journal that verifies; a second
// start reuses them; a start killed in the middle of the seeds begins again.
func TestSeedsAndReuse(t *testing.T) {
	t.Chdir(t.TempDir())
	port := freePort(t)
	start := func() *demo.Instance {
		t.Helper()
		i, err := demo.Start(t.Context(), demo.Options{Port: port}, testkit.Log(t), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	first := start()
	secret := first.Comptes()[0].TOTP
	if _, err := first.Server.Journal.Sequence(t.Context()); err != nil {
		t.Error(err)
	}
	if err := first.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		n, _, err := demande.CountToDecide(t.Context(), tx)
		if len(n) != 3 || n.Total() != 3 {
			t.Errorf("%v wait for the team, want one request of each kind", n)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if r, err := first.Server.Journal.Verify(t.Context()); err != nil {
		t.Errorf("the seeds' journal does not verify: %v %v", err, r.Fautes)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	again := start()
	if again.Comptes()[0].TOTP != secret {
		t.Error("a second start made other accounts")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	file := filepath.Join(".demo", "simulation", "demo.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(b, []byte(`"garnie": true`), []byte(`"garnie": false`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	third := start()
	if third.Comptes()[0].TOTP == secret {
		t.Error("half-laid seeds were reused")
	}
	if err := third.Close(); err != nil {
		t.Error(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
