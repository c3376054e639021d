package consultation

import (
	"bytes"
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal/fait"

	"github.com/xuri/excelize/v2"
)

// TestSentences: what people read of the acts they look for most.
func TestSentences(t *testing.T) {
	for want, f := range map[string]fait.Fait{
		"« Logement », personne présente":                 fait.UseAutorisation{Demarche: demarche.Logement, Presence: fait.Present},
		"« Papiers », personne au téléphone":              fait.UseAutorisation{Demarche: demarche.Papiers, Presence: fait.Telephone},
		"Papiers, Logement, pour 365 jours":               fait.CreateAttestation{Demarches: []demarche.Demarche{demarche.Papiers, demarche.Logement}, Jours: 365},
		"« Logement », pour un jour":                      fait.CreateAutorisation{Demarche: demarche.Logement, Jours: 1},
		"« Logement », un mandat plus récent le remplace": fait.CancelAutorisation{Demarche: demarche.Logement, Motif: "remplace"},
		"la personne est décédée":                         fait.EndMandat{Motif: "deces"},
		"plus de connexion depuis six mois":               fait.DeactivateAidant{Cause: "inactivite"},
		"":                                                fait.ConnectAidant{},
	} {
		if got := detail(f); got != want {
			t.Errorf("%T: %q, want %q", f, got, want)
		}
	}
	if got := detail(nil); got != "" { // erased
		t.Errorf("nothing: %q", got)
	}
}

// TestExportsAreInert: no cell of an export is a formula.
func TestExportsAreInert(t *testing.T) {
	rows := [][]string{entetes, {"=1+1", "@SUM(A1)", "-2", "+3", "\tx", "\rx", "a=1", "", "é;\"\n"}}
	b, err := csvFile.write(rows)
	if err != nil {
		t.Fatal(err)
	}
	if want := "'=1+1;'@SUM(A1);'-2;'+3;'\tx;\"'\rx\";a=1;;\"é;\"\"\n\"\n"; !bytes.HasSuffix(b, []byte(want)) {
		t.Errorf("csv: %q", b)
	}
	if b, err = writeXLSX(rows); err != nil {
		t.Fatal(err)
	}
	x, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range rows[1] {
		at, err := excelize.CoordinatesToCellName(i+1, 2)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.GetCellValue("Journal", at)
		if formula, err2 := x.GetCellFormula("Journal", at); err != nil || err2 != nil || formula != "" || got != want {
			t.Errorf("cell %s: %q %q, %v %v, want %q", at, got, formula, err, err2, want)
		}
	}
}
