// Package planning shows the operator's team the tasks that the program runs
// by itself: state, next and last execution, who holds them, what failed; and
// lets them be run again by hand, from the back-office or the command line.
//
// To run a task again changes nothing that the task would not do at its hour:
// each is idempotent. It is still an act: the technical administration alone, a
// fresh code, a reason of a closed list, a line of the journal.
//
// Tables: tache_relance.
// URLs: /gestion/taches/, …{tache}/relancer/.
// Journal: replay_tache.
//
// It runs nothing: the nodes do (tache), and whoever looks next takes the task.
package planning

import (
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/tache"
)

// Motif is why a task is run again.
type Motif string

// The reasons, in the order of the form.
const (
	Reparee Motif = "cause_reparee"
	Essai   Motif = "essai"
	Presse  Motif = "sans_attendre"
)

// Motifs gives them with their French.
func Motifs() [][2]string {
	return [][2]string{
		{string(Reparee), "La cause de l’échec est réparée"},
		{string(Essai), "Pour vérifier qu’elle fonctionne"},
		{string(Presse), "Sans attendre son heure"},
	}
}

// Libelle says the reason in French.
func (m Motif) Libelle() string {
	for _, x := range Motifs() {
		if x[0] == string(m) {
			return x[1]
		}
	}
	return ""
}

// ParseMotif reads a reason of the list.
func ParseMotif(s string) (Motif, error) {
	if Motif(s).Libelle() == "" {
		return "", fault.Form(fault.Fields{"motif": "Choisissez une raison : cause_reparee, essai ou sans_attendre."})
	}
	return Motif(s), nil
}

// Relance is a task that was run again.
type Relance struct {
	Tache string
	Motif Motif
	Par   string
	Date  time.Time
}

// checkPar reads who types a command.
func checkPar(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if n := utf8.RuneCountInString(s); n == 0 || n > 150 {
		return "", fault.Form(fault.Fields{"par": "Dites qui tape cette commande, en 150 caractères au plus."})
	}
	return s, nil
}

// situation says how a task stands, the gravest first.
func situation(e tache.Etat) string {
	switch {
	case e.EnPanne:
		return "En panne"
	case e.EnCours:
		return "En cours"
	case e.EnRetard:
		return "En retard"
	case e.Echecs > 0:
		return "Réessaiera"
	case e.Coupee:
		return "Coupée"
	case e.Fin.IsZero():
		return "Jamais passée"
	}
	return "À jour"
}
