package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// fichier is a PDF read back by a reader that shares nothing with the writer:
// enough of ISO 32000 to walk a structure tree.
type fichier struct {
	t      *testing.T
	objets map[int]string
	marked map[string]string // "object of the page/MCID" to text
	dehors string            // text in no marked content and no artifact
	pieds  []string          // text of the artifacts
}

var (
	objet   = regexp.MustCompile(`(?s)(\d+) 0 obj\n(.*?)\nendobj\n`)
	ref     = regexp.MustCompile(`(\d+) 0 R`)
	contenu = regexp.MustCompile(`/Contents (\d+) 0 R`)
	mot     = regexp.MustCompile(`(?s)/(\w+) <</MCID (\d+)>> BDC|/Artifact BMC|EMC|\(((?:\\.|[^\\)])*)\) ?Tj`)
)

func lire(t *testing.T, b []byte) *fichier {
	t.Helper()
	f := &fichier{t: t, objets: map[int]string{}, marked: map[string]string{}}
	for _, m := range objet.FindAllSubmatch(b, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		f.objets[n] = string(m[2])
	}
	for n, o := range f.objets {
		if strings.HasPrefix(o, "<</Type /Page\n") {
			f.page(n, o)
		}
	}
	return f
}

// page reads the text of a page, by marked content.
func (f *fichier) page(n int, o string) {
	c, _ := strconv.Atoi(contenu.FindStringSubmatch(o)[1])
	_, body, _ := strings.Cut(f.objets[c], "stream\n")
	z, err := zlib.NewReader(strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		f.t.Fatal(err)
	}
	at, artifact := "", false
	for _, m := range mot.FindAllSubmatch(text, -1) {
		switch {
		case len(m[1]) > 0:
			if at != "" || artifact {
				f.t.Errorf("page %d: marked content in marked content", n)
			}
			at = fmt.Sprintf("%d/%s", n, m[2])
		case bytes.HasPrefix(m[0], []byte("/Artifact")):
			artifact = true
			f.pieds = append(f.pieds, "")
		case string(m[0]) == "EMC":
			at, artifact = "", false
		case at != "":
			f.marked[at] += utf16Text(m[3])
		case artifact:
			f.pieds[len(f.pieds)-1] += utf16Text(m[3])
		default:
			f.dehors += utf16Text(m[3])
		}
	}
}

func utf16Text(b []byte) string {
	var raw []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
			if b[i] == 'r' {
				raw = append(raw, '\r')
				continue
			}
		}
		raw = append(raw, b[i])
	}
	var u []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		u = append(u, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(u))
}

var (
	genre  = regexp.MustCompile(`/S /(\w+)`)
	alt    = regexp.MustCompile(`/Alt <FEFF([0-9A-F]*)>`)
	enfant = regexp.MustCompile(`<</Type /MCR /Pg (\d+) 0 R /MCID (\d+)>>|(\d+) 0 R`)
)

// arbre writes the structure as a reader walks it: one line per element.
func (f *fichier) arbre() string {
	for _, o := range f.objets {
		if strings.HasPrefix(o, "<</Type /StructTreeRoot") {
			n, _ := strconv.Atoi(ref.FindStringSubmatch(o)[1])
			var b strings.Builder
			f.walk(&b, n, "")
			return b.String()
		}
	}
	f.t.Fatal("no structure tree")
	return ""
}

func (f *fichier) walk(b *strings.Builder, n int, indent string) {
	o := f.objets[n]
	b.WriteString(indent + genre.FindStringSubmatch(o)[1])
	if m := alt.FindStringSubmatch(o); m != nil {
		var raw []byte
		for i := 0; i < len(m[1]); i += 2 {
			x, _ := strconv.ParseUint(m[1][i:i+2], 16, 8)
			raw = append(raw, byte(x))
		}
		b.WriteString(" [" + utf16Text(raw) + "]")
	}
	_, kids, _ := strings.Cut(o, "/K [")
	var text string
	var inner strings.Builder
	for _, m := range enfant.FindAllStringSubmatch(kids, -1) {
		if m[3] == "" {
			text += f.marked[m[1]+"/"+m[2]]
			continue
		}
		k, _ := strconv.Atoi(m[3])
		f.walk(&inner, k, indent+"  ")
	}
	if text != "" {
		b.WriteString(": " + text)
	}
	b.WriteString("\n" + inner.String())
}
