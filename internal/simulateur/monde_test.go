package simulateur

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/net/html"
)

// horloge is the clock of a test.
type horloge struct {
	mu  sync.Mutex
	now time.Time
}

func (h *horloge) lire() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *horloge) avancer(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// monde is a simulation that listens, with our app's two roles played by the
// test: the FS at app.localhost, the FI (fauxFI) at ac.localhost.
type monde struct {
	t       *testing.T
	s       *Simulateur
	fi      *fauxFI
	horloge *horloge
	client  *http.Client // no cookie, no redirect
	port    string
}

const (
	secretFS = "secret-fs-0123456789-0123456789-0123456789"
	secretFI = "secret-fi-0123456789-0123456789-0123456789"
)

func nouveauMonde(t *testing.T, regler ...func(*Config)) *monde {
	t.Helper()
	m := &monde{t: t, horloge: &horloge{now: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)}}
	var app http.Handler
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { app.ServeHTTP(w, r) }))
	srv.Config.ErrorLog = nil
	_, m.port, _ = net.SplitHostPort(srv.Listener.Addr().String())
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", srv.Listener.Addr().String())
	}
	m.client = &http.Client{
		Transport:     &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	m.fi = nouveauFauxFI(m)
	cfg := Config{
		FC: m.origine("fc"), FI: m.origine("fi"), Service: m.origine("service"), HTTP: m.client, Clock: m.horloge.lire,
		ClientFS: ClientFS{
			ClientID: "app-fs", ClientSecret: secretFS, Alg: algES256,
			RedirectURIs: []string{m.origine("app") + "/callbackv2/"}, PostLogoutRedirectURIs: []string{m.origine("app") + "/logout-callback/"},
		},
		ClientFI: m.fi.inscription(),
	}
	for _, f := range regler {
		f(&cfg)
	}
	m.fi.cfg = cfg.ClientFI
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.s = s
	app = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch host("//" + r.Host) {
		case "ac.localhost":
			m.fi.ServeHTTP(w, r)
		case "app.localhost": // the FS: its callback only has to be reached
			_, _ = io.WriteString(w, "app")
		default:
			s.Handler().ServeHTTP(w, r)
		}
	})
	srv.Start()
	t.Cleanup(srv.Close)
	return m
}

func (m *monde) origine(nom string) string { return "http://" + nom + ".localhost:" + m.port }

// page is what a browser shows at the end of its redirects.
type page struct {
	t      *testing.T
	url    *url.URL
	statut int
	doc    *html.Node
	texte  string
	csp    string
	nav    *navigateur
}

// navigateur is a browser without scripts: cookies, redirects, forms.
type navigateur struct {
	t      *testing.T
	client *http.Client
	vus    []string // every address visited
}

func (m *monde) navigateur() *navigateur {
	jar, _ := cookiejar.New(nil)
	n := &navigateur{t: m.t}
	n.client = &http.Client{Transport: m.client.Transport, Jar: jar, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 15 {
			return http.ErrUseLastResponse
		}
		n.vus = append(n.vus, r.URL.String())
		return nil
	}}
	return n
}

func (n *navigateur) aller(adresse string) *page {
	n.t.Helper()
	req, err := http.NewRequest(http.MethodGet, adresse, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	return n.faire(req)
}

func (n *navigateur) poster(adresse string, form url.Values) *page {
	n.t.Helper()
	req, err := http.NewRequest(http.MethodPost, adresse, strings.NewReader(form.Encode()))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return n.faire(req)
}

func (n *navigateur) faire(req *http.Request) *page {
	n.t.Helper()
	n.vus = append(n.vus, req.URL.String())
	res, err := n.client.Do(req)
	if err != nil {
		n.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(b)))
	if err != nil {
		n.t.Fatal(err)
	}
	return &page{t: n.t, url: res.Request.URL, statut: res.StatusCode, doc: doc, texte: string(b), csp: res.Header.Get("Content-Security-Policy"), nav: n}
}

func attr(n *html.Node, nom string) string {
	for _, a := range n.Attr {
		if a.Key == nom {
			return a.Val
		}
	}
	return ""
}

func (p *page) trouver(ok func(*html.Node) bool) *html.Node {
	for n := range p.doc.Descendants() {
		if n.Type == html.ElementNode && ok(n) {
			return n
		}
	}
	return nil
}

func texteDe(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// id gives the text of the element, "" if none.
func (p *page) id(id string) string {
	return texteDe(p.trouver(func(n *html.Node) bool { return attr(n, "id") == id }))
}

func (p *page) existe(id string) bool {
	return p.trouver(func(n *html.Node) bool { return attr(n, "id") == id }) != nil
}

func (p *page) titre() string {
	return texteDe(p.trouver(func(n *html.Node) bool { return n.Data == "title" }))
}

// cliquer presses the button of that id: its form is sent with its hidden
// fields and the given ones, as a browser would.
func (p *page) cliquer(id string, champs ...string) *page {
	p.t.Helper()
	bouton := p.trouver(func(n *html.Node) bool { return n.Data == "button" && attr(n, "id") == id })
	if bouton == nil {
		p.t.Fatalf("no button #%s on %s (%d): %s", id, p.url.Path, p.statut, texteDe(p.doc))
	}
	for _, a := range bouton.Attr {
		if a.Key == "disabled" {
			p.t.Fatalf("button #%s is disabled", id)
		}
	}
	form := bouton.Parent
	for form != nil && form.Data != "form" {
		form = form.Parent
	}
	v := url.Values{}
	for n := range form.Descendants() {
		if n.Data == "input" && attr(n, "type") == "hidden" {
			v.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	if nom := attr(bouton, "name"); nom != "" {
		v.Set(nom, attr(bouton, "value"))
	}
	for i := 0; i+1 < len(champs); i += 2 {
		v.Set(champs[i], champs[i+1])
	}
	cible, err := p.url.Parse(attr(form, "action"))
	if err != nil {
		p.t.Fatal(err)
	}
	return p.nav.poster(cible.String(), v)
}

// veut fails unless the page shows that Y code.
func (p *page) veut(code string) {
	p.t.Helper()
	if got := p.id("code-erreur"); got != code {
		p.t.Fatalf("code %q instead of %q on %s (%d): %s", got, code, p.url.Path, p.statut, texteDe(p.doc))
	}
	if y := lireY(code); p.statut != y.statut {
		p.t.Errorf("%s: status %d instead of %d", code, p.statut, y.statut)
	}
}

// ouvrirService goes to a demo service and presses its button.
func (n *navigateur) ouvrirService(m *monde, lettre string) *page {
	n.t.Helper()
	return n.aller(m.origine("service") + "/" + lettre + "/").cliquer("se-connecter")
}

// parDemo chooses the test FI, then a person.
func (p *page) parDemo(cle string) *page {
	p.t.Helper()
	return p.cliquer("fi-demo").cliquer("se-connecter", "personne", cle)
}

// demande is the authorization request of our app; changes replace or, with an
// empty value, remove a parameter.
func (m *monde) demande(changes ...string) string {
	q := url.Values{
		"client_id": {"app-fs"}, "response_type": {"code"}, "redirect_uri": {m.origine("app") + "/callbackv2/"},
		"scope": {strings.Join(scopesParDefaut, " ")}, "state": {strings.Repeat("5", 64)}, "nonce": {strings.Repeat("7", 64)}, "acr_values": {eidas1},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	return m.s.Issuer() + "/authorize?" + q.Encode()
}

// reponseHTTP is an answer to a machine.
type reponseHTTP struct {
	statut int
	tete   http.Header
	corps  []byte
	json   map[string]any
}

func (m *monde) envoyer(req *http.Request) reponseHTTP {
	m.t.Helper()
	res, err := m.client.Do(req)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body)
	r := reponseHTTP{statut: res.StatusCode, tete: res.Header, corps: b}
	_ = json.Unmarshal(b, &r.json)
	return r
}

func (m *monde) postJeton(v url.Values) reponseHTTP {
	m.t.Helper()
	req, _ := http.NewRequest(http.MethodPost, m.s.Issuer()+"/token", strings.NewReader(v.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return m.envoyer(req)
}

// echangeFS is the form of our app's /token call.
func (m *monde) echangeFS(code string) url.Values {
	return url.Values{
		"client_id": {"app-fs"}, "client_secret": {secretFS}, "grant_type": {"authorization_code"},
		"code": {code}, "redirect_uri": {m.origine("app") + "/callbackv2/"},
	}
}

func (m *monde) userinfo(jeton string) reponseHTTP {
	m.t.Helper()
	req, _ := http.NewRequest(http.MethodGet, m.s.Issuer()+"/userinfo", nil)
	req.Header.Set("Authorization", "bearer "+jeton)
	return m.envoyer(req)
}

func (m *monde) jwks() jose.JSONWebKeySet {
	m.t.Helper()
	req, _ := http.NewRequest(http.MethodGet, m.s.Issuer()+"/jwks", nil)
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(m.envoyer(req).corps, &set); err != nil {
		m.t.Fatal(err)
	}
	return set
}

// connecter signs a person in at our app, and gives the code.
func (m *monde) connecter(n *navigateur, cle string) string {
	m.t.Helper()
	p := n.aller(m.demande()).parDemo(cle).cliquer("continuer")
	if p.url.Path != "/callbackv2/" || p.url.Query().Get("code") == "" {
		m.t.Fatalf("%s: no code: %s %s", cle, p.url, texteDe(p.doc))
	}
	return p.url.Query().Get("code")
}

// identite signs a person in at our app and gives the claims of both tokens,
// verified with the published keys.
func (m *monde) identite(n *navigateur, cle string) (idToken, userinfo map[string]any, hint string) {
	m.t.Helper()
	rep := m.postJeton(m.echangeFS(m.connecter(n, cle)))
	if rep.statut != http.StatusOK {
		m.t.Fatalf("/token: %d %s", rep.statut, rep.corps)
	}
	hint = rep.json["id_token"].(string)
	alg := m.s.cfg.ClientFS.Alg
	idToken, err := verifierJWS(hint, alg, cleParmi(m.jwks(), alg))
	if err != nil {
		m.t.Fatal(err)
	}
	info := m.userinfo(rep.json["access_token"].(string))
	userinfo, err = verifierJWS(string(info.corps), alg, cleParmi(m.jwks(), alg))
	if err != nil {
		m.t.Fatalf("userinfo %d: %v", info.statut, err)
	}
	return idToken, userinfo, hint
}
