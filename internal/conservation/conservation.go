// Package conservation ends what has been kept long enough, each day, by itself
// (mandats.md 16): mandats go to archive three years after their end, and are
// destroyed with their evidence three years later; a person without any mandat
// left is destroyed whole, with the key of their pseudonym.
//
// An account without a contact for three years leaves the lists of its
// structures with what only served to sign in; three years later it is nameless,
// and its lines are nobody's (L-67).
//
// In law: data are kept no longer than needed (RGPD, art. 5); six years is the
// limitation period of offences. What a court or an inquiry needs is held: a
// hold stops every erasure of a person until it is lifted. Each batch is one
// transaction with its journal line, which holds counts and a digest; nothing
// personal is copied anywhere.
//
// Tables: conservation_archive, conservation_gel, conservation_passage.
// URLs: /gestion/conservation/, …gel/, …gel/lever/, …archive/.
// Journal: purge_retention, erase_usager, hold_usager, release_usager,
// view_archive, erase_aidant.
//
// The archive is read by the administration of the métier alone, one mandat at
// a time, with a reason and a fresh code.
//
// The owners of the tables destroy their rows; this package only says which
// and when. Public archives may ask for a copy before: it makes none.
package conservation

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Passage is the report of one run.
type Passage struct {
	ID         ident.OperationID
	Debut, Fin time.Time
	Archives   int
	Mandats    int
	Usagers    int
	Comptes    int // accounts
	Geles      int // due, and held
	Echecs     int
	Empreinte  string // of everything destroyed, in order
	Termine    bool   // false: running, or cut short; what it counts is done all the same
}

// registre digests the identifiers of what is destroyed, in order.
type registre struct{ noms []byte }

func (r *registre) add(genre, id string) { r.noms = append(r.noms, genre+" "+id+"\n"...) }

func (r *registre) empreinte() string {
	if len(r.noms) == 0 {
		return ""
	}
	h := sha256.Sum256(r.noms)
	return hex.EncodeToString(h[:])
}

// Motif is why a person is held. The list is closed: no free text is kept.
type Motif string

// The reasons, in the order of the form.
const (
	Enquete     Motif = "enquete"
	Contentieux Motif = "contentieux"
	Controle    Motif = "controle_cnil"
	Demande     Motif = "demande_personne"
)

// Motifs gives them with their French.
func Motifs() [][2]string {
	return [][2]string{
		{string(Enquete), "Enquête judiciaire ou administrative"},
		{string(Contentieux), "Procès en cours ou annoncé"},
		{string(Controle), "Contrôle de la CNIL"},
		{string(Demande), "La personne demande que ses données soient gardées (limitation)"},
	}
}

// Libelle says the reason in French.
func (m Motif) Libelle() string {
	for _, x := range Motifs() {
		if x[0] == string(m) {
			return x[1]
		}
	}
	return ""
}

// ParseMotif reads a reason of the list.
func ParseMotif(s string) (Motif, error) {
	if Motif(s).Libelle() == "" {
		return "", fault.Form(fault.Fields{"motif": "Choisissez une raison."})
	}
	return Motif(s), nil
}

// Gel is a hold.
type Gel struct {
	ID     ident.OperationID
	Motif  Motif
	Debut  time.Time
	Par    string // who set it
	Codes  int    // mandats it holds
	Usager ident.UsagerID
}
