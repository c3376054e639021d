// Package mesures is a program apart, run by « make bench »: it measures the
// whole service on SQLite and on PostgreSQL, with real commits, beside the
// limits of the machine found in the same run, so that each figure is a ratio
// that means something elsewhere (docs/mesures.md).
//
// It loads a database through the domain (structures, accounts, 20,000
// mandats, their journal), lets the journal verify it, then plays the aidants
// and FranceConnect against the handlers of server.New, and at last against
// the built program. The few rows that a person makes by hand (a web session,
// an accepted text, a dossier back from FranceConnect) are inserted as they
// would be: store.go.
//
// It owns no table and serves no URL. Nothing imports it.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"aidantsconnect/internal/croissance"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/machine"
)

// options are the flags.
type options struct {
	court     bool
	json      string
	base      string
	profil    string
	programme string
	garder    bool
	seulement string
	grand     int64

	mandatsMax int
	temps      time.Duration
}

func main() {
	var o options
	flag.BoolVar(&o.court, "court", false, "mesures brèves, sur une petite base (30 s environ)")
	flag.StringVar(&o.json, "json", "", "écrit aussi les chiffres dans ce `fichier`")
	flag.StringVar(&o.base, "base", "", "une seule base : sqlite ou postgres")
	flag.StringVar(&o.profil, "profil", "", "écrit les profils pprof dans ce `dossier`")
	flag.StringVar(&o.programme, "programme", "bin/aidantsconnect", "`chemin` du programme construit")
	flag.BoolVar(&o.garder, "garder", false, "garde les bases, pour les examiner")
	flag.StringVar(&o.seulement, "seulement", "", "pour un profil, une seule mesure : utilisations, mandats, pages, algorithmes, preuve, journal, neutre, listes ou fermeture")
	flag.Int64Var(&o.grand, "grand", 0, "prouve aussi dans un journal de ce `nombre` de lignes (6 Gio pour dix millions)")
	flag.IntVar(&o.mandatsMax, "mandats", 100_000, "avec -seulement listes, mesure les pages jusqu’à ce `nombre` de mandats, de dix en dix fois plus (14 Gio pour un million) ; avec -seulement fermeture, ceux de la structure qui ferme")
	flag.DurationVar(&o.temps, "duree", 0, "temps de chaque mesure, au lieu de 5s (1s avec -court)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "Usage : make bench [ARGS=\"options\"]\n\nMesure le service sur SQLite et PostgreSQL.")
		flag.PrintDefaults()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	child, err := croissance.Enfant(ctx)
	if !child {
		flag.Parse()
		err = run(ctx, o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mesures : échec :", err)
		stop()
		os.Exit(1)
	}
}

// run measures each database in turn, in a temporary folder that goes at the
// end.
func run(ctx context.Context, o options, w io.Writer) (err error) {
	begin := time.Now()
	dossier, err := os.MkdirTemp("", "mesures-")
	if err != nil {
		return err
	}
	if o.garder {
		fmt.Fprintln(os.Stderr, "Bases gardées dans", dossier)
	} else {
		defer func() { err = errors.Join(err, os.RemoveAll(dossier)) }()
	}
	m := machine.Read(dossier)
	fmt.Fprintln(w, m)
	r := rapport{Machine: m, Date: begin.UTC().Format(time.DateOnly), Court: o.court}
	if o.seulement == "" || o.seulement == motAlgorithmes {
		fmt.Fprintln(os.Stderr, "          algorithmes")
		if r.Algorithmes, err = matrix(ctx, planOf(o).duree/10); err != nil {
			return err
		}
		r.Algorithmes.print(w)
	}
	if o.seulement == "" || o.seulement == motPreuve {
		fmt.Fprintln(os.Stderr, "          preuve : attestations, octets par mandat")
		if r.Preuve, err = proofs(ctx, dossier, planOf(o).duree/5); err != nil {
			return err
		}
		r.Preuve.print(w)
	}
	for _, d := range []db.Dialect{db.SQLite, db.Postgres} {
		if o.base != "" && o.base != string(d) || o.seulement == motAlgorithmes || o.seulement == motPreuve {
			continue
		}
		folder := filepath.Join(dossier, string(d))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		b := &banc{options: o, plan: planOf(o), dialecte: d, dossier: folder}
		mesures, err := b.measureAll(ctx)
		if err = errors.Join(err, b.close(ctx)); err != nil {
			return fmt.Errorf("%s : %w", d, err)
		}
		mesures.print(w)
		r.Bases = append(r.Bases, mesures)
	}
	fmt.Fprintf(w, "Durée totale : %s.\n", time.Since(begin).Round(time.Second))
	if o.json == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(text, '\n'), 0o644)
}

// measureAll measures the service, then the journal by itself, as asked.
func (b *banc) measureAll(ctx context.Context) (m mesures, err error) {
	if b.seulement == motListes {
		err = b.profile(func() (err error) { m.Listes, err = b.listes(ctx); return err })
		return m, err
	}
	if b.seulement == motFermeture {
		m.Fermeture, err = b.fermeture(ctx)
		return m, err
	}
	if b.seulement != motJournal && b.seulement != motNeutre {
		if m, err = b.measure(ctx); err != nil {
			return m, err
		}
	}
	if b.seulement == "" || b.seulement == motJournal {
		if m.Journal, err = b.journal(ctx); err != nil {
			return m, err
		}
		m.Journal.against(m.Clients)
	}
	if b.seulement == "" || b.seulement == motNeutre {
		if m.Neutres, err = b.neutres(ctx); err != nil {
			return m, fmt.Errorf("réponses neutres : %w", err)
		}
	}
	return m, nil
}

// The values of -seulement that need none of the databases.
const motAlgorithmes, motPreuve = "algorithmes", "preuve"

// plan is how much is loaded and for how long each thing is measured.
type plan struct {
	usagers    int // of the structure where people are chosen
	structures int // the others
	chacune    int // usagers of each of them
	passes     int // mandats signed by each usager, one after the other
	duree      time.Duration
	// aSigner is how many mandats wait for their récapitulatif: each has its
	// own aidant, because a code serves once.
	aSigner [2]int // at one client, at eight
	departs int    // starts of the program
}

func planOf(o options) plan {
	p := plan{usagers: 2000, structures: 16, chacune: 500, passes: 2, duree: 5 * time.Second, aSigner: [2]int{1200, 1800}, departs: 5}
	if o.court {
		p = plan{usagers: 2000, structures: 2, chacune: 250, passes: 1, duree: time.Second, aSigner: [2]int{200, 300}, departs: 1}
	}
	p.duree = cmp.Or(o.temps, p.duree)
	return p
}

func (p plan) mandats() int { return p.passes * (p.usagers + p.structures*p.chacune) }

// parallele is the number of clients of the second measure of each thing.
const parallele = 8

// sessions is how many aidants of the great structure are signed in: each
// client plays them in turn, so that none has made hundreds of uses today.
const sessions = 12 * parallele
