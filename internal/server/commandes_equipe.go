package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/planning"
)

// Modeles gathers the texts of every slice, by number: each is written by the
// function that writes the real one (A-W30).
func (s *Server) Modeles(ctx context.Context, now db.Time) ([]outbox.Modele, error) {
	factors, err := s.Facteurs.Modeles(ctx, now)
	if err != nil {
		return nil, err
	}
	var out []outbox.Modele
	for _, m := range slices.Concat(
		s.signIn.Modeles(now), s.Comptes.Modeles(), factors, s.Mandats.Greffe.Modeles(now), s.Fins.Actes.Modeles(now), s.fi.Modeles(now), s.Demandes.Modeles(now), s.Rappels.Modeles(now), s.pro.Modeles(now),
		s.Papiers.Modeles(now), s.Cessations.Modeles(now), s.Distances.Modeles(now), s.Textos.Modeles(), s.Fiches.Modeles(), s.modelePoint(now), gestion.Messages(s.Mux.Site()), s.Notifications.Modeles(), s.Rapproche.Modeles(),
	) {
		i := slices.IndexFunc(out, func(x outbox.Modele) bool { return x.Genre == m.Genre })
		if i < 0 {
			out = append(out, m)
			continue
		}
		out[i].Quand += " ; " + m.Quand
		out[i].Exemples = append(out[i].Exemples, m.Exemples...)
	}
	slices.SortFunc(out, func(a, b outbox.Modele) int { return cmp.Compare(a.Genre, b.Genre) })
	return out, nil
}

// Equipe opens the whole program for a command about the team or the messages.
func Equipe(ctx context.Context, cfg Config, fn func(s *Server) error) error {
	s, err := New(ctx, cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.Close())
}

// CreateEquipe brings somebody in the operator's team. structure is the
// identifier or the SIRET of the account to open, if any.
func (s *Server) CreateEquipe(ctx context.Context, in gestion.Entrant, structure string, w io.Writer) error {
	var line string
	err := s.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if in.Organisation, err = findStructure(ctx, tx, structure); err != nil {
			return err
		}
		a, code, err := s.Gestion.BringIn(ctx, tx, in)
		line = fmt.Sprintf("%s\nCode d'activation, à donner de vive voix : %s\n", a.ID, code.Reveal())
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `%sUn courriel porte le lien d'enrôlement (24 heures, une fois). Ensuite : se connecter,
ajouter une clé d'accès sur %s%s, se reconnecter avec elle, ouvrir %s%s
`, line, s.cfg.Origine, facteur.CheminMoyens, s.cfg.Origine, gestion.Chemin)
	return err
}

// ReplayTache makes a task of the schedule due now.
func (s *Server) ReplayTache(ctx context.Context, x planning.Acte) error {
	err := s.DB.Update(ctx, func(tx *db.Tx) error { return s.Taches.Again(ctx, tx, x) })
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return fault.Form(fault.Fields{"nom": "Aucune tâche de ce nom ne peut être relancée : inconnue de ce programme, désactivée ici, ou en cours."})
	}
	return err
}

// ReplayMessage puts a message that was given up back in the queue.
func (s *Server) ReplayMessage(ctx context.Context, c gestion.Commande, id string) error {
	m, ok := ident.Parse[ident.MessageID](id)
	if !ok {
		return fault.Form(fault.Fields{"id": "Il faut l'identifiant que donne « aidantsconnect message file »."})
	}
	err := s.DB.Update(ctx, func(tx *db.Tx) error { return s.Gestion.SendAgain(ctx, tx, c, m) })
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
		return fault.Form(fault.Fields{"id": "Ce message ne peut pas repartir : il est inconnu, envoyé ou effacé."})
	}
	return err
}
