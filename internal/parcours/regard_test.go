package parcours_test

import (
	"fmt"
	"strings"
	"testing"

	"aidantsconnect/internal/testkit"
)

// The sizes at which a page is looked at.
const (
	large, hauteur = 1280, 900
	etroit         = 320
)

// onglet is a tab whose pages are looked at, in the order of a story.
type onglet struct {
	*testkit.Page
	b   *banc
	t   *testing.T
	nom string // of the story
	n   int
	vus map[string]bool

	navigateur *testkit.Browser
	aveugle    bool // the pages are not looked at
}

// ouvrirOnglet opens a browser for one person.
func (b *banc) ouvrirOnglet(nom string) *onglet {
	b.t.Helper()
	return b.autreOnglet(testkit.NewBrowser(b.t), nom)
}

func (b *banc) autreOnglet(browser *testkit.Browser, nom string) *onglet {
	b.t.Helper()
	return &onglet{Page: browser.NewPage(large, hauteur), b: b, t: b.t, nom: nom, vus: map[string]bool{}, navigateur: browser}
}

// constat is what one page is, read in one go.
type constat struct {
	Titre, Langue, H1          string
	H1s, Mains                 int
	Simulation                 bool
	Doubles, SansEtiquette     []string
	Debords                    []string
	EnLigne                    int // inline scripts, styles and handlers, which the policy refuses
	Largeur, Hauteur, Coupures int
}

const lirePage = `(() => {
	const all = [...document.querySelectorAll("[id]")].map(e => e.id);
	const root = document.documentElement;
	const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
	return {
		Titre: document.title, Langue: root.lang, H1: (document.querySelector("h1") || {}).innerText || "",
		H1s: [...document.querySelectorAll("h1")].filter(shown).length, Mains: document.querySelectorAll("main").length,
		Simulation: document.body.innerText.includes("SIMULATION"),
		Doubles: all.filter((id, i) => all.indexOf(id) !== i),
		SansEtiquette: [...document.querySelectorAll("a, button")].filter(e => shown(e) && !e.textContent.trim() && !e.getAttribute("aria-label")).map(e => e.outerHTML.slice(0, 80)),
		EnLigne: document.querySelectorAll("script:not([src]), style, [style], [onclick], [onload], [onsubmit]").length,
		Debords: root.scrollWidth <= root.clientWidth ? [] : ["page: " + root.scrollWidth + " px of " + root.clientWidth,
			...[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 6)
				.map(e => e.tagName.toLowerCase() + "." + e.className + ": " + Math.round(e.getBoundingClientRect().right))],
	};
})()`

// regarder looks at the page as it stands, wide, at 200 % and on a phone, and
// keeps two captures. A page is looked at once per name.
func (o *onglet) regarder(nom string) {
	o.t.Helper()
	if o.vus[nom] || o.aveugle {
		return
	}
	o.vus[nom] = true
	o.n++
	base := fmt.Sprintf("%s-%02d-%s", o.nom, o.n, nom)
	defer o.Resize(large, hauteur)

	c := o.lire(base, "")
	o.juger(base, c)
	o.Axe()
	o.Screenshot(base)

	// 1280 pixels at 200 % leave 640 (RGAA 10.4).
	o.Zoom(2)
	o.lire(base, "at 200 %")
	o.Resize(etroit, 640)
	o.lire(base, "at 320 px")
	o.Axe()
	o.Screenshot(base + "-320")
}

func (o *onglet) lire(page, when string) constat {
	o.t.Helper()
	c := testkit.Eval[constat](o.Page, lirePage)
	if len(c.Debords) > 0 {
		o.t.Errorf("%s %s scrolls sideways: %s", page, when, strings.Join(c.Debords, "\n\t"))
	}
	return c
}

func (o *onglet) juger(page string, c constat) {
	o.t.Helper()
	at := page + " (" + o.URL() + ")"
	if c.H1s != 1 || strings.TrimSpace(c.H1) == "" {
		o.t.Errorf("%s has %d h1, the first %q", at, c.H1s, c.H1)
	}
	if strings.TrimSpace(c.Titre) == "" || c.Langue != "fr" || c.Mains != 1 {
		o.t.Errorf("%s: title %q, language %q, %d main", at, c.Titre, c.Langue, c.Mains)
	}
	if !c.Simulation {
		o.t.Errorf("%s does not say SIMULATION", at)
	}
	if len(c.Doubles) > 0 || len(c.SansEtiquette) > 0 || c.EnLigne > 0 {
		o.t.Errorf("%s: ids met twice %v, controls without a name %v, %d inline scripts or styles", at, c.Doubles, c.SansEtiquette, c.EnLigne)
	}
}

// titre checks the h1 of the page.
func (o *onglet) titre(want string) {
	o.t.Helper()
	if got := testkit.Eval[string](o.Page, `(document.querySelector("h1") || {}).innerText || ""`); !strings.Contains(espaces(got), want) {
		o.Capture(o.nom + "-echec")
		o.t.Fatalf("on %s the page is %q, not %q", o.URL(), got, want)
	}
}

// dit checks that the page shows each text.
func (o *onglet) dit(textes ...string) {
	o.t.Helper()
	all := espaces(testkit.Eval[string](o.Page, `document.body.innerText`))
	for _, want := range textes {
		if !strings.Contains(all, want) {
			o.Capture(o.nom + "-echec")
			o.t.Errorf("%s (%s) does not say %q:\n%s", o.URL(), o.Title(), want, all)
		}
	}
}

// tait checks that the page does not show a text.
func (o *onglet) tait(texte string) {
	o.t.Helper()
	if strings.Contains(espaces(testkit.Eval[string](o.Page, `document.body.innerText`)), texte) {
		o.t.Errorf("%s says %q", o.URL(), texte)
	}
}

// focus is the id, or else the text, of what has the focus.
func (o *onglet) focus() string {
	o.t.Helper()
	o.Drawn()
	return espaces(testkit.Eval[string](o.Page, `document.activeElement.id || document.activeElement.innerText || document.activeElement.tagName`))
}

// espaces makes spaces plain: no-break ones are in French before « : ».
func espaces(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s)), " ")
}
