package pdf

import (
	"fmt"
	"html"
	"strings"

	"rsc.io/qr"
)

// marge is the quiet zone of a QR code, in modules (ISO/IEC 18004).
const marge = 4

// QR draws an address as an inline SVG that a screen reader announces by alt.
// It holds no style and loads nothing, so that any content policy shows it.
func QR(address, alt string) (string, error) {
	c, err := qr.Encode(address, qr.M)
	if err != nil {
		return "", fmt.Errorf("encode QR code: %w", err)
	}
	n := c.Size + 2*marge
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="ac-qr" role="img" aria-label="%s" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, html.EscapeString(alt), n, n)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dh-%dz"></path><path fill="#000" d="`, n, n, n)
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			w := 0
			for x+w < c.Size && c.Black(x+w, y) {
				w++
			}
			if w > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+marge, y+marge, w, w)
				x += w
			}
		}
	}
	b.WriteString(`"></path></svg>`)
	return b.String(), nil
}
