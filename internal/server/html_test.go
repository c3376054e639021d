package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	balise   = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>`)
	attribut = regexp.MustCompile(`([a-zA-Z:-]+)="([^"]*)"`)
	vides    = []string{"meta", "link", "input", "br", "hr", "img", "col", "source", "wbr"}
)

// fautesHTML tells what is wrong with a page of ours as every reader of it
// meets it, without a browser (A-W51): its language, title, single h1, nesting,
// ids, labels, and that nothing comes from elsewhere (A-W21).
func fautesHTML(page string) (out []string) {
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if !strings.Contains(page, `<html lang="fr"`) || strings.Contains(page, "<title></title>") || !strings.Contains(page, "<title>") {
		add("no language or no title")
	}
	var open []string
	ids, named := map[string]bool{}, map[string][]string{}
	counts := map[string]int{}
	for _, m := range balise.FindAllStringSubmatch(page, -1) {
		name := strings.ToLower(m[2])
		if m[1] == "/" {
			if len(open) == 0 || open[len(open)-1] != name {
				add("</%s> closes %q", name, open)
				return out
			}
			open = open[:len(open)-1]
			continue
		}
		counts[name]++
		for _, a := range attribut.FindAllStringSubmatch(m[3], -1) {
			switch a[1] {
			case "id":
				if ids[a[2]] || a[2] == "" {
					add("the id %q is there twice, or empty", a[2])
				}
				ids[a[2]] = true
			case "for", "aria-describedby", "aria-labelledby", "aria-controls":
				named[a[1]] = append(named[a[1]], strings.Fields(a[2])...)
			case "src", "onclick", "onload", "style":
				if a[1] != "src" || !strings.HasPrefix(a[2], "/") && !strings.HasPrefix(a[2], "data:image/") || strings.HasPrefix(a[2], "//") {
					add("%s=%q", a[1], a[2])
				}
			}
		}
		if !slices.Contains(vides, name) && !strings.HasSuffix(m[3], "/") {
			open = append(open, name)
		}
	}
	for kind, all := range named {
		for _, id := range all {
			if !ids[id] {
				add("%s names %q, which is not there", kind, id)
			}
		}
	}
	if len(open) > 0 || counts["h1"] != 1 || counts["main"] != 1 || counts["style"] > 0 {
		add("left open %q, %d h1, %d main, %d style", open, counts["h1"], counts["main"], counts["style"])
	}
	return out
}

func TestFautesHTML(t *testing.T) {
	const right = `<html lang="fr"><head><title>Titre</title><link href="/a.css"></head><body><main id="m"><h1>Un</h1><label for="x">X</label><input id="x"></main></body></html>`
	if got := fautesHTML(right); got != nil {
		t.Fatal(got)
	}
	for name, wrong := range map[string]string{
		"two h1":         strings.Replace(right, "</h1>", "</h1><h1>Deux</h1>", 1),
		"nesting":        strings.Replace(right, "</main>", "</p></main>", 1),
		"not closed":     strings.Replace(right, "<label", "<p><label", 1),
		"twice an id":    strings.Replace(right, `<input id="x">`, `<input id="x"><br id="x">`, 1),
		"label of none":  strings.Replace(right, `for="x"`, `for="y"`, 1),
		"no title":       strings.Replace(right, "<title>Titre</title>", "", 1),
		"no language":    strings.Replace(right, ` lang="fr"`, "", 1),
		"another's code": strings.Replace(right, "</main>", `<script src="https://ailleurs.example/a.js"></script></main>`, 1),
		"inline style":   strings.Replace(right, "<h1>", `<h1 style="color:red">`, 1),
	} {
		if fautesHTML(wrong) == nil {
			t.Errorf("%s is not seen", name)
		}
	}
}
