package outbox

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// Corps writes the text of a message. The text reads well by itself; the HTML
// twin recognises its three forms: a paragraph, a list whose lines begin with
// "- ", and a link, which is a label ended by " :" with its address on the
// next line. One link per message becomes the button: the first.
//
//	var c outbox.Corps
//	c.P("Bonjour,")
//	c.Lien("Me connecter", url)
//	msg.Texte = c.String()
type Corps struct{ blocs []string }

// P adds a paragraph.
func (c *Corps) P(format string, args ...any) {
	c.blocs = append(c.blocs, fmt.Sprintf(format, args...))
}

// Liste adds a list.
func (c *Corps) Liste(items ...string) {
	c.blocs = append(c.blocs, "- "+strings.Join(items, "\n- "))
}

// Lien adds a link with its label.
func (c *Corps) Lien(label, url string) {
	c.blocs = append(c.blocs, label+" :\n"+url)
}

// String gives the text.
func (c *Corps) String() string { return strings.Join(c.blocs, "\n\n") + "\n" }

var (
	reURL   = regexp.MustCompile(`https?://[^\s<>"]+`)
	reBlocs = regexp.MustCompile(`\n[ \t]*\n\s*`)
)

const (
	styleCorps  = `margin:0;padding:1.5em;background:#ffffff;color:#161616;font:1em/1.6 Arial,Helvetica,sans-serif`
	styleMain   = `max-width:38em;margin:0 auto`
	styleBouton = `display:inline-block;padding:.6em 1.2em;background:#000091;color:#ffffff;text-decoration:none;font-weight:bold`
)

// twin makes the HTML form of a text: same words, same order, no image, no
// table, nothing fetched from anywhere, the language said.
func twin(sujet, texte string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n")
	b.WriteString("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	fmt.Fprintf(&b, "<title>%s</title>\n</head>\n<body style=%q>\n<main style=%q>\n", html.EscapeString(sujet), styleCorps, styleMain)
	button := false
	for _, bloc := range reBlocs.Split(strings.TrimSpace(texte), -1) {
		lines := strings.Split(bloc, "\n")
		switch label, url, isLink := link(lines); {
		case isLink && !button:
			button = true
			fmt.Fprintf(&b, "<p><a href=\"%s\" style=%q>%s</a></p>\n", html.EscapeString(url), styleBouton, html.EscapeString(label))
			fmt.Fprintf(&b, "<p>Si le bouton ne répond pas, copiez cette adresse dans votre navigateur :<br>\n%s</p>\n", html.EscapeString(url))
		case isLink:
			fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a><br>\n%s</p>\n", html.EscapeString(url), html.EscapeString(label), html.EscapeString(url))
		case isList(lines):
			b.WriteString("<ul>\n")
			for _, l := range lines {
				fmt.Fprintf(&b, "<li>%s</li>\n", linked(strings.TrimPrefix(l, "- ")))
			}
			b.WriteString("</ul>\n")
		default:
			for i, l := range lines {
				lines[i] = linked(l)
			}
			fmt.Fprintf(&b, "<p>%s</p>\n", strings.Join(lines, "<br>\n"))
		}
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return b.String()
}

// link recognises a label ended by " :" and its address alone on the next line.
func link(lines []string) (label, url string, ok bool) {
	if len(lines) != 2 {
		return "", "", false
	}
	label, ok = strings.CutSuffix(lines[0], " :")
	url = strings.TrimSpace(lines[1])
	return label, url, ok && label != "" && reURL.FindString(url) == url && url != ""
}

func isList(lines []string) bool {
	for _, l := range lines {
		if !strings.HasPrefix(l, "- ") {
			return false
		}
	}
	return true
}

// linked escapes a line and makes its addresses clickable. The punctuation
// that ends a French sentence is not part of an address.
func linked(line string) string {
	var b strings.Builder
	for {
		at := reURL.FindStringIndex(line)
		if at == nil {
			b.WriteString(html.EscapeString(line))
			return b.String()
		}
		url := strings.TrimRight(line[at[0]:at[1]], ".,;:!?)»\u00a0")
		b.WriteString(html.EscapeString(line[:at[0]]))
		fmt.Fprintf(&b, `<a href="%s">%s</a>`, html.EscapeString(url), html.EscapeString(url))
		line = line[at[0]+len(url):]
	}
}
