package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/server"
)

// motJournal is the value of -seulement that measures the journal alone.
const motJournal = "journal"

// tailles are the trees whose proofs are measured. The last one is for
// « make bench-grand »: its nodes, ranks and entries are there, not the lines
// they stand for, which no proof reads.
func (o options) tailles() []int64 {
	switch {
	case o.court:
		return []int64{10_000, 50_000}
	case o.grand > 0:
		return []int64{10_000, 1_000_000, o.grand}
	}
	return []int64{10_000, 1_000_000}
}

// mesuresJournal is what the journal gave on one database.
type mesuresJournal struct {
	Base     string      `json:"base"`
	Debits   []debit     `json:"debits"`
	Tailles  []aTaille   `json:"tailles"`
	Actes    []surcharge `json:"actes"`
	Octets   float64     `json:"octets_par_ligne"`
	Ajout    float64     `json:"chargees_par_seconde"`
	Numerote float64     `json:"numerotees_par_seconde"`
	Verifie  float64     `json:"verifiees_par_seconde"`
	Lignes   int64       `json:"lignes_verifiees"`
}

// aTaille are the proofs in a tree of one size, in milliseconds.
type aTaille struct {
	Taille     int64    `json:"taille"`
	Inclusion  resultat `json:"inclusion"`
	Coherence  resultat `json:"coherence"`
	Chargement float64  `json:"chargement_s"`
}

// bancJournal is a journal apart, on a new database, and the nodes that write
// to it.
type bancJournal struct {
	*banc
	adresse string
	noeuds  []noeudJournal
	aidants []ident.AidantID
	usagers []ident.UsagerID
	taille  int64
	bords   bords
}

// noeudJournal is one process's view: its own connections, its own caches.
type noeudJournal struct {
	d *db.DB
	j *journal.Journal
}

const nombreNoeuds = 3

// journal measures the journal alone, without a page nor an act around it.
func (b *banc) journal(ctx context.Context) (m mesuresJournal, err error) {
	m.Base = string(b.dialecte)
	bj := &bancJournal{banc: b}
	defer func() {
		for _, n := range bj.noeuds {
			err = errors.Join(err, n.d.Close())
		}
	}()
	if err := bj.open(ctx); err != nil {
		return m, err
	}
	for _, c := range []struct{ clients, noeuds int }{{1, 1}, {parallele, 1}, {parallele, nombreNoeuds}} {
		if c.noeuds > len(bj.noeuds) {
			continue
		}
		step(b.dialecte, fmt.Sprintf("journal : %d écrivain(s), %d nœud(s)", c.clients, c.noeuds))
		d, err := bj.debit(ctx, c.clients, bj.noeuds[:c.noeuds])
		if err != nil {
			return m, fmt.Errorf("débit du journal : %w", err)
		}
		m.Debits = append(m.Debits, d)
	}
	if m.Actes, err = bj.surcharges(ctx); err != nil {
		return m, fmt.Errorf("ce que coûte le journal : %w", err)
	}
	if err := bj.grow(ctx, &m); err != nil {
		return m, fmt.Errorf("grands journaux : %w", err)
	}
	return m, nil
}

func (bj *bancJournal) open(ctx context.Context) error {
	address, err := bj.newDatabase(ctx, "journal")
	if err != nil {
		return err
	}
	bj.adresse = address
	box, err := secret.NewBox(secret.RandomKey())
	if err != nil {
		return err
	}
	pseudonyms := secret.RandomKey()
	n := 1
	if bj.dialecte == db.Postgres {
		n = nombreNoeuds
	}
	for i := range n {
		d, err := db.Open(ctx, address, db.Options{Clock: server.Now})
		if err != nil {
			return err
		}
		bj.noeuds = append(bj.noeuds, noeudJournal{d: d})
		if i == 0 {
			if err := d.Migrate(ctx); err != nil {
				return err
			}
		}
		keys, err := cle.Open(ctx, d, box)
		if err != nil {
			return err
		}
		if bj.noeuds[i].j, err = journal.Open(ctx, d, pseudonyms, keys, "mesures.example/journal"); err != nil {
			return err
		}
	}
	for range sessions {
		bj.aidants = append(bj.aidants, ident.New[ident.AidantID]())
	}
	for range 2000 {
		bj.usagers = append(bj.usagers, ident.New[ident.UsagerID]())
	}
	return nil
}

// entry is an act by anybody, about anybody: half of them are uses, the others
// belong to the signing of mandats, whose facts hold a digest of their own.
func (bj *bancJournal) entry() journal.Entry {
	e := journal.Entry{
		Initiateur: journal.Aidant, Aidant: bj.aidants[rand.IntN(len(bj.aidants))], Usager: bj.usagers[rand.IntN(len(bj.usagers))],
		Organisation: ident.New[ident.OrganisationID](), Mandat: ident.New[ident.MandatID](), Autorisation: ident.New[ident.AutorisationID](),
		Operation: ident.New[ident.OperationID](), Session: ident.New[ident.SessionID](),
	}
	all := demarche.Keys()
	one, other := all[rand.IntN(len(all))], all[rand.IntN(len(all))]
	switch rand.IntN(6) {
	case 0:
		e.Fait = fait.CreateAttestation{Demarches: []demarche.Demarche{one, other}, Jours: 365, DocumentEmpreinte: fait.Empreinte(secret.Random(8))}
	case 1, 2:
		e.Fait = fait.CreateAutorisation{Demarche: one, Jours: 365}
	default:
		e.Fait = fait.UseAutorisation{
			Demarche: one, Presence: fait.Present, RepScopeDemande: []demarche.Demarche{one, other}, RepScopeRendu: []demarche.Demarche{one},
		}
	}
	return e
}

// grow takes the journal to each size: by ordinary lines, numbered and then
// verified whole; to the greatest by the nodes alone.
func (bj *bancJournal) grow(ctx context.Context, m *mesuresJournal) error {
	before, err := bj.octets(ctx)
	if err != nil {
		return err
	}
	first := bj.taille
	for i, size := range bj.tailles() {
		step(bj.dialecte, fmt.Sprintf("journal de %d lignes", size))
		begin := time.Now()
		if i < 2 {
			err = bj.lines(ctx, size, m)
		} else {
			err = bj.tree(ctx, size)
		}
		if err != nil {
			return err
		}
		loaded := time.Since(begin).Seconds()
		if err := bj.settleJournal(ctx); err != nil {
			return err
		}
		if i < 2 {
			octets, err := bj.octets(ctx)
			if err != nil {
				return err
			}
			m.Octets = float64(octets-before) / float64(max(1, bj.taille-first))
		}
		if i == 1 {
			if err := bj.verifyAll(ctx, m); err != nil {
				return err
			}
		}
		t, err := bj.proofs(ctx, size)
		if err != nil {
			return err
		}
		t.Chargement = loaded
		m.Tailles = append(m.Tailles, t)
	}
	return nil
}

// lines appends ordinary lines, by big acts, and has them numbered.
func (bj *bancJournal) lines(ctx context.Context, size int64, m *mesuresJournal) error {
	if bj.taille >= size { // what was measured before made them
		return nil
	}
	n := bj.noeuds[0]
	p := newProgress("lignes", int(size-bj.taille))
	begin := time.Now()
	added := size - bj.taille
	for bj.taille < size {
		act := make([]journal.Entry, min(lotLignes, size-bj.taille))
		for i := range act {
			act[i] = bj.entry()
		}
		if err := n.d.Update(ctx, func(tx *db.Tx) error { return n.j.Append(ctx, tx, act...) }); err != nil {
			return err
		}
		bj.taille += int64(len(act))
		p.add(len(act))
	}
	p.end()
	m.Ajout = float64(added) / time.Since(begin).Seconds()
	begin = time.Now()
	done, err := n.j.Sequence(ctx)
	m.Numerote = float64(done) / time.Since(begin).Seconds()
	return err
}

// lotLignes is how many lines the loading appends at once.
const lotLignes = 1000

func (bj *bancJournal) verifyAll(ctx context.Context, m *mesuresJournal) error {
	step(bj.dialecte, "vérification de tout le journal")
	var r journal.Report
	begin := time.Now()
	err := bj.profileAs(string(bj.dialecte)+"-verification", func() (err error) { r, err = bj.noeuds[0].j.Verify(ctx); return err })
	if err != nil {
		return err
	}
	m.Lignes, m.Verifie = r.Taille, float64(r.Taille)/time.Since(begin).Seconds()
	return nil
}

// proofs proves ranks and sizes taken at random, as a page does: one reading
// transaction each. Every proof is checked, outside the time.
func (bj *bancJournal) proofs(ctx context.Context, size int64) (t aTaille, err error) {
	d := bj.noeuds[0].d
	t.Taille = size
	var root tlog.Hash
	err = d.View(ctx, func(tx *db.Tx) (err error) { root, err = tlog.TreeHash(size, journal.Noeuds(ctx, tx)); return err })
	if err != nil {
		return t, err
	}
	const times = 2000
	var inclusions, growths []time.Duration
	begin := time.Now()
	for range times {
		rang := rand.Int64N(size)
		var proof tlog.RecordProof
		start := time.Now()
		err := d.View(ctx, func(tx *db.Tx) (err error) {
			proof, err = tlog.ProveRecord(size, rang, journal.Noeuds(ctx, tx))
			return err
		})
		inclusions = append(inclusions, time.Since(start))
		if err != nil {
			return t, err
		}
		if err := bj.checkRecord(ctx, proof, size, rang, root); err != nil {
			return t, fmt.Errorf("proof of rank %d of %d: %w", rang, size, err)
		}
	}
	length := time.Since(begin)
	begin = time.Now()
	for range times {
		old := 1 + rand.Int64N(size-1)
		start := time.Now()
		err := d.View(ctx, func(tx *db.Tx) error { _, err := tlog.ProveTree(size, old, journal.Noeuds(ctx, tx)); return err })
		growths = append(growths, time.Since(start))
		if err != nil {
			return t, err
		}
	}
	t.Inclusion, t.Coherence = summary(inclusions, length), summary(growths, time.Since(begin))
	return t, nil
}

func (bj *bancJournal) checkRecord(ctx context.Context, proof tlog.RecordProof, size, rang int64, root tlog.Hash) error {
	var entry []byte
	err := bj.noeuds[0].d.View(ctx, func(tx *db.Tx) (err error) { entry, err = readEntree(ctx, tx, rang); return err })
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, size, root, rang, tlog.RecordHash(entry))
}

// settleJournal lets the database put its log away, as it does by itself.
func (bj *bancJournal) settleJournal(ctx context.Context) error {
	if bj.dialecte == db.SQLite {
		return nil
	}
	for _, statement := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
		if err := onPostgres(ctx, bj.adresse, statement); err != nil {
			return err
		}
	}
	return nil
}

// octets is how much the database takes.
func (bj *bancJournal) octets(ctx context.Context) (n int64, err error) {
	if bj.dialecte == db.SQLite {
		s, err := os.Stat(filepath.Join(bj.dossier, "journal.db"))
		if err != nil {
			return 0, err
		}
		return s.Size(), nil
	}
	err = bj.noeuds[0].d.View(ctx, func(tx *db.Tx) (err error) { n, err = databaseSize(ctx, tx); return err })
	return n, err
}
