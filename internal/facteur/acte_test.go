package facteur_test

import (
	"context"
	"encoding/base32"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
)

// mails delivers what is queued and gives it, newest first.
func (b banc) mails(t *testing.T) []outbox.Lu {
	t.Helper()
	if _, err := b.Outbox.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := outbox.ReadFolder(b.Courriels)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// count counts the messages of a kind in the queue.
func (b banc) count(t *testing.T, genre string) (n int) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM message WHERE genre = $1`, genre).Scan(&n)
	})
	return n
}

func (b banc) lines(t *testing.T, action string) (n int) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM journal_ligne WHERE action = $1`, action).Scan(&n)
	})
	return n
}

// begin draws a secret and gives it as its holder's screen would.
func (b banc) begin(t *testing.T) (g facteur.Graine, seed []byte) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
		if err = b.Facteurs.BeginApplication(ctx, tx, b.Aidant.ID); err != nil {
			return err
		}
		g, err = b.Facteurs.PendingApplication(ctx, tx, b.Aidant.ID)
		return err
	})
	u, err := url.Parse(g.URI())
	if err != nil {
		t.Fatal(err)
	}
	seed, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil || len(seed) != facteur.GraineTaille {
		t.Fatalf("the address of the secret: %v", err)
	}
	return g, seed
}

func (b banc) confirm(t *testing.T, n facteur.ApplicationNouvelle) (r facteur.Resultat, err error) {
	t.Helper()
	err = b.do(t, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = b.Facteurs.ConfirmApplication(ctx, tx, b.self(), n)
		return err
	})
	return r, err
}

// A secret waits in one row of its holder; a right code makes it a factor,
// once; another tab's secret is not it (A-W12).
func TestPendingApplication(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		old, oldSeed := b.begin(t)
		g, seed := b.begin(t)
		now := facteur.Pas(b.clock.Now(), 30)
		if _, err := b.confirm(t, facteur.ApplicationNouvelle{Attente: old.Attente, Code: facteur.Code(oldSeed, now)}); !fault.Is(err, fault.Gone) {
			t.Errorf("the secret of another tab: %v", err)
		}
		if r, err := b.confirm(t, facteur.ApplicationNouvelle{Attente: g.Attente, Code: facteur.Code(oldSeed, now)}); err != nil || r.Motif != "code_faux" {
			t.Errorf("a code of the former secret: %+v %v", r, err)
		}
		if n := len(b.moyens(t).Facteurs); n != 1 {
			t.Errorf("%d factors before a right code", n)
		}
		b.clock.Advance(5 * time.Second)
		if r, err := b.confirm(t, facteur.ApplicationNouvelle{Attente: g.Attente, Code: facteur.Code(seed, now), Nom: " Mon  téléphone "}); err != nil || !r.Accepte {
			t.Fatalf("a right code: %+v %v", r, err)
		}
		m := b.moyens(t)
		if len(m.Facteurs) != 2 || m.Facteurs[1].Nom != "Mon téléphone" || !m.Facteurs[1].Confirme {
			t.Errorf("%+v", m)
		}
		if r := b.present(t, facteur.Code(seed, now)); r.Motif != "code_deja_servi" {
			t.Errorf("the code that confirmed serves again: %+v", r)
		}
		if _, err := b.confirm(t, facteur.ApplicationNouvelle{Attente: g.Attente, Code: facteur.Code(seed, now+1)}); !fault.Is(err, fault.Gone) {
			t.Errorf("confirmed twice: %v", err)
		}
		if e44, e07 := b.count(t, "E-44"), b.count(t, "E-07"); e44 != 1 || e07 != 0 {
			t.Errorf("%d E-44, %d E-07: the account had a factor", e44, e07)
		}
		g, seed = b.begin(t)
		b.clock.Advance(facteur.AttenteDuree)
		if _, err := b.confirm(t, facteur.ApplicationNouvelle{Attente: g.Attente, Code: facteur.Code(seed, facteur.Pas(b.clock.Now(), 30))}); !fault.Is(err, fault.Gone) {
			t.Errorf("after its time: %v", err)
		}
	})
}

func (b banc) recovery(t *testing.T) (codes []string) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) error {
		made, err := b.Facteurs.CreateRecoveryCodes(ctx, tx, b.self(), b.Aidant.ID)
		codes = nil
		for _, c := range made {
			codes = append(codes, c.Reveal())
		}
		return err
	})
	return codes
}

// normal is a code as the pages read it.
func normal(t *testing.T, typed string) string {
	t.Helper()
	code, ok := facteur.NormalizeCode(typed)
	if !ok {
		t.Fatalf("%q is not read as a code", typed)
	}
	return code
}

func TestRecoveryCodes(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		former := b.recovery(t)
		codes := b.recovery(t)
		if len(codes) != 10 || b.moyens(t).Secours != 10 {
			t.Fatalf("%d codes", len(codes))
		}
		if r := b.present(t, normal(t, former[0])); r.Motif != "code_faux" {
			t.Errorf("a replaced code: %+v", r)
		}
		b.clock.Advance(5 * time.Second)
		code := normal(t, codes[0])
		var mu sync.Mutex
		accepted := 0
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if r := b.present(t, code); r.Accepte {
					mu.Lock()
					accepted++
					mu.Unlock()
					if r.Genre != facteur.Secours || r.Restants != 9 {
						t.Errorf("%+v", r)
					}
				}
			})
		}
		wg.Wait()
		if accepted != 1 {
			t.Errorf("one code was accepted %d times", accepted)
		}
		if n := b.lines(t, "use_recovery_code"); n != 1 {
			t.Errorf("%d lines of its use", n)
		}
		b.clock.Advance(20 * time.Minute)
		other := b.NewCompte(t, "dominique.essai@example.org", testkit.Siret2)
		if r := (banc{b.Socle, other, b.clock}).present(t, normal(t, codes[1])); r.Accepte {
			t.Error("somebody else's code was accepted")
		}
		b.clock.Advance(facteur.SecoursDuree)
		if r := b.present(t, normal(t, codes[1])); r.Accepte {
			t.Error("a code too old was accepted")
		}
		mails := b.mails(t)
		for _, m := range mails {
			if strings.Contains(m.Text, code) || strings.Contains(m.Text, codes[1]) || strings.Contains(m.Text, codes[0]) {
				t.Error("a mail holds a recovery code")
			}
		}
		if len(mails) < 3 || !strings.Contains(mails[0].Text+mails[1].Text+mails[2].Text, "Il en reste 9.") {
			t.Errorf("%d mails, none says how many codes are left", len(mails))
		}
	})
}

func (b banc) resync(t *testing.T, code1, code2 string) (r facteur.Resultat) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = b.Facteurs.Resynchronise(ctx, tx, b.Aidant.ID, code1, code2)
		return err
	})
	return r
}

// A clock that is late or early comes back by two consecutive codes, and its
// codes are then followed as before (A-W9).
func TestResynchronise(t *testing.T) {
	for _, drift := range []int64{-30, -7, 9, 29} {
		eachBanc(t, func(t *testing.T, b banc) {
			step := func(d int64) string {
				return facteur.Code(b.Graine, facteur.Pas(b.clock.Now(), 30)+drift+d)
			}
			if r := b.present(t, step(0)); r.Accepte {
				t.Fatalf("drift %d: accepted without resynchronisation", drift)
			}
			b.clock.Advance(time.Minute)
			if r := b.resync(t, step(0), step(-1)); r.Accepte {
				t.Fatalf("drift %d: codes in the wrong order", drift)
			}
			b.clock.Advance(time.Minute)
			if r := b.resync(t, step(-1), step(0)); !r.Accepte || r.Genre != facteur.Application {
				t.Fatalf("drift %d: two right codes: %+v", drift, r)
			}
			if r := b.present(t, step(0)); r.Accepte {
				t.Errorf("drift %d: a code of the resynchronisation served again", drift)
			}
			for range 4 {
				b.clock.Advance(5 * time.Minute)
				if r := b.present(t, step(-1)); !r.Accepte {
					t.Fatalf("drift %d: after the resynchronisation: %+v", drift, r)
				}
			}
			b.clock.Advance(5 * time.Minute)
			if r := b.present(t, step(3)); r.Accepte {
				t.Errorf("drift %d: the window is wider", drift)
			}
			if n := b.lines(t, "resynchronise_factor"); n != 1 {
				t.Errorf("%d lines", n)
			}
		})
	}
}

// Five an hour, whatever the time between them.
func TestResynchroniseIsLimited(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		for i := range 5 {
			if r := b.resync(t, "000000", "000001"); r.Motif != "code_faux" {
				t.Fatalf("try %d: %+v", i+1, r)
			}
			b.clock.Advance(time.Minute)
		}
		pair := func() (string, string) {
			now := facteur.Pas(b.clock.Now(), 30)
			return facteur.Code(b.Graine, now+8), facteur.Code(b.Graine, now+9)
		}
		un, deux := pair()
		if r := b.resync(t, un, deux); r.Motif != "trop_de_resync" || r.Judged() {
			t.Errorf("the sixth: %+v", r)
		}
		b.clock.Advance(time.Hour)
		un, deux = pair()
		if r := b.resync(t, un, deux); !r.Accepte {
			t.Errorf("an hour later: %+v", r)
		}
	})
}

// The person is told of repeated wrong codes, once a day (A-W8).
func TestWarnedOfWrongCodes(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		for day := 1; day <= 2; day++ {
			for range 8 {
				b.present(t, "not-it")
				b.clock.Advance(16 * time.Minute)
			}
			if n := b.count(t, "E-42"); n != day {
				t.Fatalf("day %d: %d messages", day, n)
			}
			b.clock.Advance(24 * time.Hour)
		}
	})
}

func TestInviteRefusals(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		err := b.do(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := b.Facteurs.Invite(ctx, tx, facteur.ByCommand(), ident.New[ident.AidantID]())
			return err
		})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown account: %v", err)
		}
	})
}

func (b banc) remove(t *testing.T, par facteur.Par, id ident.FacteurID) error {
	t.Helper()
	return b.do(t, func(ctx context.Context, tx *db.Tx) error {
		return b.Facteurs.Remove(ctx, tx, par, b.Aidant.ID, facteur.Retrait{Facteur: id, Motif: facteur.Perte})
	})
}

// Self-service keeps one factor, even from two tabs at once; a référent may
// take the last one, because it was lost (A-W78).
func TestRemove(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		type closed struct {
			aidant ident.AidantID
			keep   ident.SessionID
		}
		var mu sync.Mutex
		var calls []closed
		b.Facteurs.CloseOthers = func(_ context.Context, _ *db.Tx, a ident.AidantID, keep ident.SessionID) error {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, closed{a, keep})
			return nil
		}
		b.withKey(t)
		m := b.moyens(t)
		var wg sync.WaitGroup
		removed := 0
		for _, f := range m.Facteurs {
			wg.Go(func() {
				if err := b.remove(t, b.self(), f.ID); err == nil {
					mu.Lock()
					removed++
					mu.Unlock()
				} else if fault.ReasonOf(err) != "dernier_facteur" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		m = b.moyens(t)
		if removed != 1 || len(m.Facteurs) != 1 {
			t.Fatalf("%d removed, %d left", removed, len(m.Facteurs))
		}
		if err := b.remove(t, b.self(), ident.New[ident.FacteurID]()); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown factor: %v", err)
		}
		referent := facteur.Par{Initiateur: journal.Referent, Auteur: b.NewCompte(t, "dominique.essai@example.org", testkit.Siret2).Aidant.ID}
		if err := b.remove(t, referent, m.Facteurs[0].ID); err != nil {
			t.Fatal(err)
		}
		if len(b.moyens(t).Facteurs) != 0 || calls[len(calls)-1] != (closed{aidant: b.Aidant.ID}) {
			t.Errorf("sessions closed: %+v", calls)
		}
		if n := b.lines(t, "remove_factor"); n != 2 {
			t.Errorf("%d lines", n)
		}
		if text := b.mails(t)[0].Text; !strings.Contains(text, "par un référent de votre structure") {
			t.Errorf("the mail does not say who: %s", text)
		}
	})
}

// Every act that writes leaves nothing behind when one of its statements fails.
func TestActsAreAllOrNothing(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		b.withKey(t)
		b.importCards(t, "GADT0001;"+strings.Repeat("0a", 20))
		g, seed := b.begin(t)
		m := b.moyens(t)
		k := testkit.NewCle(t, testkit.Origine)
		k.SansCompteur = true
		var d facteur.Defi
		b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
			d, err = b.Facteurs.BeginKey(ctx, tx, b.Aidant.ID)
			return err
		})
		added := k.Create(d.Options)
		var proof facteur.Defi
		now := facteur.Pas(b.clock.Now(), 30)
		for _, a := range []struct {
			name string
			act  func(ctx context.Context, tx *db.Tx) error
		}{
			{"application", func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.ConfirmApplication(ctx, tx, b.self(), facteur.ApplicationNouvelle{Attente: g.Attente, Code: facteur.Code(seed, now)})
				return err
			}},
			{"key", func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.AddKey(ctx, tx, b.self(), facteur.CleNouvelle{Defi: d.ID, Reponse: added})
				return err
			}},
			{"challenge", func(ctx context.Context, tx *db.Tx) (err error) {
				proof, err = b.Facteurs.BeginAssertion(ctx, tx, ident.AidantID{})
				return err
			}},
			{"assertion", func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.FinishAssertion(ctx, tx, proof.ID, k.Get(proof.Options))
				return err
			}},
			{"recovery codes", func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.CreateRecoveryCodes(ctx, tx, b.self(), b.Aidant.ID)
				return err
			}},
			{"clock", func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.Resynchronise(ctx, tx, b.Aidant.ID, facteur.Code(b.Graine, now+7), facteur.Code(b.Graine, now+8))
				return err
			}},
			{"invitation", func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.Invite(ctx, tx, facteur.ByCommand(), b.Aidant.ID)
				return err
			}},
			{"card linked", func(ctx context.Context, tx *db.Tx) error {
				return b.Facteurs.LinkCard(ctx, tx, facteur.ByCommand(), b.Aidant.ID, "GADT0001")
			}},
			{"card validated", func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.ValidateCard(ctx, tx, facteur.ByCommand(), b.Aidant.ID, [2]string{facteur.Code(cardSeed, now/2), ""})
				return err
			}},
			{"removal", func(ctx context.Context, tx *db.Tx) error {
				return b.Facteurs.Remove(ctx, tx, b.self(), b.Aidant.ID, facteur.Retrait{Facteur: m.Facteurs[0].ID, Motif: facteur.Autre, Precision: "volé"})
			}},
			{"import", func(ctx context.Context, tx *db.Tx) error {
				cs, _, err := facteur.ParseCards(strings.NewReader("GADT0002;" + strings.Repeat("0b", 20)))
				if err != nil {
					return err
				}
				_, err = b.Facteurs.ImportCards(ctx, tx, facteur.ByCommand(), facteur.Import{Cartes: cs})
				return err
			}},
		} {
			t.Run(a.name, func(t *testing.T) {
				if n := testkit.FailEachStatement(t, b.DB, func() error { return b.do(t, a.act) }); n < 2 {
					t.Errorf("%d statements", n)
				}
			})
		}
	})
}

// The first factor of an account is welcomed, once.
func TestWelcome(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		for range 2 {
			for _, f := range b.moyens(t).Facteurs {
				if err := b.remove(t, facteur.ByCommand(), f.ID); err != nil {
					t.Fatal(err)
				}
			}
			g, seed := b.begin(t)
			if r, err := b.confirm(t, facteur.ApplicationNouvelle{Attente: g.Attente, Code: facteur.Code(seed, facteur.Pas(b.clock.Now(), 30))}); err != nil || !r.Accepte {
				t.Fatalf("%+v %v", r, err)
			}
		}
		if e07, e44 := b.count(t, "E-07"), b.count(t, "E-44"); e07 != 1 || e44 != 4 {
			t.Errorf("%d E-07, %d E-44", e07, e44)
		}
		if b.lines(t, "confirm_factor") != 3 { // with the one of the bench
			t.Errorf("%d lines", b.lines(t, "confirm_factor"))
		}
	})
}

// Wrong codes at sign-in do not keep the person from enrolling.
func TestEnrolDuringTheDelay(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		g, seed := b.begin(t)
		for range 12 {
			b.present(t, "not-it")
			b.clock.Advance(time.Minute)
		}
		if r, err := b.confirm(t, facteur.ApplicationNouvelle{Attente: g.Attente, Code: facteur.Code(seed, facteur.Pas(b.clock.Now(), 30))}); err != nil || !r.Accepte {
			t.Errorf("%+v %v", r, err)
		}
	})
}

// An invitation, from the mail to the factor: each step whole or nothing.
func TestInvitationIsAllOrNothing(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		var code string
		b.must(t, func(ctx context.Context, tx *db.Tx) error {
			c, err := b.Facteurs.Invite(ctx, tx, facteur.ByCommand(), b.Aidant.ID)
			code, _ = facteur.NormalizeActivation(c.Reveal())
			return err
		})
		_, rest, found := strings.Cut(b.mails(t)[0].Text, testkit.Origine+facteur.CheminInvitation)
		if !found {
			t.Fatal("the mail holds no link")
		}
		cle, _, _ := strings.Cut(rest, "/")
		v := facteur.Visite{Cle: secret.Text(cle), Navigateur: "témoin"}
		var seed []byte
		for name, act := range []func(ctx context.Context, tx *db.Tx) error{
			func(ctx context.Context, tx *db.Tx) error {
				_, err := b.Facteurs.Activate(ctx, tx, v, "00000000")
				return err
			},
			func(ctx context.Context, tx *db.Tx) error {
				ok, err := b.Facteurs.Activate(ctx, tx, v, code)
				if err == nil && !ok {
					t.Error("the right code is refused")
				}
				return err
			},
			func(ctx context.Context, tx *db.Tx) error {
				r, err := b.Facteurs.Accept(ctx, tx, v, facteur.Code(seed, facteur.Pas(b.clock.Now(), 30)))
				if err == nil && !r.Accepte {
					t.Errorf("%+v", r)
				}
				return err
			},
		} {
			if n := testkit.FailEachStatement(t, b.DB, func() error { return b.do(t, act) }); n < 2 {
				t.Errorf("step %d: %d statements", name, n)
			}
			if name == 1 {
				b.must(t, func(ctx context.Context, tx *db.Tx) error {
					e, err := b.Facteurs.Visit(ctx, tx, v)
					if err != nil {
						return err
					}
					u, err := url.Parse(e.Graine.URI())
					if err != nil {
						return err
					}
					seed, err = facteur.ParseGraine(u.Query().Get("secret"))
					return err
				})
			}
		}
		if err := b.do(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := b.Facteurs.Visit(ctx, tx, v)
			return err
		}); !fault.Is(err, fault.Gone) {
			t.Errorf("after its use: %v", err)
		}
	})
}
