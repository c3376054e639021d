package parcours_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/testkit"
)

// banc is the whole program on a free port, with its clock in the test's hand.
type banc struct {
	*demo.Instance
	t *testing.T
}

// ouvrirBanc starts the program with its accounts and nothing else. The clock
// is stopped at the machine's time: a test moves it, and never waits.
func ouvrirBanc(t *testing.T) *banc { return demarrer(t, demo.Options{Sans: true}) }

// ouvrirDemo starts it with the seeds of the demo: mandats in every state.
func ouvrirDemo(t *testing.T) *banc { return demarrer(t, demo.Options{}) }

func demarrer(t *testing.T, o demo.Options) *banc {
	t.Helper()
	i, err := demo.Start(t.Context(), o, testkit.Log(t), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	b := &banc{Instance: i, t: t}
	i.Horloge.Fixer(time.Now().Truncate(time.Second))
	t.Cleanup(func() {
		b.verifierJournal()
		if !t.Failed() {
			testkit.Invariants(t, i.Server.DB)
		}
		if err := i.Close(); err != nil {
			t.Errorf("close the program: %v", err)
		}
	})
	return b
}

// verifierJournal numbers what waits, then recomputes the whole log.
func (b *banc) verifierJournal() {
	b.t.Helper()
	ctx := context.WithoutCancel(b.t.Context()) // over when the test ends
	if _, err := b.Server.Journal.Sequence(ctx); err != nil {
		b.t.Errorf("number the journal: %v", err)
	}
	if r, err := b.Server.Journal.Verify(ctx); err != nil || len(r.Fautes) > 0 {
		b.t.Errorf("the journal does not verify: %v %+v", err, r.Fautes)
	}
}

// coffre gives the codes of an account, each once: the clock advances when all
// those in reach have served.
func (b *banc) coffre(cle string) *demo.Parcours {
	b.t.Helper()
	p, err := b.Parcours(cle)
	if err != nil {
		b.t.Fatal(err)
	}
	p.Attendre = b.Horloge.Avancer
	return p
}

// conclure concludes a mandat without looking: what a story starts from.
func (b *banc) conclure(cle string, projets ...demo.Projet) {
	b.t.Helper()
	p := b.coffre(cle)
	if err := p.SeConnecter(); err != nil {
		b.t.Fatal(err)
	}
	for _, projet := range projets {
		if _, err := p.Conclure(projet); err != nil {
			b.t.Fatal(err)
		}
	}
	b.Horloge.Avancer(2 * time.Minute) // the codes it used are past
}

// courriels reads the mailbox, newest first.
func (b *banc) courriels() []outbox.Lu {
	b.t.Helper()
	res, err := outgoing.NewClient(5 * time.Second).Get(b.Adresses.Boite + "/courriels.json")
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	var mails []outbox.Lu
	if err := json.NewDecoder(res.Body).Decode(&mails); err != nil {
		b.t.Fatal(err)
	}
	return mails
}

// lien waits until a sign-in link that is not in seen reaches the account: the
// outbox sends after the commit.
func (b *banc) lien(courriel string, seen map[string]bool) string {
	b.t.Helper()
	return attendre(b.t, "a sign-in link", func() (string, bool) {
		for _, m := range b.courriels() {
			for l := range strings.FieldsSeq(m.Text) {
				if m.To == courriel && strings.HasPrefix(l, b.Adresses.App+"/code/") && !seen[l] {
					seen[l] = true
					return l, true
				}
			}
		}
		return "", false
	})
}

// attendre asks again until the condition holds, at most ten seconds.
func attendre[T any](t *testing.T, what string, ask func() (T, bool)) T {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if v, ok := ask(); ok {
			return v
		}
		<-tick.C
	}
	t.Fatalf("%s never came", what)
	panic("unreachable")
}
