package tache_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/tache"
	"aidantsconnect/internal/testkit"
)

// A node is this very test program, started again: another process, with its
// own connections. It says on its output what it does, and reads the time in a
// file that the test moves.
const (
	noeudBase   = "AC_ESSAI_BASE"
	noeudHeure  = "AC_ESSAI_HEURE"
	noeudBloque = "AC_ESSAI_BLOQUE"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(noeudBase); address != "" {
		if err := noeud(address, os.Getenv(noeudHeure), os.Getenv(noeudBloque) != ""); err != nil {
			fmt.Println("erreur", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// heure reads the shared clock.
func heure(file string) time.Time {
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	ms, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		panic(err)
	}
	return time.UnixMilli(ms)
}

func compteur(d *db.DB, bloque bool) tache.Tache {
	return tache.Tache{Nom: "compter", Chaque: time.Minute, Delai: 30 * time.Second, Faire: func(ctx context.Context) (int, error) {
		if bloque {
			fmt.Println("debut")
			select {} // killed here, in the middle
		}
		err := d.Update(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO bail (nom, porteur, echeance) VALUES ($1, $2, $3)`, "essai-"+ident.New[ident.OperationID]().String(), "x", tx.Now)
			return err
		})
		fmt.Println("fait", os.Getpid(), err)
		return 1, err
	}}
}

// noeud runs the schedule until its input closes, or it is killed.
func noeud(address, file string, bloque bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	d, err := db.Open(ctx, address, db.Options{Clock: func() time.Time { return heure(file) }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	p, err := tache.New(tache.Config{DB: d, Log: slog.New(slog.DiscardHandler), Taches: []tache.Tache{compteur(d, bloque)}, After: func(time.Duration) <-chan time.Time {
		return time.After(5 * time.Millisecond) // the clock is the file's: look again soon
	}})
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	fmt.Println("pret")
	_ = p.Run(ctx)
	return d.Close()
}

// essaim is some nodes on one database.
type essaim struct {
	t     *testing.T
	base  string
	file  string
	now   time.Time
	lines chan string
}

func newEssaim(t *testing.T, dialect db.Dialect) *essaim {
	e := &essaim{t: t, base: testkit.NewDatabase(t, dialect), file: t.TempDir() + "/heure", now: testkit.Start, lines: make(chan string, 1000)}
	e.advance(0)
	return e
}

func (e *essaim) advance(d time.Duration) {
	e.now = e.now.Add(d)
	if err := os.WriteFile(e.file+".neuf", []byte(strconv.FormatInt(e.now.UnixMilli(), 10)), 0o600); err != nil {
		e.t.Fatal(err)
	}
	if err := os.Rename(e.file+".neuf", e.file); err != nil { // never half written
		e.t.Fatal(err)
	}
}

func (e *essaim) start(bloque bool) *exec.Cmd {
	e.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), noeudBase+"="+e.base, noeudHeure+"="+e.file)
	if bloque {
		c.Env = append(c.Env, noeudBloque+"=1")
	}
	in, err := c.StdinPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() {
		_ = in.Close()
		_ = c.Wait()
	})
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			e.lines <- s.Text()
		}
	}()
	return c
}

// wait waits for a line that begins so; what is done meanwhile is a fault.
func (e *essaim) wait(word string) string {
	e.t.Helper()
	for {
		select {
		case l := <-e.lines:
			if strings.HasPrefix(l, word) {
				return l
			}
			if l != "pret" {
				e.t.Fatalf("%q, want %q", l, word)
			}
		case <-e.t.Context().Done():
			e.t.Fatalf("no %q", word)
		}
	}
}

func (e *essaim) done(d *db.DB) (n int) {
	e.t.Helper()
	if err := d.View(e.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(e.t.Context(), `SELECT count(*) FROM bail WHERE nom LIKE 'essai-%'`).Scan(&n)
	}); err != nil {
		e.t.Fatal(err)
	}
	return n
}

func (e *essaim) open() *db.DB {
	e.t.Helper()
	d, err := db.Open(e.t.Context(), e.base, db.Options{Clock: func() time.Time { return heure(e.file) }, Log: testkit.Log(e.t)})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = d.Close() })
	return d
}

// Three processes on PostgreSQL; one is killed in the middle of the task: the
// others leave it alone while it may be alive, take it over once its deadline
// is past, and do it once; then once a minute, whoever does.
func TestThreeProcessesOneKilled(t *testing.T) {
	e := newEssaim(t, db.Postgres)
	d := e.open()
	first := e.start(true)
	e.wait("debut")
	e.start(false)
	e.start(false)
	e.wait("pret")
	e.wait("pret")
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	e.advance(39 * time.Second) // its lease is 30 s and a margin of 10
	p, err := tache.New(tache.Config{DB: d, Log: testkit.Log(t), Taches: []tache.Tache{compteur(d, false)}})
	if err != nil {
		t.Fatal(err)
	}
	runDue(t, p, 0)
	if s := status(t, p); !s.EnCours || s.Executions != 0 {
		t.Errorf("the killed node lost its lease: %+v", s)
	}
	e.advance(2 * time.Second)
	e.wait("fait")
	for i := 2; i <= 4; i++ {
		for s := status(t, p); s.Executions < i-1; s = status(t, p) { // its end is recorded after its work
			if t.Context().Err() != nil {
				t.Fatal(t.Context().Err())
			}
		}
		e.advance(time.Minute)
		e.wait("fait")
	}
	if n := e.done(d); n != 4 {
		t.Errorf("%d executions, want 4", n)
	}
}

// The server and the command line together on SQLite: an execution is for one
// of them, and both find the base in order.
func TestServerAndCommandOnSQLite(t *testing.T) {
	e := newEssaim(t, db.SQLite)
	d := e.open()
	p, err := tache.New(tache.Config{DB: d, Log: testkit.Log(t), Taches: []tache.Tache{compteur(d, false)}})
	if err != nil {
		t.Fatal(err)
	}
	e.start(false)
	e.wait("fait")
	want := 1
	for range 5 {
		for s := status(t, p); s.EnCours || s.Executions < want; s = status(t, p) {
			if t.Context().Err() != nil {
				t.Fatal(t.Context().Err())
			}
		}
		e.advance(time.Minute)
		n, err := p.RunDue(t.Context()) // the command, while the server runs
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			e.wait("fait")
		}
		want++
	}
	if n := e.done(d); n != want {
		t.Errorf("%d executions, want %d", n, want)
	}
}

// What failed is kept to be read, then forgotten; a task is made due by hand
// unless it runs, and only one of the schedule.
func TestFailuresAndReplay(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		fails := true
		c := counter{}
		c.then = func(context.Context) (int, error) {
			if fails {
				return 0, fmt.Errorf("no far server")
			}
			return 1, nil
		}
		p := planning(t, d, c.every(time.Hour))
		for range 6 {
			if _, err := p.RunDue(t.Context()); err == nil {
				t.Fatal("it did not fail")
			}
			clock.Advance(2 * time.Hour)
		}
		if e := status(t, p); !e.EnPanne || e.Echecs != 6 || e.Rythme != "toutes les 1 h" {
			t.Errorf("%+v", e)
		}
		list := func() (out []tache.Echec) {
			t.Helper()
			if err := d.View(t.Context(), func(tx *db.Tx) (err error) { out, err = tache.Failures(t.Context(), tx, 10); return err }); err != nil {
				t.Fatal(err)
			}
			return out
		}
		if l := list(); len(l) != 6 || l[0].Erreur != "no far server" || l[0].Fin.Before(l[5].Fin) {
			t.Errorf("%+v", l)
		}
		fails = false
		runDue(t, p, 1)
		runDue(t, p, 0)
		replay := func(nom string) error {
			return d.Update(t.Context(), func(tx *db.Tx) error { return p.Replay(t.Context(), tx, nom) })
		}
		if err := replay("compter"); err != nil {
			t.Fatal(err)
		}
		runDue(t, p, 1)
		if replay("inconnue") == nil {
			t.Error("a task of no schedule")
		}
		clock.Advance(91 * 24 * time.Hour)
		c.then = func(context.Context) (int, error) {
			if replay("compter") == nil {
				t.Error("a task that runs was made due")
			}
			return 0, fmt.Errorf("again")
		}
		if _, err := p.RunDue(t.Context()); err == nil {
			t.Fatal("it did not fail")
		}
		if l := list(); len(l) != 1 {
			t.Errorf("%d failures are kept after ninety days", len(l))
		}
	})
}
