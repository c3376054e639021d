package aidantsconnect_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rulesOfFranceConnect are the rules whose test the build requires: both roles,
// the périmètre, the simulation, and what the reference service taught us.
func rulesOfFranceConnect() (out []string) {
	for family, ranges := range map[string][][2]int{
		"FI-":  {{1, 16}, {20, 27}, {30, 34}, {40, 47}, {50, 57}, {60, 66}, {70, 74}, {80, 85}},
		"FS-":  {{1, 4}, {10, 18}, {20, 26}, {28, 28}, {30, 33}, {35, 37}},
		"SIM-": {{1, 6}, {10, 17}, {20, 29}},
	} {
		for _, r := range ranges {
			for n := r[0]; n <= r[1]; n++ {
				out = append(out, fmt.Sprintf("%s%02d", family, n))
			}
		}
	}
	for n := 1; n <= 10; n++ {
		out = append(out, fmt.Sprintf("REP-%d", n))
	}
	for _, n := range []int{11, 12, 13, 14, 15, 19, 20, 26, 29, 31, 32, 34, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 51, 52, 55, 56, 57} {
		out = append(out, fmt.Sprintf("M-W%d", n))
	}
	return out
}

// TestConformite: each module of certification has exactly one test, named
// after it; each rule about FranceConnect has one too; docs/conformite.md tells
// them all, and that they pass.
func TestConformite(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(readText(t, "docs/conformite.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	page := readText(t, "docs/conformite.md")
	where := map[string][]string{} // package of each test
	for _, name := range sourceFiles(t, []string{"_test.go"}, "internal") {
		for _, m := range testFunc.FindAllStringSubmatch(readText(t, name), -1) {
			if strings.HasPrefix(m[1], "TestOidcc_") {
				where[m[1]] = append(where[m[1]], path.Base(path.Dir(name)))
			}
		}
	}
	known := map[string]bool{}
	for _, r := range rows[1:] {
		test := "TestOidcc_" + strings.ReplaceAll(r[1], "-", "_")
		known[test] = true
		if len(where[test]) != 1 {
			t.Errorf("%s has %d tests named %s", r[1], len(where[test]), test)
			continue
		}
		line := fmt.Sprintf("| %s | %s | `%s.%s` | réussi |\n", r[1], r[2], where[test][0], test)
		if !strings.Contains(page, line) {
			t.Errorf("docs/conformite.md lacks, after make generate:\n%s", line)
		}
	}
	if len(rows) != 76 {
		t.Errorf("%d modules, want 75", len(rows)-1)
	}
	for _, test := range slices.Sorted(maps.Keys(where)) {
		if !known[test] {
			t.Errorf("%s is the test of no module of docs/conformite.csv", test)
		}
	}
	held, _, _ := strings.Cut(readText(t, "docs/regles.md"), "## Pas encore tenues")
	tests := map[string][]string{}
	for _, m := range ruleRow.FindAllStringSubmatch(held, -1) {
		tests[m[1]] = append(tests[m[1]], testNamed.FindAllString(m[2], -1)...)
	}
	for _, id := range rulesOfFranceConnect() {
		if len(tests[id]) == 0 {
			t.Errorf("no test holds %s in docs/regles.md", id)
		} else if !strings.Contains(page, fmt.Sprintf("| %s | %s |\n", id, strings.Join(tests[id], ", "))) {
			t.Errorf("docs/conformite.md does not tell the tests of %s: go run tools/conformite/main.go regles", id)
		}
	}
}

// TestComptes: each rule about accounts is in docs/comptes.csv, once; it has a
// test that docs/comptes.md tells, or belongs to another work, which it names.
func TestComptes(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(readText(t, "docs/comptes.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	page := readText(t, "docs/comptes.md")
	held, _, _ := strings.Cut(readText(t, "docs/regles.md"), "## Pas encore tenues")
	tests := map[string][]string{}
	for _, m := range ruleRow.FindAllStringSubmatch(held, -1) {
		tests[m[1]] = append(tests[m[1]], testNamed.FindAllString(m[2], -1)...)
	}
	if len(rows) != 84 {
		t.Errorf("%d rules, want 83", len(rows)-1)
	}
	for i, r := range rows[1:] {
		id := fmt.Sprintf("A-W%d", i+1)
		line := fmt.Sprintf("| %s | %s | %s |\n", id, r[2], r[1])
		switch {
		case r[0] != id:
			t.Errorf("line %d of docs/comptes.csv is about %s, want %s", i+2, r[0], id)
		case r[1] != "" && (r[2] == "" || !strings.Contains(page, line)):
			t.Errorf("docs/comptes.md lacks, after make generate:\n%s", line)
		case r[1] == "" && len(tests[id]) == 0:
			t.Errorf("no test holds %s in docs/regles.md", id)
		case r[1] == "" && (!strings.Contains(page, "\n| "+id+" | ") || !strings.Contains(page, " | "+strings.Join(tests[id], ", ")+" |\n")):
			t.Errorf("docs/comptes.md does not tell the tests of %s: go run tools/conformite/main.go regles", id)
		}
	}
}

var (
	misspelt = regexp.MustCompile(`waitl` + `ling|FI(?:RT|SRT)_|RE` + `RERENT|resp` + `onsable_de|esp` + `ace_resp` + `onsable`)
	oneWord  = []string{".go", ".templ", ".sql", ".md", ".csv"}
)

// TestWords: one word per notion, and none of the misspelt keys of the former
// service (A-W59).
func TestWords(t *testing.T) {
	for _, name := range sourceFiles(t, oneWord, "internal", "cmd", "docs", "tools") {
		if found := misspelt.FindString(readText(t, name)); found != "" {
			t.Errorf("%s says %q", name, found)
		}
	}
}
