package main

import (
	"fmt"

	"aidantsconnect/internal/planning"
	"aidantsconnect/internal/server"
)

type tacheListCmd struct{ server.Config }

// Run lists the tasks.
func (t *tacheListCmd) Run(c *console) error {
	return onServer(c, &t.Config, func(s *server.Server) error { return s.Taches.Write(c, c.stdout) })
}

type tacheRelancerCmd struct {
	server.Config
	Nom    string `arg:"" placeholder:"TÂCHE" help:"Nom donné par « tache list »."`
	Par    string `placeholder:"NOM" help:"Qui tape cette commande. Gardé chiffré avec l'acte."`
	Raison string `placeholder:"RAISON" help:"cause_reparee, essai ou sans_attendre."`
}

// Run makes a task due now.
func (t *tacheRelancerCmd) Run(c *console) error {
	return onServer(c, &t.Config, func(s *server.Server) error {
		if err := s.ReplayTache(c, planning.Acte{Tache: t.Nom, Motif: t.Raison, Par: t.Par}); err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.stdout, "La tâche est due : le service la prend dans la minute.")
		return err
	})
}
