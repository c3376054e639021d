package fin

import (
	"strings"
	"testing"
)

// Each list of the team says that it stops.
func TestFullListsSaySo(t *testing.T) {
	for _, v := range []gestionView{{Attend: make([]Signale, evenementsMax)}, {Etendus: make([]Signale, evenementsMax)}} {
		var b strings.Builder
		if err := gestionPage(v).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "La liste s’arrête à 200") {
			t.Error("a full list says nothing")
		}
	}
}
