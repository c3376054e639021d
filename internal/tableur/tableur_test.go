package tableur_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/tableur"
)

// wide writes a text as spreadsheets call « Unicode ».
func wide(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// Whatever a spreadsheet does of a table, its cells are the same.
func TestRead(t *testing.T) {
	want := []tableur.Ligne{{1, []string{"prénom", "nom"}}, {3, []string{"Zoé", "D’HAËNENS; veuve"}}}
	for name, file := range map[string]string{
		"semicolons":        "prénom;nom\n;\nZoé;\"D’HAËNENS; veuve\"\n",
		"commas":            "prénom,nom\n\nZoé,D’HAËNENS; veuve",
		"tabs, pasted":      "prénom\tnom\r\n\t\r\nZoé\tD’HAËNENS; veuve\r\n",
		"with a mark":       "\ufeffprénom;nom\n;\n Zoé ;\"D’HAËNENS; veuve\"",
		"old Windows":       "pr\xe9nom;nom\r\n;\r\nZo\xe9;\"D\x92HA\xcbNENS; veuve\"",
		"Unicode":           wide("prénom\tnom\r\n\t\r\nZoé\tD’HAËNENS; veuve"),
		"old Mac":           "prénom;nom\r;\rZoé;\"D’HAËNENS; veuve\"",
		"quoted, all of it": "\"prénom\";\"nom\"\n\n\"Zoé\";\"D’HAËNENS; veuve\"",
	} {
		got, err := tableur.Read([]byte(file), 10)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

// What is no table says what to do, without repeating what it holds.
func TestReadRefused(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		line int
		want string
	}{
		"a workbook":  {"PK\x03\x04secret", 0, "classeur"},
		"an old one":  {"\xd0\xcf\x11\xe0secret", 0, "classeur"},
		"a PDF":       {"%PDF-1.7 secret", 0, "PDF"},
		"no text":     {"a;b\x00secret", 0, "pas du texte"},
		"half a file": {wide("a;b") + "x", 0, "coupé"},
		"a quote":     {"a;b\n\"secret;c", 2, "guillemet"},
		"too long":    {"a\nb\nc\nd\n", 4, "3 lignes au plus"},
		"a novel":     {"a;" + strings.Repeat("secret", 400), 1, "trop longue"},
	} {
		_, err := tableur.Read([]byte(c.file), 3)
		r, ok := errors.AsType[*tableur.Refus](err)
		if !ok || r.Ligne != c.line || !strings.Contains(r.Texte, c.want) || strings.Contains(r.Texte+r.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What we give to a spreadsheet is text, and comes back as it was.
func TestWriteIsInert(t *testing.T) {
	file, err := tableur.Write([][]string{{"nom"}, {"=HYPERLINK(\"x\")"}, {"+33"}, {"-1"}, {"@a"}, {"\t=1"}, {"Zoé; x"}})
	if err != nil || !strings.HasPrefix(string(file), "\ufeffnom\n\"'=HYPERLINK(\"\"x\"\")\"\n'+33\n'-1\n'@a\n") || !strings.HasSuffix(string(file), "\n'\t=1\n\"Zoé; x\"\n") {
		t.Errorf("%v %q", err, file)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\ufeff\"a;b\n;;;"))
	f.Add([]byte("\xff\xfea"))
	f.Fuzz(func(t *testing.T, file []byte) {
		lines, err := tableur.Read(file, 50)
		if _, told := errors.AsType[*tableur.Refus](err); err != nil && !told {
			t.Fatal(err)
		}
		for i, l := range lines {
			if l.Numero < 1 || len(l.Cellules) == 0 || i > 0 && l.Numero <= lines[i-1].Numero {
				t.Errorf("%q: line %+v", file, l)
			}
		}
	})
}
