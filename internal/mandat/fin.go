package mandat

import (
	"slices"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// The channels by which an end is said to the structure, or by it.
const (
	Oral     = "oral"
	Lettre   = "lettre"
	Courriel = "courriel"
)

// canaux are the ways the database knows; an aidant records the first three.
var canaux = map[string]string{
	Oral: "de vive voix", Lettre: "par lettre", Courriel: "par courriel", "sms": "par SMS", "espace": "dans son espace en ligne",
}

// Volonte is on whose wish an end is recorded, and how it was said. There is
// no reason in it: none may be asked (Code civil, art. 2004).
type Volonte struct {
	Motif Motif // RevoqueUsager or Renonciation
	Canal string
}

// ParseVolonte reads the form of an end. Only the usager revokes; the
// mandataire renounces (art. 2007).
func ParseVolonte(motif, canal string) (Volonte, error) {
	f := fault.Fields{}
	if motif != string(RevoqueUsager) && motif != string(Renonciation) {
		f["motif"] = "Indiquez qui veut mettre fin."
	}
	if !slices.Contains([]string{Oral, Lettre, Courriel}, canal) {
		f["canal"] = "Indiquez par quel moyen."
	}
	if len(f) > 0 {
		return Volonte{}, fault.Form(f)
	}
	return Volonte{Motif(motif), canal}, nil
}

// Etendue is what an act ends: one démarche, or the whole mandat.
type Etendue struct {
	Mandat Mandat
	Une    ident.AutorisationID // zero: the whole mandat
}

// Whole tells whether the act is about the whole mandat.
func (e Etendue) Whole() bool { return e.Une.IsZero() }

// Live gives what the act would end at now, in stored order.
func (e Etendue) Live(now time.Time) []Autorisation {
	return slices.DeleteFunc(e.Mandat.Live(now), func(a Autorisation) bool { return !e.Whole() && a.ID != e.Une })
}

// Kept gives what would stay live.
func (e Etendue) Kept(now time.Time) []Autorisation {
	return slices.DeleteFunc(e.Mandat.Live(now), func(a Autorisation) bool { return e.Whole() || a.ID == e.Une })
}

// one is the autorisation meant, when the act is about one.
func (e Etendue) one() Autorisation {
	i := slices.IndexFunc(e.Mandat.Autorisations, func(a Autorisation) bool { return a.ID == e.Une })
	if i < 0 {
		return Autorisation{}
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

// EndedBy gives what one act ended, in stored order: the act tells, not the
// dates (mandats.md 9).
func (m Mandat) EndedBy(op ident.OperationID) []Autorisation {
	return slices.DeleteFunc(slices.Clone(m.Autorisations), func(a Autorisation) bool { return op.IsZero() || a.FinOperation != op })
}

// EtatAffiche is the state of one démarche, in French.
func (a Autorisation) EtatAffiche(now time.Time) string { return a.etatAffiche(now) }

// Concluded says how the mandat was made.
func (m Mandat) Concluded() string {
	switch {
	case !m.ADistance:
		return "en présence de la personne"
	case m.Methode == SMS:
		return "à distance, accord par SMS"
	}
	return "à distance"
}
