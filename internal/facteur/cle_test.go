package facteur_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
)

// do runs one act.
func (b banc) do(t *testing.T, act func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return b.DB.Update(t.Context(), func(tx *db.Tx) error { return act(t.Context(), tx) })
}

// must runs one act that succeeds.
func (b banc) must(t *testing.T, act func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := b.do(t, act); err != nil {
		t.Fatal(err)
	}
}

func (b banc) self() facteur.Par {
	return facteur.Par{Initiateur: journal.Aidant, Auteur: b.Aidant.ID, Organisation: b.Organisation.ID}
}

// withKey gives the account a key.
func (b banc) withKey(t *testing.T) *testkit.Cle {
	t.Helper()
	k := testkit.NewCle(t, testkit.Origine)
	if err := b.addKey(t, k); err != nil {
		t.Fatal(err)
	}
	return k
}

func (b banc) addKey(t *testing.T, k *testkit.Cle) error {
	t.Helper()
	var d facteur.Defi
	b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
		d, err = b.Facteurs.BeginKey(ctx, tx, b.Aidant.ID)
		return err
	})
	answer := k.Create(d.Options)
	return b.do(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := b.Facteurs.AddKey(ctx, tx, b.self(), facteur.CleNouvelle{Defi: d.ID, Reponse: answer, Nom: "Clé bleue"})
		return err
	})
}

func (b banc) challenge(t *testing.T, a ident.AidantID) (d facteur.Defi) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
		d, err = b.Facteurs.BeginAssertion(ctx, tx, a)
		return err
	})
	return d
}

func (b banc) finish(t *testing.T, d ident.DefiID, answer []byte) (p facteur.Preuve, err error) {
	t.Helper()
	err = b.do(t, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = b.Facteurs.FinishAssertion(ctx, tx, d, answer)
		return err
	})
	return p, err
}

func refused(t *testing.T, err error, what string) {
	t.Helper()
	if fault.ReasonOf(err) != "cle_refusee" {
		t.Errorf("%s: %v", what, err)
	}
}

func TestKeyProvesAnAccount(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		k := b.withKey(t)
		for _, account := range []ident.AidantID{{}, b.Aidant.ID} {
			d := b.challenge(t, account)
			if p, err := b.finish(t, d.ID, k.Get(d.Options)); err != nil || p.Aidant != b.Aidant.ID || p.Facteur.IsZero() {
				t.Errorf("a right key, account %q: %+v %v", account, p, err)
			}
		}
		if bytes.Contains(k.Titulaire, []byte(b.Aidant.Email)) {
			t.Error("the key holds the address of its owner")
		}
	})
}

func TestKeyRefusals(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		k := b.withKey(t)
		for name, spoil := range map[string]func(*testkit.Cle){
			"wrong origin":    func(k *testkit.Cle) { k.Origine = "https://essais.example.pirate.example" },
			"wrong scheme":    func(k *testkit.Cle) { k.Origine = "http://essais.example" },
			"wrong challenge": func(k *testkit.Cle) { k.Defi = secret.Random(32) },
			"not verified":    func(k *testkit.Cle) { k.SansPersonne = true },
			"other key":       func(k *testkit.Cle) { *k = *testkit.NewCle(t, testkit.Origine) },
			"same id, other key": func(k *testkit.Cle) {
				id, holder := k.ID, k.Titulaire
				*k = *testkit.NewCle(t, testkit.Origine)
				k.ID, k.Titulaire = id, holder
			},
			"other holder":         func(k *testkit.Cle) { k.Titulaire = []byte(ident.New[ident.AidantID]().String()) },
			"now copied elsewhere": func(k *testkit.Cle) { k.Sauvegardable = true },
		} {
			bad := *k
			spoil(&bad)
			d := b.challenge(t, ident.AidantID{})
			_, err := b.finish(t, d.ID, bad.Get(d.Options))
			refused(t, err, name)
			if name == "wrong origin" || name == "not verified" || name == "wrong challenge" || name == "wrong scheme" {
				refused(t, b.addKey(t, func() *testkit.Cle { n := testkit.NewCle(t, testkit.Origine); spoil(n); return n }()), "add, "+name)
			}
		}
		d := b.challenge(t, ident.AidantID{})
		for name, answer := range map[string][]byte{"nothing": nil, "not json": []byte("{"), "huge": bytes.Repeat([]byte("a"), 1<<20), "empty": []byte("{}")} {
			_, err := b.finish(t, d.ID, answer)
			refused(t, err, name)
		}
		b.must(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := aidant.Close(ctx, tx, b.Aidant.ID, "autre")
			return err
		})
		_, err := b.finish(t, d.ID, k.Get(d.Options))
		refused(t, err, "closed account")
	})
}

// A challenge serves once, even in parallel, for five minutes, for what it was
// made and for whom it was made.
func TestChallengeServesOnce(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		k := b.withKey(t)
		d := b.challenge(t, ident.AidantID{})
		answer := k.Get(d.Options)
		var mu sync.Mutex
		accepted := 0
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := b.finish(t, d.ID, answer); err == nil {
					mu.Lock()
					accepted++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if accepted != 1 {
			t.Errorf("one answer was accepted %d times", accepted)
		}
		_, err := b.finish(t, d.ID, answer)
		refused(t, err, "replay")

		d = b.challenge(t, ident.AidantID{})
		b.clock.Advance(facteur.DefiDuree)
		_, err = b.finish(t, d.ID, k.Get(d.Options))
		refused(t, err, "too late")

		other := b.NewCompte(t, "dominique.essai@example.org", testkit.Siret2)
		if err := b.do(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := b.Facteurs.BeginAssertion(ctx, tx, other.Aidant.ID)
			return err
		}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an account without a key: %v", err)
		}
		banc{b.Socle, other, b.clock}.withKey(t)
		d = b.challenge(t, other.Aidant.ID)
		_, err = b.finish(t, d.ID, k.Get(d.Options))
		refused(t, err, "somebody else's re-check")
	})
}

// A counter that goes back means two devices, or an old answer (WebAuthn §6.1.1).
func TestKeyCounter(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		k := b.withKey(t)
		use := func() error {
			d := b.challenge(t, ident.AidantID{})
			_, err := b.finish(t, d.ID, k.Get(d.Options))
			return err
		}
		for range 3 {
			if err := use(); err != nil {
				t.Fatal(err)
			}
		}
		k.Compteur = 1
		refused(t, use(), "a counter that went back")

		k = testkit.NewCle(t, testkit.Origine)
		k.SansCompteur, k.Sauvegardable = true, true
		if err := b.addKey(t, k); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := use(); err != nil {
				t.Fatalf("a key without a counter: %v", err)
			}
		}
	})
}

func TestAddKey(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		k := b.withKey(t)
		refused(t, b.addKey(t, k), "the same key twice")
		other := b.NewCompte(t, "dominique.essai@example.org", testkit.Siret2)
		var d facteur.Defi
		b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
			d, err = b.Facteurs.BeginKey(ctx, tx, other.Aidant.ID)
			return err
		})
		n := testkit.NewCle(t, testkit.Origine)
		refused(t, b.do(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := b.Facteurs.AddKey(ctx, tx, b.self(), facteur.CleNouvelle{Defi: d.ID, Reponse: n.Create(d.Options)})
			return err
		}), "somebody else's challenge")
		d = b.challenge(t, ident.AidantID{})
		refused(t, b.do(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := b.Facteurs.AddKey(ctx, tx, b.self(), facteur.CleNouvelle{Defi: d.ID, Reponse: n.Create(d.Options)})
			return err
		}), "a challenge of sign-in")
		b.clock.Advance(time.Minute)
		m := b.moyens(t)
		if len(m.Facteurs) != 2 || m.Facteurs[1].Genre != facteur.Passkey || m.Facteurs[1].Nom != "Clé bleue" {
			t.Errorf("%+v", m)
		}
	})
}

func (b banc) moyens(t *testing.T) (m facteur.Moyens) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
		m, err = facteur.Load(ctx, tx, b.Aidant.ID)
		return err
	})
	return m
}
