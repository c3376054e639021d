package mandat_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

// etats are the states of a mandat, by the methods or by their SQL twins.
type etats struct {
	Actif, Revoque, Expire, Remplace, Perime, Renouvelable, Bientot bool
	Accorde                                                         bool
	Onglet                                                          mandat.Onglet
	Vivantes, Ouvertes, NonRevoquees                                int // autorisations
}

// checkPredicates compares, on every mandat of the database, what the methods
// say with what their SQL twins say, at now.
func (b *banc) checkPredicates(now time.Time) {
	b.T.Helper()
	ctx := b.T.Context()
	type ligne struct {
		id ident.MandatID
		etats
	}
	for i := range b.Orgs {
		org := b.Orgs[i].ID
		err := b.DB.View(ctx, func(tx *db.Tx) error {
			at := db.At(now)
			rows, err := tx.Query(ctx, `SELECT m.id, `+mandat.ActifSQL+`, `+mandat.RevoqueSQL+`, `+mandat.ExpireSQL+`, `+mandat.RemplaceSQL+`, `+mandat.PerimeSQL+`,
				`+mandat.RenouvelableSQL+`, `+mandat.BientotSQL+`$4), `+mandat.AccordeSQL+`, `+mandat.OngletSQL+`,
				(SELECT count(*) FROM autorisation t WHERE t.mandat_id = m.id AND `+mandat.VivanteSQL+`$2)),
				(SELECT count(*) FROM autorisation t WHERE t.mandat_id = m.id AND `+mandat.OuverteSQL+`),
				(SELECT count(*) FROM autorisation t WHERE t.mandat_id = m.id AND `+mandat.NonRevoqueeSQL+`) FROM mandat m`, org, at, mandat.SeuilVisible(at), mandat.SeuilBientot(at))
			all, err := db.Collect(rows, err, func(s db.Scanner) (l ligne, err error) {
				return l, s.Scan(&l.id, &l.Actif, &l.Revoque, &l.Expire, &l.Remplace, &l.Perime, &l.Renouvelable, &l.Bientot, &l.Accorde, &l.Onglet, &l.Vivantes, &l.Ouvertes, &l.NonRevoquees)
			})
			if err != nil {
				return err
			}
			for _, l := range all {
				var owner ident.OrganisationID
				if err := tx.QueryRow(ctx, `SELECT organisation_id FROM mandat WHERE id = $1`, l.id).Scan(&owner); err != nil {
					return err
				}
				m, err := mandat.Load(ctx, tx, owner, l.id)
				if err != nil {
					return err
				}
				want := etats{
					m.Active(now), m.FullyRevoked(), m.Expired(now) && !m.FullyRevoked(), m.Replaced(), m.Outdated(now), m.Renewable(org, now), m.ExpiresSoon(now),
					m.Accord.Usable(now), m.Onglet(now), len(m.Live(now)), 0, 0,
				}
				for _, a := range m.Autorisations {
					if a.Fin.IsZero() {
						want.Ouvertes++
					}
					if !a.Revoked() {
						want.NonRevoquees++
					}
				}
				if diff := cmp.Diff(want, l.etats); diff != "" {
					b.T.Errorf("mandat to %v, ends %+v, at %v: methods and SQL differ: %s", m.DateExpiration, m.Autorisations, now, diff)
				}
			}
			return nil
		})
		if err != nil {
			b.T.Fatal(err)
		}
	}
}

// checkListes compares what the lists walk with what the methods say, at now: a
// person whose counts are true until then has those mandats in each tab.
func (b *banc) checkListes(now time.Time) (checked int) {
	b.T.Helper()
	ctx := b.T.Context()
	type ligne struct {
		org                       ident.OrganisationID
		usager                    ident.UsagerID
		actifs, expires, revoques int
		revoir                    db.Time
	}
	err := b.DB.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT r.organisation_id, r.usager_id, r.actifs, r.expires, r.revoques, r.revoir FROM mandat_relation r`)
		all, err := db.Collect(rows, err, func(s db.Scanner) (l ligne, err error) {
			return l, s.Scan(&l.org, &l.usager, &l.actifs, &l.expires, &l.revoques, &l.revoir)
		})
		for _, l := range all {
			if l.revoir.Time().Before(now) {
				continue // the lists read the mandats
			}
			checked++
			ms, err := mandat.OfUsager(ctx, tx, l.org, l.usager)
			if err != nil {
				return err
			}
			n := map[mandat.Onglet]int{}
			for _, m := range ms {
				n[m.Onglet(now)]++
			}
			if n[mandat.Actifs] != l.actifs || n[mandat.Expires] != l.expires || n[mandat.Revoques] != l.revoques {
				b.T.Errorf("at %v, %d mandats to %v: counted %+v, want %v", now, len(ms), ms[0].DateExpiration, l, n)
			}
		}
		return err
	})
	if err != nil {
		b.T.Fatal(err)
	}
	return checked
}

// checkComptes compares the figures of a structure with what the methods say.
func (b *banc) checkComptes(now time.Time) {
	b.T.Helper()
	ctx := b.T.Context()
	err := b.DB.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT m.id FROM mandat m WHERE m.organisation_id = $1`, b.Orgs[0].ID)
		ids, err := db.Collect(rows, err, func(s db.Scanner) (id ident.MandatID, err error) { return id, s.Scan(&id) })
		if err != nil {
			return err
		}
		want, people := mandat.Compte{Crees: len(ids)}, map[ident.UsagerID]bool{}
		for _, id := range ids {
			m, err := mandat.Load(ctx, tx, b.Orgs[0].ID, id)
			if err != nil {
				return err
			}
			if m.Active(now) {
				want.Actifs++
				people[m.Usager] = true
			}
			if m.ExpiresSoon(now) {
				want.Bientot++
			}
		}
		want.Usagers = len(people)
		got, err := mandat.CountFor(ctx, tx, b.Orgs[0].ID)
		got.NonSignes, got.Incomplets = 0, 0
		if diff := cmp.Diff(want, got); diff != "" {
			b.T.Errorf("figures at %v (-rules +counted):\n%s", now, diff)
		}
		return err
	})
	if err != nil {
		b.T.Fatal(err)
	}
}

// One predicate per state: whatever the ends of a mandat and whatever the
// instant, the methods and the statements agree, on both databases.
func TestPredicatesAgreeOnAnyMandat(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		b.Greffe.SansPDF = true
		r := rand.New(rand.NewPCG(5, 20))
		now := clock.Now().Truncate(time.Millisecond)
		motifs := []mandat.Motif{mandat.RevoqueUsager, mandat.Renonciation, mandat.Remplace, mandat.Remplace, mandat.Deces, mandat.Transfere}
		steps := []time.Duration{-24 * time.Hour, -time.Millisecond, 0, time.Millisecond, 24 * time.Hour}
		marks := []time.Duration{0, 30 * 24 * time.Hour, -365 * 24 * time.Hour}
		for i := range 60 {
			s := mandat.Situation{Nom: fmt.Sprint("random ", i), Expire: marks[r.IntN(3)] + steps[r.IntN(5)]}
			if r.IntN(3) == 0 {
				s.Expire = time.Duration(r.IntN(800)-400) * 24 * time.Hour
			}
			for range 1 + r.IntN(3) {
				switch closed := s.Expire < 0 && r.IntN(2) == 0; {
				case r.IntN(2) == 0 && !closed:
					s.Fins = append(s.Fins, mandat.FinTest{})
				case closed:
					s.Fins = append(s.Fins, mandat.FinTest{Motif: mandat.Expire, Il: -s.Expire})
				default:
					ago := []time.Duration{time.Hour, 365 * 24 * time.Hour, 365*24*time.Hour + time.Millisecond}[r.IntN(3)]
					s.Fins = append(s.Fins, mandat.FinTest{Motif: motifs[r.IntN(len(motifs))], Il: max(ago, -s.Expire+time.Hour)})
				}
			}
			b.stored(s, b.Usager(fmt.Sprint("sub", i), fmt.Sprintf("NOM%02d", i)), now)
		}
		// What the lists walk is true as long as it says, and no longer: counted
		// by the acts, then again by the task.
		b.checkListes(now)
		h := mandat.Handlers{DB: d, Greffe: b.Greffe}
		for _, step := range append(steps[2:], 40*24*time.Hour, 400*24*time.Hour) { // no clock goes back
			b.checkPredicates(now.Add(step))
			b.checkListes(now.Add(step))
			clock.Set(now.Add(step))
			b.checkComptes(now.Add(step)) // most are to be counted again
			if _, err := h.Relist(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := b.checkListes(now.Add(step)); n != 60 {
				t.Errorf("after the task, %d people are counted", n)
			}
			b.checkComptes(now.Add(step))
		}
	})
}
