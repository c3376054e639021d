package comprendre

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever the name of the structure, the message is short, and its link whole.
func TestTexte(t *testing.T) {
	const link = "https://aidants.example/comprendre/2026-11-22"
	for _, structure := range []string{"Mairie", strings.Repeat("très ", 60) + "long", strings.Repeat("é", 200)} {
		got := texte(structure, "Aidants Connect", link)
		if n := utf8.RuneCountInString(got); n > 3*153 {
			t.Errorf("%d characters: %s", n, got)
		}
		if !strings.Contains(got, "\n"+link+"\n") || !strings.Contains(got, "n'engage à rien") {
			t.Errorf("%s", got)
		}
	}
}
