package tache

import (
	"context"
	"time"

	"aidantsconnect/internal/db"
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
}

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
			etats = append(etats, Etat{Nom: t.Nom, Prochaine: now})
			continue
		}
		etats = append(etats, Etat{
			Nom: t.Nom, Prochaine: r.Prochaine.Time(), Debut: r.Debut.Time(), Fin: r.Fin.Time(),
			EnCours:  r.BailFin.After(db.At(now)),
			Resultat: r.Resultat, Executions: r.Executions, Echecs: r.Echecs, Erreur: r.Erreur,
			EnRetard: now.Sub(r.Prochaine.Time()) > t.late(),
		})
	}
	return etats, nil
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
