package rapprochement_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/conservation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// What the child is told.
const (
	tueBase, tueActe = "AC_ESSAI_TUE_BASE", "AC_ESSAI_TUE_ACTE"
	tueInstant       = "AC_ESSAI_TUE_INSTANT"
	tueApres         = "AC_ESSAI_TUE_APRES" // transactions before kill -9; 0: none
)

// nombre is how many people each act is about: more than a batch.
const nombre = 60

type sourd struct{}

func (sourd) Envoyer(context.Context, outbox.Courriel) error { return nil }

// atelier is what the child needs of the program, on a database that is there.
type atelier struct {
	d *db.DB
	g *mandat.Greffe
	h *cessation.Handlers
	c *conservation.Handlers
}

func newAtelier(t *testing.T, base string, now func() time.Time) atelier {
	t.Helper()
	ctx, mute := context.Background(), slog.New(slog.DiscardHandler)
	d, err := db.Open(ctx, base, db.Options{Clock: now, Log: mute})
	must(t, err)
	box, err := secret.NewBox(testkit.Key(t, 1))
	must(t, err)
	cles, err := cle.Open(ctx, d, box)
	must(t, err)
	j, err := journal.Open(ctx, d, testkit.Key(t, 2), cles, "exemple.test/journal")
	must(t, err)
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: sourd{}, De: "a@exemple.test", Hote: "exemple.test", Log: mute})
	must(t, err)
	g := &mandat.Greffe{Journal: j, Outbox: o, Cles: cles, Service: "Aidants Connect", Origine: "https://aidants.example", SansPDF: true}
	return atelier{
		d, g,
		&cessation.Handlers{DB: d, Journal: j, Greffe: g, Fins: &fin.Actes{DB: d, Greffe: g, Journal: j, Outbox: o}, Champs: box},
		&conservation.Handlers{DB: d, Journal: j, Log: mute},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEnfant is the program that is killed: this test program, started again.
// By itself it does nothing.
func TestEnfant(t *testing.T) {
	base := os.Getenv(tueBase)
	if base == "" {
		return
	}
	ms, err := strconv.ParseInt(os.Getenv(tueInstant), 10, 64)
	must(t, err)
	after, err := strconv.Atoi(os.Getenv(tueApres))
	must(t, err)
	var transactions atomic.Int64
	a := newAtelier(t, base, func() time.Time { transactions.Add(1); return time.UnixMilli(ms) })
	if after > 0 {
		limit := transactions.Load() + int64(after)
		go func() {
			for transactions.Load() < limit {
				runtime.Gosched()
			}
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // while that transaction runs
		}()
	}
	must(t, a.act(t.Context(), os.Getenv(tueActe)))
}

func (a atelier) act(ctx context.Context, name string) error {
	switch name {
	case "conservation":
		_, err := a.c.Run(ctx)
		return err
	case "transfert":
		_, err := a.h.Run(ctx)
		return err
	}
	for { // renew whoever has one mandat only
		done := false
		err := a.d.Update(ctx, func(tx *db.Tx) (err error) {
			done, err = a.renew(ctx, tx)
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

func (a atelier) renew(ctx context.Context, tx *db.Tx) (done bool, err error) {
	rows, err := tx.Query(ctx, `SELECT m.id, m.organisation_id, m.aidant_id, m.usager_id FROM mandat m WHERE (SELECT count(*) FROM mandat x WHERE x.usager_id = m.usager_id) = 1 ORDER BY m.id LIMIT 1`)
	all, err := db.Collect(rows, err, func(s db.Scanner) (m mandat.Mandat, err error) {
		return m, s.Scan(&m.ID, &m.Organisation, &m.Aidant, &m.Usager)
	})
	if err != nil || len(all) == 0 {
		return true, err
	}
	m := all[0]
	u, err := usager.Load(ctx, tx, m.Usager)
	if err != nil {
		return false, err
	}
	p := testkit.Projet(demarche.Papiers, demarche.Argent)
	p.Organisation, p.Aidant, p.Usager, p.IdentiteID, p.Identite = m.Organisation, m.Aidant, u.ID, u.IdentiteID, u.Identite
	_, err = a.g.Sign(ctx, tx, actor.Actor{Aidant: m.Aidant, Organisation: m.Organisation, Session: ident.New[ident.SessionID]()}, p)
	return false, err
}

// TestKilled kills the program (kill -9) in the middle of renewals, of the
// transfer of a structure's mandats, of a retention run, several times each:
// after each, the journal verifies and says what the tables say; started again,
// it ends the work, nothing lost, nothing done twice.
func TestKilled(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(testkit.Start)
	base := testkit.NewDatabase(t, db.SQLite)
	d, err := db.Open(t.Context(), base, db.Options{Clock: clock.Now, Log: testkit.Log(t)})
	must(t, err)
	defer func() { must(t, d.Close()) }()
	b := testkit.NewBanc(t, d, clock)
	b.Greffe.SansPDF = true
	for i := range nombre {
		b.Sign(0, b.Usager(fmt.Sprint("sub", i), "VASSELIN"), mandat.Mois, "papiers")
	}
	b.Update(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE aidant SET role_gestion = 'admin_metier'`)
		return err
	})
	a := newAtelier(t, base, clock.Now)
	defer func() { must(t, a.d.Close()) }()
	gaps := func() (out []string) {
		found, err := rapprochement.Run(t.Context(), d, b.Greffe.Journal)
		must(t, err)
		for _, e := range found {
			out = append(out, e.Phrase())
		}
		return out
	}
	before := gaps()
	count := func(query string) (n int) {
		must(t, d.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&n) }))
		return n
	}
	play := func(acte string, counts map[string]int) {
		t.Helper()
		for _, after := range []int{2, 9, 31, 0} {
			c := exec.Command(os.Args[0], "-test.run", "^TestEnfant$")
			c.Env = append(os.Environ(), tueBase+"="+base, tueActe+"="+acte, tueInstant+"="+strconv.FormatInt(clock.Now().UnixMilli(), 10), tueApres+"="+strconv.Itoa(after))
			said, err := c.CombinedOutput()
			if killed := strings.Contains(fmt.Sprint(err), "killed"); killed != (after > 0) {
				t.Fatalf("%s, %d transactions: %v %s", acte, after, err, said)
			}
			if _, err := journal.Audit(t.Context(), d, nil); err != nil {
				t.Errorf("%s, killed after %d: %v", acte, after, err)
			}
			if got := gaps(); !slices.Equal(got, before) {
				t.Errorf("%s, killed after %d: the journal and the tables differ: %v", acte, after, got)
			}
		}
		for query, want := range counts {
			if got := count(query); got != want {
				t.Errorf("%s: %d, want %d: %s", acte, got, want, query)
			}
		}
	}
	play("renouvellement", map[string]int{
		`SELECT count(*) FROM mandat`:                                            2 * nombre,
		`SELECT count(*) FROM autorisation WHERE fin IS NULL`:                    2 * nombre,
		`SELECT count(*) FROM journal_ligne WHERE action = 'create_attestation'`: 2 * nombre,
		`SELECT count(*) FROM journal_ligne WHERE action = 'supersede_mandat'`:   nombre,
		`SELECT count(*) FROM mandat_document`:                                   2 * nombre,
		`SELECT count(DISTINCT usager_id) FROM autorisation WHERE fin IS NULL`:   nombre,
	})
	b.Update(func(tx *db.Tx) error {
		h := a.h
		id, err := h.Ask(t.Context(), tx, b.Aidants[0].ID, cessation.Demande{Genre: cessation.Transfert, Siret: b.Orgs[0].Siret, Cible: b.Orgs[1].Siret, Motif: "fusion", Reference: "Arrêté 2026-12"})
		if err != nil {
			return err
		}
		return h.Decide(t.Context(), tx, b.Actor(1), id, "approuve")
	})
	before = gaps()
	play("transfert", map[string]int{
		`SELECT count(*) FROM mandat`:                                              3 * nombre,
		`SELECT count(*) FROM journal_ligne WHERE action = 'transfer_mandat'`:      nombre,
		`SELECT count(*) FROM mandat_fin WHERE motif = 'transfere'`:                nombre,
		`SELECT count(*) FROM cessation WHERE date_fin IS NOT NULL AND faits = 60`: 1,
		`SELECT count(DISTINCT usager_id) FROM autorisation WHERE fin IS NULL`:     nombre,
	})
	clock.Advance(7 * 366 * 24 * time.Hour)
	play("conservation", map[string]int{
		`SELECT count(*) FROM mandat`: 0, `SELECT count(*) FROM usager`: 0, `SELECT count(*) FROM mandat_document`: 0,
		`SELECT sum(mandats) FROM conservation_passage`:                    3 * nombre,
		`SELECT sum(usagers) FROM conservation_passage`:                    nombre,
		`SELECT count(*) FROM journal_ligne WHERE action = 'erase_usager'`: nombre,
		`SELECT count(*) FROM conservation_passage WHERE termine`:          1,
	})
}
