package journal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

const origine = "aidants.exemple.fr/journal"

// monde is a journal with who appears in it.
type monde struct {
	d          *db.DB
	j          *journal.Journal
	pseudonyms secret.Key
	box        *secret.Box
	aidant     ident.AidantID
	usager     ident.UsagerID
	org        ident.OrganisationID
}

func newMonde(t testing.TB, d *db.DB) *monde {
	t.Helper()
	box, err := secret.NewBox(secret.RandomKey())
	if err != nil {
		t.Fatal(err)
	}
	m := &monde{
		d: d, pseudonyms: secret.RandomKey(), box: box,
		aidant: ident.New[ident.AidantID](), usager: ident.New[ident.UsagerID](), org: ident.New[ident.OrganisationID](),
	}
	m.j = m.open(t)
	return m
}

// open opens the same journal again, as another process would.
func (m *monde) open(t testing.TB) *journal.Journal {
	t.Helper()
	keys, err := cle.Open(t.Context(), m.d, m.box)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), m.d, m.pseudonyms, keys, origine)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (m *monde) entry(f fait.Fait) journal.Entry {
	return journal.Entry{
		Initiateur: journal.Aidant, Aidant: m.aidant, Usager: m.usager, Organisation: m.org,
		Mandat: ident.New[ident.MandatID](), Autorisation: ident.New[ident.AutorisationID](),
		Operation: ident.New[ident.OperationID](), Session: ident.New[ident.SessionID](), Fait: f,
	}
}

func (m *monde) use() journal.Entry {
	return m.entry(fait.UseAutorisation{Demarche: demarche.Papiers, Presence: fait.Present})
}

func (m *monde) append(t testing.TB, entries ...journal.Entry) {
	t.Helper()
	if err := m.tryAppend(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
}

func (m *monde) tryAppend(ctx context.Context, entries ...journal.Entry) error {
	return m.d.Update(ctx, func(tx *db.Tx) error { return m.j.Append(ctx, tx, entries...) })
}

func (m *monde) sequence(t testing.TB, want int) {
	t.Helper()
	if n, err := m.j.Sequence(t.Context()); err != nil || n != want {
		t.Fatalf("sequenced %d lines instead of %d: %v", n, want, err)
	}
}

func (m *monde) verify(t testing.TB) journal.Report {
	t.Helper()
	r, err := m.j.Verify(t.Context())
	if err != nil {
		t.Fatalf("%v: %+v", err, r.Fautes)
	}
	return r
}

func (m *monde) view(t testing.TB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := m.d.View(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func (m *monde) count(t testing.TB, table string) (n int) {
	t.Helper()
	m.view(t, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n)
	})
	return n
}

func TestAppendSequenceVerify(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		if r := m.verify(t); r.Taille != 0 || r.Points != 0 || r.Racine.String() != "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
			t.Errorf("empty journal: %+v", r)
		}
		m.sequence(t, 0)
		mandat := m.entry(fait.CreateAttestation{Demarches: demarche.Keys(), Jours: 365, DocumentEmpreinte: fait.Empreinte([]byte("doc"))})
		m.append(t, mandat, m.use(), journal.Entry{Initiateur: journal.Systeme, Fait: fait.PurgeRetention{Donnees: "bail", Lignes: 3}})
		if r := m.verify(t); r.EnAttente != 3 || r.Lignes != 3 || r.Taille != 0 {
			t.Errorf("before sequencing: %+v", r)
		}
		m.sequence(t, 3)
		m.sequence(t, 0)
		m.append(t, m.use())
		m.sequence(t, 1)
		r := m.verify(t)
		if r.Taille != 4 || r.EnAttente != 0 || r.Points != 2 || !strings.HasPrefix(r.Dernier, origine+"\n4\n"+r.Racine.String()+"\n\n— "+origine+" ") {
			t.Errorf("report: %+v", r)
		}
		if a, err := journal.Audit(t.Context(), d, nil); err != nil || a.Racine != r.Racine || a.Origine != origine {
			t.Errorf("audit: %+v, %v", a, err)
		}
		m.view(t, func(ctx context.Context, tx *db.Tx) error {
			all, err := m.j.List(ctx, tx, journal.Filtre{})
			if err != nil || len(all) != 4 {
				t.Fatalf("%d lines, %v", len(all), err)
			}
			got := all[3] // the oldest
			if got.Action != "create_attestation" || got.Rang != 0 || got.Mandat != mandat.Mandat || got.Instant != tx.Now || got.Fait.(fait.CreateAttestation).Jours != 365 {
				t.Errorf("line: %+v", got)
			}
			if all[1].Aidant != "" || all[2].Usager != got.Usager || len(got.Usager) != 32 || got.Usager == got.Aidant {
				t.Errorf("pseudonyms: %+v", all)
			}
			return nil
		})
	})
}

func TestListFilters(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		other := m.use()
		other.Usager, other.Organisation, other.Aidant = ident.New[ident.UsagerID](), ident.New[ident.OrganisationID](), ident.New[ident.AidantID]()
		mine := m.use()
		card := m.entry(fait.CardValidation{Genre: fait.FacteurCarte, NumeroSerie: "GADT0001234"})
		card.Initiateur, card.Aidant, card.Concerne = journal.Referent, other.Aidant, m.aidant
		m.append(t, mine, other, card)
		for name, c := range map[string]struct {
			f    journal.Filtre
			want int
		}{
			"all":            {journal.Filtre{}, 3},
			"limit":          {journal.Filtre{Limite: 2}, 2},
			"action":         {journal.Filtre{Action: "use_autorisation"}, 2},
			"aidant":         {journal.Filtre{Aidant: m.aidant}, 2},
			"usager":         {journal.Filtre{Usager: other.Usager}, 1},
			"usager, action": {journal.Filtre{Usager: m.usager, Action: "card_validation"}, 1},
			"organisation":   {journal.Filtre{Organisation: m.org}, 2},
			"mandat":         {journal.Filtre{Mandat: mine.Mandat}, 1},
			"two criteria":   {journal.Filtre{Mandat: mine.Mandat, Usager: other.Usager}, 0},
			"stranger":       {journal.Filtre{Usager: ident.New[ident.UsagerID]()}, 0},
		} {
			m.view(t, func(ctx context.Context, tx *db.Tx) error {
				got, err := m.j.List(ctx, tx, c.f)
				if err != nil || len(got) != c.want {
					t.Errorf("%s: %d lines instead of %d, %v", name, len(got), c.want, err)
				}
				return nil
			})
		}
		m.view(t, func(ctx context.Context, tx *db.Tx) error {
			page, err := m.j.List(ctx, tx, journal.Filtre{Limite: 2})
			if err != nil {
				return err
			}
			rest, err := m.j.List(ctx, tx, journal.Filtre{Avant: page[1].ID})
			if err != nil || len(rest) != 1 || rest[0].Mandat != mine.Mandat {
				t.Errorf("second page: %+v, %v", rest, err)
			}
			n, err := m.j.Count(ctx, tx, "use_autorisation")
			if err != nil || n != 2 {
				t.Errorf("%d uses, %v", n, err)
			}
			return nil
		})
	})
}

func TestRolledBackActLeavesNothing(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		stop := errors.New("stop")
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			if err := m.j.Append(t.Context(), tx, m.use(), m.use()); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		empty := func(when string) {
			for _, table := range []string{"journal_ligne", "journal_contenu", "journal_attente", "journal_pseudonyme"} {
				if n := m.count(t, table); n != 0 {
					t.Errorf("%s: %d rows in %s", when, n, table)
				}
			}
		}
		empty("after an error")
		// Each statement of an act fails in turn.
		m.append(t, m.use())
		tables := 3
		if d.Dialect() == db.Postgres {
			tables = 1 // in one statement
		}
		n := d.Statements()
		if n != 2+tables+1 { // two new people, three tables, COMMIT
			t.Errorf("the first use of two people took %d statements", n)
		}
		m.append(t, m.use())
		if k := d.Statements(); k != 2*2+tables+1 { // read once it is committed
			t.Errorf("the second use took %d statements", k)
		}
		m.append(t, m.use(), m.use())
		if k := d.Statements(); k != tables+1 {
			t.Errorf("two lines of known people took %d statements", k)
		}
		before := m.count(t, "journal_ligne")
		for i := 1; i <= n; i++ {
			d.FailAt(i)
			fresh := *m
			fresh.usager, fresh.aidant = ident.New[ident.UsagerID](), ident.New[ident.AidantID]()
			if err := fresh.tryAppend(t.Context(), fresh.use()); !errors.Is(err, db.ErrInjected) {
				t.Errorf("statement %d: %v", i, err)
			}
		}
		d.FailAt(0)
		if after := m.count(t, "journal_ligne"); after != before || m.count(t, "journal_pseudonyme") != 2 {
			t.Error("a failed act left something")
		}
		m.sequence(t, 4)
		m.verify(t)
	})
}

// TestPseudonymOfARolledBackAct: what a lost transaction invented is not used.
func TestPseudonymOfARolledBackAct(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		stop := errors.New("stop")
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			for range 2 { // two appends of one act agree on the name
				if err := m.j.Append(t.Context(), tx, m.use()); err != nil {
					return err
				}
			}
			all, err := m.j.List(t.Context(), tx, journal.Filtre{Usager: m.usager})
			if err != nil || len(all) != 2 {
				t.Errorf("%d lines, %v", len(all), err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		other := *m
		other.j = m.open(t)
		other.append(t, m.use()) // another node is first
		m.append(t, m.use())
		m.append(t, m.use())
		m.view(t, func(ctx context.Context, tx *db.Tx) error {
			for _, j := range []*journal.Journal{m.j, other.j} {
				if all, err := j.List(ctx, tx, journal.Filtre{Usager: m.usager, Aidant: m.aidant}); err != nil || len(all) != 3 {
					t.Errorf("%d lines, %v", len(all), err)
				}
			}
			return nil
		})
	})
}

func TestRefusedEntryFailsTheAct(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		if err := m.tryAppend(t.Context(), m.use(), m.entry(fait.RefuseToken{Motif: "un texte libre"})); err == nil {
			t.Error("free text was accepted")
		}
		if n := m.count(t, "journal_ligne"); n != 0 {
			t.Errorf("%d lines", n)
		}
	})
}

func TestOrigineIsFixed(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		keys, err := cle.Open(t.Context(), d, m.box)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Open(t.Context(), d, m.pseudonyms, keys, "autre.exemple.fr/journal"); !errors.Is(err, journal.ErrOrigine) {
			t.Errorf("another origin: %v", err)
		}
		if _, err := journal.Open(t.Context(), d, m.pseudonyms, keys, "deux mots"); err == nil {
			t.Error("an origin with a blank was accepted")
		}
		if _, err := journal.Open(t.Context(), d, secret.Key{}, keys, origine); !errors.Is(err, secret.ErrWeakKey) {
			t.Errorf("no key: %v", err)
		}
		m.open(t)
	})
}

func TestPeopleAreForgotten(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		m.append(t, m.use())
		m.sequence(t, 1)
		name := func() (n string) {
			m.view(t, func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = m.j.PseudonymeUsager(ctx, tx, m.usager)
				return err
			})
			return n
		}
		before := name()
		if again := m.open(t); again == nil || before == "" {
			t.Fatal("no pseudonym")
		}
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			if err := m.j.ForgetUsager(t.Context(), tx, m.usager); err != nil {
				return err
			}
			lignes, err := m.j.List(t.Context(), tx, journal.Filtre{Organisation: m.org})
			if err != nil {
				return err
			}
			return m.j.EraseContent(t.Context(), tx, lignes[0].ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		if name() != "" {
			t.Error("the pseudonym is still known")
		}
		if r := m.verify(t); r.Effaces != 1 || r.Taille != 1 {
			t.Errorf("report: %+v", r)
		}
		m.append(t, m.use())
		if after := name(); after == "" || after == before {
			t.Errorf("pseudonym after erasure: %q, before %q", after, before)
		}
		m.view(t, func(ctx context.Context, tx *db.Tx) error {
			all, err := m.j.List(ctx, tx, journal.Filtre{Organisation: m.org})
			if err != nil || len(all) != 2 || all[1].Fait != nil || all[0].Fait == nil {
				t.Errorf("lines: %+v, %v", all, err)
			}
			return nil
		})
	})
}

// TestNothingPersonalIsStored looks for identifiers of people in every column.
func TestNothingPersonalIsStored(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		e := m.use()
		m.append(t, e)
		m.view(t, func(ctx context.Context, tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT l.aidant, l.usager, l.session_empreinte, c.contenu FROM journal_ligne AS l JOIN journal_contenu AS c ON c.ligne_id = l.id`)
			all, err := db.Collect(rows, err, func(s db.Scanner) (string, error) {
				var a, u, x, c []byte
				err := s.Scan(&a, &u, &x, &c)
				return fmt.Sprintf("%s %s %x %s", a, u, x, c), err
			})
			for _, secret := range []string{m.aidant.String(), m.usager.String(), e.Session.String()} {
				if len(all) != 1 || strings.Contains(all[0], secret) {
					t.Errorf("stored: %s", all)
				}
			}
			return err
		})
	})
}

func TestDatabaseRefusesToRewrite(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		m.append(t, m.use(), m.use())
		m.sequence(t, 2)
		statements := []string{`UPDATE journal_contenu SET contenu = '{}'`}
		for table, column := range map[string]string{
			"journal_origine": "origine", "journal_ligne": "action", "journal_rang": "rang", "journal_noeud": "indice", "journal_point": "note",
		} {
			statements = append(statements, `DELETE FROM `+table, fmt.Sprintf(`UPDATE %s SET %s = %s`, table, column, column))
			if d.Dialect() == db.Postgres {
				statements = append(statements, `TRUNCATE `+table)
			}
		}
		for _, q := range statements {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), q)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "insertion seule") {
				t.Errorf("%s: %v", q, err)
			}
		}
		m.verify(t)
	})
}

// TestConcurrentActsAndSequencers: acts append while two nodes sequence.
func TestConcurrentActsAndSequencers(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		const actes, chacun = 8, 20
		ctx, done := context.WithCancel(t.Context())
		var writers, sequencers sync.WaitGroup
		for range actes {
			writers.Go(func() {
				for range chacun {
					if err := m.tryAppend(t.Context(), m.use()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for _, j := range []*journal.Journal{m.j, m.open(t)} {
			sequencers.Go(func() {
				for ctx.Err() == nil {
					if _, err := j.Sequence(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		done()
		sequencers.Wait()
		if _, err := m.j.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := m.verify(t); r.Taille != actes*chacun || r.EnAttente != 0 {
			t.Errorf("report: %+v", r)
		}
	})
}

// TestTwoSequencersWithoutLease: the keys, not the lease, keep the numbers.
func TestTwoSequencersWithoutLease(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		other := m.open(t)
		total := 0
		for range 10 {
			m.append(t, m.use(), m.use(), m.use())
			var group sync.WaitGroup
			var mu sync.Mutex
			for _, j := range []*journal.Journal{m.j, other} {
				group.Go(func() {
					n, _, err := j.SequenceWithoutLease(t.Context())
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
					}
					total += n
				})
			}
			group.Wait()
		}
		if r := m.verify(t); total != 30 || r.Taille != 30 || r.Points != 10 {
			t.Errorf("%d numbered, report %+v", total, r)
		}
	})
}

func TestLeaseKeepsOthersOut(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d)
		m.append(t, m.use())
		if ok, err := d.Lease(t.Context(), "journal", "un autre nœud", time.Minute); err != nil || !ok {
			t.Fatal(ok, err)
		}
		m.sequence(t, 0)
		clock.Advance(time.Minute)
		m.sequence(t, 1)
	})
}

// TestRandomBatches: whatever the batches, the journal verifies and every line
// has a proof that tlog accepts against the signed root; so has every older
// checkpoint against the last.
func TestRandomBatches(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		roots := map[int64]tlog.Hash{}
		rapid.Check(t, func(r *rapid.T) {
			for range rapid.IntRange(0, 2).Draw(r, "acts") {
				var act []journal.Entry
				for range rapid.IntRange(1, 5).Draw(r, "lines") {
					act = append(act, m.use())
				}
				m.append(t, act...)
			}
			if _, err := m.j.Sequence(t.Context()); err != nil {
				r.Fatal(err)
			}
			report, err := m.j.Verify(t.Context())
			if err != nil {
				r.Fatal(err, report.Fautes)
			}
			roots[report.Taille] = report.Racine
			if report.Taille == 0 {
				return
			}
			n := rapid.Int64Range(0, report.Taille-1).Draw(r, "rank")
			m.view(t, func(ctx context.Context, tx *db.Tx) error { return prove(ctx, tx, report, n, roots) })
		})
		report := m.verify(t)
		for size, root := range roots {
			m.view(t, func(ctx context.Context, tx *db.Tx) error {
				if size == 0 {
					return nil
				}
				p, err := tlog.ProveTree(report.Taille, size, journal.Noeuds(ctx, tx))
				if err != nil {
					return err
				}
				return tlog.CheckTree(p, report.Taille, report.Racine, size, root)
			})
		}
	})
}

func prove(ctx context.Context, tx *db.Tx, report journal.Report, n int64, roots map[int64]tlog.Hash) error {
	var entree []byte
	if err := tx.QueryRow(ctx, `SELECT entree FROM journal_rang WHERE rang = $1`, n).Scan(&entree); err != nil {
		return err
	}
	p, err := tlog.ProveRecord(report.Taille, n, journal.Noeuds(ctx, tx))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(p, report.Taille, roots[report.Taille], n, tlog.RecordHash(entree))
}

// TestBatchesOfAThousand: more lines than one transaction numbers.
func TestBatchesOfAThousand(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d)
		act := make([]journal.Entry, 1100)
		for i := range act {
			act[i] = m.use()
		}
		m.append(t, act...)
		m.sequence(t, 1100)
		var seen []int64
		r, err := m.j.VerifyProgress(t.Context(), func(done, total int64) { seen = append(seen, done, total) })
		if err != nil || r.Taille != 1100 || r.Points != 2 {
			t.Errorf("report: %+v, %v", r, err)
		}
		if fmt.Sprint(seen) != "[1000 1100 1100 1100]" {
			t.Errorf("progress: %v", seen)
		}
	})
}

// TestActsDoNotFight: acts about different usagers, at once, are never run
// twice because of the journal (see connus, and why there is no foreign key).
func TestActsDoNotFight(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			log, lines := testkit.LogLines(t)
			d, err := db.Open(t.Context(), testkit.NewDatabase(t, dialect), db.Options{Clock: testkit.NewClock(testkit.Start).Now, Log: log})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			m := newMonde(t, d)
			m.append(t, m.use())
			m.append(t, m.use()) // the aidant is known from here on
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					for range 10 {
						one := *m
						one.usager = ident.New[ident.UsagerID]()
						if err := one.tryAppend(t.Context(), one.use()); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			if n := strings.Count(lines(), "tried again"); n != 0 {
				t.Errorf("%d transactions were run again", n)
			}
			m.sequence(t, 82)
			m.verify(t)
		})
	}
}
