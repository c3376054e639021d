package outbox_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
)

// postman is a sender that keeps what it is given and fails when told.
type postman struct {
	mu   sync.Mutex
	sent []outbox.Courriel
	then func(outbox.Courriel) error
}

func (p *postman) Envoyer(_ context.Context, c outbox.Courriel) error {
	if p.then != nil {
		if err := p.then(c); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, c)
	return nil
}

func (p *postman) to() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, c := range p.sent {
		out = append(out, c.A)
	}
	slices.Sort(out)
	return out
}

// key is the same for every node of a test.
var key = secret.RandomKey()

func open(t *testing.T, d *db.DB, e outbox.Expediteur) *outbox.Outbox {
	t.Helper()
	box, err := secret.NewBox(key)
	if err != nil {
		t.Fatal(err)
	}
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: e, De: "Aidants Connect <connexion@exemple.fr>", Hote: "exemple.fr:443", Log: testkit.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func message(cle string) outbox.Message {
	return outbox.Message{Cle: cle, Genre: "E-01", Destinataire: "rolande." + cle + "@example.org", Sujet: "Lien de connexion", Texte: "Bonjour Rolande GRANDCHAUMET,\n\nMe connecter :\nhttps://exemple.fr/x\n"}
}

func queue(t *testing.T, d *db.DB, o *outbox.Outbox, ms ...outbox.Message) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		for _, m := range ms {
			if err := o.Queue(t.Context(), tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func deliver(t *testing.T, o *outbox.Outbox, want int) {
	t.Helper()
	if n, err := o.Deliver(t.Context()); err != nil || n != want {
		t.Fatalf("%d delivered (%v), want %d", n, err, want)
	}
}

// row is what the table says of the only message.
type row struct {
	Statut           string
	Essais, Doublons int
	Erreur           string
	Attente          time.Duration // until the next try
	Efface           bool
}

func only(t *testing.T, d *db.DB) (r row) {
	t.Helper()
	err := d.View(t.Context(), func(tx *db.Tx) error {
		var next, erased db.Time
		err := tx.QueryRow(t.Context(), `SELECT statut, essais, doublons, COALESCE(erreur, ''), prochain_essai, date_effacement FROM message`).
			Scan(&r.Statut, &r.Essais, &r.Doublons, &r.Erreur, &next, &erased)
		r.Attente, r.Efface = next.Sub(tx.Now), !erased.IsZero()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestQueueAndDeliver(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		p := &postman{}
		o := open(t, d, p)
		queue(t, d, o, message("1"))
		queue(t, d, o, message("1"), message("2")) // the act is run again
		undone := errors.New("the act fails")
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			return errors.Join(o.Queue(t.Context(), tx, message("3")), undone)
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if due, err := o.Waiting(t.Context()); err != nil || !due {
			t.Errorf("nothing waits: %v", err)
		}
		deliver(t, o, 2)
		deliver(t, o, 0)
		if due, err := o.Waiting(t.Context()); err != nil || due {
			t.Errorf("something waits: %v", err)
		}
		if diff := cmp.Diff([]string{"rolande.1@example.org", "rolande.2@example.org"}, p.to()); diff != "" {
			t.Error(diff)
		}
		c := p.sent[0]
		if !strings.HasSuffix(c.ID, "@exemple.fr") || c.Sujet != "Lien de connexion" || c.Texte != message("1").Texte || !strings.Contains(c.HTML, `href="https://exemple.fr/x"`) {
			t.Errorf("%+v", c)
		}
		if !c.Date.Equal(testkit.Start) {
			t.Errorf("dated %s", c.Date)
		}
	})
}

// What is stored is not readable, and cannot be moved to another row.
func TestSealed(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		p := &postman{}
		o := open(t, d, p)
		queue(t, d, o, message("1"), message("2"))
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			var to, subject, text []byte
			err := tx.QueryRow(t.Context(), `SELECT destinataire, sujet, texte FROM message WHERE cle = '1'`).Scan(&to, &subject, &text)
			if all := string(to) + string(subject) + string(text); strings.Contains(all, "example") || strings.Contains(all, "Lien") || strings.Contains(all, "GRAND") {
				t.Errorf("in clear: %q", all)
			}
			if err == nil {
				_, err = tx.Exec(t.Context(), `UPDATE message SET destinataire = $1 WHERE cle = '2'`, to)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		deliver(t, o, 1)
		if got := strings.Join(p.to(), " "); got != "rolande.1@example.org" {
			t.Errorf("sent to %s", got)
		}
		if f, err := o.Status(t.Context()); err != nil || f.Echecs != 1 {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

// Several nodes deliver at once: each message leaves once.
func TestManyNodes(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		p := &postman{}
		var want []string
		o := open(t, d, p)
		for i := range 60 {
			m := message(string(rune('a'+i%26)) + strings.Repeat("z", i/26))
			want = append(want, m.Destinataire)
			queue(t, d, o, m)
		}
		slices.Sort(want)
		var wg sync.WaitGroup
		for range 4 {
			node := open(t, d, p)
			wg.Go(func() {
				if _, err := node.Deliver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff(want, p.to()); diff != "" {
			t.Error(diff)
		}
	})
}

// A node that dies between the claim and the outcome: the message waits for
// the end of the lease, leaves again under the same name, and the row says
// that it may have left twice.
func TestCrash(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		var ids []string
		second := &postman{}
		alive := open(t, d, second)
		first := &postman{then: func(c outbox.Courriel) error {
			ids = append(ids, c.ID)
			deliver(t, alive, 0) // ours for now
			clock.Advance(2 * time.Minute)
			deliver(t, alive, 1) // taken for dead
			return &outbox.Echec{Nature: "connexion"}
		}}
		dying := open(t, d, first)
		queue(t, d, dying, message("1"))
		deliver(t, dying, 0)
		ids = append(ids, second.sent[0].ID)
		if ids[0] != ids[1] {
			t.Errorf("two names: %v", ids)
		}
		// The dead node came back with a failure: the success stays.
		if diff := cmp.Diff(row{Statut: "envoye", Essais: 2, Doublons: 1, Attente: 2 * time.Minute}, only(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestBackoffAndGivingUp(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		p := &postman{then: func(outbox.Courriel) error { return &outbox.Echec{Nature: "connexion"} }}
		o := open(t, d, p)
		queue(t, d, o, message("1"))
		start := clock.Now()
		waits := []time.Duration{}
		for range 11 {
			deliver(t, o, 0)
			deliver(t, o, 0) // not yet due
			r := only(t, d)
			if r.Statut != "en_file" || r.Essais != len(waits)+1 {
				t.Fatalf("%+v", r)
			}
			waits = append(waits, r.Attente)
			clock.Advance(r.Attente)
		}
		const h, m, s = time.Hour, time.Minute, time.Second
		if diff := cmp.Diff([]time.Duration{30 * s, m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 64 * m, 128 * m, 256 * m, 6 * h}, waits); diff != "" {
			t.Error(diff)
		}
		deliver(t, o, 0)
		if r := only(t, d); r.Statut != "echec" || r.Erreur != "connexion" || r.Essais != 12 {
			t.Errorf("%+v", r)
		}
		f, err := o.Status(t.Context())
		if diff := cmp.Diff(outbox.File{Echecs: 1}, f, cmp.AllowUnexported(db.Time{})); diff != "" || err != nil {
			t.Error(diff, err)
		}
		// Somebody repairs the server and replays.
		p.then = nil
		var id ident.MessageID
		replay := func() error {
			return d.Update(t.Context(), func(tx *db.Tx) error {
				if err := tx.QueryRow(t.Context(), `SELECT id FROM message`).Scan(&id); err != nil {
					return err
				}
				return o.Replay(t.Context(), tx, id)
			})
		}
		if err := replay(); err != nil {
			t.Fatal(err)
		}
		deliver(t, o, 1)
		if !fault.Is(replay(), fault.Conflict) {
			t.Error("a message that left is replayed")
		}
		if p.sent[0].Date != start {
			t.Errorf("the e-mail changed its date: %s", p.sent[0].Date)
		}
	})
}

func TestFinalFailures(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		for name, c := range map[string]struct {
			err    error
			expire bool
			want   row
		}{
			"refused for good": {err: &outbox.Echec{Nature: "destinataire_refuse", Code: 550, Definitif: true}, want: row{Statut: "echec", Essais: 1, Erreur: "destinataire_refuse", Attente: 2 * time.Minute}},
			"unknown error":    {err: errors.New("to rolande@example.org: no"), want: row{Statut: "en_file", Essais: 1, Erreur: "interne", Attente: 30 * time.Second}},
			"cut at the end":   {err: &outbox.Echec{Nature: "contenu_refuse", Incertain: true}, want: row{Statut: "en_file", Essais: 1, Doublons: 1, Erreur: "contenu_refuse", Attente: 30 * time.Second}},
			"too late":         {expire: true, want: row{Statut: "echec", Essais: 1, Erreur: "perime", Attente: 2 * time.Minute}},
		} {
			t.Run(name, func(t *testing.T) {
				o := open(t, d, &postman{then: func(outbox.Courriel) error { return c.err }})
				if err := d.Update(t.Context(), func(tx *db.Tx) error {
					_, err := tx.Exec(t.Context(), `DELETE FROM message`)
					m := message("1")
					if c.expire {
						m.Peremption = tx.Now.Add(5 * time.Minute)
					}
					return errors.Join(err, o.Queue(t.Context(), tx, m))
				}); err != nil {
					t.Fatal(err)
				}
				clock.Advance(5 * time.Minute)
				deliver(t, o, 0)
				if diff := cmp.Diff(c.want, only(t, d)); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

// The content goes with time; the row that says that a message left stays.
func TestErase(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		o := open(t, d, &postman{})
		queue(t, d, o, message("1"))
		erase := func(want int) {
			t.Helper()
			n, err := o.Erase(t.Context(), db.At(clock.Now().Add(-90*24*time.Hour)))
			if err != nil || n != want {
				t.Fatalf("%d erased, %v", n, err)
			}
		}
		clock.Advance(100 * 24 * time.Hour)
		erase(0) // it has not left yet
		deliver(t, o, 1)
		clock.Advance(90 * 24 * time.Hour)
		erase(0)
		clock.Advance(time.Millisecond)
		erase(1)
		erase(0)
		if r := only(t, d); !r.Efface || r.Statut != "envoye" {
			t.Errorf("%+v", r)
		}
	})
}

// A poke delivers at once, without waiting for the schedule.
func TestPoke(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		left := make(chan string)
		o := open(t, d, &postman{then: func(c outbox.Courriel) error { left <- c.A; return nil }})
		queue(t, d, o, message("1"))
		o.Poke()
		o.Poke() // never blocks
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- o.Run(ctx) }()
		if to := <-left; to != "rolande.1@example.org" {
			t.Error(to)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		// The message that was leaving when the stop came is recorded.
		if r := only(t, d); r.Statut != "envoye" {
			t.Errorf("%+v", r)
		}
	})
}

func TestQueueRefuses(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		o := open(t, d, &postman{})
		m := message("1")
		m.Sujet = ""
		if err := d.Update(t.Context(), func(tx *db.Tx) error { return o.Queue(t.Context(), tx, m) }); err == nil {
			t.Error("a message without a subject is queued")
		}
	})
}
