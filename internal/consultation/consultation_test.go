package consultation

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

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
