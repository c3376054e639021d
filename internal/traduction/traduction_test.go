package traduction_test

import (
	"regexp"
	"strings"
	"testing"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/traduction"
)

func TestParseRelecture(t *testing.T) {
	for _, c := range []struct{ langue, relecteur, qualite, field string }{
		{"ar", "Association des interprètes", "assermente", ""},
		{"ar", "  Zahra   B. ", "locuteur", ""},
		{"simple", "Atelier de Valbrune", "personnes_concernees", ""},
		{"ar", " ", "assermente", "relecteur"},
		{"ar", strings.Repeat("é", 121), "assermente", "relecteur"},
		{"ar", "a\xff", "assermente", "relecteur"},
		{"ar", "Zahra", "", "qualite"},
		{"ar", "Zahra", "amie", "qualite"},
		// FALC is the word of people concerned, and nobody else's; they do not translate.
		{"simple", "Zahra", "assermente", "qualite"},
		{"ar", "Zahra", "personnes_concernees", "qualite"},
	} {
		l, ok := traduction.ParseLangue(c.langue)
		if !ok {
			t.Fatal(c.langue)
		}
		r, err := traduction.ParseRelecture(l, c.relecteur, c.qualite)
		if (err == nil) != (c.field == "") || c.field != "" && fault.FieldsOf(err)[c.field] == "" {
			t.Errorf("%+v: %+v %v", c, r, err)
		}
	}
}

// A language we do not answer for is hidden until it is reviewed, and FALC is
// not said before people concerned have read.
func TestVisible(t *testing.T) {
	r := &traduction.Relecture{}
	for code, shown := range map[string]bool{"simple": true, "en": true, "ar": false, "prs": false, "pus": false, "rcf": false, "gcf": false} {
		l, _ := traduction.ParseLangue(code)
		if x := (traduction.Traduction{Langue: l}); x.Visible() != shown || strings.Contains(x.Titre(), "FALC") {
			t.Errorf("%s: %v %q", code, x.Visible(), x.Titre())
		}
		if x := (traduction.Traduction{Langue: l, Relecture: r}); !x.Visible() || strings.Contains(x.Titre(), "FALC") != (code == "simple") {
			t.Errorf("%s reviewed: %v %q", code, x.Visible(), x.Titre())
		}
	}
	if _, ok := traduction.ParseLangue("fr"); ok {
		t.Error("French is not a translation")
	}
}

var (
	headings  = regexp.MustCompile(`<h2>(\d+|[۰-۹]+)\. `)
	items     = regexp.MustCompile(`<li>`)
	permitted = regexp.MustCompile(`</?(section|h2|p|ul|li|strong)>|<span lang="fr">|</span>|<bdi( lang="fr")?>|</bdi>`)
)

// The text in force has every language, and each says the whole mandat: the
// same sections, the same lists, nothing that a browser would run.
func TestEveryLanguageSaysTheWholeMandat(t *testing.T) {
	g := &mandat.Greffe{Service: "Aidants Connect"}
	blank, err := g.Vierge()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range demarche.Keys() {
		if !strings.Contains(string(blank), strings.ToUpper(k.Titre())) {
			t.Errorf("the blank mandat has no %s", k)
		}
	}
	sections, lines := len(headings.FindAllString(string(blank), -1)), len(items.FindAllString(string(blank), -1))
	all := traduction.Courantes()
	if len(all) != len(traduction.Langues()) {
		t.Errorf("%d languages of %d have the text %s", len(all), len(traduction.Langues()), mandat.TexteCourant().Version)
	}
	for _, x := range all {
		if n := len(headings.FindAllString(x.Corps, -1)); n != sections {
			t.Errorf("%s: %d sections of %d", x.Code, n, sections)
		}
		if n := len(items.FindAllString(x.Corps, -1)); x.Code != traduction.Simple && n != lines {
			t.Errorf("%s: %d items of %d", x.Code, n, lines)
		}
		if rest := permitted.ReplaceAllString(x.Corps, ""); strings.ContainsAny(rest, "<>&") {
			t.Errorf("%s: markup beyond what explains: %.80q", x.Code, rest[strings.IndexAny(rest, "<>&"):])
		}
		if x.Texte != mandat.TexteCourant().Version || len(x.Empreinte) != 64 || x.Avis == "" {
			t.Errorf("%s: %q %q", x.Code, x.Texte, x.Empreinte)
		}
	}
}
