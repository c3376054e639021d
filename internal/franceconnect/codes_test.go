package franceconnect

import (
	"slices"
	"strings"
	"testing"
)

// §16.2: every code of the contract has an explanation.
func TestLookupCode(t *testing.T) {
	for _, code := range strings.Fields(`Y000000 Y000400 Y100019 Y010004 Y010006 Y010008 Y010007 Y010009 Y010011 Y010012 Y010013
		Y010015 Y020017 Y020019 Y020021 Y020022 Y020025 Y020023 Y020024 Y020026 Y020027 Y020029 Y020028 Y020030 Y030007 Y030028
		Y030032 Y100009 Y04B5A1C2 Y040123456 Y030025 Y190001 Y1900FF Y030030 Y100001 Y100002 Y100018 Y100011 Y180001 Y420001
		Y420002 Y470001 Y470002 Y470003 Y470004 Y600006 Y600007 Y600020`) {
		c, ok := LookupCode(code)
		if code == "Y040123456" { // one digit too many
			if ok {
				t.Errorf("%s is explained", code)
			}
			continue
		}
		if !ok || c.Sens == "" || c.Cote.Libelle() == "" || (c.Avis == "" && code != "Y030030") {
			t.Errorf("%s: %+v, %v", code, c, ok)
		}
	}
	for saisie, want := range map[string]string{
		"y010008": "Y010008", "  Y01 0008\n": "Y010008", "y04b5a1c2": "Y04xxxxxx", "Y190042": "Y1900xx",
		"010008": "Y010008", "YO1OOO8": "Y010008", "y-010.008": "Y010008", "« Y600020 »": "Y600020", "y04b5a1c2.": "Y04xxxxxx", "10008": "",
		"Y999999": "", "": "", "Y": "", "Y01000": "", "Y0100080": "", "X010008": "", "Y1900GG": "", "Yé10008": "", rep("Y", 65): "",
	} {
		if c, ok := LookupCode(saisie); c.Motif != want || ok != (want != "") {
			t.Errorf("LookupCode(%q) = %q, %v", saisie, c.Motif, ok)
		}
	}
	if c, _ := LookupCode("Y010008"); c.Cote != CoteIdentite || !strings.HasPrefix(c.Avis, "L'état civil porté par le mandat") {
		t.Errorf("%+v", c)
	}
}

func TestCodesAreSortedAndUnique(t *testing.T) {
	all := CodesFranceConnect()
	for i, c := range all {
		if i > 0 && all[i-1].Motif >= c.Motif {
			t.Errorf("%s comes after %s", c.Motif, all[i-1].Motif)
		}
		if found, ok := LookupCode(strings.ReplaceAll(c.Motif, "x", "0")); !ok || found != c {
			t.Errorf("%s is hidden by %s", c.Motif, found.Motif)
		}
		if !slices.Contains(Cotes(), c.Cote) || c.Cote.QuiAgit() == "" || c.Exemple() == "" || c.Cote.Libelle() == "" || !strings.HasSuffix(c.Sens, ".") {
			t.Errorf("%+v", c)
		}
	}
	all[0].Motif = "changed"
	if CodesFranceConnect()[0].Motif == "changed" {
		t.Error("the table can be written from outside")
	}
}
