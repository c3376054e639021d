// Package actor says who acts and for which organisation. An Actor is read
// from the database at each request (A-W76) and handed to the handlers of a
// space as a parameter; it is never put in a context.
package actor

import (
	"log/slog"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

// Role is a place in the operator's team (comptes 1.1).
type Role string

// The roles of the operator's team.
const (
	AdminTechnique Role = "admin_technique" // everything
	AdminMetier    Role = "admin_metier"    // the whole back-office but the technical acts
	AdminOF        Role = "admin_of"        // training bodies: wider limited back-office
	UtilisateurOF  Role = "utilisateur_of"  // training bodies: limited back-office
)

// Actor is the signed-in professional as the database knows them now.
type Actor struct {
	Aidant       ident.AidantID
	Session      ident.SessionID  // stable for the life of the web session (FC-06)
	Appareil     ident.AppareilID // the browser of the session: wrong codes are counted on it
	Organisation ident.OrganisationID

	Prenom, Nom         string
	OrganisationNom     string
	OrganisationActive  bool
	Perimetre           []demarche.Demarche // of the organisation, today
	PlusieursStructures bool                // member of several organisations

	CanCreateMandats  bool
	MembreActif       bool // still a member of Organisation
	ReferentNonAidant bool
	Referent          bool      // référent of Organisation
	CGUAcceptee       bool      // of the version in force, or of a former one within the delay
	CharteAidantDue   bool      // the aidant's charter is to be signed before acting
	CharteReferentDue bool      // the référent's charter is to be signed before leading
	TextesAvant       time.Time // a new version of one of them is to be signed before then; zero: none
	Role              Role      // in the operator's team; "" for nearly everybody
	CleForte          bool      // this web session was proved by a factor that resists phishing

	SansFacteur   bool // no confirmed second factor: a first connection (comptes 2.3)
	TunnelRemis   bool // « Faire plus tard », for this session
	DroitsChanges bool // since the token of the session was made: it must be renewed (A-W77)

	DateOTP      time.Time // last second factor accepted in this web session
	DateActivite time.Time // last request of this web session, before this one
}

// NomComplet is the name shown in pages: "Prénom NOM".
func (a Actor) NomComplet() string { return a.Prenom + " " + a.Nom }

// IsAidant tells whether the actor may conclude and use mandats for the
// current organisation (FI-21, besides the CGU).
func (a Actor) IsAidant() bool {
	return a.CanCreateMandats && a.MembreActif && a.OrganisationActive
}

// Equipe tells whether the actor is of the operator's team, the roles of the
// training bodies left out.
func (a Actor) Equipe() bool { return a.Role == AdminTechnique || a.Role == AdminMetier }

// Engage tells whether the actor signed what an aidant signs (A-W14).
func (a Actor) Engage() bool { return a.CGUAcceptee && !a.CharteAidantDue }

// LogValue keeps names out of the log.
func (a Actor) LogValue() slog.Value {
	return slog.GroupValue(slog.String("aidant", a.Aidant.String()), slog.String("organisation", a.Organisation.String()))
}
