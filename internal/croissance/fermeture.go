package croissance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/figurant"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/usager"
)

// Fermeture is what it cost to close a structure, and what was looked at after.
type Fermeture struct {
	Base     string  `json:"base"`
	Mandats  int     `json:"mandats"`
	Decision float64 `json:"decision_ms"`
	Tues     int     `json:"termines_avant_kill"` // ended when the process was killed
	Reprise  float64 `json:"reprise_s"`           // the rest, by another process
	Attente  float64 `json:"attente_max_ms"`      // the longest that another writer waited
	Mediane  float64 `json:"attente_p50_ms"`
	Mio      uint64  `json:"memoire_mio"` // reserved by the process that did the rest
	Lignes   int64   `json:"lignes_du_journal"`
}

// variableEnfant makes of this program the process to kill: the service of its
// environment, which does nothing but go on with what was approved.
const variableEnfant = "CROISSANCE_ENFANT"

// Enfant is that process. It tells whether this is one.
func Enfant(ctx context.Context) (bool, error) {
	if os.Getenv(variableEnfant) == "" {
		return false, nil
	}
	env := map[string]string{}
	for _, v := range os.Environ() {
		if k, x, _ := strings.Cut(v, "="); strings.HasPrefix(k, "AC_") && !strings.HasPrefix(k, "AC_TEST_") {
			env[k] = x
		}
	}
	cfg, err := server.LoadConfig(nil, env)
	if err != nil {
		return true, err
	}
	s, err := server.New(ctx, cfg, server.Options{Log: slog.New(slog.DiscardHandler), Clock: server.Now})
	if err != nil {
		return true, err
	}
	_, err = s.Cessations.Run(ctx)
	return true, errors.Join(err, s.Close())
}

// Fermer signs so many mandats with a structure, closes it through the act and
// its two persons, kills with -9 the process that ends the mandats, and looks at
// what another makes of the rest.
func Fermer(ctx context.Context, s *server.Server, env map[string]string, n int) (f Fermeture, err error) {
	f.Base, f.Mandats = string(s.DB.Dialect()), n
	l, team, err := remplir(ctx, s, n)
	if err != nil {
		return f, err
	}
	id, err := decider(ctx, s, l, team, &f)
	if err != nil {
		return f, err
	}
	if f.Tues, err = tuer(ctx, s, env, id, n/3); err != nil {
		return f, err
	}
	begin := time.Now()
	done := make(chan struct{})
	waits := make(chan []time.Duration, 1)
	go func() { waits <- attendre(ctx, s.DB, done) }()
	rest, err := s.Cessations.Run(ctx)
	close(done)
	all := <-waits
	if err != nil {
		return f, err
	}
	f.Reprise = time.Since(begin).Seconds()
	f.Mediane, f.Attente = bornes(all)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.Mio = m.Sys >> 20
	if f.Tues == 0 || rest == 0 {
		return f, fmt.Errorf("the process was not killed in the middle: %d mandats before, %d after", f.Tues, rest)
	}
	return f, regarder(ctx, s, l, id, &f)
}

// remplir opens the structure and two accounts of the team, and signs.
func remplir(ctx context.Context, s *server.Server, n int) (l Lieu, team [2]ident.AidantID, err error) {
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		if err := mandat.StoreTexte(ctx, tx, mandat.TexteCourant()); err != nil {
			return err
		}
		if l.Organisation, err = organisation.Create(ctx, tx, s.Journal, figurant.Organisation(8_000)); err != nil {
			return err
		}
		for i := range 3 {
			in := figurant.Aidant(8_000 + i)
			in.Organisation = l.Organisation.ID
			a, err := aidant.Create(ctx, tx, s.Journal, in)
			if err != nil {
				return err
			}
			if i == 2 {
				l.Structure = Structure{l.Organisation.ID, a.ID}
				continue
			}
			team[i] = a.ID
			if _, err := aidant.SetRole(ctx, tx, a.ID, actor.AdminMetier); err != nil {
				return err
			}
			if err := s.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Admin, Concerne: a.ID, Fait: fait.GrantStaff{Role: string(actor.AdminMetier)}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return l, team, err
	}
	a := &Atelier{Serveur: s}
	greffe := *s.Mandats.Greffe
	greffe.SansPDF = true // twenty thousand of them
	for from := 0; from < n; from += 50 {
		err = s.DB.Update(ctx, func(tx *db.Tx) error {
			for i := from; i < min(from+50, n); i++ {
				r := usager.Recue{SubFC: fmt.Sprint("fermeture-", i), Identite: figurant.Identite(i, true)}
				u, err := s.Usagers.Receive(ctx, tx, r, usager.Acte{Aidant: l.Aidant, Organisation: l.ID, Operation: ident.New[ident.OperationID]()})
				if err != nil {
					return err
				}
				if _, err := a.sign(ctx, tx, &greffe, l, u, mandat.Annee); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return l, team, err
		}
	}
	return l, team, err
}

// decider has one person ask and another approve.
func decider(ctx context.Context, s *server.Server, l Lieu, team [2]ident.AidantID, f *Fermeture) (id ident.OperationID, err error) {
	err = s.DB.Update(ctx, func(tx *db.Tx) (err error) {
		id, err = s.Cessations.Ask(ctx, tx, team[0], cessation.Demande{Genre: cessation.Fermeture, Siret: l.Organisation.Siret, Motif: "cessation", Reference: "Délibération 2026-12"})
		return err
	})
	if err != nil {
		return id, err
	}
	begin := time.Now()
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		return s.Cessations.Decide(ctx, tx, actor.Actor{Aidant: team[1], Session: ident.New[ident.SessionID]()}, id, "approuve")
	})
	f.Decision = float64(time.Since(begin).Microseconds()) / 1000
	return id, err
}

// tuer lets another process end at least so many mandats, and kills it: no
// handler, no rollback, no flush. It gives how many were ended by then.
func tuer(ctx context.Context, s *server.Server, env map[string]string, id ident.OperationID, after int) (n int, err error) {
	me, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, me)
	cmd.Env = append(os.Environ(), variableEnfant+"=1")
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for n < after {
		select {
		case err := <-over:
			return n, fmt.Errorf("the process ended before it was killed: %v", err)
		case <-tick.C:
		}
		if n, err = faits(ctx, s.DB, id); err != nil {
			return n, errors.Join(err, cmd.Process.Kill())
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		return n, err
	}
	<-over
	return faits(ctx, s.DB, id)
}

// attendre is another writer: it takes the lock again and again, and says how
// long it waited. On PostgreSQL nobody waits.
func attendre(ctx context.Context, d *db.DB, done <-chan struct{}) (out []time.Duration) {
	for {
		select {
		case <-done:
			return out
		case <-time.After(10 * time.Millisecond):
		}
		begin := time.Now()
		if d.Update(ctx, func(*db.Tx) error { return nil }) == nil {
			out = append(out, time.Since(begin))
		}
	}
}

// regarder looks at what is there: nothing lost, nothing twice.
func regarder(ctx context.Context, s *server.Server, l Lieu, id ident.OperationID, f *Fermeture) error {
	for {
		n, err := s.Journal.Sequence(ctx)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	c, err := compter(ctx, s.DB, l.ID, id)
	if err != nil {
		return err
	}
	if want := (constat{Faits: f.Mandats, Finis: f.Mandats, Fins: f.Mandats, Messages: f.Mandats, Personnes: f.Mandats, Avis: f.Mandats, Terminee: true}); c != want {
		return fmt.Errorf("after the closure: %+v, want %+v", c, want)
	}
	r, err := s.Journal.Verify(ctx)
	if err != nil {
		return fmt.Errorf("the journal does not verify: %w", err)
	}
	f.Lignes = r.Lignes
	gaps, err := rapprochement.Run(ctx, s.DB, s.Journal)
	if err == nil && len(gaps) > 0 {
		err = fmt.Errorf("the journal and the tables differ: %+v", gaps)
	}
	return err
}

// Imprimer writes the figures.
func (f Fermeture) Imprimer(out io.Writer) {
	if f.Base == "" {
		return
	}
	fmt.Fprintf(out, "\n%s : fermeture d’une structure de %d mandats\n\nDécision : %.0f ms. Processus tué (kill -9) après %d fins ; les autres en %.1f s par un autre (%.0f par seconde), %d Mio réservés.\n",
		f.Base, f.Mandats, f.Decision, f.Tues, f.Reprise, float64(f.Mandats-f.Tues)/f.Reprise, f.Mio)
	fmt.Fprintf(out, "Un autre écrivain a attendu %.1f ms (médiane), %.0f ms au plus. Ensuite : rien de perdu, rien deux fois, chacun averti une fois ; journal vérifié (%d lignes), aucun écart avec les tables.\n",
		f.Mediane, f.Attente, f.Lignes)
}
