package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FromHTML makes the tagged file of a document. The same fragment and the same
// Meta give the same bytes.
func FromHTML(fragment []byte, m Meta) ([]byte, error) {
	nodes, err := html.ParseFragment(bytes.NewReader(fragment), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	p, err := newImprimeur(m)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if err := p.block(n); err != nil {
			return nil, err
		}
	}
	return p.finish(m)
}

func class(n *html.Node, name string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), name)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// block lays a block out, by its tag.
func (p *imprimeur) block(n *html.Node) error {
	switch {
	case n.Type == html.TextNode && strings.TrimSpace(n.Data) == "", n.Type == html.CommentNode:
		return nil
	case n.Type != html.ElementNode:
		return fmt.Errorf("a document has text out of its blocks: %.40q", n.Data)
	}
	switch n.DataAtom {
	case atom.Article: // each begins a page: a letter, then what it is about
		if p.y > margeHaut {
			p.turn()
		}
		return p.children(n)
	case atom.Section:
		return p.within("Sect", func(*element) error { return p.children(n) })
	case atom.Div:
		switch {
		case class(n, "ac-verification"):
			return p.verification(n)
		case class(n, "ac-signatures"):
			return p.signatures(n)
		}
		return p.within("Div", func(*element) error { return p.children(n) })
	case atom.H1:
		return p.paragraph("H1", n, style{taille: corpsH1, g: gras, suite: 14})
	case atom.H2:
		p.y += avantTitre2
		return p.paragraph("H2", n, style{taille: corpsH2, g: gras, suite: 14})
	case atom.H3:
		return p.paragraph("H3", n, style{taille: corps + 1, g: gras, suite: 12})
	case atom.P:
		if class(n, "ac-mention") {
			return p.mention(n)
		}
		return p.paragraph("P", n, style{taille: corps})
	case atom.Ul, atom.Ol:
		return p.list(n)
	case atom.Dl:
		return p.facts(n)
	case atom.Svg:
		return p.code(n, 30)
	}
	return fmt.Errorf("a document cannot hold <%s>", n.Data)
}

func (p *imprimeur) children(n *html.Node) error {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if err := p.block(c); err != nil {
			return err
		}
	}
	return nil
}

// style is how a paragraph is written.
type style struct {
	taille float64
	g      graisse
	suite  float64 // millimetres kept on the page after it: a heading is not alone
}

// runs gives the words of a paragraph.
func runs(n *html.Node, g graisse) ([]morceau, error) {
	var out []morceau
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			out = append(out, morceau{c.Data, g})
		case c.Type == html.CommentNode:
		case c.DataAtom == atom.Br:
			out = append(out, morceau{"\n", g})
		case slices.Contains([]atom.Atom{atom.Strong, atom.B, atom.Em, atom.Span, atom.A}, c.DataAtom):
			w := g
			if c.DataAtom == atom.Strong || c.DataAtom == atom.B {
				w = gras
			}
			inner, err := runs(c, w)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
		default:
			return nil, fmt.Errorf("a paragraph cannot hold <%s>", c.Data)
		}
	}
	return out, nil
}

// paragraph writes a paragraph or a heading as one element.
func (p *imprimeur) paragraph(genre string, n *html.Node, s style) error {
	ms, err := runs(n, s.g)
	if err != nil {
		return err
	}
	if ms = fold(ms); len(ms) == 0 {
		return nil
	}
	return p.within(genre, func(e *element) error {
		p.write(e, ms, s)
		p.y += apresBloc
		return nil
	})
}

// write draws the lines of an element between the margins of the moment.
func (p *imprimeur) write(e *element, ms []morceau, s style) {
	h := s.taille * interligne * pointMm
	lines := p.lines(ms, p.droite-p.gauche, s.taille)
	p.ensure(h*float64(min(len(lines), 2)) + s.suite)
	for _, l := range lines {
		p.ensure(h)
		p.mark(e)
		p.draw(l, p.gauche, p.y+h*0.75, s.taille)
		p.y += h
	}
	p.close()
}

// mention is a warning in a frame.
func (p *imprimeur) mention(n *html.Node) error {
	p.ensure(16)
	top, page := p.y, len(p.pages)
	p.indent(3, func() error { p.y += 2; return nil })
	if err := p.indent(3, func() error { return p.paragraph("P", n, style{taille: corps}) }); err != nil {
		return err
	}
	if len(p.pages) == page {
		p.frame(cadre{p.gauche, top, p.droite - p.gauche, p.y - top + 0.5}, 0.6)
	}
	p.y += 3
	return nil
}

// indent runs fn with narrower margins.
func (p *imprimeur) indent(by float64, fn func() error) error {
	g, d := p.gauche, p.droite
	p.gauche, p.droite = g+by, d-by
	defer func() { p.gauche, p.droite = g, d }()
	return fn()
}

// list writes the items, each with its bullet.
func (p *imprimeur) list(n *html.Node) error {
	return p.within("L", func(l *element) error {
		l.liste = "Disc"
		i := 0
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			i++
			label := "•"
			if n.DataAtom == atom.Ol {
				l.liste, label = "Decimal", strconv.Itoa(i)+"."
			}
			if err := p.item(label, c); err != nil {
				return err
			}
		}
		p.y += apresBloc
		return nil
	})
}

func (p *imprimeur) item(label string, n *html.Node) error {
	ms, err := runs(n, maigre)
	if err != nil {
		return err
	}
	return p.within("LI", func(*element) error {
		h := corps * interligne * pointMm
		p.ensure(h)
		if err := p.within("Lbl", func(e *element) error {
			p.mark(e)
			p.draw(p.measure([]morceau{{texte: label + " "}}, corps), p.gauche+2, p.y+h*0.75, corps)
			p.close()
			return nil
		}); err != nil {
			return err
		}
		return p.within("LBody", func(e *element) error {
			g := p.gauche
			p.gauche += 7
			p.write(e, fold(ms), style{taille: corps})
			p.gauche = g
			return nil
		})
	})
}

// facts writes a definition list: names on the left, values on the right.
func (p *imprimeur) facts(n *html.Node) error {
	return p.within("L", func(l *element) error {
		l.liste = "None"
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			if err := p.fact(c); err != nil {
				return err
			}
		}
		p.y += apresBloc
		return nil
	})
}

func (p *imprimeur) fact(n *html.Node) error {
	return p.within("LI", func(*element) error {
		g := p.gauche
		defer func() { p.gauche = g }()
		p.ensure(2 * corps * interligne * pointMm)
		top := p.y
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			genre, weight := "Lbl", maigre
			if c.DataAtom == atom.Dd {
				genre, weight = "LBody", gras
			}
			ms, err := runs(c, weight)
			if err != nil {
				return err
			}
			if genre == "LBody" {
				p.gauche, p.y = g+52, top
			}
			if err := p.within(genre, func(e *element) error {
				p.write(e, fold(append(ms, morceau{" ", weight})), style{taille: corps})
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// verification is the block of the QR code: the drawing, and the words beside.
func (p *imprimeur) verification(n *html.Node) error {
	return p.within("Div", func(*element) error {
		const size = 30
		p.ensure(size + 8)
		top, g, d := p.y, p.gauche, p.droite
		defer func() { p.gauche, p.droite = g, d }()
		p.droite -= 3 // words do not touch the frame
		bottom := top
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			if c.DataAtom == atom.Svg {
				if err := p.code(c, size); err != nil {
					return err
				}
				bottom = max(bottom, p.y)
				p.y, p.gauche = top+2.5, g+size+2
				continue
			}
			if err := p.block(c); err != nil {
				return err
			}
			bottom = max(bottom, p.y)
		}
		p.frame(cadre{g, top, d - g, bottom - top}, 0.2)
		p.y = bottom + 4
		return nil
	})
}

var (
	viewBox = regexp.MustCompile(`^0 0 (\d+) `)
	module  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h`)
)

// code draws a QR code of ours as a figure with its alternative text.
func (p *imprimeur) code(n *html.Node, size float64) error {
	box := viewBox.FindStringSubmatch(attribute(n, "viewBox"))
	alt := attribute(n, "aria-label")
	if box == nil || alt == "" || !class(n, "ac-qr") {
		return fmt.Errorf("a drawing is not a QR code with its alternative text")
	}
	modules, _ := strconv.ParseFloat(box[1], 64)
	unit := size / modules
	return p.within("Figure", func(e *element) error {
		p.ensure(size)
		e.alt = alt
		e.boite = [4]float64{p.gauche / pointMm, (hauteur - p.y - size) / pointMm, (p.gauche + size) / pointMm, (hauteur - p.y) / pointMm}
		p.mark(e)
		p.f.SetFillColor(0, 0, 0)
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			for _, m := range module.FindAllStringSubmatch(attribute(c, "d"), -1) {
				x, _ := strconv.ParseFloat(m[1], 64)
				y, _ := strconv.ParseFloat(m[2], 64)
				w, _ := strconv.ParseFloat(m[3], 64)
				p.f.Rect(p.gauche+x*unit, p.y+y*unit, w*unit, unit, "F")
			}
		}
		p.close()
		p.y += size
		return nil
	})
}

// signatures draws the frames to sign in, side by side, on one page.
func (p *imprimeur) signatures(n *html.Node) error {
	return p.within("Div", func(*element) error {
		p.ensure(cadreMin + 2)
		g, d, top := p.gauche, p.droite, p.y
		defer func() { p.gauche, p.droite = g, d }()
		half := (d - g - 6) / 2
		bottom, x := top+cadreMin, g
		var lefts []float64
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			p.gauche, p.droite, p.y = x+3, x+half-3, top+2.5
			if err := p.block(c); err != nil {
				return err
			}
			bottom = max(bottom, p.y)
			lefts = append(lefts, x)
			x += half + 6
		}
		for _, x := range lefts {
			p.frame(cadre{x, top, half, bottom - top}, 0.3)
		}
		p.y = bottom + 3
		return nil
	})
}
