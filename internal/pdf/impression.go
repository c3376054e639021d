package pdf

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"
)

// Sizes in millimetres and points. A4, text large enough to be read on paper.
const (
	largeur, hauteur       = 210.0, 297.0
	margeCote              = 20.0
	margeHaut, margeBas    = 16.0, 20.0
	corps                  = 10.5 // points
	interligne             = 1.4
	pointMm                = 25.4 / 72
	cadreMin               = 38.0 // height of a frame to sign in
	corpsH1, corpsH2       = 17.0, 13.0
	corpsMarque            = 64.0 // points: « PROJET – sans valeur » across a page
	apresBloc, avantTitre2 = 1.8, 3.2
)

// imprimeur lays a document out, page after page, and keeps its structure.
type imprimeur struct {
	f       *fpdf.Fpdf
	polices polices
	prises  map[segment]bool // fonts already in the file, by family and weight

	y, gauche, droite float64
	racine, ici       *element     // of the structure
	pages             [][]*element // by page, then by MCID
	ouvert            *element     // whose marked content is open on this page
	marque            string       // of every page
}

func newImprimeur(m Meta) (*imprimeur, error) {
	ps, err := loadFonts()
	if err != nil {
		return nil, err
	}
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCatalogSort(true)
	f.SetCreationDate(m.Date.UTC())
	f.SetModificationDate(m.Date.UTC())
	f.SetProducer("aidantsconnect", true)
	f.SetTitle(m.Titre, true)
	f.SetAuthor(m.Auteur, true)
	f.SetAutoPageBreak(false, 0)
	f.SetMargins(0, 0, 0)
	p := &imprimeur{f: f, polices: ps, prises: map[segment]bool{}, gauche: margeCote, droite: largeur - margeCote, marque: m.Marque, racine: &element{genre: "Document"}}
	p.ici = p.racine
	p.turn()
	return p, f.Error()
}

// font chooses a font, which enters the file the first time it serves.
func (p *imprimeur) font(family string, g graisse, size float64) {
	if id := (segment{family: family, g: g}); !p.prises[id] {
		p.f.AddUTF8FontFromBytes(family, string(g), p.polices[family][g].octets)
		p.prises[id] = true
	}
	p.f.SetFont(family, string(g), size)
}

// turn begins a page.
func (p *imprimeur) turn() {
	p.close()
	p.f.AddPage()
	p.pages = append(p.pages, nil)
	p.y = margeHaut
	if p.marque != "" {
		p.brand()
	}
}

// brand says on a page what the file is not: across the page for the eye, and
// at its head in words that a screen reader meets on every page.
func (p *imprimeur) brand() {
	ms := []morceau{{texte: p.marque, g: gras}}
	p.artifact(func() {
		p.f.SetTextColor(228, 228, 228)
		p.f.TransformBegin()
		p.f.TransformRotate(52, largeur/2, hauteur/2)
		across := p.measure(ms, corpsMarque)
		p.draw(across, (largeur-width(across))/2, hauteur/2, corpsMarque)
		p.f.TransformEnd()
		p.f.SetTextColor(0, 0, 0)
	})
	p.mark(p.racine.add("P"))
	p.draw(p.measure(ms, corps), margeCote, margeHaut-4, corps)
	p.close()
}

// ensure turns the page unless so many millimetres are left on it.
func (p *imprimeur) ensure(h float64) {
	if p.y+h > hauteur-margeBas {
		p.turn()
	}
}

// within runs fn with a new element of the structure as the current one.
func (p *imprimeur) within(genre string, fn func(e *element) error) error {
	former := p.ici
	p.ici = former.add(genre)
	defer func() { p.ici = former }()
	return fn(p.ici)
}

// mark opens the marked content of an element on this page, unless it is open.
func (p *imprimeur) mark(e *element) {
	if p.ouvert == e {
		return
	}
	p.close()
	page := len(p.pages)
	mcid := len(p.pages[page-1])
	p.pages[page-1] = append(p.pages[page-1], e)
	e.fils = append(e.fils, fils{page: page, mcid: mcid})
	p.f.RawWriteStr(fmt.Sprintf("/%s <</MCID %d>> BDC", e.genre, mcid))
	p.ouvert = e
}

// close ends the marked content that is open.
func (p *imprimeur) close() {
	if p.ouvert != nil {
		p.f.RawWriteStr("EMC")
		p.ouvert = nil
	}
}

// artifact draws what no reader is told: rules, frames, page numbers.
func (p *imprimeur) artifact(draw func()) {
	p.close()
	p.f.RawWriteStr("/Artifact BMC")
	draw()
	p.f.RawWriteStr("EMC")
}

// cadre is a rectangle, in millimetres from the top left corner of the page.
type cadre struct{ x, y, w, h float64 }

// frame draws the border of a block.
func (p *imprimeur) frame(r cadre, trait float64) {
	p.artifact(func() {
		p.f.SetLineWidth(trait)
		p.f.SetDrawColor(60, 60, 60)
		p.f.Rect(r.x, r.y, r.w, r.h, "D")
	})
}

// feet writes the foot of every page, once their number is known.
func (p *imprimeur) feet(text string) {
	p.close()
	for i := range p.pages {
		p.f.SetPage(i + 1)
		p.font(lecture, gras, 1) // fpdf believes the font of the former page is set here
		foot := fmt.Sprintf("page %d sur %d", i+1, len(p.pages))
		if text != "" {
			foot = text + " – " + foot
		}
		p.artifact(func() {
			l := p.measure([]morceau{{texte: foot}}, 8.5)
			p.draw(l, margeCote, hauteur-margeBas/2, 8.5)
		})
	}
}

// finish gives the tagged file.
func (p *imprimeur) finish(m Meta) ([]byte, error) {
	p.feet(m.Pied)
	var b bytes.Buffer
	if err := p.f.Output(&b); err != nil {
		return nil, fmt.Errorf("write PDF: %w", err)
	}
	return assemble(b.Bytes(), p.racine, p.pages, m)
}
