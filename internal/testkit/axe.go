package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// axeSource is axe-core with its French messages, as one script.
var axeSource = sync.OnceValues(func() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "node_modules", "axe-core")
	script, err := os.ReadFile(filepath.Join(dir, "axe.min.js"))
	if err != nil {
		return "", missing("axe-core manque : lancez make assets, qui installe ce que demande package-lock.json")
	}
	locale, err := os.ReadFile(filepath.Join(dir, "locales", "fr.json"))
	if err != nil {
		return "", missing("la traduction d'axe-core manque : lancez make assets")
	}
	return string(script) + ";axe.configure({locale: " + string(locale) + "});true", nil
})

// axeTags are the rules held: WCAG 2.0 to 2.2, levels A and AA, what the
// RGAA 4 adds, and axe-core's own good practice.
const axeTags = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "RGAAv4"]`

type axeViolation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		Target  []any  `json:"target"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// Axe checks the page as it is now with axe-core and fails the test for each
// rule it breaks. The script comes through the DevTools protocol, which the
// page's content policy does not bind. A machine sees a third of the RGAA: the
// rest is looked at by people.
func (p *Page) Axe() {
	p.t.Helper()
	source, err := axeSource()
	if err != nil {
		p.t.Fatal(err)
	}
	if p.noScript { // axe-core waits for timers; the page's own scripts are past their time
		p.setScripts(true)
		defer p.setScripts(false)
	}
	if !Eval[bool](p, `"axe" in window`) { // looked at already, at another width
		ask(p, "load axe-core", chromedp.Evaluate[bool](source))
	}
	violations := Eval[[]axeViolation](p, `axe.run(document, {runOnly: {type: "tag", values: `+axeTags+`}, resultTypes: ["violations"]})
		.then(r => r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help,
			nodes: v.nodes.map(n => ({target: n.target, failureSummary: n.failureSummary}))})))`)
	for _, v := range violations {
		var where strings.Builder
		for _, n := range v.Nodes {
			fmt.Fprintf(&where, "\n\t%v: %s", n.Target, strings.ReplaceAll(n.Summary, "\n", "\n\t\t"))
		}
		p.t.Errorf("accessibility of %s: %s (%s, %s)%s", p.URL(), v.Help, v.ID, v.Impact, &where)
	}
}

// NoHorizontalScroll checks that a screen 320 pixels wide, which is also one of
// 1280 at 400 %, shows the page without scrolling sideways (RGAA 10.11), then
// gives the page its size back.
func (p *Page) NoHorizontalScroll() {
	p.t.Helper()
	width, height := int(p.width), int(p.height)
	p.Resize(320, 640)
	defer p.Resize(width, height)
	wide := Eval[[]string](p, `(() => {
		const root = document.documentElement;
		if (root.scrollWidth <= root.clientWidth) return [];
		const seen = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
		return ["page: " + root.scrollWidth + " px", ...seen.slice(0, 8).map(e =>
			e.tagName.toLowerCase() + "." + e.className + ": " + Math.round(e.getBoundingClientRect().right) + " px")];
	})()`)
	if len(wide) > 0 {
		p.t.Errorf("%s scrolls sideways at 320 px:\n\t%s", p.URL(), strings.Join(wide, "\n\t"))
	}
}
