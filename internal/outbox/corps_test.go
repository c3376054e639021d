package outbox

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestTwin(t *testing.T) {
	var c Corps
	c.P("Bonjour,")
	c.P("Voici <b>votre</b> lien & son mode d'emploi (https://exemple.fr/aide?a=1&b=2).\nIl sert une fois.")
	c.Lien("Me connecter", "https://exemple.fr/connexion/abc?d=e&f=g")
	c.Liste("premier point", "second point")
	c.Lien("Notre aide", "https://exemple.fr/faq/")
	texte := c.String()
	page := twin("L'objet <du> message", texte)

	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	var hrefs []string
	count := map[string]int{}
	lang := ""
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			count[n.Data]++
			for _, a := range n.Attr {
				switch {
				case n.Data == "html" && a.Key == "lang":
					lang = a.Val
				case a.Key == "href":
					hrefs = append(hrefs, a.Val)
				}
			}
		}
		if n.Type == html.TextNode && n.Parent.Data != "title" {
			words = append(words, strings.Fields(n.Data)...)
		}
		for k := n.FirstChild; k != nil; k = k.NextSibling {
			walk(k)
		}
	}
	walk(doc)
	if lang != "fr" || count["title"] != 1 || count["main"] != 1 {
		t.Errorf("lang %q, %d title, %d main", lang, count["title"], count["main"])
	}
	for _, tag := range []string{"table", "img", "script", "b", "link"} {
		if count[tag] != 0 {
			t.Errorf("%d <%s>", count[tag], tag)
		}
	}
	if count["li"] != 2 || count["ul"] != 1 {
		t.Errorf("list: %d ul, %d li", count["ul"], count["li"])
	}
	want := []string{"https://exemple.fr/aide?a=1&b=2", "https://exemple.fr/connexion/abc?d=e&f=g", "https://exemple.fr/faq/"}
	if got := strings.Join(hrefs, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("links:\n%s", got)
	}
	// Every word of the text is in the HTML, in the same order; the marks of
	// lists and labels are the only ones that HTML says otherwise.
	i := 0
	for _, w := range strings.Fields(texte) {
		if w == "-" || w == ":" {
			continue
		}
		for i < len(words) && words[i] != w && !strings.HasPrefix(words[i], w) && !strings.HasSuffix(w, words[i]) && !strings.Contains(w, words[i]) {
			i++
		}
		if i == len(words) {
			t.Fatalf("the word %q of the text is not in the HTML, or not in order", w)
		}
	}
}

// Whatever the text, the HTML closes what it opens and invents no element.
func FuzzTwin(f *testing.F) {
	f.Add("a", "b\n\n- c\n- d\n\nLien :\nhttps://x/")
	f.Add("</title><script>", "https://x\"><img src=x>")
	f.Fuzz(func(t *testing.T, sujet, texte string) {
		allowed := map[string]bool{"html": true, "head": true, "meta": true, "title": true, "body": true, "main": true, "p": true, "a": true, "br": true, "ul": true, "li": true}
		z := html.NewTokenizer(strings.NewReader(twin(sujet, texte)))
		for {
			switch z.Next() {
			case html.ErrorToken:
				return
			case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
				name, _ := z.TagName()
				if !allowed[string(name)] {
					t.Fatalf("element %q from %q / %q", name, sujet, texte)
				}
			}
		}
	})
}

func TestCheck(t *testing.T) {
	right := Message{Cle: "E-01/1", Genre: "E-01", Destinataire: "marie@exemple.fr", Sujet: "Objet é", Texte: "Bonjour,\n\tligne\n"}
	if err := right.check(); err != nil {
		t.Fatalf("a right message is refused: %v", err)
	}
	for why, spoil := range map[string]func(*Message){
		"no key":                  func(m *Message) { m.Cle = "" },
		"no kind":                 func(m *Message) { m.Genre = "" },
		"an address in the key":   func(m *Message) { m.Cle = "E-01/marie@exemple.fr" },
		"no subject":              func(m *Message) { m.Sujet = " " },
		"no text":                 func(m *Message) { m.Texte = "\n" },
		"a header in the subject": func(m *Message) { m.Sujet = "a\r\nBcc: b@c.fr" },
		"a line in the subject":   func(m *Message) { m.Sujet = "a\nb" },
		"a carriage return":       func(m *Message) { m.Texte = "a\r\n.\r\n" },
		"no recipient":            func(m *Message) { m.Destinataire = "" },
		"a name":                  func(m *Message) { m.Destinataire = "Marie <marie@exemple.fr>" },
		"two recipients":          func(m *Message) { m.Destinataire = "a@b.fr, c@d.fr" },
		"a header in the address": func(m *Message) { m.Destinataire = "a@b.fr\r\nBcc: c@d.fr" },
		"a quoted local part":     func(m *Message) { m.Destinataire = `"a b"@c.fr` },
		"no domain":               func(m *Message) { m.Destinataire = "marie" },
	} {
		m := right
		spoil(&m)
		err := m.check()
		if err == nil {
			t.Errorf("%s is accepted", why)
		} else if strings.Contains(err.Error(), "exemple.fr") || strings.Contains(err.Error(), "b.fr") {
			t.Errorf("%s: the error names the recipient: %v", why, err)
		}
	}
}
