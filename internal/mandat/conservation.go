package mandat

import (
	"time"

	"aidantsconnect/internal/garde"
)

// End is when the mandat ends: by an act, or at its term, past or to come.
func (m Mandat) End() time.Time {
	if m.FullyRevoked() {
		return m.DateRevocation()
	}
	return m.DateExpiration
}

// Archived tells whether nobody in the structure opens it any more.
func (m Mandat) Archived(now time.Time) bool {
	return m.End().Before(now.AddDate(-garde.AnneesActives, 0, 0))
}

// LastEnd is when the last of the mandats of a person ends: their identity is
// kept from then.
func LastEnd(ms []Mandat) (last time.Time) {
	for _, m := range ms {
		if end := m.End(); end.After(last) {
			last = end
		}
	}
	return last
}

// Conserve says until when the mandat and its proofs are kept, and why.
func (m Mandat) Conserve() string {
	return garde.Mandat.Phrase(m.End())
}
