package poids_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/poids"
)

// Each of the five ways leaves its sealed proof beside the document; the photo
// is the only heavy one, and no letter is kept.
func TestEachWayLeavesItsProof(t *testing.T) {
	all, err := poids.Voies(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	poids.Imprimer(&out, all)
	if len(all) != 5 {
		t.Fatal(out.String())
	}
	for _, v := range all {
		got := map[string]int{}
		for _, x := range v.Tables {
			got[x.Nom] = x.Octets
		}
		heavy := v.Nom == "papier et photo"
		if got["accord_piece"] == 0 || got["mandat_document"] < 40_000 || got["journal_ligne"] == 0 || v.Total < got["mandat_document"]+got["accord_piece"] || heavy != (v.Total > 200_000) {
			t.Errorf("%s:\n%s", v.Nom, out.String())
		}
	}
	for _, sorte := range poids.Sceaux() {
		make, err := poids.Fabrique(sorte)
		if err != nil {
			t.Fatal(err)
		}
		if err := make(); err != nil {
			t.Errorf("%s: %v", sorte, err)
		}
	}
}
