package server_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"

	"github.com/google/go-cmp/cmp"
)

// ronde walks the table of routes of the whole program (A-W70). What the walk
// holds is true of every route, those of tomorrow included.
type ronde struct {
	*testkit.Monde
	t          *testing.T
	temoins    map[string]string // visitor -> Cookie header
	ids        map[string]string // what stands for {usager}, {mandat}… : those of nadia's structure
	orgs       map[string]ident.OrganisationID
	dossier    string   // of nadia, open
	interdits  []string // what only nadia's structure may read
	parcourues int
	pages      int // whose HTML was read
	lus        int // answers that showed one of them to who may read it
}

// The visitors: nobody, an aidant, another structure's, a référent who helps
// nobody, one who does.
var visiteurs = []string{"", "nadia", "claire", "rene", "hugo"}

func nouvelleRonde(t *testing.T, m *testkit.Monde) *ronde {
	t.Helper()
	r := &ronde{Monde: m, t: t, temoins: map[string]string{}, interdits: []string{"VASSELIN", "Odile"}}
	r.ids = map[string]string{
		"fichier":  "inconnu.css",
		"cle":      "inconnue",
		"tuile...": "0/000.p/1",
		"numero":   "1",
		"taille":   "1",
		"entree":   strings.Repeat("A", 43),
		"reste...": "12/",
		"aidant":   personneDe(t, m, "hugo"), // already référent: an empty POST changes nobody
		"ligne":    inconnu,
		"demande":  inconnu, "coreferent": inconnu, "session": inconnu, "appareil": inconnu, "defi": inconnu,
	}
	maps.Copy(r.ids, idsGestion)
	for _, v := range visiteurs[1:] {
		p := m.Connecte(t, v)
		if v == "nadia" {
			r.conclude(p)
		}
		var all []string
		for name, value := range p.Temoins() {
			all = append(all, name+"="+value)
		}
		r.temoins[v] = strings.Join(all, "; ")
	}
	return r
}

// personneDe is the id of an account of the demo.
func personneDe(t *testing.T, m *testkit.Monde, cle string) (id string) {
	t.Helper()
	p, err := m.Parcours(cle)
	ok(t, err)
	ctx := t.Context()
	ok(t, m.Server.DB.View(ctx, func(tx *db.Tx) error {
		a, err := aidant.LoadByEmail(ctx, tx, p.Compte.Courriel)
		id = a.ID.String()
		return err
	}))
	return id
}

// conclude leaves a mandat, its ids, and a dossier still open.
func (r *ronde) conclude(p *demo.Parcours) {
	r.t.Helper()
	address, err := p.Conclure(projet)
	ok(r.t, err)
	r.ids["mandat"] = address[strings.LastIndex(address, "/")+1:]
	r.ids["code"] = testkit.CodePublic(r.t, string(p.Corps))
	fiche, found := p.Lien("Fiche de la personne")
	if !found {
		r.t.Fatal("no link to the person")
	}
	r.ids["usager"] = strings.Split(strings.Trim(fiche, "/"), "/")[2]
	ok(r.t, p.Ouvrir(fiche))
	stop, found := p.Lien("Arrêter")
	if !found {
		r.t.Fatal("no link to end an autorisation")
	}
	segments := strings.Split(strings.Trim(stop, "/"), "/")
	r.ids["autorisation"] = segments[len(segments)-2]
	ok(r.t, p.Ouvrir(p.Adresses.App+"/espace-aidant/mandats/"+r.ids["mandat"]+"/accord"))
	piece, found := p.Lien("voir")
	if !found {
		r.t.Fatal("no link to the proof")
	}
	r.ids["piece"] = piece[strings.LastIndex(piece, "/")+1:]
	ok(r.t, p.Ouvrir(p.Adresses.App+"/espace-aidant/creation_mandat/"))
	ok(r.t, p.Envoyer(demo.Avec("duree"), url.Values{"duree": {"MONTH"}, "capacite": {"on"}, "demarche": {"papiers"}}))
	r.dossier = p.URL.Query().Get("dossier")
	r.ids["facteur"] = r.facteur(r.compte("nadia"))
}

// facteur is the first factor of an account.
func (r *ronde) facteur(id ident.AidantID) (f string) {
	r.t.Helper()
	ok(r.t, r.Server.DB.View(r.t.Context(), func(tx *db.Tx) error {
		m, err := facteur.Load(r.t.Context(), tx, id)
		if err == nil {
			f = m.Facteurs[0].ID.String()
		}
		return err
	}))
	return f
}

// chemin fills the wildcards of a pattern.
func (r *ronde) chemin(route web.Route, ids map[string]string) (method, path string) {
	r.t.Helper()
	method, path, found := strings.Cut(route.Pattern, " ")
	if !found {
		method, path = http.MethodPost, route.Pattern // a machine endpoint answers every method itself
	}
	path = strings.TrimSuffix(path, "{$}")
	for name, value := range ids {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	if strings.Contains(path, "{") {
		r.t.Fatalf("%s: the walk has nothing to put there: add it to its ids", route.Pattern)
	}
	return method, path
}

// demander sends a request as a browser on a page of ours would, and checks
// what every answer owes.
func (r *ronde) demander(visiteur string, req *http.Request) *httptest.ResponseRecorder {
	r.t.Helper()
	r.parcourues++
	req.Host = strings.TrimPrefix(r.Adresses.App, "http://")
	if c := r.temoins[visiteur]; c != "" && req.Header.Get("Cookie") == "" {
		req.Header.Set("Cookie", c)
	}
	if req.Header.Get("Sec-Fetch-Site") == "" {
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	r.Server.Mux.ServeHTTP(w, req)
	at := fmt.Sprintf("%s %.120s by %q", req.Method, req.URL.Path, visiteur)
	if w.Code >= 500 {
		r.t.Errorf("%s: %d", at, w.Code)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=()",
	} {
		if got := w.Header().Get(name); !strings.Contains(got, want) {
			r.t.Errorf("%s: %s is %q", at, name, got)
		}
	}
	if p := w.Header().Get("Referrer-Policy"); p != "strict-origin" && p != "no-referrer" {
		r.t.Errorf("%s: Referrer-Policy is %q", at, p)
	}
	if w.Header().Get("Cache-Control") == "" || w.Header().Get("X-Request-Id") == "" {
		r.t.Errorf("%s: no Cache-Control or no request number", at)
	}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Body.Len() > 0 {
		r.pages++
		for _, f := range fautesHTML(w.Body.String()) {
			r.t.Errorf("%s: %s", at, f)
		}
	}
	for _, secret := range r.interdits {
		if !strings.Contains(w.Body.String(), secret) {
			continue
		}
		r.lus++
		if visiteur != "nadia" && visiteur != "hugo" {
			r.t.Errorf("%s reads %q", at, secret)
		}
	}
	return w
}

func post(path string, form url.Values) *http.Request {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func request(method, path string) *http.Request {
	if method == http.MethodPost {
		return post(path, url.Values{})
	}
	return httptest.NewRequest(method, path, nil)
}

// Another structure's dossier is as unknown as one made up (M-W31).
func TestRoutesWithForeignDossier(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		r := nouvelleRonde(t, m)
		for _, route := range m.Server.Mux.Routes() {
			if route.Espace != web.Aidant {
				continue
			}
			method, path := r.chemin(route, r.ids)
			var answers []string
			for _, id := range []string{r.dossier, "00000000-0000-4000-8000-000000000000"} {
				req := httptest.NewRequest(method, path+"?dossier="+id+"&demande="+id, nil)
				if method == http.MethodPost {
					req = post(path, url.Values{"dossier": {id}, "demande": {id}})
				}
				w := r.demander("claire", req)
				answers = append(answers, fmt.Sprint(w.Code, w.Header().Get("Location")))
			}
			if answers[0] != answers[1] {
				t.Errorf("%s tells another structure's dossier from an unknown one: %v", route.Pattern, answers)
			}
		}
	})
}

// A form of another site does nothing, whoever is signed in; OpenID's
// pages and the machines' endpoints judge by themselves. It is refused before any
// database is asked, so one is enough.
func TestRoutesRefuseOtherSites(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	r := nouvelleRonde(t, m)
	before := testkit.Content(t, m.Server.DB, worked...)
	for _, route := range m.Server.Mux.Routes() {
		method, path := r.chemin(route, r.ids)
		if method != http.MethodPost || route.Espace == web.PublicOpenID || route.Espace == web.Machine {
			continue
		}
		for _, v := range visiteurs {
			for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://ailleurs.example"} {
				req := post(path, url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}, "dossier": {r.dossier}})
				req.Header.Set(name, value)
				if name == "Origin" {
					req.Header.Set("Sec-Fetch-Site", "same-site")
				}
				if w := r.demander(v, req); w.Code != http.StatusForbidden {
					t.Errorf("%s by %q from another site (%s): %d", route.Pattern, v, name, w.Code)
				}
			}
		}
	}
	if diff := cmp.Diff(before, testkit.Content(t, m.Server.DB, worked...)); diff != "" {
		t.Errorf("a form of another site changed something:\n%s", diff)
	}
}

// worked are the tables of the background work, which goes on meanwhile.
var worked = []string{"tache", "bail", "message", "journal_attente", "journal_rang", "journal_noeud", "journal_point"}

// Nothing typed, whatever the place, gives an error of ours.
func TestRoutesTakeGarbage(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		r := nouvelleRonde(t, m)
		for _, route := range m.Server.Mux.Routes() {
			_, template, _ := strings.Cut(route.Pattern, " ")
			if template == web.CheminDeconnexion || template == web.CheminReprise && strings.HasPrefix(route.Pattern, "POST") {
				continue // would end the sessions the walk needs
			}
			for _, ids := range absurdes {
				filled := maps.Clone(r.ids)
				for name := range filled {
					filled[name] = ids
				}
				method, path := r.chemin(route, filled)
				r.demander("", garbage(method, path, ids, false))
				r.demander("nadia", garbage(method, path, ids, true))
			}
			r.bodies(route)
		}
	})
}

// absurdes are what a stranger may put anywhere, as it is in an address.
var absurdes = []string{
	"0", "%00", "%FF%FE", "..%2F..%2Fetc%2Fpasswd", "'%20OR%201=1--", "%C3%A9%F0%9F%92%A5", "00000000-0000-7000-8000-000000000000",
	"00000000-0000-7000-8000-00000000000g", strings.Repeat("a", 5000), "%E2%80%AE", "-1", "%0d%0aSet-Cookie:a=b",
}

// champs are the names that some page reads.
var champs = []string{
	"dossier", "demande", "next", "action", "recherche", "q", "apres", "avant", "onglet", "suivi", "demarche", "duree", "capacite", "usager", "presence",
	"motif", "canal", "otp_token", "email", "cgu", "identite", "personal_data", "courriel", "organisation", "state", "code", "error", "iss", "avis",
	"client_id", "redirect_uri", "response_type", "scope", "nonce", "claims", "acr_values", "prompt", "max_age", "grant_type", "client_secret",
	"nom", "reponse", "attente", "code1", "code2", "precision",
	"id_token_hint", "post_logout_redirect_uri", "access_token", "recommencer", "identite_bis", "moyen", "lu", "accord", "trace", "signature_nom", "signature_case", "grace", "voie", "telephone", "verifie", "document", "identite_id", "direct",
}

// garbage puts the same absurdity in every field, alone or twice.
func garbage(method, path, value string, twice bool) *http.Request {
	var q strings.Builder
	for _, name := range champs {
		fmt.Fprintf(&q, "%s=%s&", name, value)
		if twice {
			fmt.Fprintf(&q, "%s=%s&%s%%5B%%5D=&", name, value, name)
		}
	}
	if method == http.MethodPost {
		req := httptest.NewRequest(method, path, strings.NewReader(q.String()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return req
	}
	return httptest.NewRequest(method, path+"?"+q.String(), nil)
}

// bodies sends what is not a form, or too much of one.
func (r *ronde) bodies(route web.Route) {
	r.t.Helper()
	method, path := r.chemin(route, r.ids)
	if method != http.MethodPost {
		return
	}
	for kind, body := range map[string]io.Reader{
		"application/json":                  strings.NewReader(`{"a":`),
		"multipart/form-data; boundary=x":   strings.NewReader("--x\r\n"),
		"application/x-www-form-urlencoded": bytes.NewReader(bytes.Repeat([]byte("a=b&"), 400_000)),
		"":                                  strings.NewReader("%zz=1;&&&"),
		"text/plain; charset=utf-16":        strings.NewReader("\xff\xfe"),
	} {
		req := httptest.NewRequest(http.MethodPost, path, body)
		if kind != "" {
			req.Header.Set("Content-Type", kind)
		}
		if w := r.demander("nadia", req); w.Code < 400 && w.Code != http.StatusSeeOther && route.Espace == web.Aidant {
			r.t.Errorf("%s takes a body of type %q: %d", route.Pattern, kind, w.Code)
		}
	}
}
