package demo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Navigateur is a browser without JavaScript: it keeps cookies, follows
// redirects and submits the forms of the page it shows. The demo, its seeds,
// the whole job played by itself, and tests all drive the program through it.
type Navigateur struct {
	client *http.Client
	URL    *url.URL
	Statut int
	Page   *html.Node
	Corps  []byte
}

// maxPage bounds what is read of one answer.
const maxPage = 4 << 20

// NewNavigateur opens a browser with no cookies. transport reaches the
// servers; it must not follow redirects.
func NewNavigateur(transport http.RoundTripper) *Navigateur {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &Navigateur{client: &http.Client{Transport: transport, Jar: jar}}
}

// Temoins gives the cookies the browser would send to the page it shows.
func (n *Navigateur) Temoins() map[string]string {
	out := map[string]string{}
	for _, c := range n.client.Jar.Cookies(n.URL) {
		out[c.Name] = c.Value
	}
	return out
}

// PoserTemoin sets a cookie on localhost, as a thief would.
func (n *Navigateur) PoserTemoin(nom, valeur string) {
	u := &url.URL{Scheme: "http", Host: "localhost"}
	n.client.Jar.SetCookies(u, []*http.Cookie{{Name: nom, Value: valeur, Path: "/", Secure: true}})
}

// Transport is what reaches the servers.
func (n *Navigateur) Transport() http.RoundTripper { return n.client.Transport }

// Ouvrir shows an address, following redirects as a browser does.
func (n *Navigateur) Ouvrir(address string) error {
	u, err := n.resolve(address)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return fmt.Errorf("request page: %w", err)
	}
	return n.send(req)
}

// Envoyer submits the form that selector accepts, with its hidden and default
// values replaced by the given ones, pressing the button that is given too.
func (n *Navigateur) Envoyer(accept func(*Formulaire) bool, values url.Values) error {
	for _, f := range n.Formulaires() {
		if accept(f) {
			return n.submit(f, values)
		}
	}
	return fmt.Errorf("no such form on %q (%s)", n.Titre(), n.URL.Path)
}

// Poster sends a form written by hand, as somebody who has no page of ours.
func (n *Navigateur) Poster(address string, values url.Values) error {
	return n.submit(&Formulaire{Methode: http.MethodPost, Action: address, Champs: url.Values{}}, values)
}

func (n *Navigateur) submit(f *Formulaire, values url.Values) error {
	form := url.Values{}
	for k, vs := range f.Champs {
		form[k] = vs
	}
	for k, vs := range values {
		form[k] = vs
	}
	u, err := n.resolve(f.Action)
	if err != nil {
		return err
	}
	if f.Methode == http.MethodGet {
		u.RawQuery = form.Encode()
		return n.Ouvrir(u.String())
	}
	req, err := http.NewRequest(http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("request form: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	site := "none" // typed by hand
	if n.URL != nil {
		site = "cross-site"
		if u.Host == n.URL.Host {
			site = "same-origin"
		}
		req.Header.Set("Origin", n.URL.Scheme+"://"+n.URL.Host)
	}
	req.Header.Set("Sec-Fetch-Site", site)
	return n.send(req)
}

func (n *Navigateur) resolve(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("parse address: %w", err)
	}
	if n.URL != nil {
		u = n.URL.ResolveReference(u)
	}
	return u, nil
}

func (n *Navigateur) send(req *http.Request) error {
	res, err := n.client.Do(req)
	if err != nil {
		return fmt.Errorf("load page: %w", err)
	}
	defer res.Body.Close()
	n.Corps, err = io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	n.URL, n.Statut = res.Request.URL, res.StatusCode
	n.Page, err = html.Parse(bytes.NewReader(n.Corps))
	if err != nil {
		return fmt.Errorf("parse page: %w", err)
	}
	return nil
}

// Titre is the text of the first h1, else of the title.
func (n *Navigateur) Titre() string {
	if n.Page == nil {
		return ""
	}
	for _, tag := range []string{"h1", "title"} {
		if e := find(n.Page, func(e *html.Node) bool { return e.Data == tag }); e != nil {
			return text(e)
		}
	}
	return ""
}

// Texte is the text of the element with this id, "" without one.
func (n *Navigateur) Texte(id string) string {
	if e := find(n.Page, func(e *html.Node) bool { return attr(e, "id") == id }); e != nil {
		return text(e)
	}
	return ""
}

// Attribut gives the value of an attribute, of the first element that has it.
func (n *Navigateur) Attribut(nom string) string {
	if e := find(n.Page, func(e *html.Node) bool { return has(e, nom) }); e != nil {
		return attr(e, nom)
	}
	return ""
}

// Contient tells whether the page shows this text.
func (n *Navigateur) Contient(s string) bool { return strings.Contains(text(n.Page), s) }

// Lien gives the address of the first link whose text contains s.
func (n *Navigateur) Lien(s string) (string, bool) {
	e := find(n.Page, func(e *html.Node) bool { return e.Data == "a" && strings.Contains(text(e), s) })
	if e == nil {
		return "", false
	}
	return attr(e, "href"), true
}

func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	for e := range n.Descendants() {
		if e.Type == html.ElementNode && ok(e) {
			return e
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// text gives what is read, white space folded.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style") {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
