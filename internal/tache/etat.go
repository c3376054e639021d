package tache

import (
	"context"
	"slices"
	"strconv"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
)

// Etat is what can be shown of a task: to a probe, to metrics, to gestion.
type Etat struct {
	Nom        string
	Prochaine  time.Time
	Debut, Fin time.Time // of the last execution; zero when there was none
	EnCours    bool
	Resultat   int // what the last success treated
	Executions int // successes since the beginning
	Echecs     int // failures in a row
	Erreur     string
	EnRetard   bool // due for so long that somebody should look
	EnPanne    bool // failed so many times in a row that it will not mend itself
	Coupee     bool // the last execution never ended: its node was stopped in the middle
	BailFin    time.Time
	Rythme     string // when it runs, in French
	Desactivee bool   // not run by this node
}

// pannes is how many failures in a row make a breakdown.
const pannes = 5

// Status reads the tasks of the schedule, in its order. A task without a row
// yet is due now.
func (p *Planning) Status(ctx context.Context) ([]Etat, error) {
	var rows []row
	var now time.Time
	err := p.db.View(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now.Time()
		rows, err = list(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	byName := make(map[string]row, len(rows))
	for _, r := range rows {
		byName[r.Nom] = r
	}
	etats := make([]Etat, 0, len(p.taches))
	for _, t := range p.taches {
		r, ok := byName[t.Nom]
		if !ok {
			etats = append(etats, Etat{Nom: t.Nom, Prochaine: now, Rythme: t.rythme()})
			continue
		}
		etats = append(etats, t.etat(r, now))
	}
	return etats, nil
}

// etat says how a task of the schedule stands.
func (t Tache) etat(r row, now time.Time) Etat {
	e := Etat{
		Nom: t.Nom, Prochaine: r.Prochaine.Time(), Debut: r.Debut.Time(), Fin: r.Fin.Time(), BailFin: r.BailFin.Time(),
		EnCours:  r.BailFin.After(db.At(now)),
		Resultat: r.Resultat, Executions: r.Executions, Echecs: r.Echecs, Erreur: r.Erreur,
		EnRetard: now.Sub(r.Prochaine.Time()) > t.late(), EnPanne: r.Echecs >= pannes, Rythme: t.rythme(),
	}
	e.Coupee = !e.EnCours && e.Debut.After(e.Fin)
	return e
}

// rythme says in French when a task runs.
func (t Tache) rythme() string {
	if t.Chaque > 0 {
		switch d := t.Chaque; {
		case d >= time.Hour:
			return "toutes les " + strconv.Itoa(int(d.Hours())) + " h"
		case d >= time.Minute:
			return "toutes les " + strconv.Itoa(int(d.Minutes())) + " min"
		default:
			return "toutes les " + strconv.Itoa(int(d.Seconds())) + " s"
		}
	}
	s := "à " + t.Heure
	switch {
	case len(t.Jours) == len(Ouvres):
		s += ", jours ouvrés"
	case len(t.Jours) == 1:
		s += ", le " + jours[t.Jours[0]]
	default:
		s += ", chaque jour"
	}
	return s
}

var jours = map[time.Weekday]string{
	time.Monday: "lundi", time.Tuesday: "mardi", time.Wednesday: "mercredi", time.Thursday: "jeudi", time.Friday: "vendredi", time.Saturday: "samedi", time.Sunday: "dimanche",
}

// Replay makes a task due now, whatever its time or its failures: the node
// that looks next takes it. A task of no schedule is fault.NotFound; one that
// runs already is fault.Conflict.
func (p *Planning) Replay(ctx context.Context, tx *db.Tx, nom string) error {
	if !slices.ContainsFunc(p.taches, func(t Tache) bool { return t.Nom == nom }) {
		return fault.New(fault.NotFound, "tache_inconnue")
	}
	done, err := makeDue(ctx, tx, nom)
	if err == nil && !done {
		err = fault.New(fault.Conflict, "tache_en_cours")
	}
	return err
}

// Echec is an execution that failed: what is left of it once it was retried.
type Echec struct {
	Tache      string
	Debut, Fin time.Time
	Erreur     string
}

// Failures gives the latest executions that failed, ninety days of them.
func Failures(ctx context.Context, tx *db.Tx, n int) ([]Echec, error) {
	return failures(ctx, tx, n)
}

// Late names the tasks that are late: none means that /sante/pret may say yes.
func Late(etats []Etat) []string {
	var noms []string
	for _, e := range etats {
		if e.EnRetard {
			noms = append(noms, e.Nom)
		}
	}
	return noms
}
