package outbox_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
)

// operator is a provider of text messages that keeps what it is given.
type operator struct {
	mu   sync.Mutex
	sent []outbox.SMS
	then error
}

func (p *operator) EnvoyerSMS(_ context.Context, s outbox.SMS) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.then != nil {
		return "", p.then
	}
	p.sent = append(p.sent, s)
	return "ref-" + s.A[len(s.A)-1:], nil
}

func openSMS(t *testing.T, d *db.DB, e outbox.ExpediteurSMS, ceiling int) *outbox.Outbox {
	t.Helper()
	box, err := secret.NewBox(key)
	if err != nil {
		t.Fatal(err)
	}
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: &postman{}, SMS: e, PlafondSMS: ceiling, De: "a@exemple.fr", Hote: "exemple.fr", Log: testkit.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func textMessage(last string) outbox.Message {
	return outbox.Message{Cle: "S-01/" + last, Genre: "S-01", Destinataire: "+3361234567" + last, Texte: "Votre code : 123456"}
}

func tryQueue(t *testing.T, d *db.DB, o *outbox.Outbox, m outbox.Message) error {
	t.Helper()
	return d.Update(t.Context(), func(tx *db.Tx) error { return o.Queue(t.Context(), tx, m) })
}

// A text message leaves by its provider, whose reports say what became of it.
func TestSMSDelivery(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		p := &operator{}
		o := openSMS(t, d, p, 10)
		queue(t, d, o, textMessage("1"), textMessage("2"))
		deliver(t, o, 2)
		if len(p.sent) != 2 || p.sent[0].Texte != "Votre code : 123456" {
			t.Fatalf("%+v", p.sent)
		}
		state := func(cle string) (s string) {
			t.Helper()
			err := d.View(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT livraison FROM message WHERE cle = $1`, cle).Scan(&s)
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		report := func(id string, l outbox.Livraison, want bool) {
			t.Helper()
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				known, err := o.Delivered(t.Context(), tx, id, l)
				if err == nil && known != want {
					t.Errorf("%s known: %v", id, known)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		report("", outbox.Remis, false)
		report("ref-9", outbox.Remis, false)
		report("ref-1", outbox.NonRemis, true)
		if got := state("S-01/1"); got != "non_remis" {
			t.Errorf("1: %q", got)
		}
		report("ref-1", outbox.Remis, true)
		report("ref-1", outbox.NonRemis, true) // late: the phone has it
		if got := state("S-01/1"); got != "remis" {
			t.Errorf("1: %q", got)
		}
		byID := ""
		for _, s := range p.sent {
			if s.A == "+33612345672" {
				byID = s.ID
			}
		}
		report(byID, outbox.Remis, true)
		if got := state("S-01/2"); got != "remis" {
			t.Errorf("2: %q", got)
		}
		err := d.Update(t.Context(), func(tx *db.Tx) error { _, err := o.Delivered(t.Context(), tx, byID, "lu"); return err })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown state: %v", err)
		}
	})
}

// Nothing pretends to be sent: no provider, no message; past the ceiling either.
func TestSMSRefused(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		none := open(t, d, &postman{})
		if err := tryQueue(t, d, none, textMessage("0")); !fault.Is(err, fault.Unavailable) || none.SMSPossible() {
			t.Errorf("without a provider: %v", err)
		}
		o := openSMS(t, d, &operator{}, 5)
		for i, last := range []string{"1", "2", "3", "4", "5"} {
			queue(t, d, o, textMessage(last))
			f, err := o.Status(t.Context())
			if err != nil || f.SMS != i+1 || f.PlafondSMS != 5 || f.NearCeiling() != (i >= 3) {
				t.Errorf("%d queued: %+v, %v", i+1, f, err)
			}
		}
		if err := tryQueue(t, d, o, textMessage("6")); !fault.Is(err, fault.Unavailable) {
			t.Errorf("past the ceiling: %v", err)
		}
		queue(t, d, o, message("1")) // e-mails are not concerned
		clock.Advance(24 * time.Hour)
		queue(t, d, o, textMessage("6"))
		// A node without a provider tries again later, and says why.
		deliver(t, none, 1)
		deliver(t, o, 0)
		clock.Advance(time.Minute)
		deliver(t, o, 6)
	})
}
