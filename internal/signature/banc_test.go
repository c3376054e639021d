package signature_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/papier"
	"aidantsconnect/internal/renouvellement"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/simulateur"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// banc is the flow on one database: our pages and the simulation of
// FranceConnect behind one listener, told apart by Host.
type banc struct {
	t       *testing.T
	db      *db.DB
	clock   *testkit.Clock
	h       *signature.Handlers
	mandats *mandat.Handlers
	papiers *papier.Handlers
	journal *journal.Journal
	outbox  *outbox.Outbox
	sim     *simulateur.Simulateur
	origine string
	addr    string
	boite   *boite
	down    bool // FranceConnect does not answer
	orgs    []organisation.Organisation
}

// boite receives the mail.
type boite struct {
	mu   sync.Mutex
	recu []outbox.Courriel
}

func (b *boite) Envoyer(_ context.Context, c outbox.Courriel) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recu = append(b.recu, c)
	return nil
}

// last is the latest mail to this address.
func (b *boite) last(t *testing.T, to string) outbox.Courriel {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range slices.Backward(b.recu) {
		if c.A == to {
			return c
		}
	}
	t.Fatalf("no mail to %s", to)
	return outbox.Courriel{}
}

// link is the newest sign-in link of this address: other messages come between.
func (b *boite) link(t *testing.T, to string) string {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range slices.Backward(b.recu) {
		if l := aLink.FindString(c.Texte); c.A == to && l != "" {
			return l
		}
	}
	t.Fatalf("no sign-in link to %s", to)
	return ""
}

var aLink = regexp.MustCompile(`http://\S+/code/\S+/`)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const clientSecret = "un secret de trente-deux octets au moins"

func newBanc(t *testing.T, d *db.DB, clock *testkit.Clock) *banc {
	t.Helper()
	b := &banc{t: t, db: d, clock: clock, boite: &boite{}}
	var app, sim http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "app.") {
			app.ServeHTTP(w, r)
			return
		}
		if b.down {
			panic(http.ErrAbortHandler)
		}
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	b.addr = srv.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(b.addr)
	b.origine = "http://app.localhost:" + port
	fcOrigin := "http://fc.localhost:" + port
	log := testkit.Log(t)
	ctx := t.Context()

	var err error
	b.sim, err = simulateur.New(simulateur.Config{
		FC: fcOrigin, FI: "http://fi.localhost:" + port, Service: "http://service.localhost:" + port,
		ClientFS: simulateur.ClientFS{
			ClientID: "fs", ClientSecret: clientSecret, Alg: "ES256",
			RedirectURIs: []string{b.origine + signature.CheminRetour}, PostLogoutRedirectURIs: []string{b.origine + signature.CheminDeconnexion},
		},
		HTTP: srv.Client(), Clock: clock.Now, Log: log, Lenteur: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	sim = b.sim.Handler()

	box := must[*secret.Box](t)(secret.NewBox(testkit.Key(t, 1)))
	cles := must[*cle.Trousseau](t)(cle.Open(ctx, d, box))
	b.journal = must[*journal.Journal](t)(journal.Open(ctx, d, testkit.Key(t, 2), cles, "exemple.test/journal"))
	b.outbox = must[*outbox.Outbox](t)(outbox.New(outbox.Config{DB: d, Box: box, Expediteur: b.boite, De: "Aidants Connect <connexion@exemple.test>", Hote: "exemple.test", Log: log}))
	fc := b.franceconnect(func(*franceconnect.Config) {})
	site := web.Site{Nom: "Aidants Connect", Origine: b.origine, Simulation: true, Contact: "aide@exemple.test"}
	coffre := &facteur.Coffre{Champs: box, Journal: b.journal}
	signIn := &connexion.Handlers{DB: d, Facteurs: coffre, Journal: b.journal, Outbox: b.outbox, Limites: &limite.Compteurs{DB: d, Empreintes: testkit.Key(t, 3)}, Empreintes: testkit.Key(t, 3), Durees: connexion.Durees{}.WithDefaults(), Site: site, Clock: clock.Now, Log: log}
	greffe := &mandat.Greffe{Journal: b.journal, Outbox: b.outbox, Cles: cles, Service: "Aidants Connect", Contact: site.Contact, Origine: site.Origine}
	b.mandats = &mandat.Handlers{DB: d, Site: site, Greffe: greffe}
	b.h = &signature.Handlers{
		DB: d, Site: site, FC: fc, Simulation: true, Usagers: &usager.Registre{Sub: testkit.Key(t, 4), Journal: b.journal},
		Facteurs: coffre, Connexion: signIn, Greffe: greffe, Champs: box, Empreintes: testkit.Key(t, 3), Log: log, Renouvellements: renouvellement.Defaut,
	}
	b.papiers = &papier.Handlers{DB: d, Site: site, Greffe: greffe, Champs: box}
	mux := web.NewMux(web.Config{Site: site, Log: log, Now: clock.Now, Authenticate: signIn.Authenticate, Recheck: signIn.Interrupt, FormAction: []string{fcOrigin}})
	signIn.Mount(mux)
	(&aidant.Handlers{DB: d, Journal: b.journal, Site: site}).Mount(mux)
	b.h.Mount(mux)
	b.papiers.Mount(mux)
	b.mandats.Mount(mux)
	(&fin.Handlers{DB: d, Site: site, Actes: &fin.Actes{Journal: greffe.Journal, Outbox: greffe.Outbox}}).Mount(mux)
	app = mux
	b.seed(coffre)
	return b
}

// franceconnect is our client of the simulation, changed by edit.
func (b *banc) franceconnect(edit func(*franceconnect.Config)) *franceconnect.Client {
	b.t.Helper()
	cfg := franceconnect.Config{
		Issuer: b.sim.Issuer(), ClientID: "fs", ClientSecret: clientSecret, RedirectURI: b.origine + signature.CheminRetour,
		PostLogoutRedirectURI: b.origine + signature.CheminDeconnexion, Alg: "ES256", FIUid: "aidants-connect", Clock: b.clock.Now, Log: testkit.Log(b.t),
	}
	edit(&cfg)
	return must[*franceconnect.Client](b.t)(franceconnect.New(cfg))
}

// seed makes two structures: the first with two aidants, the second with one.
func (b *banc) seed(coffre *facteur.Coffre) {
	b.t.Helper()
	ctx := b.t.Context()
	err := b.db.Update(ctx, func(tx *db.Tx) error {
		b.orgs = nil
		for i, n := range []organisation.Nouvelle{
			{Nom: "Maison <Bleue>", Siret: "73282932000074", Adresse: "1 rue Haute", CodePostal: "80000", Ville: "Amiens"},
			{Nom: "Maison Verte", Siret: "35600000000048", Adresse: "2 rue Basse", CodePostal: "59000", Ville: "Lille"},
		} {
			o, err := organisation.Create(ctx, tx, b.journal, n)
			if err != nil {
				return err
			}
			b.orgs = append(b.orgs, o)
			for _, who := range []string{"alix", "bilal"}[:2-i] {
				a, err := aidant.Create(ctx, tx, b.journal, aidant.Nouveau{Prenom: who, Nom: "AIDANT", Email: email(who, i), Organisation: o.ID, Profession: "médiation"})
				if err != nil {
					return err
				}
				if err := coffre.EnrolApplication(ctx, tx, a.ID, graine(email(who, i))); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func email(who string, org int) string { return who + "." + string(rune('a'+org)) + "@exemple.test" }
func graine(email string) []byte       { return []byte((email + "01234567890123456789")[:20]) }

// code is the aidant's current code; each serves once.
func (b *banc) code(email string) string {
	return facteur.Code(graine(email), facteur.Pas(b.clock.Now(), 30))
}

// nextCode waits for the next step and gives its code.
func (b *banc) nextCode(email string) string {
	b.clock.Advance(30 * time.Second)
	return b.code(email)
}

func (b *banc) verifyJournal() {
	b.t.Helper()
	if _, err := b.journal.Sequence(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	r, err := b.journal.Verify(b.t.Context())
	if err != nil || r.NombreFautes > 0 {
		b.t.Fatalf("the journal does not verify: %v %+v", err, r.Fautes)
	}
}

// actions gives the journal's actions in order of rank, after numbering.
func (b *banc) actions(skip int) []string {
	b.t.Helper()
	b.verifyJournal()
	var out []string
	err := b.db.View(b.t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(b.t.Context(), `SELECT l.action FROM journal_ligne l JOIN journal_rang r ON r.ligne_id = l.id ORDER BY r.rang`)
		all, err := db.Collect(rows, err, func(s db.Scanner) (a string, err error) { return a, s.Scan(&a) })
		out = all[min(skip, len(all)):]
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *banc) count(query string, args ...any) (n int) {
	b.t.Helper()
	err := b.db.View(b.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(b.t.Context(), query, args...).Scan(&n) })
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// navigateur is a browser without script.
type navigateur struct {
	b *banc
	c *http.Client
}

// page is what the browser shows.
type page struct {
	url    *url.URL
	status int
	header http.Header
	doc    *html.Node
	text   string
	raw    []byte
}

func (b *banc) navigateur() *navigateur {
	jar, _ := cookiejar.New(nil)
	tr := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, b.addr)
	}}
	b.t.Cleanup(tr.CloseIdleConnections)
	return &navigateur{b, &http.Client{Jar: jar, Transport: tr}}
}

// connecte is a browser where this aidant is signed in and has accepted the
// terms.
func (b *banc) connecte(email string) *navigateur {
	b.t.Helper()
	n := b.navigateur()
	b.forgetLimits()
	n.post("/accounts/login/", url.Values{"email": {email}, "otp_token": {b.nextCode(email)}})
	if _, err := b.outbox.Deliver(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	link := b.boite.link(b.t, email)
	n.do(http.MethodPost, link, url.Values{})
	for _, d := range []string{"cgu", "charte_aidant"} {
		n.post("/espace-aidant/valider-cgu", url.Values{"document": {d}, "version": {"1.0"}, d: {"oui"}})
	}
	return n
}

// forgetLimits lets a test sign the same person in more often than people do.
func (b *banc) forgetLimits() {
	b.t.Helper()
	err := b.db.Update(b.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(b.t.Context(), `DELETE FROM limite`)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (n *navigateur) get(path string) page { return n.do(http.MethodGet, n.b.origine+path, nil) }
func (n *navigateur) post(path string, v url.Values) page {
	return n.do(http.MethodPost, n.b.origine+path, v)
}

func (n *navigateur) do(method, address string, v url.Values) page {
	n.b.t.Helper()
	var body io.Reader
	if v != nil {
		body = strings.NewReader(v.Encode())
	}
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		n.b.t.Fatal(err)
	}
	if v != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := n.c.Do(req)
	if err != nil {
		n.b.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		n.b.t.Fatal(err)
	}
	return pageOf(n.b.t, resp, raw)
}

func pageOf(t *testing.T, resp *http.Response, raw []byte) page {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return page{url: resp.Request.URL, status: resp.StatusCode, header: resp.Header, doc: doc, text: textOf(doc), raw: raw}
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func all(n *html.Node, tag string) (out []*html.Node) {
	if n.Type == html.ElementNode && n.Data == tag {
		out = append(out, n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out = append(out, all(c, tag)...)
	}
	return out
}

// press sends the form whose button holds these words, with what it already
// holds (hidden fields, ticked boxes) and what is typed.
func (n *navigateur) press(p page, button string, typed url.Values) page {
	n.b.t.Helper()
	for _, f := range all(p.doc, "form") {
		for _, btn := range all(f, "button") {
			if !strings.Contains(textOf(btn), button) {
				continue
			}
			v := url.Values{}
			for _, in := range all(f, "input") {
				kind := attr(in, "type")
				_, typedToo := typed[attr(in, "name")]
				checked := false
				for _, a := range in.Attr {
					checked = checked || a.Key == "checked"
				}
				if typedToo || (kind == "radio" || kind == "checkbox") && !checked {
					continue
				}
				v.Add(attr(in, "name"), attr(in, "value"))
			}
			if name := attr(btn, "name"); name != "" {
				v.Set(name, attr(btn, "value"))
			}
			for k, vs := range typed {
				v[k] = vs
			}
			action, err := p.url.Parse(attr(f, "action"))
			if err != nil {
				n.b.t.Fatal(err)
			}
			return n.do(strings.ToUpper(attr(f, "method")), action.String(), v)
		}
	}
	n.b.t.Fatalf("no button %q on %s (%d): %.600s", button, p.url, p.status, p.text)
	return page{}
}

func (p page) want(t *testing.T, status int, words ...string) page {
	t.Helper()
	if p.status != status {
		t.Fatalf("%s: status %d, want %d: %.600s", p.url.Path, p.status, status, p.text)
	}
	for _, w := range words {
		if !strings.Contains(p.text, w) {
			t.Fatalf("%s lacks %q: %.1200s", p.url.Path, w, p.text)
		}
	}
	return p
}

// prepare fills the form and stops on the page that hands over the screen.
func (n *navigateur) prepare(duree string, ds ...demarche.Demarche) page {
	n.b.t.Helper()
	p := n.get(signature.CheminCreation).want(n.b.t, http.StatusOK, "Créer un mandat")
	v := url.Values{"duree": {duree}, "capacite": {"on"}}
	for _, d := range ds {
		v.Add("demarche", string(d))
	}
	return n.press(p, "Continuer", v).want(n.b.t, http.StatusOK, "Connexion de la personne")
}

// identify plays the person at FranceConnect, up to the logout's page.
func (n *navigateur) identify(p page, personne string) page {
	n.b.t.Helper()
	p = n.press(p, "FranceConnect", nil)
	p = n.press(p, "Compte de démonstration", nil)
	p = n.press(p, "Se connecter", url.Values{"personne": {personne}})
	return n.press(p, "Continuer", nil)
}

// logout presses FranceConnect's own pages until they give the browser back.
func (n *navigateur) logout(p page) page {
	n.b.t.Helper()
	for range 5 {
		if strings.HasPrefix(p.url.Host, "app.") {
			return p
		}
		p = n.press(p, "", nil)
	}
	n.b.t.Fatalf("the logout never comes back: %s %.300s", p.url, p.text)
	return p
}

// recap goes from the form to the récapitulatif.
func (n *navigateur) recap(personne, duree string, ds ...demarche.Demarche) page {
	n.b.t.Helper()
	return n.logout(n.identify(n.prepare(duree, ds...), personne)).want(n.b.t, http.StatusOK, "Récapitulatif du mandat")
}

// sign certifies and signs.
func (n *navigateur) sign(p page, code string) page {
	n.b.t.Helper()
	return n.press(p, "Signer le mandat", url.Values{"identite": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code}})
}

func mandatOf(t *testing.T, p page) ident.MandatID {
	t.Helper()
	id, ok := ident.Parse[ident.MandatID](p.url.Path[strings.LastIndexByte(p.url.Path, '/')+1:])
	if !ok {
		t.Fatalf("not a mandat's page: %s %.600s", p.url, p.text)
	}
	return id
}
