package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/site"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// pages serves the public pages to somebody, or to nobody.
func pages(t *testing.T, a *actor.Actor) http.Handler {
	t.Helper()
	s := web.Site{Nom: "Aidants Connect", Origine: "https://ac.exemple.test", Contact: "aide@exemple.test"}
	m := web.NewMux(web.Config{Site: s, Log: testkit.Log(t), Now: time.Now, Authenticate: func(*http.Request) (actor.Actor, error) {
		if a == nil {
			return actor.Actor{}, fault.New(fault.Unauthenticated, "personne")
		}
		return *a, nil
	}})
	(&site.Handlers{Site: s}).Mount(m)
	return m
}

type lue struct {
	status int
	text   string
	title  string
	links  map[string]string // by address, the words
	doc    *html.Node
}

func lire(t *testing.T, h http.Handler, path string) lue {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	doc, err := html.Parse(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	p := lue{status: w.Code, doc: doc, text: texte(doc), links: map[string]string{}}
	for n := range doc.Descendants() {
		switch {
		case n.Data == "title":
			p.title = texte(n)
		case n.Data == "a":
			for _, a := range n.Attr {
				if a.Key == "href" {
					p.links[a.Val] = texte(n)
				}
			}
		}
	}
	return p
}

func texte(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Every code of §16.2 is found by its address, says what it means, who can act
// and what to do; and the list of the page leads to each.
func TestEveryCodeIsExplained(t *testing.T) {
	h := pages(t, nil)
	list := lire(t, h, web.CheminAideCode)
	if list.status != http.StatusOK || !strings.Contains(list.text, "J'ai un code FranceConnect") {
		t.Fatalf("%d %.200s", list.status, list.text)
	}
	for _, c := range franceconnect.CodesFranceConnect() {
		at := web.CheminAideCode + "?code=" + c.Exemple()
		if list.links[at] == "" {
			t.Errorf("the list does not lead to %s", c.Motif)
		}
		p := lire(t, h, at)
		for _, want := range []string{"Code " + c.Exemple(), c.Sens, c.Cote.QuiAgit(), c.Avis, "Qui peut agir", "Quoi faire"} {
			if !strings.Contains(p.text, want) {
				t.Errorf("%s: the page lacks %q", c.Motif, want)
			}
		}
		if !strings.HasPrefix(p.title, c.Exemple()) {
			t.Errorf("%s: title %q", c.Motif, p.title)
		}
		if support := strings.Contains(p.text, "jamais le nom de la personne"); support != c.Cote.Support() {
			t.Errorf("%s: the support is named: %v", c.Motif, support)
		}
	}
}

// What is typed is read as people write it, is shown again, and is never
// written as markup.
func TestCodeAsTyped(t *testing.T) {
	h := pages(t, nil)
	for typed, want := range map[string]string{
		"y 01 0008": "Y010008", "010006": "Y010006", "YO1OOO8": "Y010008", "Y999999": "Nous ne connaissons pas ce code", "bonjour": "Nous ne connaissons pas ce code",
		strings.Repeat("Y", 500): "Ce code dit pourquoi", "": "Ce code dit pourquoi", "<b>Y010008</b>": "Nous ne connaissons pas ce code",
	} {
		p := lire(t, h, web.CheminAideCode+"?code="+url.QueryEscape(typed))
		if p.status != http.StatusOK || !strings.Contains(p.text, want) {
			t.Errorf("%.20q: %d, without %q", typed, p.status, want)
		}
		for n := range p.doc.Descendants() {
			if n.Data == "b" {
				t.Errorf("%q is written as markup", typed)
			}
		}
	}
}

// An aidant is led to a new mandat when one mends it, and nobody else is.
func TestCodeLeadsToANewMandat(t *testing.T) {
	aidant := actor.Actor{Aidant: ident.New[ident.AidantID](), Organisation: ident.New[ident.OrganisationID](), Prenom: "Nadia", Nom: "AIDANT", OrganisationActive: true, CanCreateMandats: true, MembreActif: true, CGUAcceptee: true}
	if !aidant.IsAidant() {
		t.Fatal("not an aidant")
	}
	for code, want := range map[string]bool{"Y010008": true, "Y600020": true, "Y600006": true, "Y010011": false, "Y190001": false} {
		if p := lire(t, pages(t, &aidant), web.CheminAideCode+"?code="+code); (p.links["/espace-aidant/creation_mandat/"] == "Créer un mandat" && strings.Count(p.text, "Créer un mandat") > 1) != want {
			t.Errorf("%s: led to a new mandat: %v", code, !want)
		}
		if p := lire(t, pages(t, nil), web.CheminAideCode+"?code="+code); p.links["/espace-aidant/creation_mandat/"] != "" {
			t.Errorf("%s: anybody is led to a new mandat", code)
		}
	}
}

// The page is one click away from the home and from the map of the site.
func TestCodesPageIsLinked(t *testing.T) {
	h := pages(t, nil)
	for _, path := range []string{"/", "/plan-du-site/"} {
		if lire(t, h, path).links[web.CheminAideCode] == "" {
			t.Errorf("%s does not lead to the page", path)
		}
	}
}
