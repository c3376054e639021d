// Package fin ends a mandat, or one of its démarches, before its term (Code
// civil, art. 2003 to 2008; mandats.md 9): whose wish it is, how it was said,
// when it takes effect and when it was known, the notice to the other party,
// the page that tells what ended, and the certificate to print and sign, sealed
// as a mandat is: a signed record, a tagged PDF, kept and never made again.
//
// In law: the usager revokes when they please, without a reason (art. 2004);
// the structure renounces, by telling them (art. 2007). An end is one act, at
// one instant; what it cuts, the uses under way included, reads the
// autorisation again.
//
// A death or a protection measure ends every mandat of the structure that
// learns it (art. 2003); the others' end when the team has checked (decision
// 0175), and no mandat is signed with the person until it is taken back.
//
// The person may also write to the operator (CGU, art. 7.2): revocation records
// it, and the end says that the team did.
//
// Tables: evenement_usager, certificat_fin, revocation_ecrite. The rows of the ends (mandat_fin, autorisation) are
// mandat's, which writes them.
// URLs: /espace-aidant/mandats/{mandat}/… cancel_confirm, cancel_success,
// attestation_de_revocation (and .pdf, .json), and the same under
// /espace-aidant/usagers/{usager}/autorisations/{autorisation}/ for one
// démarche (its attestation is cancel_attestation);
// /espace-aidant/usagers/{usager}/evenement, …/retrait; /gestion/evenements/.
// Journal: cancel_autorisation, cancel_mandat, end_mandat, seal_fin, print_revocation,
// notify_usager, evenement_usager.
//
// It does not replace a mandat (mandat does, when another is signed) and does
// not close those that reached their term (mandat, by a task).
package fin

import (
	"slices"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// The channels by which an end is said to the structure, or by it.
const (
	Oral     = "oral"
	Lettre   = "lettre"
	Courriel = "courriel"
	SMS      = "sms" // said by the person themselves, to the number that asked
)

// canaux are the ways the database knows; an aidant records the first three.
var canaux = map[string]string{
	Oral: "de vive voix", Lettre: "par lettre", Courriel: "par courriel", SMS: "par SMS", "espace": "dans son espace en ligne",
}

// Volonte is on whose wish an end is recorded, and how it was said. The usager
// is asked no reason (Code civil, art. 2004).
type Volonte struct {
	Motif mandat.Motif
	Canal string // "" when nobody had to say it: the law ends the mandat
}

// volontes are the ends that an aidant records with a form.
var volontes = []mandat.Motif{mandat.RevoqueUsager, mandat.Renonciation, mandat.DemarchesAccomplies}

// ParseVolonte reads the form of an end. Only the usager revokes; the
// mandataire renounces (art. 2007), or says that all is done.
func ParseVolonte(motif, canal string) (Volonte, error) {
	f := fault.Fields{}
	if !slices.Contains(volontes, mandat.Motif(motif)) {
		f["motif"] = "Indiquez pourquoi le mandat s’arrête."
	}
	if !slices.Contains([]string{Oral, Lettre, Courriel}, canal) {
		f["canal"] = "Indiquez par quel moyen."
	}
	if len(f) > 0 {
		return Volonte{}, fault.Form(f)
	}
	return Volonte{mandat.Motif(motif), canal}, nil
}

// Etendue is what an act ends: one démarche, some, or the whole mandat.
type Etendue struct {
	Mandat mandat.Mandat
	Une    ident.AutorisationID   // zero: the whole mandat
	Parmi  []ident.AutorisationID // or these, together
}

// Whole tells whether the act is about the whole mandat.
func (e Etendue) Whole() bool { return e.Une.IsZero() && len(e.Parmi) == 0 }

func (e Etendue) holds(a mandat.Autorisation) bool {
	return e.Whole() || a.ID == e.Une || slices.Contains(e.Parmi, a.ID)
}

// Live gives what the act would end at now, in stored order.
func (e Etendue) Live(now time.Time) []mandat.Autorisation {
	return slices.DeleteFunc(e.Mandat.Live(now), func(a mandat.Autorisation) bool { return !e.holds(a) })
}

// Kept gives what would stay live.
func (e Etendue) Kept(now time.Time) []mandat.Autorisation {
	return slices.DeleteFunc(e.Mandat.Live(now), e.holds)
}

// one is the autorisation meant, when the act is about one.
func (e Etendue) one() mandat.Autorisation {
	i := slices.IndexFunc(e.Mandat.Autorisations, func(a mandat.Autorisation) bool { return a.ID == e.Une })
	if i < 0 {
		return mandat.Autorisation{}
	}
	return e.Mandat.Autorisations[i]
}

// Acte is the act that ended it: the autorisation's, or for a mandat the one
// that ended it whole, else the last. Zero while it is not ended by an act.
func (e Etendue) Acte() ident.OperationID {
	if !e.Whole() {
		if a := e.one(); a.Revoked() {
			return a.FinOperation
		}
		return ident.OperationID{}
	}
	if !e.Mandat.FullyRevoked() {
		return ident.OperationID{}
	}
	last := e.Mandat.Autorisations[0]
	for _, a := range e.Mandat.Autorisations {
		if a.FinEntiere {
			return a.FinOperation
		}
		if a.Fin.After(last.Fin) {
			last = a
		}
	}
	return last.FinOperation
}
