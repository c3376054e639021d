package compte

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
)

// Designate makes a member référent of the structure, with mail E-14.
func (s *Actes) Designate(ctx context.Context, tx *db.Tx, par Auteur, c Cible) error {
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return err
	}
	if err := x.CanDesignate(par); err != nil {
		return err
	}
	return s.designate(ctx, tx, par, x)
}

func (s *Actes) designate(ctx context.Context, tx *db.Tx, par Auteur, x sujet) error {
	o, err := organisation.Load(ctx, tx, x.org)
	if err != nil {
		return err
	}
	if err := aidant.StartReferent(ctx, tx, x.ID, x.org); err != nil {
		return err
	}
	if err := s.Outbox.Queue(ctx, tx, s.mailReferent(x.Aidant, o)); err != nil {
		return err
	}
	return s.note(ctx, tx, par, x, fait.DesignateReferent{})
}

// RemoveReferent takes the role back. The person stays a member; their
// sessions end, as for any privilege taken away (comptes 4.1).
func (s *Actes) RemoveReferent(ctx context.Context, tx *db.Tx, par Auteur, c Cible, m Motif) error {
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return err
	}
	if err := x.CanRemoveReferent(par, m); err != nil {
		return err
	}
	o, err := organisation.Load(ctx, tx, x.org)
	if err != nil {
		return err
	}
	if _, err := aidant.EndReferent(ctx, tx, x.ID, x.org); err != nil {
		return err
	}
	if err := connexion.CloseAll(ctx, tx, x.ID); err != nil {
		return err
	}
	if err := s.Outbox.Queue(ctx, tx, s.mailNoLongerReferent(x.Aidant, o)); err != nil {
		return err
	}
	return s.note(ctx, tx, par, x, fait.EndReferent{Motif: string(m)})
}

// SetHabilite gives or takes the right to conclude and use mandats. Only the
// operator's team and the program do it: it follows the habilitation.
func (s *Actes) SetHabilite(ctx context.Context, tx *db.Tx, par Auteur, c Cible, habilite bool) error {
	if par.Initiateur == journal.Referent || par.Initiateur == journal.Aidant {
		return fault.New(fault.NotFound, "pas_habilite_a_habiliter")
	}
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return err
	}
	return s.setHabilite(ctx, tx, par, x, habilite)
}

func (s *Actes) setHabilite(ctx context.Context, tx *db.Tx, par Auteur, x sujet, habilite bool) error {
	done, err := aidant.SetHabilite(ctx, tx, x.ID, habilite)
	if err != nil {
		return err
	}
	if !done {
		return conflict("deja_habilite", "Le droit de cette personne est déjà celui-là.")
	}
	var f fait.Fait = fait.GrantMandat{}
	if !habilite {
		f = fait.WithdrawMandat{}
		if err := connexion.CloseAll(ctx, tx, x.ID); err != nil {
			return err
		}
	}
	if err := s.Outbox.Queue(ctx, tx, s.mailHabilite(x.Aidant, habilite)); err != nil {
		return err
	}
	return s.note(ctx, tx, par, x, f)
}
