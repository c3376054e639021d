package dsfr

import (
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"
)

// heading draws its children in <hN class=…>, or in <p> for a level below 1:
// the level depends on the page, and templ has no variable element.
func heading(n int, class string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		tag := "p"
		if n >= 1 && n <= 6 {
			tag = "h" + strconv.Itoa(n)
		}
		if _, err := io.WriteString(w, "<"+tag+` class="`+templ.EscapeString(class)+`">`); err != nil {
			return err
		}
		children := templ.GetChildren(ctx)
		if err := children.Render(templ.ClearChildren(ctx), w); err != nil {
			return err
		}
		_, err := io.WriteString(w, "</"+tag+">")
		return err
	})
}
