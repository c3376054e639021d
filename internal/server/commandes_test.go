package server

import (
	"strings"
	"testing"

	"aidantsconnect/internal/journal"
)

func TestPrintReport(t *testing.T) {
	var b strings.Builder
	r := journal.Report{
		Origine: "exemple.fr", Lignes: 12, Taille: 10, EnAttente: 2, Effaces: 1, Points: 3, Dernier: "exemple.fr\n10\n",
		NombreFautes: 5, Fautes: []journal.Faute{{Genre: journal.FauteLigne, Rang: 4}, {Genre: journal.FauteTronque, Rang: -1}},
	}
	if err := printReport(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Journal exemple.fr : ALTÉRÉ, fautes trouvées : 5.", "Lignes : 12, dont 10 numérotées et 2 en attente", "- rang 4 : la ligne a été modifiée\n",
		"- le journal a été raccourci", "- et 3 autres\n", "\n\nexemple.fr\n10\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}
