// Package journal is the record of every act under a mandat or on an account
// (mandats.md 17): append-only, without a name, provable.
//
// A line is appended in the transaction of its act, so that there is no act
// without a line and no line without an act. It holds identifiers, keyed
// pseudonyms of people and typed facts; never a name, an e-mail, a phone, a
// free text or a token (FC-08). The key of a person's pseudonym, and the facts
// of a line with their salt, can be erased: every proof stays valid.
//
// The format is final. A line's entry is 32 bytes:
//
//	SHA-256( version ‖ salt ‖ fixed fields ‖ content digest )
//	content digest = SHA-256( own salt ‖ canonical JSON of the facts )
//
// where version is one byte and every part after it is preceded by its length
// (see feuille.go). The leaf is the RFC 6962 hash of the entry.
//
// Lines are inserted unnumbered, without a shared lock. Sequence, one process
// at a time by lease, gives them their rank, extends the Merkle tree and signs
// a checkpoint (C2SP tlog-checkpoint). Verify recomputes everything.
//
// Tables: journal_origine, journal_ligne, journal_contenu, journal_attente,
// journal_rang, journal_noeud, journal_point, journal_pseudonyme. It serves no
// URL. It is written by the domain and read by people and by its verifier: no
// rule reads it. Publication, proofs for people and witnesses are not here.
package journal

import (
	"errors"
	"fmt"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
)

// Initiateur is the kind of who acts.
type Initiateur string

// The kinds of initiator (mandats.md 17.1).
const (
	Aidant        Initiateur = "aidant"
	Referent      Initiateur = "referent"
	Admin         Initiateur = "admin"
	Usager        Initiateur = "usager"
	Systeme       Initiateur = "systeme"
	Franceconnect Initiateur = "franceconnect"
	SMS           Initiateur = "sms"
)

// Entry is one line to append. Every identifier that the act knows is given:
// the journal turns the people's into pseudonyms and the session's into a
// keyed digest, and keeps the others as they are.
type Entry struct {
	Initiateur   Initiateur
	Aidant       ident.AidantID // the professional who acts; absent for a command line or the system
	Concerne     ident.AidantID // the other professional: whose card or account it is, who approves
	Usager       ident.UsagerID
	Organisation ident.OrganisationID // the mandat's when there is one (FI-81)
	Mandat       ident.MandatID
	Autorisation ident.AutorisationID
	Operation    ident.OperationID
	Session      ident.SessionID
	Fait         fait.Fait
}

func (e Entry) has() (r fait.Requis) {
	for i, absent := range []bool{
		e.Aidant.IsZero(), e.Concerne.IsZero(), e.Usager.IsZero(), e.Organisation.IsZero(),
		e.Mandat.IsZero(), e.Autorisation.IsZero(), e.Operation.IsZero(),
	} {
		if !absent {
			r |= 1 << i
		}
	}
	return r
}

// check refuses a line that says less than its action must say.
func (e Entry) check(need fait.Requis) error {
	switch e.Initiateur {
	case Aidant, Referent:
		need |= fait.AvecAidant
	case Usager, SMS:
		need |= fait.AvecUsager
	case Admin, Systeme, Franceconnect:
	default:
		return fmt.Errorf("unknown initiator %q", e.Initiateur)
	}
	if missing := need &^ e.has(); missing != 0 {
		return fmt.Errorf("missing: %s", missing)
	}
	return nil
}

// contenu checks an entry against its action and writes its canonical JSON.
func (e Entry) contenu() ([]byte, error) {
	if e.Fait == nil {
		return nil, errors.New("journal entry without facts")
	}
	need, contenu, err := fait.Encode(e.Fait)
	if err == nil {
		err = e.check(need)
	}
	if err != nil {
		return nil, fmt.Errorf("journal entry %s: %w", e.Fait.Action(), err)
	}
	return contenu, nil
}
