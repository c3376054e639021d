package testkit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"aidantsconnect/internal/testkit"

	"github.com/chromedp/chromedp/kb"
)

// The policy of our pages: the helpers must work under it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'"

const formPage = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title>
<meta name="viewport" content="width=device-width"><script src="/script.js"></script></head><body>
<header><p>Essai</p></header><main><h1>Un formulaire</h1><form method="post" action="/recu">
<p><label for="nom">Nom</label> <input id="nom" name="nom" value="ancien"></p>
<p><label for="duree">Durée</label> <select id="duree" name="duree"><option value="1">Un jour</option><option value="31">Un mois</option></select></p>
<p><input type="checkbox" id="cgu" name="cgu"><label for="cgu">J’accepte</label></p>
<p><button>Envoyer « tout »</button></p></form><p id="script">sans script</p></main></body></html>`

func serveForm(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, body)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { page(w, formPage) })
	mux.HandleFunc("GET /script.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = fmt.Fprint(w, `addEventListener("DOMContentLoaded", () => { document.getElementById("script").textContent = "avec script" })`)
	})
	mux.HandleFunc("POST /recu", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		http.SetCookie(w, &http.Cookie{Name: "vu", Value: "elle"})
		http.Redirect(w, r, "/fin?"+r.PostForm.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /fin", func(w http.ResponseWriter, r *http.Request) {
		cookie := "personne"
		if c, err := r.Cookie("vu"); err == nil {
			cookie = c.Value
		}
		page(w, strings.NewReplacer("Un formulaire", r.URL.RawQuery+" par "+cookie).Replace(formPage))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestBrowser(t *testing.T) {
	t.Setenv("CAPTURES", t.TempDir())
	s := serveForm(t)
	browser := testkit.NewBrowser(t)
	p := browser.NewPage(1280, 800)
	p.Goto(s.URL)
	if got := p.Text("#script"); got != "avec script" {
		t.Errorf("the script did not run: %s", got)
	}
	p.Axe()
	p.NoHorizontalScroll()
	p.Fill("#nom", "Ÿsée d’Œuvre")
	if got := p.Value("#nom"); got != "Ÿsée d’Œuvre" {
		t.Errorf("the field holds %q", got)
	}
	p.Select("#duree", "31")
	p.Check("#cgu")
	p.Check("#cgu")
	p.Click("text=Envoyer « tout »")
	const want = "cgu=on&duree=31&nom=%C5%B8s%C3%A9e+d%E2%80%99%C5%92uvre par elle"
	if got := p.Text("h1"); got != want {
		t.Errorf("the form sent %q", got)
	}
	picture, err := os.ReadFile(p.Capture("une page / entière"))
	if err != nil || len(picture) < 1000 || !strings.HasPrefix(string(picture), "\x89PNG") {
		t.Errorf("the capture: %d bytes, %v", len(picture), err)
	}
	p.Zoom(2)
	if w := testkit.Eval[int](p, "innerWidth"); w != 640 {
		t.Errorf("at 200 %% the window is %d px wide", w)
	}

	other := testkit.NewBrowser(t).NewPage(800, 600)
	other.Goto(s.URL + "/fin?x")
	if got := other.Text("h1"); got != "x par personne" {
		t.Errorf("another session: %q", got)
	}
}

func TestBrowserKeyboardWithoutJavaScript(t *testing.T) {
	s := serveForm(t)
	p := testkit.NewBrowser(t).NewPage(320, 640)
	p.DisableJavaScript()
	p.Goto(s.URL)
	if got := p.Text("#script"); got != "sans script" {
		t.Errorf("a script ran: %s", got)
	}
	p.Press(kb.Tab)
	p.Press("Éloïse")
	p.Press(kb.Tab + kb.Tab + kb.Tab)
	p.PressAndLoad(kb.Enter)
	if got := p.Text("h1"); !strings.Contains(got, "nom=%C3%89lo%C3%AFse") {
		t.Errorf("the keyboard sent %q", got)
	}
	p.Fill("#nom", "Zoé")
	p.Axe()
	if n := p.Count("p"); n < 4 {
		t.Errorf("%d paragraphs", n)
	}
}
