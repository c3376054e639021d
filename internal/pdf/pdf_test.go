package pdf_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/pdf"
)

var meta = pdf.Meta{Titre: "Essai « balisé »", Auteur: "Aidants Connect", Langue: "fr-FR", Date: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Pied: "Essai"}

func sample(t *testing.T) string {
	t.Helper()
	qr, err := pdf.QR("https://aidants.example/verifier/7K2M-09QX-3F4T", "QR code de l’adresse")
	if err != nil {
		t.Fatal(err)
	}
	return `<article class="ac-document" lang="fr">
<p class="ac-mention"><strong>Ceci est un projet.</strong></p>
<h1>Titre du document</h1>
<div class="ac-verification">` + qr + `<div><p>Code : <strong>7K2M-09QX-3F4T</strong></p></div></div>
<section><h2>1. Les parties</h2>
<dl class="ac-faits"><div><dt>Nom</dt><dd>D'HAËNENS-L’HÉNAFFIC Œuvrard ğşıİ Ÿ</dd></div><div><dt>Né à</dt><dd>Ελλάδα, Łódź, Москва</dd></div></dl>
<p>Deux mots   et
des espaces, du <strong>gras</strong> dans la phrase&nbsp;: fini.<br>Autre ligne</p>
<ul><li>un</li><li>deux ` + strings.Repeat("mots qui remplissent la ligne ", 12) + `</li></ul></section>
<div class="ac-signatures"><div class="ac-cadre"><p><strong>Le mandataire</strong><br>Maison &lt;Bleue&gt;</p></div><div class="ac-cadre"><p>Le mandant</p></div></div>
</article>`
}

func TestStructure(t *testing.T) {
	b, err := pdf.FromHTML([]byte(sample(t)), meta)
	if err != nil {
		t.Fatal(err)
	}
	f := lire(t, b)
	want := `Document
  P: Ceci est un projet.
  H1: Titre du document
  Div
    Figure [QR code de l’adresse]
    Div
      P: Code : 7K2M-09QX-3F4T
  Sect
    H2: 1. Les parties
    L
      LI
        Lbl: Nom
        LBody: D'HAËNENS-L’HÉNAFFIC Œuvrard ğşıİ Ÿ
      LI
        Lbl: Né à
        LBody: Ελλάδα, Łódź, Москва
    P: Deux mots et des espaces, du gras dans la phrase` + "\u00a0" + `: fini.Autre ligne
    L
      LI
        Lbl: •` + " " + `
        LBody: un
      LI
        Lbl: •` + " " + `
        LBody: deux ` + strings.TrimSpace(strings.Repeat("mots qui remplissent la ligne ", 12)) + `
  Div
    Div
      P: Le mandataireMaison <Bleue>
    Div
      P: Le mandant
`
	if diff := cmp.Diff(want, f.arbre()); diff != "" {
		t.Error(diff)
	}
	if f.dehors != "" {
		t.Errorf("text that no reader is told of: %q", f.dehors)
	}
	for _, mark := range []string{"/MarkInfo <</Marked true>>", "/Lang <FEFF00660072002D00460052>", "/DisplayDocTitle true", "/Tabs /S", "/StructParents 0", "<rdf:li>fr-FR</rdf:li>", "/FontFile2"} {
		if !bytes.Contains(b, []byte(mark)) {
			t.Errorf("the file lacks %s", mark)
		}
	}
	if bytes.Contains(b, []byte("pdfuaid")) {
		t.Error("nobody has checked that it is PDF/UA")
	}
}

// The same document gives the same bytes, at any time.
func TestSameBytes(t *testing.T) {
	doc := []byte(sample(t))
	first, err := pdf.FromHTML(doc, meta)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		again, err := pdf.FromHTML(doc, meta)
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("other bytes: %v", err)
		}
	}
}

// A document of many pages: nothing is lost, the pages are numbered, a
// paragraph goes on over the page as one element.
func TestManyPages(t *testing.T) {
	var doc strings.Builder
	doc.WriteString("<article>")
	for range 40 {
		doc.WriteString("<h2>Chapitre</h2><p>" + strings.TrimSpace(strings.Repeat("une phrase assez longue ", 60)) + "</p>")
	}
	doc.WriteString("</article>")
	b, err := pdf.FromHTML([]byte(doc.String()), meta)
	if err != nil {
		t.Fatal(err)
	}
	f := lire(t, b)
	if n := strings.Count(f.arbre(), "une phrase assez longue"); n != 2400 {
		t.Errorf("%d of 2400 sentences", n)
	}
	if n := strings.Count(f.arbre(), "  P: "); n != 40 {
		t.Errorf("%d paragraphs", n)
	}
	feet := strings.Join(f.pieds, "|")
	if !strings.Contains(feet, "Essai – page 1 sur ") || !strings.Contains(feet, "Essai – page 2 sur ") {
		t.Errorf("feet: %s", feet)
	}
}

// What is not the document says so on every page, to the eye and to the ear.
func TestMark(t *testing.T) {
	m := meta
	m.Marque = "PROJET – sans valeur"
	doc := "<article><h1>Titre</h1>" + strings.Repeat("<ul><li>"+strings.Repeat("une phrase assez longue ", 200)+"</li></ul>", 3) + "</article>"
	b, err := pdf.FromHTML([]byte(doc), m)
	if err != nil {
		t.Fatal(err)
	}
	f := lire(t, b)
	said, drawn, feet := strings.Count(f.arbre(), "  P: PROJET – sans valeur\n"), 0, 0
	for _, a := range f.pieds {
		if a == m.Marque {
			drawn++
		}
		if strings.Contains(a, " – page ") {
			feet++
		}
	}
	if feet < 2 || said != feet || drawn != feet {
		t.Errorf("%d pages: marked %d times, said %d times", feet, drawn, said)
	}
	if !strings.HasPrefix(f.arbre(), "Document\n  P: PROJET") || strings.Count(f.arbre(), "une phrase assez longue") != 600 {
		t.Errorf("structure: %.200s", f.arbre())
	}
}

// What the printer does not know is refused, not left out.
func TestUnknownIsRefused(t *testing.T) {
	for _, doc := range []string{"<table><tr><td>x</td></tr></table>", "<p>a<img src=x></p>", "texte seul", "<svg viewBox='0 0 4 4'></svg>", "<form></form>"} {
		if _, err := pdf.FromHTML([]byte(doc), meta); err == nil {
			t.Errorf("%s was printed", doc)
		}
	}
	if _, err := pdf.FromHTML([]byte("<p>"+strings.Repeat("m", 3000)+"</p>"), meta); err != nil {
		t.Errorf("a word longer than a line: %v", err)
	}
}

// Poppler, which did not write it, reads the whole file: no error, the text in
// its order.
func TestPopplerReads(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("il manque pdftotext : installez poppler-utils")
	}
	b, err := pdf.FromHTML([]byte(sample(t)), meta)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "essai.pdf")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	c := exec.Command(tool, "-layout", name, "-")
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%v: %s", err, errs.String())
	}
	for _, w := range []string{"Titre du document", "D'HAËNENS-L’HÉNAFFIC Œuvrard ğşıİ Ÿ", "Łódź, Москва", "Maison <Bleue>", "page 1 sur 1"} {
		if !strings.Contains(string(out), w) {
			t.Errorf("poppler does not read %q in %s", w, out)
		}
	}
	if dir := os.Getenv("AC_TEST_CAPTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "essai.pdf"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkFromHTML(b *testing.B) {
	doc := []byte("<article>" + strings.Repeat("<h2>Titre</h2><p>"+strings.Repeat("une phrase assez longue ", 60)+"</p>", 9) + "</article>")
	for b.Loop() {
		if _, err := pdf.FromHTML(doc, meta); err != nil {
			b.Fatal(err)
		}
	}
}
