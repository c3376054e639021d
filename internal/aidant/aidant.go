// Package aidant holds the accounts of the people who sign in: aidants,
// référents, or both (comptes 1). An account belongs to structures through
// dated memberships (A-W60); the structure, not the person, is habilitated.
//
// It also keeps the texts that people sign, the terms of use and the charter of
// each role, which block the spaces until accepted (A-W14).
//
// Tables: aidant, appartenance, referent, acceptation.
// URLs: /espace-aidant/valider-cgu, /cgu/, /charte-aidant/, /charte-referent/.
// Journal: create_aidant, accept_cgu.
package aidant

import (
	"net/mail"
	"strings"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Aidant is an account.
type Aidant struct {
	ID                ident.AidantID
	Prenom, Nom       string
	Email             string // lower case
	Profession        string
	Telephone         string // E.164; "" for none
	Actif             bool
	Habilite          bool // may conclude and use mandats
	ReferentNonAidant bool
	Relances          bool // accepts to be reminded after 90 days without activity
	Nouveautes        bool // accepts news of the service
	DateCreation      time.Time
	DateConnexion     time.Time // last sign-in; zero: never
	DateEtat          time.Time // last closing or reopening; zero: never
	MotifEtat         string    // why the account is closed; "" when it is open
	DateAvertissement time.Time // when its closing for inactivity was announced
	DateRappel        time.Time // last reminder
}

// DateReference is what inactivity is counted from: the latest of creation,
// last sign-in, last reopening (A-W25).
func (a Aidant) DateReference() time.Time {
	last := a.DateCreation
	for _, t := range []time.Time{a.DateConnexion, a.DateEtat} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// NomComplet is "Prénom NOM".
func (a Aidant) NomComplet() string { return a.Prenom + " " + a.Nom }

// Nouveau is what is asked to open an account.
type Nouveau struct {
	Prenom, Nom, Email, Profession string
	Telephone                      string // as typed; may be empty
	Organisation                   ident.OrganisationID
	Referent                       bool // référent of Organisation
	NonAidant                      bool // référent without the right to conclude mandats
}

// generic names the mailboxes that belong to nobody: traces of such an account
// would prove nothing (L-26).
var generic = map[string]bool{
	"contact": true, "mairie": true, "accueil": true, "direction": true, "info": true, "infos": true,
	"secretariat": true, "administration": true, "ccas": true, "bonjour": true, "mediation": true,
}

// NormalizeEmail trims and lower-cases; ok is false for anything but one plain
// address.
func NormalizeEmail(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s[strings.LastIndexByte(s, '@')+1:], ".") {
		return s, false
	}
	return s, true
}

// CheckEmail normalises the address of a person; the message tells what is wrong
// with it, "" when nothing is.
func CheckEmail(s string) (email, message string) {
	email, ok := NormalizeEmail(s)
	local, _, _ := strings.Cut(email, "@")
	switch {
	case !ok:
		return email, "Indiquez une adresse électronique valide, par exemple prenom-nom@exemple.fr."
	case generic[strings.SplitN(local, ".", 2)[0]]:
		return email, "Indiquez une adresse nominative : les boîtes partagées (contact@, mairie@…) ne sont pas acceptées."
	}
	return email, ""
}

// Check gives the normalised request, or one message per wrong field.
func (n Nouveau) Check() (Nouveau, error) {
	f := fault.Fields{}
	n.Prenom, n.Nom, n.Profession = strings.TrimSpace(n.Prenom), strings.TrimSpace(n.Nom), strings.TrimSpace(n.Profession)
	if n.Prenom == "" {
		f["prenom"] = "Indiquez le prénom."
	}
	if n.Nom == "" {
		f["nom"] = "Indiquez le nom."
	}
	email, message := CheckEmail(n.Email)
	if n.Email = email; message != "" {
		f["email"] = message
	}
	phone, ok := NormalizePhone(n.Telephone)
	if n.Telephone = phone; !ok {
		f["telephone"] = "Indiquez un numéro français de dix chiffres, par exemple 06 12 34 56 78."
	}
	if n.NonAidant && !n.Referent {
		f["non_aidant"] = "Seul un référent peut être sans droit de mandat."
	}
	if n.Organisation.IsZero() {
		f["organisation"] = "Indiquez la structure."
	}
	if len(f) > 0 {
		return n, fault.Form(f)
	}
	return n, nil
}
