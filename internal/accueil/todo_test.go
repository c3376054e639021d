package accueil

import (
	"strings"
	"testing"

	"aidantsconnect/internal/mandat"
)

// What is counted up to a bound says so.
func TestTodoSaysAtLeast(t *testing.T) {
	for n, want := range map[int]string{1: "1 mandat se", 999: "999 mandats se", mandat.ComptesMax: "Au moins 1000 mandats se"} {
		if got := todo(n, 0, 0)[0].Libelle; !strings.HasPrefix(got, want) {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
