package compte

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// Actes does the acts on accounts, each in the transaction of its caller. A
// refusal is a fault.Conflict whose message for the person is under the field
// "", a form error under its field, or NotFound for what is not the référent's.
type Actes struct {
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Textes  aidant.Recueil // what people sign
	Site    web.Site
}

// sujet is an account and a structure, read for an act.
type sujet struct {
	aidant.Aidant
	Situation
	org ident.OrganisationID
}

// load reads what an act is about. A référent who acts is read again: they may
// have lost the role since their page was shown (A-W76).
func (s *Actes) load(ctx context.Context, tx *db.Tx, par Auteur, id ident.AidantID, org ident.OrganisationID) (sujet, error) {
	a, err := aidant.Load(ctx, tx, id)
	if err != nil {
		return sujet{}, err
	}
	place, err := aidant.PlaceIn(ctx, tx, id, org)
	if err != nil {
		return sujet{}, err
	}
	x := sujet{Aidant: a, org: org, Situation: Situation{
		Place: place, Actif: a.Actif, Habilite: a.Habilite, Motif: Motif(a.MotifEtat), SoiMeme: id == par.Aidant,
	}}
	if par.Initiateur != journal.Referent {
		return x, nil
	}
	who, err := aidant.Load(ctx, tx, par.Aidant)
	if err != nil {
		return sujet{}, err
	}
	at, err := aidant.PlaceIn(ctx, tx, par.Aidant, org)
	if err != nil {
		return sujet{}, err
	}
	x.Autorise = who.Actif && at.Referent
	x.Encadre, err = aidant.Supervises(ctx, tx, par.Aidant, id)
	return x, err
}

// note writes the line of an act.
func (s *Actes) note(ctx context.Context, tx *db.Tx, par Auteur, x sujet, f fait.Fait) error {
	return s.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: par.Initiateur, Aidant: par.Aidant, Concerne: x.ID, Organisation: x.org, Session: par.Session, Fait: f,
	})
}

// Deactivate closes an account: sessions end at once, memberships, roles and
// factors stay, mandats are not touched (comptes 7.4). org is the structure of
// the référent who acts, or any structure of the person.
func (s *Actes) Deactivate(ctx context.Context, tx *db.Tx, par Auteur, c Cible, m Motif) error {
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return err
	}
	if err := x.CanDeactivate(par, m); err != nil {
		return err
	}
	return s.deactivate(ctx, tx, par, x, m)
}

// Cible is the account an act is about, and the structure where it is done.
type Cible struct {
	Aidant       ident.AidantID
	Organisation ident.OrganisationID
}

func (s *Actes) deactivate(ctx context.Context, tx *db.Tx, par Auteur, x sujet, m Motif) error {
	done, err := aidant.Close(ctx, tx, x.ID, string(m))
	if err != nil {
		return err
	}
	if !done {
		return conflict("deja_ferme", "Ce compte est déjà désactivé.")
	}
	if err := connexion.CloseAll(ctx, tx, x.ID); err != nil {
		return err
	}
	if err := s.Outbox.Queue(ctx, tx, s.mailClosed(x.Aidant, m)); err != nil {
		return err
	}
	return s.note(ctx, tx, par, x, fait.DeactivateAidant{Cause: string(m)})
}

// Reactivate opens a closed account again: its clock starts now (A-W26).
func (s *Actes) Reactivate(ctx context.Context, tx *db.Tx, par Auteur, c Cible) error {
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return err
	}
	if err := x.CanReactivate(par); err != nil {
		return err
	}
	return s.reactivate(ctx, tx, par, x)
}

func (s *Actes) reactivate(ctx context.Context, tx *db.Tx, par Auteur, x sujet) error {
	done, err := aidant.Reopen(ctx, tx, x.ID)
	if err != nil {
		return err
	}
	if !done {
		return conflict("deja_ouvert", "Ce compte est déjà actif.")
	}
	// What was open before it closed does not come back with it.
	if err := connexion.CloseAll(ctx, tx, x.ID); err != nil {
		return err
	}
	if err := s.Outbox.Queue(ctx, tx, s.mailReopened(x.Aidant)); err != nil {
		return err
	}
	return s.note(ctx, tx, par, x, fait.ReactivateAidant{Cause: string(x.Motif)})
}

// AddMembership attaches an account to one more structure.
func (s *Actes) AddMembership(ctx context.Context, tx *db.Tx, par Auteur, c Cible) error {
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return err
	}
	if err := x.CanJoin(par); err != nil {
		return err
	}
	return s.join(ctx, tx, par, x)
}

func (s *Actes) join(ctx context.Context, tx *db.Tx, par Auteur, x sujet) error {
	o, err := organisation.Load(ctx, tx, x.org)
	if err != nil {
		return err
	}
	if err := aidant.Join(ctx, tx, x.ID, x.org); err != nil {
		return err
	}
	if err := s.Outbox.Queue(ctx, tx, s.mailPlaces(x.Aidant, []string{o.Nom}, nil)); err != nil {
		return err
	}
	return s.note(ctx, tx, par, x, fait.AddMembership{})
}

// EndMembership detaches an account from a structure that is not its only one.
// The référent role there ends with it (A-W71), and the open sessions that
// stood there move to the oldest membership left.
func (s *Actes) EndMembership(ctx context.Context, tx *db.Tx, par Auteur, c Cible, m Motif) error {
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return err
	}
	if err := x.CanLeave(par, m); err != nil {
		return err
	}
	return s.leave(ctx, tx, par, x, m)
}

func (s *Actes) leave(ctx context.Context, tx *db.Tx, par Auteur, x sujet, m Motif) error {
	o, err := organisation.Load(ctx, tx, x.org)
	if err != nil {
		return err
	}
	if err := aidant.Leave(ctx, tx, x.ID, x.org); err != nil {
		return err
	}
	left, err := aidant.Structures(ctx, tx, x.ID)
	if err != nil {
		return err
	}
	if err := connexion.MoveSessions(ctx, tx, x.ID, x.org, left[0]); err != nil {
		return err
	}
	if err := s.Outbox.Queue(ctx, tx, s.mailPlaces(x.Aidant, nil, []string{o.Nom})); err != nil {
		return err
	}
	if x.Referent {
		if err := s.note(ctx, tx, par, x, fait.EndReferent{Motif: string(m)}); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, par, x, fait.EndMembership{Motif: string(m)})
}

// Remove is « supprimer de l'organisation » (comptes 7.4): the membership ends,
// or the account closes when it was its only one.
func (s *Actes) Remove(ctx context.Context, tx *db.Tx, par Auteur, c Cible, m Motif) (closed bool, err error) {
	x, err := s.load(ctx, tx, par, c.Aidant, c.Organisation)
	if err != nil {
		return false, err
	}
	if x.Structures > 1 {
		if err := x.CanLeave(par, m); err != nil {
			return false, err
		}
		return false, s.leave(ctx, tx, par, x, m)
	}
	if err := x.CanDeactivate(par, m); err != nil {
		return false, err
	}
	return true, s.deactivate(ctx, tx, par, x, m)
}
