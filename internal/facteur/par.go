package facteur

import (
	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// Par is who acts on a factor: its holder, a référent, the operator's team, or
// nobody in particular for a command of the operator.
type Par struct {
	Initiateur   journal.Initiateur
	Auteur       ident.AidantID
	Organisation ident.OrganisationID
	Session      ident.SessionID
}

// BySelf is the holder acting on their own factors.
func BySelf(a actor.Actor) Par { return by(journal.Aidant, a) }

// ByReferent is a référent of the current organisation.
func ByReferent(a actor.Actor) Par { return by(journal.Referent, a) }

// ByGestion is a member of the operator's team.
func ByGestion(a actor.Actor) Par { return by(journal.Admin, a) }

// ByCommand is the command line of the operator.
func ByCommand() Par { return Par{Initiateur: journal.Admin} }

func by(i journal.Initiateur, a actor.Actor) Par {
	return Par{Initiateur: i, Auteur: a.Aidant, Organisation: a.Organisation, Session: a.Session}
}

// line is the journal line of an act on the factors of an account.
func (p Par) line(aidant ident.AidantID, f fait.Fait) journal.Entry {
	e := journal.Entry{Initiateur: p.Initiateur, Aidant: p.Auteur, Organisation: p.Organisation, Session: p.Session, Fait: f}
	switch f.(type) {
	case fait.CardAssociation, fait.CardValidation, fait.CardDissociation, fait.InviteFacteur:
		e.Concerne = aidant // of one's own card too
	default:
		if aidant != p.Auteur {
			e.Concerne = aidant
		}
	}
	return e
}

// self tells whether the holder acts.
func (p Par) self(aidant ident.AidantID) bool { return p.Auteur == aidant }

// words says who acted, to the holder, by the role and not by the name.
func (p Par) words(aidant ident.AidantID) string {
	switch {
	case p.self(aidant):
		return "par vous-même"
	case p.Initiateur == journal.Referent:
		return "par un référent de votre structure"
	}
	return "par l’équipe du service"
}
