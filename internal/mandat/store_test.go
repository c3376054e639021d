package mandat_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// banc is the common bench, with what only these tests ask of it.
type banc struct{ *testkit.Banc }

func newBanc(t *testing.T, d *db.DB, clock *testkit.Clock) *banc {
	t.Helper()
	return &banc{testkit.NewBanc(t, d, clock)}
}

// What is read back is what was signed, to the last field.
func TestSignThenLoad(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		m := b.Sign(0, u, mandat.Semestre, "papiers", "argent")
		got := b.Load(0, m.ID)
		if !cmp.Equal(fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", got)) {
			t.Error(cmp.Diff(fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", got)))
		}
		err := d.View(t.Context(), func(tx *db.Tx) error {
			p, err := mandat.LoadPiece(t.Context(), tx, m.ID)
			if err != nil {
				return err
			}
			if h := sha256.Sum256(p.Contenu); string(h[:]) != string(got.DocumentEmpreinte) {
				t.Error("the stored document is another one")
			}
			if i, err := mandat.Snapshot(t.Context(), tx, m.ID); err != nil || !cmp.Equal(i, u.Identite) {
				t.Errorf("snapshot %+v %v", i, err)
			}
			if _, err := mandat.Load(t.Context(), tx, b.Orgs[1].ID, m.ID); err == nil {
				t.Error("another structure reads the mandat")
			}
			known, err := mandat.Issuers(t.Context(), tx)
			if len(known) != 1 || known[0] != m.Issuer {
				t.Errorf("issuers %v", known)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"create_attestation", "create_autorisation", "create_autorisation", "notify_usager"}
		if diff := cmp.Diff(want, b.Lines(m.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

// mandats.md 8: the new mandat takes over what it lists, the rest stays; other
// structures' mandats do not move; expired ones keep their dates.
func TestSupersession(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		first := b.Sign(0, u, mandat.Annee, "papiers", "argent", "logement")
		other := b.Sign(1, u, mandat.Annee, "argent")
		clock.Advance(time.Hour)
		second := b.Sign(0, u, mandat.Mois, "argent", "justice")
		if diff := cmp.Diff([]demarche.Demarche{"argent", "justice", "logement", "papiers"}, b.Live(0, u)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]demarche.Demarche{"argent"}, b.Live(1, u)); diff != "" {
			t.Error(diff)
		}
		old := b.Load(0, first.ID)
		if old.Replaced() || !old.Successeur.IsZero() || !old.Active(clock.Now()) {
			t.Errorf("partly replaced: %+v", old)
		}
		if a := old.Autorisations[0]; a.Demarche != "argent" || a.FinMotif != mandat.Remplace || !a.Fin.Equal(second.DateCreation) || !a.SeparatelyRevoked() {
			t.Errorf("argent: %+v", a)
		}
		third := b.Sign(0, u, mandat.Mois, "papiers", "logement")
		old = b.Load(0, first.ID)
		if !old.Replaced() || old.Successeur != third.ID {
			t.Errorf("fully replaced: %v %v", old.Replaced(), old.Successeur)
		}
		if b.Load(1, other.ID).Autorisations[0].Revoked() {
			t.Error("another structure's mandat was touched")
		}
		want := []string{
			"create_attestation", "create_autorisation", "create_autorisation", "create_autorisation", "notify_usager",
			"cancel_autorisation", "cancel_autorisation", "cancel_autorisation", "supersede_mandat",
		}
		if diff := cmp.Diff(want, b.Lines(first.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

// A mandat that expired without having been closed does not stand in the way
// of the next, and ends at its own date.
func TestSignAfterAnUnclosedExpiry(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		first := b.Sign(0, u, mandat.Jour, "papiers", "argent")
		clock.Advance(48 * time.Hour)
		b.Sign(0, u, mandat.Jour, "papiers")
		old := b.Load(0, first.ID)
		for _, a := range old.Autorisations {
			if a.FinMotif != mandat.Expire || !a.Fin.Equal(first.DateExpiration) || !a.FinConnue.Equal(clock.Now().Truncate(time.Millisecond)) {
				t.Errorf("%s: %+v", a.Demarche, a)
			}
		}
		want := []string{"create_attestation", "create_autorisation", "create_autorisation", "notify_usager", "end_mandat"}
		if diff := cmp.Diff(want, b.Lines(first.ID)); diff != "" {
			t.Error(diff)
		}
		if n, err := (&mandat.Handlers{DB: d, Greffe: b.Greffe}).CloseExpired(t.Context()); n != 0 || err != nil {
			t.Errorf("closed again: %d %v", n, err)
		}
	})
}

func TestCloseExpired(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u, v := b.Usager("sub1", "VASSELIN"), b.Usager("sub2", "ROUVERAY")
		short := b.Sign(0, u, mandat.Jour, "papiers", "argent")
		long := b.Sign(0, v, mandat.Mois, "papiers")
		h := &mandat.Handlers{DB: d, Greffe: b.Greffe}
		for _, c := range []struct {
			at time.Time
			n  int
		}{{short.DateExpiration, 0}, {short.DateExpiration.Add(time.Millisecond), 1}, {short.DateExpiration.Add(time.Hour), 0}, {long.DateExpiration.Add(time.Second), 1}} {
			clock.Set(c.at)
			if n, err := h.CloseExpired(t.Context()); n != c.n || err != nil {
				t.Errorf("at %v: %d %v, want %d", c.at, n, err, c.n)
			}
		}
		m := b.Load(0, short.ID)
		if m.FullyRevoked() || m.Onglet(clock.Now()) != mandat.Expires || !m.Autorisations[0].Fin.Equal(short.DateExpiration) {
			t.Errorf("%+v", m)
		}
		if diff := cmp.Diff([]string{"create_attestation", "create_autorisation", "notify_usager", "end_mandat"}, b.Lines(long.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

// Two signatures at once for one person: one after the other, one live
// autorisation (mandats.md 3.6).
func TestTwoSignaturesAtOnce(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		done := make(chan error, 4)
		for range 4 {
			go func() {
				done <- d.Update(context.Background(), func(tx *db.Tx) error {
					_, err := b.Greffe.Sign(context.Background(), tx, b.Actor(0), b.Projet(0, u, "papiers", "argent"))
					return err
				})
			}()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]demarche.Demarche{"argent", "papiers"}, b.Live(0, u)); diff != "" {
			t.Error(diff)
		}
		var ms []mandat.Mandat
		err := d.View(t.Context(), func(tx *db.Tx) (err error) {
			ms, err = mandat.OfUsager(t.Context(), tx, b.Orgs[0].ID, u.ID)
			return err
		})
		replaced := 0
		for _, m := range ms {
			if m.Replaced() {
				replaced++
			}
		}
		if err != nil || len(ms) != 4 || replaced != 3 {
			t.Errorf("%d mandats, %d replaced, %v", len(ms), replaced, err)
		}
	})
}

// The SQL predicates say what the methods say, on every situation.
func TestPredicatesAgreeWithTheRules(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		now := clock.Now()
		for i, s := range mandat.Situations {
			u := b.Usager(fmt.Sprint("sub", i), fmt.Sprintf("NOM%02d", i))
			b.stored(s, u, now)
		}
		b.checkPredicates(now)
	})
}

// stored writes a situation through the store, dates included.
func (b *banc) stored(s mandat.Situation, u usager.Usager, now time.Time) mandat.Mandat {
	b.T.Helper()
	ctx := b.T.Context()
	p := b.Projet(0, u, demarche.Sorted(demarche.Keys())[:len(s.Fins)]...)
	m, err := mandat.Conclude(p, now.Add(s.Expire-31*24*time.Hour))
	if err != nil {
		b.T.Fatal(err)
	}
	b.Update(func(tx *db.Tx) error {
		if err := b.Greffe.Store(ctx, tx, m, p); err != nil {
			return err
		}
		for i, f := range s.Fins {
			if f.Motif == "" {
				continue
			}
			fin := mandat.Fin{Mandat: m.ID, Operation: ident.New[ident.OperationID](), Motif: f.Motif, Effet: db.At(now.Add(-f.Il))}
			if err := mandat.InsertFin(ctx, tx, fin); err != nil {
				return err
			}
			if err := mandat.Close(ctx, tx, m.Autorisations[i].ID, fin); err != nil {
				return err
			}
		}
		return nil
	})
	return m
}

// The database itself refuses what the law refuses.
func TestTheDatabaseRefuses(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		m := b.Sign(0, u, mandat.Mois, "papiers")
		a := m.Autorisations[0]
		closed := b.Sign(0, u, mandat.Mois, "papiers").Autorisations[0] // a is replaced now
		for what, act := range map[string]func(tx *db.Tx) error{
			"a name changed after signature": func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE mandat SET family_name = 'X' WHERE id = $1`, m.ID)
				return err
			},
			"an end rewritten": func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE autorisation SET fin = NULL, fin_motif = NULL, fin_connue = NULL, fin_operation_id = NULL WHERE id = $1`, a.ID)
				return err
			},
			"a second live autorisation": func(tx *db.Tx) error {
				x := closed
				x.ID, x.Mandat = ident.New[ident.AutorisationID](), m.ID
				return mandat.InsertAutorisation(t.Context(), tx, x)
			},
			"a document changed": func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE mandat_document SET contenu = enregistrement WHERE mandat_id = $1`, m.ID)
				return err
			},
			"a text changed": func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE mandat_texte SET corps = 'x'`)
				return err
			},
			"a mandat deleted": func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `DELETE FROM mandat WHERE id = $1`, m.ID)
				return err
			},
			"more than a year": func(tx *db.Tx) error {
				p := b.Projet(0, u, "argent")
				p.Duree = mandat.Annee
				long, err := mandat.Conclude(p, clock.Now())
				if err != nil {
					return err
				}
				long.DateExpiration = long.DateExpiration.Add(time.Second)
				return b.Greffe.Store(t.Context(), tx, long, p)
			},
			"an end without its act": func(tx *db.Tx) error {
				return mandat.Close(t.Context(), tx, closed.ID, mandat.Fin{Operation: ident.New[ident.OperationID](), Motif: mandat.Deces, Effet: tx.Now})
			},
		} {
			if err := d.Update(t.Context(), act); err == nil {
				t.Errorf("%s: accepted", what)
			}
		}
	})
}
