package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

func TestCrossSitePostIsRefused(t *testing.T) {
	b := nouveauBanc(t, nil)
	a := aidantFrais()
	a.Referent = true
	b.visitor = &a
	for path, want := range map[string]int{
		"/public/": 403, "/compte/": 403, "/aidant/": 403, "/referent/": 403, "/openid/": 200, "/machine/": 200,
	} {
		for _, header := range [][]string{
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "same-site"},
			{"Origin", "https://evil.example"},
		} {
			w := b.post(path, url.Values{}, header...)
			if w.Code != want {
				t.Errorf("POST %s with %v: got %d, want %d", path, header, w.Code, want)
			}
			if w.Code == 403 && !strings.Contains(w.Body.String(), `<html lang="fr">`) {
				t.Errorf("POST %s with %v: the refusal is not a French page", path, header)
			}
		}
		if w := b.post(path, url.Values{}, "Sec-Fetch-Site", "same-origin", "Origin", "https://ac.example"); w.Code != 200 {
			t.Errorf("POST %s from this site: got %d, want 200", path, w.Code)
		}
	}
}

func TestHeadersOnEveryAnswer(t *testing.T) {
	b := nouveauBanc(t, nil)
	a := aidantFrais()
	b.visitor = &a
	csp := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; report-uri /csp/"
	for _, path := range []string{"/public/", "/openid/", "/machine/", "/compte/", "/aidant/", "/referent/", "/panne", "/panique", "/rien", "/aidant", "/actifs/rien.css"} {
		h := b.get(path).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": csp, "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "strict-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Cache-Control": "no-store",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("GET %s: %s is %q, want %q", path, name, got, want)
			}
		}
		if p := h.Get("Permissions-Policy"); !strings.Contains(p, "camera=()") || !strings.Contains(p, "publickey-credentials-get=(self)") {
			t.Errorf("GET %s: Permissions-Policy is %q", path, p)
		}
		if len(h.Get("X-Request-Id")) != 10 {
			t.Errorf("GET %s: no request number", path)
		}
	}
	plain := nouveauBanc(t, func(c *Config) { c.Site.Origine = "http://localhost:3000" })
	if got := plain.get("/public/").Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("HSTS over plain http: %q", got)
	}
}

func TestSlashes(t *testing.T) {
	b := nouveauBanc(t, nil)
	a := aidantFrais()
	b.visitor = &a
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"POST", "/machine/", 200},
		{"POST", "/machine", 200}, // a program follows no redirect
		{"GET", "/machine/panne/", 500},
		{"GET", "/machine/autre", 404},
		{"GET", "/aidant/", 200},
		{"GET", "/aidant", 307},
		{"GET", "/aidant/autre", 404},
		{"DELETE", "/aidant/", 405},
		{"GET", "/", 404},
	} {
		r := httptest.NewRequest(tt.method, tt.path, nil)
		if got := b.do(r); got.Code != tt.want {
			t.Errorf("%s %s: got %d, want %d", tt.method, tt.path, got.Code, tt.want)
		}
	}
	if got := b.do(httptest.NewRequest("DELETE", "/aidant/", nil)).Header().Get("Allow"); !strings.Contains(got, "POST") {
		t.Errorf("405 without Allow: %q", got)
	}
}

func TestRoutesTellTheirSpace(t *testing.T) {
	got := map[string]Espace{}
	for _, r := range nouveauBanc(t, nil).Routes() {
		got[r.Pattern] = r.Espace
	}
	for pattern, want := range map[string]Espace{
		"GET /public/": Public, "POST /openid/": PublicOpenID, "GET /machine/": Machine, "POST /compte/": Compte,
		"GET /aidant/": Aidant, "POST /referent/": Referent, "GET /actifs/{fichier}": Public,
	} {
		if got[pattern] != want {
			t.Errorf("%s: in space %q, want %q", pattern, got[pattern], want)
		}
	}
}

func TestErrorsOfMachineAreJSON(t *testing.T) {
	b := nouveauBanc(t, nil)
	w := b.get("/machine/panne", "Accept", "text/html")
	if got := w.Header().Get("Content-Type"); w.Code != 500 || got != "application/json" {
		t.Fatalf("got %d %q, want a JSON 500", w.Code, got)
	}
	var body map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body["error"] != "server_error" || body["incident"] == "" {
		t.Errorf("body %s (%v)", w.Body, err)
	}
}

func TestWrongMethodOfMachineIsJSON(t *testing.T) {
	b := nouveauBanc(t, nil)
	for path, want := range map[string]string{"/machine/": "application/json", "/machine": "application/json", "/public/": "text/html; charset=utf-8"} {
		w := b.do(httptest.NewRequest(http.MethodDelete, path, nil), "Accept", "text/html")
		if got := w.Header().Get("Content-Type"); w.Code != 405 || got != want {
			t.Errorf("DELETE %s: got %d %s, want 405 %s", path, w.Code, got, want)
		}
	}
}

func TestErrorPages(t *testing.T) {
	b := nouveauBanc(t, nil)
	kinds := []fault.Kind{
		fault.Internal, fault.Invalid, fault.NotFound, fault.Forbidden, fault.Unauthenticated, fault.Conflict,
		fault.Gone, fault.TooMany, fault.Unavailable, fault.BadRequest, fault.TooLarge,
	}
	var kind fault.Kind
	b.Public("GET /erreur", func(http.ResponseWriter, *http.Request) error {
		return fault.Wrap(kind, "raison_interne", http.ErrNotSupported)
	})
	a := aidantFrais()
	b.visitor = &a
	for _, kind = range kinds {
		w := b.get("/erreur", "Cookie", "__Host-session=x")
		body := w.Body.String()
		if w.Code != fault.Status(kind) {
			t.Errorf("kind %d: status %d, want %d", kind, w.Code, fault.Status(kind))
		}
		if strings.Count(body, "<h1>") != 1 || !strings.Contains(body, "<h1>"+pageOf(kind).Titre+"</h1>") {
			t.Errorf("kind %d: the title is not said once", kind)
		}
		if strings.Contains(body, "raison_interne") || strings.Contains(body, "not supported") {
			t.Errorf("kind %d: the page shows what is for the log", kind)
		}
		if signedIn := strings.Contains(body, "GOUDON"); signedIn != (w.Code < 500 && w.Code != 429) {
			t.Errorf("kind %d: the page shows who is signed in: %v", kind, signedIn)
		}
		if retry := w.Header().Get("Retry-After") != ""; retry != (w.Code == 429 || w.Code == 503) {
			t.Errorf("kind %d: Retry-After %v", kind, retry)
		}
		if shown := strings.Contains(body, w.Header().Get("X-Request-Id")); shown != (w.Code >= 500) {
			t.Errorf("kind %d: incident number shown: %v", kind, shown)
		}
	}
}

func TestRefusalWithItsOwnPage(t *testing.T) {
	b := nouveauBanc(t, nil)
	b.Public("GET /propre", func(http.ResponseWriter, *http.Request) error {
		return WithPage(fault.New(fault.Gone, "dossier_expire"), ErrorPage{
			Titre: "Le choix a expiré", Texte: []string{"Recommencez depuis FranceConnect."},
			Actions: []Lien{{Libelle: "Recommencer", URL: "/authorize/"}, {Libelle: "Revenir à FranceConnect", URL: "/retour"}},
		})
	})
	w := b.get("/propre")
	body := w.Body.String()
	if w.Code != 410 || !strings.Contains(body, "<h1>Le choix a expiré</h1>") || !strings.Contains(body, "Revenir à FranceConnect") {
		t.Errorf("got %d %s", w.Code, body)
	}
}

func TestUnknownAndForeignLookAlike(t *testing.T) {
	b := nouveauBanc(t, nil)
	b.Public("GET /usagers/{id}/", func(_ http.ResponseWriter, r *http.Request) error {
		_, err := PathID[ident.UsagerID](r, "id")
		if err == nil {
			err = fault.New(fault.NotFound, "autre_organisation")
		}
		return err
	})
	first := ""
	for _, path := range []string{"/rien", "/usagers/12/", "/usagers/../../etc/", "/usagers/" + ident.New[ident.UsagerID]().String() + "/"} {
		w := b.get(path)
		if w.Code == 307 || w.Code == 301 {
			w = b.get(w.Header().Get("Location"))
		}
		if first == "" {
			first = w.Body.String()
		}
		if w.Code != 404 || w.Body.String() != first {
			t.Errorf("GET %s: got %d, or another page than the others", path, w.Code)
		}
	}
}

func TestLogHoldsNoPathNorQuery(t *testing.T) {
	b := nouveauBanc(t, nil)
	b.Public("GET /code/{cle}", func(http.ResponseWriter, *http.Request) error { return fault.New(fault.NotFound, "lien_inconnu") })
	a := aidantFrais()
	b.visitor = &a
	b.get("/code/SECRET-DU-LIEN?state=SECRET-DE-FC")
	b.get("/SECRET-DU-LIEN/inconnu")
	b.do(httptest.NewRequest("SECRET", "/aidant/", nil))
	b.get("/aidant/")
	for _, secret := range []string{"SECRET", "GOUDON", "Thierry"} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, b.log.String())
		}
	}
	var line struct{ Route, Espace, Requete, Methode string }
	lines := strings.Split(strings.TrimSpace(b.log.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
		t.Fatal(err)
	}
	if line.Route != "GET /aidant/" || line.Espace != "aidant" || len(line.Requete) != 10 || line.Methode != "GET" {
		t.Errorf("request line: %+v", line)
	}
}

func TestPanicIsAPageAndALine(t *testing.T) {
	b := nouveauBanc(t, nil)
	w := b.get("/panique")
	id := w.Header().Get("X-Request-Id")
	if w.Code != 500 || !strings.Contains(w.Body.String(), id) {
		t.Errorf("got %d, incident number absent", w.Code)
	}
	if !strings.Contains(b.log.String(), "nil map") || !strings.Contains(b.log.String(), id) {
		t.Error("the log does not tell the panic")
	}
}

func TestVisiteurAndAllowFormAction(t *testing.T) {
	b := nouveauBanc(t, nil)
	b.Visiteur("GET /accueil", func(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
		AllowFormAction(w)
		NoReferrer(w)
		return Render(w, r, 200, Layout(Page{Site: b.Site(), Titre: "Accueil", Actor: a}))
	})
	w := b.get("/accueil")
	if !strings.Contains(w.Body.String(), "Se connecter") {
		t.Error("nobody is signed in, and the page does not offer it")
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://fc.example;") {
		t.Errorf("CSP: %s", csp)
	}
	if w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Error("the address leaks")
	}
	a := aidantFrais()
	b.visitor = &a
	body := b.get("/accueil").Body.String()
	if !strings.Contains(body, "Thierry GOUDON") || !strings.Contains(body, "Mairie de Houlbec-Cocherel") {
		t.Error("the header does not say who is signed in, nor for which organisation (A-W34)")
	}
}
