package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Formulaire is a form of a page with the values it would send as it stands.
type Formulaire struct {
	Methode string // GET or POST
	Action  string
	ID      string
	Champs  url.Values
	Noms    map[string]bool      // every named control, checked or not
	IDs     map[string]bool      // identifiers of the form and of what it holds
	Boutons map[string][2]string // id of a button: its name and value
	Texte   string
}

// Identifie accepts the form that has, or holds, this id.
func Identifie(id string) func(*Formulaire) bool {
	return func(f *Formulaire) bool { return f.IDs[id] }
}

// Avec accepts the form that has this control.
func Avec(nom string) func(*Formulaire) bool {
	return func(f *Formulaire) bool { return f.Noms[nom] }
}

// Vers accepts the form posted to this path.
func Vers(chemin string) func(*Formulaire) bool {
	return func(f *Formulaire) bool {
		return f.Methode == http.MethodPost && strings.HasPrefix(f.Action, chemin)
	}
}

// Dit accepts the form whose text or button contains s.
func Dit(s string) func(*Formulaire) bool {
	return func(f *Formulaire) bool { return strings.Contains(f.Texte, s) }
}

// Presser sends the form of the button that has this id, with the button's own
// name and value.
func (n *Navigateur) Presser(id string, values url.Values) error {
	for _, f := range n.Formulaires() {
		if b, ok := f.Boutons[id]; ok {
			if b[0] != "" {
				f.Champs.Set(b[0], b[1])
			}
			return n.submit(f, values)
		}
	}
	return fmt.Errorf("no button %q on %q (%s)", id, n.Titre(), n.URL.Path)
}

// APresser tells whether the page has one of these buttons, and which first.
func (n *Navigateur) APresser(ids ...string) (string, bool) {
	for _, id := range ids {
		for _, f := range n.Formulaires() {
			if _, ok := f.Boutons[id]; ok {
				return id, true
			}
		}
	}
	return "", false
}

// Formulaires gives the forms of the page, in order.
func (n *Navigateur) Formulaires() []*Formulaire {
	var out []*Formulaire
	for e := range n.Page.Descendants() {
		if e.Type == html.ElementNode && e.Data == "form" {
			out = append(out, readForm(e, n.URL.RequestURI()))
		}
	}
	return out
}

func readForm(e *html.Node, here string) *Formulaire {
	f := &Formulaire{
		Methode: strings.ToUpper(attr(e, "method")), Action: attr(e, "action"), ID: attr(e, "id"),
		Champs: url.Values{}, Noms: map[string]bool{}, Boutons: map[string][2]string{}, IDs: map[string]bool{attr(e, "id"): true}, Texte: text(e),
	}
	if f.Methode == "" {
		f.Methode = http.MethodGet
	}
	if f.Action == "" {
		f.Action = here
	}
	for c := range e.Descendants() {
		if c.Type == html.ElementNode {
			f.IDs[attr(c, "id")] = true
			f.control(c)
		}
	}
	return f
}

func (f *Formulaire) control(c *html.Node) {
	name := attr(c, "name")
	if c.Data == "button" && !has(c, "disabled") {
		f.Boutons[attr(c, "id")] = [2]string{name, attr(c, "value")}
	}
	if name == "" || has(c, "disabled") {
		return
	}
	switch c.Data {
	case "input":
		f.Noms[name] = true
		switch attr(c, "type") {
		case "checkbox", "radio":
			if has(c, "checked") {
				f.Champs.Add(name, orOn(attr(c, "value")))
			}
		case "submit", "button", "image":
		default:
			f.Champs.Add(name, attr(c, "value"))
		}
	case "textarea":
		f.Noms[name] = true
		f.Champs.Add(name, text(c))
	case "select":
		f.Noms[name] = true
		if o := find(c, func(o *html.Node) bool { return o.Data == "option" && has(o, "selected") }); o != nil {
			f.Champs.Add(name, attr(o, "value"))
		}
	case "button":
		f.Noms[name] = true
	}
}

func orOn(s string) string {
	if s == "" {
		return "on"
	}
	return s
}
