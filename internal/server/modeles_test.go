package server_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/testkit"
)

var genreLiteral = regexp.MustCompile(`"([ES]-[0-9]{2}|journal_point)"`)

// Every text that the program sends is in the catalogue, and each variant
// leaves well: a subject, a body, no empty or undefined field, addresses of the
// service only, text and HTML with the same words (A-W30).
func TestEveryMessageIsRendered(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		all, err := m.Server.Modeles(t.Context(), m.Server.DB.Now())
		ok(t, err)
		var known []string
		for _, modele := range all {
			known = append(known, modele.Genre)
			if modele.Quand == "" || modele.Vers == "" || len(modele.Exemples) == 0 {
				t.Errorf("%s says neither when, to whom, nor what", modele.Genre)
			}
			for i, x := range modele.Exemples {
				at := modele.Genre + " " + x.Sujet
				if x.Cle == "" {
					x.Cle = "exemple" // given by its act
				}
				if err := x.Check(); err != nil {
					t.Errorf("%s, variant %d: %v", at, i, err)
				}
				for _, wrong := range []string{"%!", "<nil>", "  ", "« »", " .", "01/01/0001", "://.", "{", "[]"} {
					if strings.Contains(x.Sujet+"\n"+x.Texte, wrong) {
						t.Errorf("%s holds %q:\n%s", at, wrong, x.Texte)
					}
				}
				for _, link := range regexp.MustCompile(`https?://[^\s]+`).FindAllString(x.Texte, -1) {
					if !strings.HasPrefix(link, m.Adresses.App+"/") {
						t.Errorf("%s links to %s", at, link)
					}
				}
				if strings.HasPrefix(modele.Genre, "E-") && (!strings.Contains(x.HTML(), `<html lang="fr">`) || strings.Contains(x.HTML(), "<script")) {
					t.Errorf("%s has no HTML twin", at)
				}
			}
		}
		files, err := filepath.Glob("../*/*.go")
		ok(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") || strings.HasPrefix(name, "../journal/") {
				continue
			}
			b, err := os.ReadFile(name)
			ok(t, err)
			for _, found := range genreLiteral.FindAllStringSubmatch(string(b), -1) {
				if !slices.Contains(known, found[1]) {
					t.Errorf("%s writes %s, which is not in the catalogue", name, found[1])
				}
			}
		}
	})
}
