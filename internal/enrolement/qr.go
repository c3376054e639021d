package enrolement

import (
	"fmt"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// marge is the quiet zone around a QR code, in modules (ISO/IEC 18004 §6.3.8).
const marge = 4

// dessin is a QR code as one SVG path.
type dessin struct {
	Cote string // viewBox: the side with its quiet zone
	Path string
}

// draw makes the QR code of a text: one rectangle per run of dark modules.
func draw(text string) (dessin, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return dessin{}, fmt.Errorf("make QR code: %w", err)
	}
	var b strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			if !c.Black(x, y) {
				continue
			}
			start := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1H%dz", start+marge, y+marge, x-start, start+marge)
		}
	}
	return dessin{strconv.Itoa(c.Size + 2*marge), b.String()}, nil
}
