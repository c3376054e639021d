package demande

import (
	"context"
	"slices"
	"unicode/utf8"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
)

// Decisions decides what the référents ask, for the operator's team: each act in
// the transaction of its caller, who keeps the gate of its space. A request
// that no longer waits is NotFound.
type Decisions struct {
	Journal *journal.Journal
	Comptes *compte.Actes
}

// Attente is what waits for the operator's team, oldest first.
type Attente struct {
	Rattachements []Rattachement // those the person agreed to
	Coreferents   []Coreferent
	Corrections   []Correction
}

const reponseMax = 500 // characters

// Waiting reads what waits.
func (s *Decisions) Waiting(ctx context.Context, tx *db.Tx) (w Attente, err error) {
	if w.Rattachements, err = waitingRattachements(ctx, tx); err != nil {
		return w, err
	}
	if w.Coreferents, err = waitingCoreferents(ctx, tx); err != nil {
		return w, err
	}
	w.Corrections, err = waitingCorrections(ctx, tx)
	return w, err
}

// checkReponse holds the words written to the référent.
func checkReponse(s string, needed bool) error {
	switch {
	case needed && s == "":
		return fault.Form(fault.Fields{"reponse": "Dites pourquoi : le référent le lira."})
	case utf8.RuneCountInString(s) > reponseMax:
		return fault.Form(fault.Fields{"reponse": "Écrivez moins de 500 caractères."})
	}
	return nil
}

// AcceptRattachement attaches the person, then ends the memberships they chose
// to leave: no other (A-W13).
func (s *Decisions) AcceptRattachement(ctx context.Context, tx *db.Tx, par compte.Auteur, id ident.RattachementID) error {
	d, err := decideRattachement(ctx, tx, id, Validee)
	if err != nil {
		return err
	}
	at, err := aidant.PlaceIn(ctx, tx, d.Aidant, d.Organisation)
	if err != nil {
		return err
	}
	if !at.Membre {
		if err := s.Comptes.AddMembership(ctx, tx, par, compte.Cible{Aidant: d.Aidant, Organisation: d.Organisation}); err != nil {
			return err
		}
	}
	now, err := aidant.Structures(ctx, tx, d.Aidant)
	if err != nil {
		return err
	}
	for _, o := range d.Departs {
		if !slices.Contains(now, o) {
			continue // left meanwhile
		}
		if err := s.Comptes.EndMembership(ctx, tx, par, compte.Cible{Aidant: d.Aidant, Organisation: o}, compte.Demande); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, par, d.Organisation, fait.ChangeStructure{Demande: id.String(), Etape: fait.EtapeValidee})
}

// RefuseRattachement refuses a request the person had agreed to.
func (s *Decisions) RefuseRattachement(ctx context.Context, tx *db.Tx, par compte.Auteur, id ident.RattachementID) error {
	d, err := decideRattachement(ctx, tx, id, Refusee)
	if err != nil {
		return err
	}
	return s.note(ctx, tx, par, d.Organisation, fait.ChangeStructure{Demande: id.String(), Etape: fait.EtapeRefusee})
}

// AcceptCoreferent opens the account of a référent who is no aidant.
func (s *Decisions) AcceptCoreferent(ctx context.Context, tx *db.Tx, par compte.Auteur, id ident.CoreferentID) error {
	c, err := decideCoreferent(ctx, tx, id, Validee, "")
	if err != nil {
		return err
	}
	_, err = s.Comptes.Create(ctx, tx, par, aidant.Nouveau{
		Prenom: c.Prenom, Nom: c.Nom, Email: c.Email, Profession: c.Profession, Telephone: c.Telephone,
		Organisation: c.Organisation, Referent: true, NonAidant: true,
	})
	if err != nil {
		return err
	}
	return s.note(ctx, tx, par, c.Organisation, fait.ChangeCoreferent{Demande: id.String(), Etape: fait.EtapeValidee})
}

// RefuseCoreferent refuses, with the words the référent will read.
func (s *Decisions) RefuseCoreferent(ctx context.Context, tx *db.Tx, par compte.Auteur, id ident.CoreferentID, reponse string) error {
	if err := checkReponse(reponse, true); err != nil {
		return err
	}
	c, err := decideCoreferent(ctx, tx, id, Refusee, reponse)
	if err != nil {
		return err
	}
	return s.note(ctx, tx, par, c.Organisation, fait.ChangeCoreferent{Demande: id.String(), Etape: fait.EtapeRefusee})
}

// AcceptCorrection corrects the structure.
func (s *Decisions) AcceptCorrection(ctx context.Context, tx *db.Tx, par compte.Auteur, id ident.CorrectionID) error {
	c, err := decideCorrection(ctx, tx, id, Validee, "")
	if err != nil {
		return err
	}
	return organisation.SetCoordonnees(ctx, tx, s.Journal, entry(par, c.Organisation, nil), c.Coordonnees)
}

// RefuseCorrection refuses, with the words the référent will read.
func (s *Decisions) RefuseCorrection(ctx context.Context, tx *db.Tx, id ident.CorrectionID, reponse string) error {
	if err := checkReponse(reponse, true); err != nil {
		return err
	}
	_, err := decideCorrection(ctx, tx, id, Refusee, reponse)
	return err
}

func (s *Decisions) note(ctx context.Context, tx *db.Tx, par compte.Auteur, org ident.OrganisationID, f fait.Fait) error {
	return s.Journal.Append(ctx, tx, entry(par, org, f))
}

func entry(par compte.Auteur, org ident.OrganisationID, f fait.Fait) journal.Entry {
	return journal.Entry{Initiateur: par.Initiateur, Aidant: par.Aidant, Organisation: org, Session: par.Session, Fait: f}
}
