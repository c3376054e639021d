// Package signature leads to the signature of a mandat: the form filled with
// the usager, their connection by FranceConnect, its mandatory logout, the
// récapitulatif, and the aidant's code (mandats.md 3.4, 6; franceconnect.md
// 12-16, where we are a FS).
//
// The work row is the dossier de signature: 128 random bits, bound to a web
// session, an aidant and a structure, with a deadline per stage; each stage is
// left by one conditional UPDATE. Nobody is ever signed out by a lost dossier,
// and nothing typed is lost.
//
// Table: dossier_signature.
// URLs: /espace-aidant/creation_mandat/, …/recapitulatif/,
// …/visualisation/projet/, …/deconnexion/, /espace-aidant/renew_mandat/{usager},
// /fc_authorizev2/, /callbackv2/,
// /logout-callback/; the sheets that explain: /comprendre/, /comprendre/aidant.
// Journal: init_renew_mandat; usager writes the identity's lines and mandat the
// signature's, in its transactions.
//
// It does not write mandats (mandat does) and stores neither FranceConnect's
// access token nor any state or nonce in clear.
package signature

import (
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// Statut is the stage of a dossier de signature (mandats.md 3.4).
type Statut string

// The stages. The last four are ends.
const (
	Ouvert              Statut = "ouvert"
	AttenteConsentement Statut = "attente_consentement"
	ChezFranceconnect   Statut = "chez_franceconnect"
	Pret                Statut = "pret"
	Signe               Statut = "signe"
	Refuse              Statut = "refuse"
	Abandonne           Statut = "abandonne"
	Expire              Statut = "expire"
)

// Delais are the deadlines of the stages; a zero value is the default
// (mandats.md 18, FS-03).
type Delais struct {
	Ouvert        time.Duration // 60 min
	Franceconnect time.Duration // 10 min, at most 30: FranceConnect's own limit
	Pret          time.Duration // 60 min, at least 15
	Jeton         time.Duration // how long the encrypted ID token is kept at most: 30 min (FS-18)
}

// WithDefaults fills what is missing and bounds the rest.
func (d Delais) WithDefaults() Delais {
	or := func(v, byDefault time.Duration) time.Duration {
		if v <= 0 {
			return byDefault
		}
		return v
	}
	return Delais{
		Ouvert:        or(d.Ouvert, time.Hour),
		Franceconnect: min(or(d.Franceconnect, 10*time.Minute), 30*time.Minute),
		Pret:          max(or(d.Pret, time.Hour), 15*time.Minute),
		Jeton:         min(or(d.Jeton, 30*time.Minute), 30*time.Minute),
	}
}

// The answers of FranceConnect's logout (FS-30 to FS-36).
const (
	deconnexionDemandee     = "demandee"
	deconnexionConfirmee    = "confirmee"
	deconnexionNonConfirmee = "non_confirmee"
	deconnexionImpossible   = "impossible"
)

// Dossier is a mandat being prepared. It is bound to a web session, an aidant
// and a structure, fixed at opening with the démarches, the duration and the
// text (M-W8, M-W11).
type Dossier struct {
	ID               ident.DossierID
	Session          ident.SessionID
	Aidant           ident.AidantID
	Organisation     ident.OrganisationID
	Demarches        []demarche.Demarche
	Duree            mandat.Duree
	Choix            consentement.Choix // how the person will agree
	TexteEmpreinte   []byte
	Predecesseur     ident.MandatID // the mandat it renews; zero for a creation
	Usager           ident.UsagerID
	IdentiteID       ident.IdentiteID
	Authentification []byte // SHA-256 of the ID token
	Jeton            []byte // the ID token, sealed; nil once the logout returned
	Deconnexion      string
	Avis             *franceconnect.Erreur // the last failure of the leg, to be shown
	Statut           Statut
	DateCreation     time.Time
	DateLimite       time.Time
}

// Ended tells whether nothing more can be done with the dossier at now.
func (d Dossier) Ended(now time.Time) bool {
	switch d.Statut {
	case Ouvert, AttenteConsentement, Pret:
		return !now.Before(d.DateLimite)
	case ChezFranceconnect:
		// A leg that took too long is started again: nothing typed is lost.
		return false
	}
	return true
}

// mine tells whether the dossier is of this browser, aidant and structure.
func (d Dossier) mine(a actor.Actor) bool {
	return d.Aidant == a.Aidant && d.Session == a.Session && d.Organisation == a.Organisation
}

// check is the guard of every page of the flow (mandats.md 6.4). What fails
// leads to the restart page, never to a sign-out; another aidant's dossier is
// as good as unknown.
func (d Dossier) check(a actor.Actor, now time.Time) error {
	switch {
	case d.ID.IsZero() || d.Aidant != a.Aidant || d.Session != a.Session:
		return fault.New(fault.Gone, raisonPerdu)
	case d.Statut == Signe:
		return fault.New(fault.Conflict, raisonSigne)
	case d.Organisation != a.Organisation:
		return fault.New(fault.Conflict, raisonAutreStructure)
	case d.Ended(now):
		return fault.New(fault.Gone, raisonFini)
	}
	return nil
}

// The reasons that lead to the restart page.
const (
	raisonPerdu          = "dossier_perdu"
	raisonFini           = "dossier_fini"
	raisonSigne          = "deja_signe"
	raisonAutreStructure = "autre_structure"
	raisonAutreIdentite  = "autre_identite"
)

// PackAvis spreads an error of the leg over the three columns that keep it.
func PackAvis(e *franceconnect.Erreur) (cle, code, numero string) {
	if e == nil {
		return "", "", ""
	}
	if len(e.Champs) > 0 {
		return e.Cle, e.Code, strings.Join(e.Champs, "|")
	}
	return e.Cle, e.Code, e.ID
}

// UnpackAvis reads them back.
func UnpackAvis(cle, code, numero string) *franceconnect.Erreur {
	switch cle {
	case "":
		return nil
	case franceconnect.CleIncomplete:
		return &franceconnect.Erreur{Cle: cle, Code: code, Champs: strings.Split(numero, "|")}
	}
	return &franceconnect.Erreur{Cle: cle, Code: code, ID: numero}
}
