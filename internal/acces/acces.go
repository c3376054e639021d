// Package acces gives a person a copy of everything that is held about them,
// when they ask (RGPD, art. 15): readable, and as data.
//
// Who asks shows the code of one of their mandats; nobody is searched by name.
// The référent gives what their structure holds, the operator's team what the
// whole service holds, archive included. How the person was recognised is
// noted, an answer is due within a month, and each demand and each copy is a
// line of the journal. The copy is made when it is read and kept nowhere; the
// demand opens it for one day, to who recorded it.
//
// A copy holds nothing of anybody else: who acted is told as a structure.
//
// Tables: acces_demande.
// URLs: /espace-referent/acces/…, /gestion/acces/….
// Journal: export_usager.
//
// The list of the tables is sources.go: a table that says something of a
// person and is not there fails TestNothingIsLeftOut.
package acces

import (
	"strings"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Verification is how it was known that who asks is the person (RGPD, art. 12.6).
type Verification string

// The ways, in the order of the form.
const (
	Piece      Verification = "piece"
	Lettre     Verification = "lettre"
	Mandataire Verification = "mandataire"
)

// Verifications gives them with their French.
func Verifications() [][2]string {
	return [][2]string{
		{string(Piece), "La personne est venue, avec une pièce d’identité"},
		{string(Lettre), "La personne a écrit, et son identité est vérifiée"},
		{string(Mandataire), "Quelqu’un demande pour elle, avec un pouvoir écrit que vous avez vu"},
	}
}

// Libelle says the way in French.
func (v Verification) Libelle() string {
	for _, x := range Verifications() {
		if x[0] == string(v) {
			return x[1]
		}
	}
	return ""
}

const (
	// ouverte is how long a demand opens its copy (comptes 11.3).
	ouverte = 24 * time.Hour
	jour    = "2006-01-02"
)

// Demande is a request of a person, in the register.
type Demande struct {
	ID           ident.OperationID
	Usager       ident.UsagerID
	Organisation ident.OrganisationID // whose copy it is; zero: of the whole service
	Aidant       ident.AidantID       // who recorded it, and alone may read the copy
	Par          string
	Verification Verification
	Recue        string // day, AAAA-MM-JJ
	Creation     time.Time
	Remise       time.Time // first copy given; zero: none
}

// Echeance is the day the answer is due: one month after the request (RGPD,
// art. 12.3).
func (d Demande) Echeance() string {
	t, err := time.Parse(jour, d.Recue)
	if err != nil {
		return ""
	}
	due := t.AddDate(0, 1, 0)
	if due.Day() != t.Day() { // no such day: the last of the month
		due = due.AddDate(0, 0, -due.Day())
	}
	return due.Format(jour)
}

// Open tells whether the copy can still be read.
func (d Demande) Open(now time.Time) bool { return now.Before(d.Creation.Add(ouverte)) }

// Saisie is the form as it was typed.
type Saisie struct {
	Code         string
	Verification string
	Recue        string
}

// check gives one message per wrong field; the code is read by mandat.
func (s Saisie) check(today string) fault.Fields {
	f := fault.Fields{}
	if Verification(s.Verification).Libelle() == "" {
		f["verification"] = "Dites comment vous savez que c’est bien la personne."
	}
	t, err := time.Parse(jour, strings.TrimSpace(s.Recue))
	switch {
	case err != nil:
		f["recue"] = "Saisissez la date de la demande, par exemple 2026-03-12."
	case t.Format(jour) > today:
		f["recue"] = "La demande ne peut pas être reçue demain : vérifiez la date."
	case t.Format(jour) < "2020-01-01":
		f["recue"] = "Cette date est trop ancienne : vérifiez-la."
	}
	return f
}
