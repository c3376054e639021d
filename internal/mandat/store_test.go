package mandat_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// banc is a database with two structures, an aidant in each, and the greffe.
type banc struct {
	t        *testing.T
	db       *db.DB
	clock    *testkit.Clock
	greffe   *mandat.Greffe
	registre *usager.Registre
	orgs     []organisation.Organisation
	aidants  []aidant.Aidant
}

type muet struct{}

func (muet) Envoyer(context.Context, outbox.Courriel) error { return nil }

func key(t *testing.T, n byte) secret.Key {
	t.Helper()
	b := make([]byte, secret.KeySize)
	for i := range b {
		b[i] = n + byte(i)
	}
	k, err := secret.NewKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newBanc(t *testing.T, d *db.DB, clock *testkit.Clock) *banc {
	t.Helper()
	ctx := t.Context()
	box, err := secret.NewBox(key(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	cles, err := cle.Open(ctx, d, box)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, d, key(t, 2), cles, "exemple.test/journal")
	if err != nil {
		t.Fatal(err)
	}
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: muet{}, De: "a@exemple.test", Hote: "exemple.test", Log: testkit.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	b := &banc{
		t: t, db: d, clock: clock, greffe: &mandat.Greffe{Journal: j, Outbox: o, Cles: cles, Service: "Aidants Connect", Origine: "https://aidants.example"},
		registre: &usager.Registre{Sub: key(t, 3), Journal: j},
	}
	b.update(func(tx *db.Tx) error {
		b.orgs, b.aidants = nil, nil
		for i, siret := range []string{"73282932000074", "35600000000048"} {
			org, err := organisation.Create(ctx, tx, j, organisation.Nouvelle{Nom: fmt.Sprint("Structure ", i), Siret: siret, Adresse: "1 rue Haute", CodePostal: "80000", Ville: "Amiens"})
			if err != nil {
				return err
			}
			a, err := aidant.Create(ctx, tx, j, aidant.Nouveau{Prenom: "Alix", Nom: "AIDANT", Email: fmt.Sprintf("alix%d@exemple.test", i), Organisation: org.ID})
			if err != nil {
				return err
			}
			b.orgs, b.aidants = append(b.orgs, org), append(b.aidants, a)
		}
		return mandat.StoreTexte(ctx, tx, mandat.TexteCourant())
	})
	return b
}

func (b *banc) update(fn func(tx *db.Tx) error) {
	b.t.Helper()
	if err := b.db.Update(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *banc) actor(i int) actor.Actor {
	return actor.Actor{Aidant: b.aidants[i].ID, Organisation: b.orgs[i].ID, Session: ident.New[ident.SessionID]()}
}

// usager receives a person of this sub and family name.
func (b *banc) usager(sub, nom string) usager.Usager {
	b.t.Helper()
	r, err := usager.FromFranceConnect(franceconnect.Claims{Sub: sub, GivenName: "Odile", FamilyName: nom, Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100", Gender: "female", Email: "odile@exemple.test"})
	if err != nil {
		b.t.Fatal(err)
	}
	var u usager.Usager
	b.update(func(tx *db.Tx) (err error) {
		u, err = b.registre.Receive(b.t.Context(), tx, r, usager.Acte{Aidant: b.aidants[0].ID, Organisation: b.orgs[0].ID, Operation: ident.New[ident.OperationID]()})
		return err
	})
	return u
}

func (b *banc) projet(org int, u usager.Usager, ds ...demarche.Demarche) mandat.Projet {
	p := mandat.ProjetTest(ds...)
	p.Organisation, p.Aidant, p.Usager, p.IdentiteID, p.Identite = b.orgs[org].ID, b.aidants[org].ID, u.ID, u.IdentiteID, u.Identite
	return p
}

func (b *banc) sign(org int, u usager.Usager, d mandat.Duree, ds ...demarche.Demarche) (m mandat.Mandat) {
	b.t.Helper()
	p := b.projet(org, u, ds...)
	p.Duree = d
	b.update(func(tx *db.Tx) (err error) {
		m, err = b.greffe.Sign(b.t.Context(), tx, b.actor(org), p)
		return err
	})
	return m
}

func (b *banc) load(org int, id ident.MandatID) (m mandat.Mandat) {
	b.t.Helper()
	err := b.db.View(b.t.Context(), func(tx *db.Tx) (err error) {
		m, err = mandat.Load(b.t.Context(), tx, b.orgs[org].ID, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *banc) live(org int, u usager.Usager) (out []demarche.Demarche) {
	b.t.Helper()
	err := b.db.View(b.t.Context(), func(tx *db.Tx) error {
		as, err := mandat.LiveAutorisations(b.t.Context(), tx, b.orgs[org].ID, u.ID)
		out = nil
		for _, a := range as {
			out = append(out, a.Demarche)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// lines gives the journal's actions of a mandat, in the order they were written.
func (b *banc) lines(id ident.MandatID) []string {
	b.t.Helper()
	ctx := b.t.Context()
	if _, err := b.greffe.Journal.Sequence(ctx); err != nil {
		b.t.Fatal(err)
	}
	var out []string
	err := b.db.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT l.action FROM journal_ligne l JOIN journal_rang r ON r.ligne_id = l.id WHERE l.mandat_id = $1 ORDER BY r.rang`, id)
		out, err = db.Collect(rows, err, func(s db.Scanner) (a string, err error) { return a, s.Scan(&a) })
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// What is read back is what was signed, to the last field.
func TestSignThenLoad(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.usager("sub1", "VASSELIN")
		m := b.sign(0, u, mandat.Semestre, "papiers", "argent")
		got := b.load(0, m.ID)
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
			if _, err := mandat.Load(t.Context(), tx, b.orgs[1].ID, m.ID); err == nil {
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
		if diff := cmp.Diff(want, b.lines(m.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

// mandats.md 8: the new mandat takes over what it lists, the rest stays; other
// structures' mandats do not move; expired ones keep their dates.
func TestSupersession(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.usager("sub1", "VASSELIN")
		first := b.sign(0, u, mandat.Annee, "papiers", "argent", "logement")
		other := b.sign(1, u, mandat.Annee, "argent")
		clock.Advance(time.Hour)
		second := b.sign(0, u, mandat.Mois, "argent", "justice")
		if diff := cmp.Diff([]demarche.Demarche{"argent", "justice", "logement", "papiers"}, b.live(0, u)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]demarche.Demarche{"argent"}, b.live(1, u)); diff != "" {
			t.Error(diff)
		}
		old := b.load(0, first.ID)
		if old.Replaced() || !old.Successeur.IsZero() || !old.Active(clock.Now()) {
			t.Errorf("partly replaced: %+v", old)
		}
		if a := old.Autorisations[0]; a.Demarche != "argent" || a.FinMotif != mandat.Remplace || !a.Fin.Equal(second.DateCreation) || !a.SeparatelyRevoked() {
			t.Errorf("argent: %+v", a)
		}
		third := b.sign(0, u, mandat.Mois, "papiers", "logement")
		old = b.load(0, first.ID)
		if !old.Replaced() || old.Successeur != third.ID {
			t.Errorf("fully replaced: %v %v", old.Replaced(), old.Successeur)
		}
		if b.load(1, other.ID).Autorisations[0].Revoked() {
			t.Error("another structure's mandat was touched")
		}
		want := []string{
			"create_attestation", "create_autorisation", "create_autorisation", "create_autorisation", "notify_usager",
			"cancel_autorisation", "cancel_autorisation", "cancel_autorisation", "supersede_mandat",
		}
		if diff := cmp.Diff(want, b.lines(first.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

// A mandat that expired without having been closed does not stand in the way
// of the next, and ends at its own date.
func TestSignAfterAnUnclosedExpiry(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.usager("sub1", "VASSELIN")
		first := b.sign(0, u, mandat.Jour, "papiers", "argent")
		clock.Advance(48 * time.Hour)
		b.sign(0, u, mandat.Jour, "papiers")
		old := b.load(0, first.ID)
		for _, a := range old.Autorisations {
			if a.FinMotif != mandat.Expire || !a.Fin.Equal(first.DateExpiration) || !a.FinConnue.Equal(clock.Now().Truncate(time.Millisecond)) {
				t.Errorf("%s: %+v", a.Demarche, a)
			}
		}
		want := []string{"create_attestation", "create_autorisation", "create_autorisation", "notify_usager", "end_mandat"}
		if diff := cmp.Diff(want, b.lines(first.ID)); diff != "" {
			t.Error(diff)
		}
		if n, err := (&mandat.Handlers{DB: d, Greffe: b.greffe}).CloseExpired(t.Context()); n != 0 || err != nil {
			t.Errorf("closed again: %d %v", n, err)
		}
	})
}

func TestCloseExpired(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u, v := b.usager("sub1", "VASSELIN"), b.usager("sub2", "ROUVERAY")
		short := b.sign(0, u, mandat.Jour, "papiers", "argent")
		long := b.sign(0, v, mandat.Mois, "papiers")
		h := &mandat.Handlers{DB: d, Greffe: b.greffe}
		for _, c := range []struct {
			at time.Time
			n  int
		}{{short.DateExpiration, 0}, {short.DateExpiration.Add(time.Millisecond), 1}, {short.DateExpiration.Add(time.Hour), 0}, {long.DateExpiration.Add(time.Second), 1}} {
			clock.Set(c.at)
			if n, err := h.CloseExpired(t.Context()); n != c.n || err != nil {
				t.Errorf("at %v: %d %v, want %d", c.at, n, err, c.n)
			}
		}
		m := b.load(0, short.ID)
		if m.FullyRevoked() || m.Onglet(clock.Now()) != mandat.Expires || !m.Autorisations[0].Fin.Equal(short.DateExpiration) {
			t.Errorf("%+v", m)
		}
		if diff := cmp.Diff([]string{"create_attestation", "create_autorisation", "notify_usager", "end_mandat"}, b.lines(long.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

// Two signatures at once for one person: one after the other, one live
// autorisation (mandats.md 3.6).
func TestTwoSignaturesAtOnce(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.usager("sub1", "VASSELIN")
		done := make(chan error, 4)
		for range 4 {
			go func() {
				done <- d.Update(context.Background(), func(tx *db.Tx) error {
					_, err := b.greffe.Sign(context.Background(), tx, b.actor(0), b.projet(0, u, "papiers", "argent"))
					return err
				})
			}()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]demarche.Demarche{"argent", "papiers"}, b.live(0, u)); diff != "" {
			t.Error(diff)
		}
		var ms []mandat.Mandat
		err := d.View(t.Context(), func(tx *db.Tx) (err error) {
			ms, err = mandat.OfUsager(t.Context(), tx, b.orgs[0].ID, u.ID)
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
		byName := map[string]ident.MandatID{}
		for i, s := range mandat.Situations {
			u := b.usager(fmt.Sprint("sub", i), fmt.Sprintf("NOM%02d", i))
			m := b.stored(s, u, now)
			byName[s.Nom] = m.ID
		}
		b.checkPredicates(now)
		b.checkLiveUsagers(now, byName)
	})
}

// stored writes a situation through the store, dates included.
func (b *banc) stored(s mandat.Situation, u usager.Usager, now time.Time) mandat.Mandat {
	b.t.Helper()
	ctx := b.t.Context()
	p := b.projet(0, u, demarche.Sorted(demarche.Keys())[:len(s.Fins)]...)
	m, err := mandat.Conclude(p, now.Add(s.Expire-31*24*time.Hour))
	if err != nil {
		b.t.Fatal(err)
	}
	b.update(func(tx *db.Tx) error {
		if err := b.greffe.Store(ctx, tx, m, p); err != nil {
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

// checkLiveUsagers walks the pages of LiveUsagers: each person with an active
// mandat once, in order, and nobody else.
func (b *banc) checkLiveUsagers(now time.Time, byName map[string]ident.MandatID) {
	b.t.Helper()
	var want, got []string
	for _, s := range mandat.Situations {
		if m := b.load(0, byName[s.Nom]); m.Active(now) {
			want = append(want, m.Identite.FamilyName)
		}
	}
	slices.Sort(want)
	r := mandat.Recherche{Limite: 3}
	for {
		var page []mandat.Mandant
		err := b.db.View(b.t.Context(), func(tx *db.Tx) (err error) {
			page, err = mandat.LiveUsagers(b.t.Context(), tx, b.orgs[0].ID, r)
			return err
		})
		if err != nil {
			b.t.Fatal(err)
		}
		for _, m := range page {
			got = append(got, m.Identite.FamilyName)
			r.ApresNom, r.Apres = m.NomTri, m.Usager
		}
		if len(page) < 3 {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Error(diff)
	}
}

// Search finds by the beginning of any word, without accents or case, and by
// the birth date; never another structure's people.
func TestLiveUsagersSearch(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		for i, nom := range []string{"BRÉMONTEUIL", "D'HAËNENS-L’HÉNAFFIC", "ŒUVRARD-LÆTZIG", "VASSELIN"} {
			b.sign(0, b.usager(fmt.Sprint("sub", i), nom), mandat.Mois, "papiers")
		}
		b.sign(1, b.usager("sub9", "BREMOND"), mandat.Mois, "papiers")
		for q, want := range map[string]string{
			"brem": "BRÉMONTEUIL", "Brém": "BRÉMONTEUIL", "monteuil": "", "henaffic": "D'HAËNENS-L’HÉNAFFIC", "l'hén d'h": "D'HAËNENS-L’HÉNAFFIC",
			"oeuv": "ŒUVRARD-LÆTZIG", "odile vass": "VASSELIN", "vass inconnue": "", "%": "BRÉMONTEUIL,D'HAËNENS-L’HÉNAFFIC,ŒUVRARD-LÆTZIG,VASSELIN",
			"04/11/1951 vas": "VASSELIN", "_": "BRÉMONTEUIL,D'HAËNENS-L’HÉNAFFIC,ŒUVRARD-LÆTZIG,VASSELIN",
		} {
			var got []string
			err := d.View(t.Context(), func(tx *db.Tx) error {
				ms, err := mandat.LiveUsagers(t.Context(), tx, b.orgs[0].ID, mandat.Recherche{Texte: q})
				got = nil
				for _, m := range ms {
					got = append(got, m.Identite.FamilyName)
				}
				return err
			})
			if err != nil || strings.Join(got, ",") != want {
				t.Errorf("%q finds %v, want %s (%v)", q, got, want, err)
			}
		}
	})
}

// The database itself refuses what the law refuses.
func TestTheDatabaseRefuses(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		u := b.usager("sub1", "VASSELIN")
		m := b.sign(0, u, mandat.Mois, "papiers")
		a := m.Autorisations[0]
		closed := b.sign(0, u, mandat.Mois, "papiers").Autorisations[0] // a is replaced now
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
				p := b.projet(0, u, "argent")
				p.Duree = mandat.Annee
				long, err := mandat.Conclude(p, clock.Now())
				if err != nil {
					return err
				}
				long.DateExpiration = long.DateExpiration.Add(time.Second)
				return b.greffe.Store(t.Context(), tx, long, p)
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
