package aidant_test

import (
	"testing"

	"aidantsconnect/internal/aidant"
)

func TestNormalizePhone(t *testing.T) {
	for in, want := range map[string]string{
		"":                  "",
		" 06 12 34 56 78 ":  "+33612345678",
		"06.12.34.56.78":    "+33612345678",
		"0033 6 12345678":   "+33612345678",
		"+33 6 12 34 56 78": "+33612345678",
		"0690 12 34 56":     "+590690123456", // Guadeloupe
		"0692 12 34 56":     "+262692123456", // La Réunion
		"0639 69 12 34":     "+262639691234", // Mayotte
		"0694 20 12 34":     "+594694201234", // Guyane
		"0696 20 12 34":     "+596696201234", // Martinique
		"+687 75 12 34":     "+687751234",    // Nouvelle-Calédonie
	} {
		if got, ok := aidant.NormalizePhone(in); !ok || got != want {
			t.Errorf("%q gives %q %v, want %q", in, got, ok, want)
		}
	}
	for _, in := range []string{"12", "06 12 34 56", "+44 7911 123456", "au bureau", "06123456789012345678901234567890123456789012"} {
		if got, ok := aidant.NormalizePhone(in); ok {
			t.Errorf("%q is accepted as %q", in, got)
		}
	}
}
