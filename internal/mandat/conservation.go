package mandat

import "time"

// How long a mandat is kept after its end, in calendar years (mandats.md 16):
// the limitation period of offences, first in the structure, then in archive.
const (
	AnneesActives = 3
	AnneesTotales = 6
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
	return m.End().Before(now.AddDate(-AnneesActives, 0, 0))
}

// Conserve says until when the mandat and its proofs are kept, and why.
func (m Mandat) Conserve() string {
	return "Conservé jusqu’au " + Date(m.End().AddDate(AnneesTotales, 0, 0)) + ", parce que la loi laisse six ans pour demander des comptes après la fin d’un mandat. Puis effacé, avec ses preuves."
}
