// Package distance asks the agreement of people who are not in the room
// (mandats.md 13; besoins L-01, L-28, L-31): on their own device, after they read
// the whole text and proved who they are with FranceConnect.
//
// In law: a mandat may be agreed to at a distance (Code civil, art. 1984, 1985)
// when who agreed, and to what, are sure (art. 1366). So the request is fixed:
// this text, these démarches, this duration. The person reads it before they
// sign in, agrees or refuses after, on a page that is theirs; the aidant never
// sees its link nor its code. An answer serves once, for one dossier.
//
// Who has no phone and no screen, and is already known, answers by the code of
// a letter: it holds the whole mandat, its code serves once and is given back by
// phone or in person. Who answers by SMS is asked by textos.
//
// Everything of the person's side is bound to the browser that opened the
// link: FranceConnect's answer does nothing in another one (M-W13), so that
// nobody can be led to sign what somebody else opened.
//
// Table: demande_accord.
// URLs: /espace-aidant/creation_mandat/a_distance/… for the aidant; /accord/…
// for the person; FranceConnect's returns are signature's addresses.
// Journal: ask_accord, accept_accord, refuse_accord; usager writes the identity's.
//
// It signs nothing: signature concludes, within its transaction, with the
// agreement kept here.
package distance

import (
	"strings"
	"time"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// Statut is the stage of a request.
type Statut string

// The stages. The first three wait for the person; the last four are ends.
const (
	Envoyee    Statut = "envoyee"
	Ouverte    Statut = "ouverte"    // the person reads it
	Identifiee Statut = "identifiee" // they connected with FranceConnect
	Accordee   Statut = "accordee"   // the aidant may sign
	Refusee    Statut = "refusee"
	Annulee    Statut = "annulee" // by the aidant, or replaced
	Expiree    Statut = "expiree"
	Conclue    Statut = "conclue" // a mandat was signed with it
)

// Voie is how a request leaves.
type Voie string

// The ways to leave.
const (
	ParCourriel Voie = "courriel"
	ParSMS      Voie = "sms"
	ParCourrier Voie = "courrier"
)

// Delai is the time left to the person (mandats.md 13.2), and to the aidant
// once they agreed; the leg at FranceConnect has its own.
const (
	Delai    = 24 * time.Hour
	delaiLeg = 10 * time.Minute
)

// envoisMax bounds the requests of one dossier: asking is not insisting.
const envoisMax = 5

// Demande is one request.
type Demande struct {
	ID               ident.DemandeID
	Dossier          ident.DossierID
	Organisation     ident.OrganisationID
	Aidant           ident.AidantID
	Attendu          ident.UsagerID // whom it is for, when that is known
	Usager           ident.UsagerID // who connected; before, whom it is for
	Identite         ident.IdentiteID
	Choix            consentement.Choix
	Objet            consentement.Objet
	Voie             Voie
	Contact          []byte // sealed
	Navigateur       []byte // digest of the browser's secret
	Authentification []byte
	Deconnexion      string
	Avis             *franceconnect.Erreur
	Statut           Statut
	Essais           int
	Rang             int // requests made before, for the same dossier
	Creation         time.Time
	Lecture          time.Time
	DateStatut       time.Time
	Limite           time.Time
}

// Waiting tells whether the person can still answer at now.
func (d Demande) Waiting(now time.Time) bool {
	switch d.Statut {
	case Envoyee, Ouverte, Identifiee:
		return now.Before(d.Limite)
	}
	return false
}

// At gives the stage at now: what nobody answered in time has expired.
func (d Demande) At(now time.Time) Statut {
	switch d.Statut {
	case Envoyee, Ouverte, Identifiee, Accordee:
		if !now.Before(d.Limite) {
			return Expiree
		}
	}
	return d.Statut
}

// Libelle says the stage in French, to the aidant.
func (s Statut) Libelle() string {
	switch s {
	case Envoyee:
		return "La demande est partie. La personne ne l’a pas encore ouverte."
	case Ouverte:
		return "La personne a ouvert la demande. Elle lit le mandat."
	case Identifiee:
		return "La personne s’est connectée avec FranceConnect. Elle n’a pas encore répondu."
	case Accordee:
		return "La personne est d’accord."
	case Refusee:
		return "La personne a refusé. Rien n’est signé."
	case Annulee:
		return "Cette demande est annulée."
	case Conclue:
		return "Le mandat est signé."
	}
	return "La personne n’a pas répondu à temps. Rien n’est signé."
}

// The reasons of the refusals.
const (
	raisonFinie   = "demande_finie"
	raisonAutre   = "autre_personne"
	raisonInconnu = "demande_inconnue"
)

// alphabet is Crockford's: no letter that looks like a digit.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLen: 2^40 codes, a few of them alive, few tries.
const codeLen = 8

// newCode draws a short code.
func newCode() string {
	b := secret.Random(codeLen)
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}

// formatCode writes it as people read it: "7K2M-09QX".
func formatCode(c string) string { return c[:4] + "-" + c[4:] }

// parseCode reads a code as people type it.
func parseCode(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "–", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	if len(s) != codeLen || strings.Trim(s, alphabet) != "" {
		return "", false
	}
	return s, true
}

// reponse is what the person gives with their agreement.
type reponse struct{ lu, accord bool }

func (r reponse) check() fault.Fields {
	f := fault.Fields{}
	if !r.lu {
		f["lu"] = "Lisez le mandat, ou faites-le lire, puis cochez la case."
	}
	if !r.accord {
		f["accord"] = "Cochez cette case si vous êtes d’accord. Sinon, choisissez « Je refuse »."
	}
	return f
}

// Preuve is what is sealed of an agreement with FranceConnect. What was agreed to is
// in the digest of the proof too.
type Preuve struct {
	Demande          string `json:"demande"`
	Moyen            string `json:"moyen"`
	Texte            string `json:"texte_empreinte"`
	Document         string `json:"document_empreinte"` // SHA-256 of what the page showed
	Demarches        string `json:"demarches"`
	Duree            string `json:"duree"`
	Voie             string `json:"voie"`
	Identite         string `json:"identite_id"`
	Authentification string `json:"authentification_empreinte"`
	Envoi            string `json:"envoi"`
	Lecture          string `json:"lecture"`
	Identification   string `json:"identification"`
	Accord           string `json:"accord"`
	Lu               bool   `json:"lu"`
	Accepte          bool   `json:"accepte"`
}
