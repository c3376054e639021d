package demande

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A list of addresses comes as people have it: typed, pasted from a table,
// saved by a spreadsheet.
func TestReadTable(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		want       saisie
		why        string
	}{
		"typed":          {text: "a@x.fr\n\nb@x.fr", want: saisie{Texte: "a@x.fr\n\nb@x.fr"}},
		"commas":         {text: "a@x.fr, b@x.fr", want: saisie{Texte: "a@x.fr\nb@x.fr"}},
		"pasted":         {text: "Ana\tBELMONTE\ta@x.fr\nLuc\tBELMONTE\tb@x.fr\n", want: saisie{Texte: "a@x.fr\nb@x.fr"}},
		"with titles":    {file: "\ufeffNom;Courriel;Nouvelle adresse\nBELMONTE; a@x.fr ;c@x.fr\nBELMONTE;b@x.fr;\n", want: saisie{Texte: "a@x.fr\nb@x.fr", Nouvelles: []string{"c@x.fr", ""}}},
		"an empty cell":  {file: "E-mail;Nom\n;BELMONTE\nb@x.fr", want: saisie{Texte: "(case vide)\nb@x.fr", Nouvelles: []string{"", ""}}},
		"no address":     {file: "Nom;Prénom\nBELMONTE;Ana", want: saisie{Texte: "Nom Prénom\nBELMONTE Ana"}},
		"both":           {file: "a@x.fr", text: "b@x.fr", want: saisie{Texte: "b@x.fr"}, why: "pas les deux"},
		"a workbook":     {file: "PK\x03\x04", why: "classeur"},
		"an open quote":  {file: "a@x.fr;\"b", why: "Ligne 1"},
		"too many":       {file: strings.Repeat("a@x.fr\n", 201), why: "200 lignes"},
		"nothing at all": {file: ";\n;"},
	} {
		got, why := readTable([]byte(c.file), c.text)
		if diff := cmp.Diff(c.want, got); diff != "" || (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %q %s", name, why, diff)
		}
	}
}
