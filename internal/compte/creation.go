package compte

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
)

// Ouverture is what opening an account did.
type Ouverture struct {
	Aidant   aidant.Aidant
	Existant bool // the account was already there: it gained a place or a right
	Rouvert  bool // it was closed for inactivity, and opened again
}

// Create opens an account, with mail E-06 to the person and E-05 to each
// référent of the structure. When the address has an account, that one gains
// the place and the rights asked instead, each with its line and its mail
// (A-W38). A référent does not call it: they ask (A-W74).
func (s *Actes) Create(ctx context.Context, tx *db.Tx, par Auteur, n aidant.Nouveau) (Ouverture, error) {
	if par.Initiateur == journal.Referent || par.Initiateur == journal.Aidant {
		return Ouverture{}, fault.New(fault.NotFound, "pas_habilite_a_habiliter")
	}
	n, err := n.Check()
	if err != nil {
		return Ouverture{}, err
	}
	known, err := aidant.LoadByEmail(ctx, tx, n.Email)
	if err == nil {
		return s.extend(ctx, tx, par, known, n)
	}
	if !fault.Is(err, fault.NotFound) {
		return Ouverture{}, err
	}
	o, err := organisation.Load(ctx, tx, n.Organisation)
	if err != nil {
		return Ouverture{}, err
	}
	referents, err := aidant.Referents(ctx, tx, n.Organisation)
	if err != nil {
		return Ouverture{}, err
	}
	a, err := aidant.Open(ctx, tx, n)
	if err != nil {
		return Ouverture{}, err
	}
	for _, m := range s.mailsOpened(a, o, referents, n.Referent) {
		if err := s.Outbox.Queue(ctx, tx, m); err != nil {
			return Ouverture{}, err
		}
	}
	x := sujet{Aidant: a, org: n.Organisation}
	return Ouverture{Aidant: a}, s.note(ctx, tx, par, x, fait.CreateAidant{Habilite: a.Habilite, Referent: n.Referent})
}

// extend gives an account that exists what a new one would have.
func (s *Actes) extend(ctx context.Context, tx *db.Tx, par Auteur, a aidant.Aidant, n aidant.Nouveau) (Ouverture, error) {
	x, err := s.load(ctx, tx, par, a.ID, n.Organisation)
	if err != nil {
		return Ouverture{}, err
	}
	if err := x.CanOpenAgain(); err != nil {
		return Ouverture{}, err
	}
	out := Ouverture{Existant: true}
	if !x.Membre {
		if err := s.join(ctx, tx, par, x); err != nil {
			return out, err
		}
	}
	if !x.Situation.Actif {
		out.Rouvert = true
		if err := s.reactivate(ctx, tx, par, x); err != nil {
			return out, err
		}
	}
	if !x.Situation.Habilite && !n.NonAidant {
		if err := s.setHabilite(ctx, tx, par, x, true); err != nil {
			return out, err
		}
	}
	if n.Referent && !x.Referent {
		if err := s.designate(ctx, tx, par, x); err != nil {
			return out, err
		}
	}
	out.Aidant, err = aidant.Load(ctx, tx, a.ID)
	return out, err
}
