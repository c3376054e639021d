// Package suivi keeps what was done under the mandats, beside the journal: the
// matter of the account that the mandataire renders to the usager (Code civil,
// art. 1993), and the order in which people were last helped.
//
// Tables: usage_mandat, usage_recent.
// It serves no URL and appends nothing to the journal: the act that uses a
// mandat does (fournisseur). It decides nothing: no rule reads it.
package suivi

import (
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

// Presence says where the usager was during the use (CNIL's model for social
// workers: je forme, j'accompagne, je fais).
type Presence string

// The three presences.
const (
	Present   Presence = "present"
	Telephone Presence = "telephone"
	Absent    Presence = "absent"
)

// Presences gives them in the order of the form.
func Presences() []Presence { return []Presence{Present, Telephone, Absent} }

// ParsePresence reads the value of a form.
func ParsePresence(s string) (Presence, bool) {
	for _, p := range Presences() {
		if string(p) == s {
			return p, true
		}
	}
	return "", false
}

// Libelle says the presence in French.
func (p Presence) Libelle() string {
	switch p {
	case Present:
		return "La personne est avec moi"
	case Telephone:
		return "Je suis au téléphone avec la personne"
	case Absent:
		return "La personne n'est pas là"
	}
	return ""
}

// Resume says the presence in a list of uses.
func (p Presence) Resume() string {
	switch p {
	case Present:
		return "en présence de la personne"
	case Telephone:
		return "au téléphone avec la personne"
	case Absent:
		return "en l'absence de la personne"
	}
	return ""
}

// Usage is one use of an autorisation.
type Usage struct {
	Operation    ident.OperationID // unique: the act, as in the journal
	Date         time.Time         // set by Record
	Organisation ident.OrganisationID
	Aidant       ident.AidantID
	Usager       ident.UsagerID
	Mandat       ident.MandatID
	Autorisation ident.AutorisationID
	Demarche     demarche.Demarche
	Presence     Presence
}
