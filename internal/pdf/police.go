package pdf

import (
	"fmt"
	"sync"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"aidantsconnect/internal/web"
)

// graisse is the weight of letters, as fpdf names it.
type graisse string

const (
	maigre graisse = ""
	gras   graisse = "B"
)

// The families: the reading font of the pages, and one that has the letters it
// lacks (Greek, Cyrillic, some Latin letters of names).
const (
	lecture = "AtkinsonHyperlegible"
	secours = "Go"
)

// police is one font file, and the letters it has.
type police struct {
	octets []byte
	sfnt   *sfnt.Font
}

type polices map[string]map[graisse]police

// loadFonts reads the four files once.
var loadFonts = sync.OnceValues(func() (polices, error) {
	regular, err := web.AssetContent("atkinson-hyperlegible-400.ttf")
	if err != nil {
		return nil, err
	}
	bold, err := web.AssetContent("atkinson-hyperlegible-700.ttf")
	if err != nil {
		return nil, err
	}
	out := polices{lecture: {}, secours: {}}
	for _, f := range []struct {
		family string
		g      graisse
		b      []byte
	}{{lecture, maigre, regular}, {lecture, gras, bold}, {secours, maigre, goregular.TTF}, {secours, gras, gobold.TTF}} {
		parsed, err := sfnt.Parse(f.b)
		if err != nil {
			return nil, fmt.Errorf("read font %s: %w", f.family, err)
		}
		out[f.family][f.g] = police{f.b, parsed}
	}
	return out, nil
})

// has tells whether the font draws this letter.
func (p police) has(r rune) bool {
	var b sfnt.Buffer
	i, err := p.sfnt.GlyphIndex(&b, r)
	return err == nil && i != 0
}

// family chooses the font of a letter: the reading font when it has it.
func (ps polices) family(r rune, g graisse) string {
	if r < 0x80 || ps[lecture][g].has(r) {
		return lecture
	}
	return secours
}
