package dsfr

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// aria ties a control to its hint and error; a wrong value is said invalid.
func aria(id, aide, erreur string) templ.Attributes {
	a := templ.Attributes{}
	if d := describedBy(id, aide, erreur); d != "" {
		a["aria-describedby"] = d
	}
	if erreur != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

// optionAria ties a radio or a box to its own detail, and says the group
// invalid on its first control, where the error summary leads.
func optionAria(c Choix, o Option, i int) templ.Attributes {
	var ids []string
	if o.Aide != "" {
		ids = append(ids, optionID(c.id(), i)+"-detail")
	}
	a := templ.Attributes{}
	if c.Erreur != "" && i == 0 {
		ids = append(ids, c.id()+"-erreur")
		a["aria-invalid"] = "true"
	}
	if len(ids) > 0 {
		a["aria-describedby"] = strings.Join(ids, " ")
	}
	return a
}

func legendedBy(c Choix) string {
	s := c.id() + "-legende"
	if c.Erreur != "" {
		s += " " + c.id() + "-erreur"
	}
	return s
}

func rows(n int) string {
	if n == 0 {
		n = 4
	}
	return strconv.Itoa(n)
}

func level(n, d int) int {
	if n == 0 {
		return d
	}
	return n
}

// optional is a part of the label, so that it is read with it.
func optional(facultatif bool) string {
	if facultatif {
		return " (facultatif)"
	}
	return ""
}
