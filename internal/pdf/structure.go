package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
)

// element is a node of the structure tree (ISO 32000-1 §14.7): what a screen
// reader is told of the document.
type element struct {
	genre  string // H1, P, L, LI, Lbl, LBody, Figure…
	alt    string
	boite  [4]float64 // BBox of a Figure, in points
	liste  string     // ListNumbering of an L
	parent *element
	fils   []fils

	objet int
}

// fils is a child: an element, or marked content of a page.
type fils struct {
	element    *element
	page, mcid int
}

func (e *element) add(genre string) *element {
	c := &element{genre: genre, parent: e}
	e.fils = append(e.fils, fils{element: c})
	return c
}

// number gives its object number to each element, in reading order.
func (e *element) number(n int) int {
	e.objet, n = n, n+1
	for _, f := range e.fils {
		if f.element != nil {
			n = f.element.number(n)
		}
	}
	return n
}

// write appends the objects of the element and of its children.
func (e *element) write(objets [][]byte, parent int) [][]byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<</Type /StructElem /S /%s /P %d 0 R", e.genre, parent)
	if e.alt != "" {
		fmt.Fprintf(&b, " /Alt %s", texte(e.alt))
	}
	if e.genre == "Figure" {
		fmt.Fprintf(&b, " /A <</O /Layout /BBox [%.2f %.2f %.2f %.2f]>>", e.boite[0], e.boite[1], e.boite[2], e.boite[3])
	}
	if e.liste != "" {
		fmt.Fprintf(&b, " /A <</O /List /ListNumbering /%s>>", e.liste)
	}
	b.WriteString(" /K [")
	for _, f := range e.fils {
		if f.element != nil {
			fmt.Fprintf(&b, " %d 0 R", f.element.objet)
		} else {
			fmt.Fprintf(&b, " <</Type /MCR /Pg %d 0 R /MCID %d>>", pageObject(f.page), f.mcid)
		}
	}
	b.WriteString(" ]>>")
	objets = append(objets, b.Bytes())
	for _, f := range e.fils {
		if f.element != nil {
			objets = f.element.write(objets, e.objet)
		}
	}
	return objets
}

// texte writes a text string of the PDF in UTF-16.
func texte(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// pageObject is the object number that fpdf gives to a page, from 1.
func pageObject(page int) int { return 1 + 2*page }
