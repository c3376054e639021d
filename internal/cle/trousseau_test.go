package cle_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"testing"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
)

func box(t *testing.T) *secret.Box {
	t.Helper()
	b, err := secret.NewBox(secret.RandomKey())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, d *db.DB, b *secret.Box) *cle.Trousseau {
	t.Helper()
	k, err := cle.Open(t.Context(), d, b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func current(t *testing.T, k *cle.Trousseau, usage string) cle.Cle {
	t.Helper()
	c, err := k.Current(usage)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFirstKeysAndReopening(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := box(t)
		first := open(t, d, b)
		fi := current(t, first, cle.FiES256)
		digest := sha256.Sum256([]byte("x"))
		sig, err := fi.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		again := open(t, d, b)
		pub, ok := current(t, again, cle.FiES256).Public.(*ecdsa.PublicKey)
		if !ok || !ecdsa.VerifyASN1(pub, digest[:], sig) {
			t.Error("the key read back does not verify what the first one signed")
		}
		if k := current(t, again, cle.Journal); k.DateCreation != testkit.Start || k.DateActivation != testkit.Start {
			t.Errorf("dates: %v, %v", k.DateCreation, k.DateActivation)
		}
		if found, ok := again.Find(fi.Kid); !ok || found.Usage != cle.FiES256 {
			t.Error("the key is not found by its kid")
		}
		if _, err := again.Current(cle.FiRS256); err == nil {
			t.Error("an RSA key was made without being asked")
		}
		if err := again.Ensure(t.Context(), cle.FiRS256); err != nil {
			t.Fatal(err)
		}
		if got := again.Published(cle.FiES256, cle.FiRS256); len(got) != 2 || got[0].Alg != "ES256" || got[1].Alg != "RS256" {
			t.Errorf("published: %v", got)
		}
		if _, err := cle.Open(t.Context(), d, box(t)); err == nil {
			t.Error("the keys opened with another fields key")
		}
		var pubs []crypto.PublicKey
		err = d.View(t.Context(), func(tx *db.Tx) (err error) {
			pubs, err = cle.PublicKeys(t.Context(), tx, cle.Journal)
			return err
		})
		if err != nil || len(pubs) != 1 || !current(t, again, cle.Journal).Public.(ed25519.PublicKey).Equal(pubs[0]) {
			t.Errorf("public keys: %v, %v", pubs, err)
		}
	})
}

func TestNodesThatStartTogetherShareTheirKeys(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := box(t)
		kids := make([]string, 4)
		var group sync.WaitGroup
		for i := range kids {
			group.Go(func() {
				k, err := cle.Open(context.Background(), d, b)
				if err != nil {
					t.Error(err)
					return
				}
				c, err := k.Current(cle.Attestation)
				if err != nil {
					t.Error(err)
				}
				kids[i] = c.Kid
			})
		}
		group.Wait()
		for _, kid := range kids {
			if kid != kids[0] {
				t.Errorf("different keys: %v", kids)
			}
		}
	})
}

func TestReloadSeesARotation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := box(t)
		k := open(t, d, b)
		old := current(t, k, cle.FiES256)
		exec(t, d, `UPDATE cle_signature SET etat = 'retiree', date_retrait = date_activation WHERE kid = $1`, old.Kid)
		other := open(t, d, b) // another node makes the next one
		if err := k.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		now := current(t, k, cle.FiES256)
		if now.Kid == old.Kid || now.Kid != current(t, other, cle.FiES256).Kid {
			t.Error("the new key is not the one that signs")
		}
		if got := k.Published(cle.FiES256); len(got) != 2 || got[0].Kid != now.Kid {
			t.Errorf("published: %v", got)
		}
		clock.Set(testkit.Start.AddDate(0, 0, 1))
		if err := k.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := k.Published(cle.FiES256); len(got) != 1 {
			t.Errorf("published a day later: %v", got)
		}
		if _, ok := k.Find(old.Kid); !ok {
			t.Error("a retired key is forgotten")
		}
	})
}

func TestAlteredRowDoesNotLoad(t *testing.T) {
	for _, set := range []string{
		`UPDATE cle_signature SET kid = 'x' WHERE usage = 'journal'`,
		`UPDATE cle_signature SET prive = (SELECT prive FROM cle_signature WHERE usage = 'attestation') WHERE usage = 'journal'`,
		`UPDATE cle_signature SET publique = (SELECT publique FROM cle_signature WHERE usage = 'attestation') WHERE usage = 'journal'`,
		`UPDATE cle_signature SET algorithme = 'ES256' WHERE usage = 'journal'`,
	} {
		testkit.EachDB(t, func(t *testing.T, d *db.DB) {
			b := box(t)
			k := open(t, d, b)
			kid := current(t, k, cle.Journal).Kid
			exec(t, d, set)
			if err := k.Reload(t.Context()); err == nil {
				t.Fatalf("loaded after %s", set)
			}
			if current(t, k, cle.Journal).Kid != kid {
				t.Error("the keys in memory changed")
			}
		})
	}
}

func exec(t *testing.T, d *db.DB, q string, args ...any) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), q, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
