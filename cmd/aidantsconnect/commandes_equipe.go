package main

import (
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/server"
)

// onServer checks the configuration and opens the program.
func onServer(c *console, cfg *server.Config, fn func(s *server.Server) error) error {
	if err := c.lecture.Check(cfg); err != nil {
		return err
	}
	return server.Equipe(c, *cfg, fn)
}

type equipeCreateCmd struct {
	server.Config
	Email        string `placeholder:"COURRIEL" help:"Adresse nominative ; le compte est ouvert s'il n'existe pas."`
	Role         string `placeholder:"RÔLE" help:"admin_technique ou admin_metier."`
	Prenom       string `placeholder:"PRÉNOM" help:"Prénom, pour un compte à ouvrir."`
	Nom          string `placeholder:"NOM" help:"Nom, pour un compte à ouvrir."`
	Organisation string `placeholder:"ID|SIRET" help:"Structure, pour un compte à ouvrir ; celle de l'exploitant si rien n'est dit."`
	commande
}

// commande is who types a command that leaves a trace, and why.
type commande struct {
	Par    string `placeholder:"NOM" help:"Qui tape cette commande. Gardé chiffré avec l'acte."`
	Raison string `placeholder:"TEXTE" help:"Pourquoi. Gardée chiffrée avec l'acte."`
}

func (c commande) words() gestion.Commande { return gestion.Commande{Par: c.Par, Raison: c.Raison} }

// Run brings somebody in the operator's team.
func (e *equipeCreateCmd) Run(c *console) error {
	return onServer(c, &e.Config, func(s *server.Server) error {
		return s.CreateEquipe(c, gestion.Entrant{Prenom: e.Prenom, Nom: e.Nom, Email: e.Email, Role: actor.Role(e.Role), Commande: e.words()}, e.Organisation, c.stdout)
	})
}

type equipeListCmd struct{ server.Config }

// Run lists the operator's team.
func (e *equipeListCmd) Run(c *console) error {
	return onServer(c, &e.Config, func(s *server.Server) error {
		return s.DB.View(c, func(tx *db.Tx) error { return gestion.WriteEquipe(c, tx, c.stdout) })
	})
}

type messageListCmd struct{ server.Config }

// Run prints the catalogue of the messages.
func (m *messageListCmd) Run(c *console) error {
	return onServer(c, &m.Config, func(s *server.Server) error {
		all, err := s.Modeles(c, s.DB.Now())
		if err != nil {
			return err
		}
		return gestion.WriteModeles(c.stdout, all)
	})
}

type messageShowCmd struct {
	server.Config
	Genre string `arg:"" placeholder:"NUMÉRO" help:"Modèle : E-01."`
}

// Run prints one text, with data made up.
func (m *messageShowCmd) Run(c *console) error {
	return onServer(c, &m.Config, func(s *server.Server) error {
		all, err := s.Modeles(c, s.DB.Now())
		if err != nil {
			return err
		}
		return gestion.WriteModele(c.stdout, all, m.Genre)
	})
}

type messageFileCmd struct{ server.Config }

// Run prints what is not sent.
func (m *messageFileCmd) Run(c *console) error {
	return onServer(c, &m.Config, func(s *server.Server) error {
		return s.DB.View(c, func(tx *db.Tx) error { return gestion.WriteFile(c, tx, s.Outbox, c.stdout) })
	})
}

type messageRelancerCmd struct {
	server.Config
	ID string `arg:"" placeholder:"IDENTIFIANT" help:"Identifiant donné par « message file »."`
	commande
}

// Run puts a message back in the queue.
func (m *messageRelancerCmd) Run(c *console) error {
	return onServer(c, &m.Config, func(s *server.Server) error {
		if err := s.ReplayMessage(c, m.words(), m.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.stdout, "Le message est remis en file.")
		return err
	})
}
