package acces

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every word that the tables of the copy may keep is said in French: the
// schema tells them.
func TestWordsOfTheCopyAreFrench(t *testing.T) {
	schema, err := os.ReadFile("../db/testdata/schema.sqlite.txt")
	if err != nil {
		t.Fatal(err)
	}
	list, word := regexp.MustCompile(`(?m)^ +([a-z_]+) .*CHECK \([a-z_]+ IN \(([^)]*)\)`), regexp.MustCompile(`'([^']+)'`)
	// What the copy does not show, or says otherwise.
	hidden := map[string]bool{"methode_consentement": true, "preuve": true, "deconnexion": true}
	seen := 0
	for _, s := range append(append([]source{}, parPersonne...), parMandat...) {
		_, body, ok := strings.Cut(string(schema), "CREATE TABLE "+s.table+" (")
		if !ok {
			t.Fatalf("no table %s", s.table)
		}
		body, _, _ = strings.Cut(body, "\n);")
		for _, m := range list.FindAllStringSubmatch(body, -1) {
			for _, w := range word.FindAllStringSubmatch(m[2], -1) {
				if hidden[m[1]] {
					continue
				}
				seen++
				if _, known := mots[w[1]]; !known && inWords(w[1], "v") == w[1] {
					t.Errorf("%s.%s: %q is not said in French", s.table, m[1], w[1])
				}
			}
		}
	}
	if seen < 80 {
		t.Errorf("only %d words", seen)
	}
	if got := inWords("logement,papiers", "v"); !strings.Contains(got, "Logement, Papiers") {
		t.Errorf("a list: %q", got)
	}
}

func TestPlacesAreNamed(t *testing.T) {
	for code, want := range map[string]string{
		"80021": "Amiens (Somme), code Insee 80021", "99352": "Algérie, code Insee 99352", "99100": "France, code Insee 99100",
		"80999": "80999", "": "",
	} {
		if got := inWords(code, "c"); got != want {
			t.Errorf("%q: %q", code, got)
		}
	}
}

// A register longer than its page says that it stops.
func TestFullRegisterSaysSo(t *testing.T) {
	var b strings.Builder
	if err := registerPage(vue{Demandes: make([]Demande, registreMax)}).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "La liste s’arrête à 100") {
		t.Error("a full list says nothing")
	}
}
