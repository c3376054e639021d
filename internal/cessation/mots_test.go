package cessation

import (
	"slices"
	"testing"

	"aidantsconnect/internal/mandat"
)

// One is not several.
func TestPreviewCounts(t *testing.T) {
	for _, c := range []struct {
		a    Apercu
		want []string
	}{
		{Apercu{Mandats: 1, Personnes: 1}, []string{"1 mandat en cours, de 1 personne", "1 serait transféré"}},
		{Apercu{Mandats: 1, Personnes: 1, Refus: map[string]int{mandat.RaisonTermine: 1}}, []string{"1 mandat en cours, de 1 personne", "0 serait transféré", "1 resterait où il est : " + raisons[mandat.RaisonTermine]}},
		{Apercu{Mandats: 5, Personnes: 2, Refus: map[string]int{mandat.RaisonTermine: 2}}, []string{"5 mandats en cours, de 2 personnes", "3 seraient transférés", "2 resteraient où ils sont : " + raisons[mandat.RaisonTermine]}},
	} {
		if got := (oneView{Op: Operation{Genre: Transfert}, Apercu: c.a}).foreseen(); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
