package parcours_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/demo"
)

// The program to kill runs in another process: this test binary, run again with
// this variable, which holds its port.
const variableEnfant = "PARCOURS_ENFANT"

// annonce is what the child says once it serves.
type annonce struct {
	Adresses demo.Adresses
	Comptes  []demo.Compte
	Controle string // where its clock is set
}

// TestEnfant is the child: the whole program on the folder it stands in, its
// clock in the parent's hand. It ends by being killed.
func TestEnfant(t *testing.T) {
	port, err := strconv.Atoi(os.Getenv(variableEnfant))
	if err != nil {
		return // not the child
	}
	i, err := demo.Start(t.Context(), demo.Options{Port: port, Sans: true}, slog.New(slog.DiscardHandler), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(annonce{i.Adresses, i.Comptes(), "http://" + l.Addr().String() + "/"}); err != nil {
		t.Fatal(err)
	}
	t.Fatal(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at, err := time.Parse(time.RFC3339Nano, r.URL.Query().Get("heure"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		i.Horloge.Fixer(at)
	})))
}

// enfant is the child as the parent sees it: killed and started again, on the
// same folder, the same port, at the same hour.
type enfant struct {
	t       *testing.T
	dossier string
	port    int
	annonce annonce
	cmd     *exec.Cmd

	mu    sync.Mutex
	heure time.Time
}

func nouvelEnfant(t *testing.T) *enfant {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e := &enfant{t: t, dossier: t.TempDir(), port: l.Addr().(*net.TCPAddr).Port, heure: time.Now().Truncate(time.Second)}
	t.Cleanup(e.tuer)
	return e
}

// lancer starts the child and waits until it serves.
func (e *enfant) lancer() {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), time.Minute)
	defer cancel()
	e.cmd = exec.Command(os.Args[0], "-test.run", "^TestEnfant$")
	e.cmd.Dir = e.dossier
	e.cmd.Env = append(os.Environ(), variableEnfant+"="+strconv.Itoa(e.port))
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	if err := e.cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = e.cmd.Process.Kill() })
	defer stop()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		e.t.Fatalf("the program does not start again: %v %s", err, line)
	}
	if err := json.Unmarshal(line, &e.annonce); err != nil {
		e.t.Fatalf("the program says %q", line)
	}
	if err := e.fixer(e.maintenant()); err != nil {
		e.t.Fatal(err)
	}
}

// tuer is kill -9: no signal handler, no defer, no flush.
func (e *enfant) tuer() {
	if e.cmd != nil {
		_ = e.cmd.Process.Kill()
		_ = e.cmd.Wait()
		e.cmd = nil
	}
}

func (e *enfant) maintenant() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heure
}

// avancer moves the hour of both sides. A child that was just killed takes the
// hour when it starts again.
func (e *enfant) avancer(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heure = e.heure.Add(max(d, time.Second))
	_ = e.fixer(e.heure)
}

func (e *enfant) fixer(at time.Time) error {
	res, err := http.Get(e.annonce.Controle + "?heure=" + at.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// personne opens a browser for an account, which outlives the kills.
func (e *enfant) personne(cle string) *demo.Parcours {
	e.t.Helper()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(e.port))
	reach := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	e.t.Cleanup(reach.CloseIdleConnections)
	for _, c := range e.annonce.Comptes {
		if c.Cle == cle {
			return &demo.Parcours{
				Navigateur: demo.NewNavigateur(reach), Adresses: e.annonce.Adresses, Compte: c, Horloge: e.maintenant, Attendre: e.avancer,
			}
		}
	}
	e.t.Fatalf("no account %q", cle)
	return nil
}
