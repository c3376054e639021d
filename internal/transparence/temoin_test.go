package transparence_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/transparence"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// pair is a journal and its witness, on two databases: two operators.
func pair(t *testing.T, d *db.DB) (m, w *monde) {
	t.Helper()
	m = newMonde(t, d, time.Now)
	w = newMonde(t, testkit.OpenDB(t, d.Dialect(), testkit.NewClock(testkit.Start)), time.Now)
	vkeys, err := m.Journal.VerifierKeys()
	ok(t, err)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	ok(t, err)
	w.Temoin, err = transparence.NewCosignataire("temoin.exemple.fr", key, vkeys)
	ok(t, err)
	w.serve()
	temoin, err := transparence.NewTemoin(w.URL+"/temoin "+w.Temoin.Vkey(), client())
	ok(t, err)
	m.Temoins = []transparence.Temoin{temoin}
	m.serve()
	return m, w
}

// TestWitness: two operators watch each other; an implementation that is not
// ours reads the countersignature.
func TestWitness(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m, w := pair(t, d)
		m.grow(7)
		for origin, want := range map[string]string{origine: "", "autre.exemple.fr/journal": transparence.EchecRefus} {
			if got := m.Temoins[0].Probe(t.Context(), origin); got != want {
				t.Errorf("probed for %s: %q", origin, got)
			}
		}
		for _, n := range []int{0, 5, 300} {
			if n > 0 {
				m.grow(n)
			}
			if yes, err := m.Waiting(t.Context()); err != nil || !yes {
				t.Errorf("nothing waits: %v", err)
			}
			if got, err := m.Submit(t.Context()); err != nil || got != 1 {
				t.Fatalf("countersigned by %d, %v", got, err)
			}
			if yes, err := m.Waiting(t.Context()); err != nil || yes {
				t.Errorf("still waiting: %v", err)
			}
		}
		_, _, body := m.get("/journal/checkpoint")
		theirs, err := formats.NewVerifierForCosignatureV1(edKey(t, w.Temoin.Vkey()))
		ok(t, err)
		opened, err := note.Open(body, note.VerifierList(theirs))
		if err != nil || !strings.HasPrefix(opened.Text, origine+"\n312\n") {
			t.Fatalf("read by another implementation: %v\n%s", err, body)
		}
		if date, err := formats.CoSigV1Timestamp(opened.Sigs[0]); err != nil || time.Since(date) > time.Hour {
			t.Errorf("countersigned on %v, %v", date, err)
		}
		// What is not countersigned is not shown, for a while.
		m.grow(1)
		if p := m.head(); p.Taille != 312 {
			t.Errorf("shown before the witness saw it: %d", p.Taille)
		}
	})
}

// edKey writes a witness's key as the Ed25519 key it is, which is what the other
// implementation takes.
func edKey(t testing.TB, vkey string) string {
	t.Helper()
	key, err := transparence.Ed25519Key(vkey)
	ok(t, err)
	return key
}

func (m *monde) head() (p transparence.Point) {
	m.t.Helper()
	m.view(func(ctx context.Context, tx *db.Tx) (err error) { p, err = m.Head(ctx, tx); return err })
	return p
}

// TestWitnessPatience: a witness that stopped does not stop the journal.
func TestWitnessPatience(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m, _ := pair(t, d)
		m.grow(2)
		if n, err := m.Submit(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		m.grow(2)
		gone, err := transparence.NewTemoin("http://localhost:1/temoin "+m.Temoins[0].Vkey(), client())
		ok(t, err)
		m.Temoins = []transparence.Temoin{gone}
		if n, err := m.Submit(t.Context()); n != 0 || err != nil {
			t.Errorf("a witness that is not there: %d, %v", n, err)
		}
		clock.Advance(transparence.Patience)
		if p := m.head(); p.Taille != 2 {
			t.Errorf("at ten minutes: %d", p.Taille)
		}
		clock.Advance(time.Millisecond)
		if p := m.head(); p.Taille != 4 {
			t.Errorf("past ten minutes: %d", p.Taille)
		}
	})
}

// TestWitnessRefusals walks the statuses of C2SP tlog-witness.
func TestWitnessRefusals(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m, w := pair(t, d)
		m.grow(3)
		first := m.head1()
		m.grow(6)
		second, proof, err := m.GrowthSince(t.Context(), 3)
		ok(t, err)
		other := newMonde(t, testkit.OpenDB(t, d.Dialect(), testkit.NewClock(testkit.Start)), time.Now)
		other.grow(3)
		stranger := strings.ReplaceAll(second.Note, origine, "inconnu.exemple.fr")
		for _, c := range []struct {
			name, body string
			status     int
			answer     string
		}{
			{"nothing", "", 400, ""},
			{"no empty line", "old 0\n" + first.Note[:5], 400, ""},
			{"old in another form", "old 00\n\n" + first.Note, 400, ""},
			{"a hash that is none", "old 0\nAAAA\n\n" + first.Note, 400, ""},
			{"too long", "old 0\n" + strings.Repeat("A", transparence.MaxAjout), 400, ""},
			{"a log we do not know", "old 0\n\n" + stranger, 404, ""},
			{"another's signature", "old 0\n\n" + other.head1().Note, 403, ""},
			{"old above the size", "old 4\n\n" + first.Note, 400, ""},
			{"we saw nothing yet", "old 2\n\n" + first.Note, 409, "0\n"},
			{"a proof when none is due", "old 0\n" + hashes(proof) + "\n" + first.Note, 422, ""},
			{"first", "old 0\n\n" + first.Note, 200, "— temoin.exemple.fr "},
			{"again", "old 3\n\n" + first.Note, 200, "— temoin.exemple.fr "},
			{"a stale client", "old 0\n\n" + second.Note, 409, "3\n"},
			{"no proof", "old 3\n\n" + second.Note, 422, ""},
			{"a wrong proof", "old 3\n" + hashes(append(tlog.TreeProof{{1}}, proof[1:]...)) + "\n" + second.Note, 422, ""},
			{"growth", "old 3\n" + hashes(proof) + "\n" + second.Note, 200, "— temoin.exemple.fr "},
			{"back in time", "old 3\n\n" + first.Note, 409, "9\n"},
		} {
			status, body := w.post(c.body)
			if status != c.status || !strings.HasPrefix(body, c.answer) || (c.answer == "") != (body == "") {
				t.Errorf("%s: %d %q, want %d %q", c.name, status, body, c.status, c.answer)
			}
		}
	})
}

func hashes(proof tlog.TreeProof) string {
	var b strings.Builder
	for _, x := range proof {
		b.WriteString(base64.StdEncoding.EncodeToString(x[:]) + "\n")
	}
	return b.String()
}

// head1 is the last checkpoint, countersigned or not.
func (m *monde) head1() (p transparence.Point) {
	m.t.Helper()
	m.view(func(ctx context.Context, tx *db.Tx) (err error) { p, err = m.Last(ctx, tx); return err })
	return p
}

func (m *monde) post(body string) (int, string) {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.URL+transparence.CheminTemoin, strings.NewReader(body))
	ok(m.t, err)
	status, b, err := transparence.Read(client(), r)
	ok(m.t, err)
	return status, string(b)
}

// TestWitnessOneHistory: two requests at once, for two histories of one log:
// one is countersigned at most.
func TestWitnessOneHistory(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m, w := pair(t, d)
		m.grow(4)
		// The same key signs another tree of the same size: the operator lies.
		lie := sign(t, m, 4, tlog.Hash{9})
		var wg sync.WaitGroup
		var mu sync.Mutex
		said := map[int]int{}
		for _, msg := range []string{m.head1().Note, lie, m.head1().Note, lie} {
			wg.Go(func() {
				status, _ := w.post("old 0\n\n" + msg)
				mu.Lock()
				defer mu.Unlock()
				said[status]++
			})
		}
		wg.Wait()
		if said[200] < 1 || said[500] > 0 {
			t.Errorf("answers: %v", said)
		}
		a, _ := w.post("old 4\n\n" + m.head1().Note)
		b, _ := w.post("old 4\n\n" + lie)
		if a == b || min(a, b) != 200 || max(a, b) != 409 {
			t.Errorf("both histories: %d and %d", a, b)
		}
	})
}

// sign makes a checkpoint that the journal never had, with its key.
func sign(t testing.TB, m *monde, size int64, rootHash tlog.Hash) string {
	t.Helper()
	k, err := m.cles.Current("journal")
	ok(t, err)
	pub, isEd := k.Public.(ed25519.PublicKey)
	if !isEd {
		t.Fatal("not an Ed25519 key")
	}
	vkey, err := note.NewEd25519VerifierKey(origine, pub)
	ok(t, err)
	v, err := note.NewVerifier(vkey)
	ok(t, err)
	text := fmt.Sprintf("%s\n%d\n%s\n", origine, size, base64.StdEncoding.EncodeToString(rootHash[:]))
	msg, err := note.Sign(&note.Note{Text: text}, signer{v, k.Signer.(ed25519.PrivateKey)})
	ok(t, err)
	return string(msg)
}

type signer struct {
	note.Verifier
	key ed25519.PrivateKey
}

func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

// TestDatabaseWentBack: a backup restored, or a database rolled back, is seen at
// the next countersignature: the witness knows more than we do, for as long as
// we have fewer lines, and another history after.
func TestDatabaseWentBack(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m, w := pair(t, d)
		m.grow(9)
		// What the witness saw before the restoration.
		if status, _ := w.post("old 0\n\n" + sign(t, m, 12, tlog.Hash{1})); status != http.StatusOK {
			t.Fatal(status)
		}
		for _, lines := range []int{0, 3, 1} { // fewer than it saw, as many, more
			if lines > 0 {
				m.grow(lines)
			}
			if n, err := m.Submit(t.Context()); n != 0 || !errors.Is(err, transparence.ErrIncoherent) {
				t.Errorf("%d lines more: countersigned by %d, %v", lines, n, err)
			}
			m.view(func(ctx context.Context, tx *db.Tx) error {
				e, err := transparence.ReadTemoin(ctx, tx, "temoin.exemple.fr")
				if e.Echec != transparence.EchecDivergence || e.DateEchec.IsZero() {
					t.Errorf("noted as %+v", e)
				}
				return err
			})
		}
		_, _, page := m.get("/journal/")
		if !strings.Contains(string(page), "a vu un autre journal") {
			t.Error("the page does not say it")
		}
	})
}
