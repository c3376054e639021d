package fournisseur_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

const (
	issuer   = "https://aidants.example"
	callback = "https://fc.example/api/v2/oidc-callback?k=v"
	goodbye  = "https://fc.example/api/v2/client/logout-callback"
	password = "un-secret-de-test-assez-long-0001"
	simple   = "hs" // client_id of the HS256 + JSON registration
)

// sink keeps the messages: none leaves.
type sink struct{ sent []outbox.Courriel }

// Envoyer implements outbox.Expediteur.
func (s *sink) Envoyer(_ context.Context, c outbox.Courriel) error {
	s.sent = append(s.sent, c)
	return nil
}

// monde is a structure with an aidant and a person, and the provider served as
// it will be, but for who is signed in: acteurs says that, by session name.
type monde struct {
	t       testing.TB
	d       *db.DB
	clock   *testkit.Clock
	h       *fournisseur.Handlers
	mux     http.Handler
	greffe  *mandat.Greffe
	box     *secret.Box
	acteurs map[string]*actor.Actor
	sink    sink
	a       *actor.Actor // the aidant "claire"
	odile   usager.Usager
}

var ordinaire = usager.Identite{
	GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female", Birthdate: "1951-11-04",
	Birthplace: "80021", Birthcountry: usager.France, Email: "ordinaire@example.org",
}

func newMonde(t testing.TB, d *db.DB, clock *testkit.Clock) *monde {
	t.Helper()
	ctx := t.Context()
	box, err := secret.NewBox(secret.RandomKey())
	check(t, err)
	keys, err := cle.Open(ctx, d, box)
	check(t, err)
	j, err := journal.Open(ctx, d, secret.RandomKey(), keys, "aidants.example/journal")
	check(t, err)
	m := &monde{t: t, d: d, clock: clock, box: box, acteurs: map[string]*actor.Actor{}}
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: &m.sink, De: "Aidants Connect <connexion@aidants.example>", Hote: "aidants.example", Log: testkit.Log(t)})
	check(t, err)
	m.greffe = &mandat.Greffe{Journal: j, Outbox: o, Cles: keys, Service: "Aidants Connect"}
	m.h = &fournisseur.Handlers{
		DB: d, Journal: j, Outbox: o, Cles: keys, Issuer: issuer, Empreintes: secret.RandomKey(), Temoins: box,
		Site: web.Site{Origine: issuer, Contact: "aide@aidants.example"}, Clock: clock.Now, Durees: fournisseur.Durees{}.WithDefaults(),
		Authenticate: m.authenticate,
		Clients: oidc.Registrations{
			{
				ClientID: "fc", Secrets: []secret.Text{password}, RedirectURIs: []string{callback}, PostLogoutRedirectURIs: []string{goodbye},
				IDTokenAlg: oidc.ES256, UserinfoAlg: oidc.ES256, TokenAuthMethods: []string{oidc.SecretPost},
			},
			{
				ClientID: simple, Secrets: []secret.Text{password + "x"}, RedirectURIs: []string{callback, callback + "2"},
				IDTokenAlg: oidc.HS256, TokenAuthMethods: []string{oidc.SecretPost, oidc.SecretBasic},
			},
		},
	}
	check(t, m.h.Prepare(ctx))
	mux := web.NewMux(web.Config{
		Site: m.h.Site, Log: testkit.Log(t), Now: clock.Now, Authenticate: m.authenticate, FormAction: m.h.Clients.Origins(),
	})
	m.h.Mount(mux)
	m.mux = mux
	m.fresh()
	return m
}

// fresh starts again with a new structure, its aidant "claire" and Odile: what
// was spoiled before no longer matters.
func (m *monde) fresh() {
	m.t.Helper()
	m.a = m.newAidant("claire", m.newOrganisation("France Services Amiens"))
	m.odile = m.newUsager(ident.New[ident.UsagerID]().String(), ordinaire)
	m.sign(m.a, m.odile, demarche.Papiers, demarche.Famille, demarche.Argent)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *monde) update(fn func(ctx context.Context, tx *db.Tx) error) {
	m.t.Helper()
	ctx := m.t.Context()
	check(m.t, m.d.Update(ctx, func(tx *db.Tx) error { return fn(ctx, tx) }))
}

// exec changes a row behind the program's back.
func (m *monde) exec(q string, args ...any) {
	m.t.Helper()
	m.update(func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, q, args...); return err })
}

func (m *monde) count(q string, args ...any) (n int) {
	m.t.Helper()
	ctx := m.t.Context()
	check(m.t, m.d.View(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, q, args...).Scan(&n) }))
	return n
}

func (m *monde) text(q string, args ...any) (s string) {
	m.t.Helper()
	ctx := m.t.Context()
	check(m.t, m.d.View(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, q, args...).Scan(&s) }))
	return s
}

// lines is how many lines of an action the structure of "claire" has.
func (m *monde) lines(action string) int {
	return m.count(`SELECT count(*) FROM journal_ligne WHERE action = $1 AND organisation_id = $2`, action, m.a.Organisation)
}

// siret makes a valid number (Luhn) for the n-th structure.
func siret(n int) string {
	s := fmt.Sprintf("%013d", 1300252650000+n)
	for k := range 10 {
		sum := 0
		for i, c := range []byte(s + fmt.Sprint(k)) {
			d := int(c - '0')
			if i%2 == 0 {
				d *= 2
			}
			sum += d/10 + d%10
		}
		if sum%10 == 0 {
			return s + fmt.Sprint(k)
		}
	}
	panic("unreachable")
}

func (m *monde) newOrganisation(nom string) (o organisation.Organisation) {
	m.t.Helper()
	siret := siret(m.count(`SELECT count(*) FROM organisation`))
	m.update(func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = organisation.Create(ctx, tx, m.h.Journal, organisation.Nouvelle{Nom: nom, Siret: siret, Adresse: "1 rue Neuve", CodePostal: "80000", Ville: "Amiens"})
		return err
	})
	return o
}

// newAidant makes an account and signs it in under its name.
func (m *monde) newAidant(nom string, o organisation.Organisation) *actor.Actor {
	m.t.Helper()
	a := &actor.Actor{
		Session: ident.New[ident.SessionID](), Organisation: o.ID, Prenom: "Claire", Nom: strings.ToUpper(nom), OrganisationNom: o.Nom,
		OrganisationActive: true, Perimetre: o.Perimetre, CanCreateMandats: true, MembreActif: true, CGUAcceptee: true,
		DateOTP: m.clock.Now().Add(-time.Minute), DateActivite: m.clock.Now(),
	}
	a.Aidant = ident.New[ident.AidantID]()
	m.exec(`INSERT INTO aidant (id, prenom, nom, nom_tri, email, profession, actif, habilite, referent_non_aidant, date_creation)
		VALUES ($1,'Claire',$2,$2,$3,'médiatrice',true,true,false,$4)`, a.Aidant, nom, a.Aidant.String()+"@structure.example", db.At(m.clock.Now()))
	m.update(func(ctx context.Context, tx *db.Tx) error { return aidant.Join(ctx, tx, a.Aidant, o.ID) })
	m.acteurs[nom] = a
	return a
}

func (m *monde) authenticate(r *http.Request) (actor.Actor, error) {
	if a := m.acteurs[web.Cookie(r, "session")]; a != nil {
		x := *a
		x.DateActivite = m.clock.Now()
		return x, nil
	}
	return actor.Actor{}, fault.New(fault.Unauthenticated, "sans_session")
}

func (m *monde) newUsager(sub string, i usager.Identite) (u usager.Usager) {
	m.t.Helper()
	g := usager.Registre{Sub: secret.RandomKey(), Journal: m.h.Journal}
	m.update(func(ctx context.Context, tx *db.Tx) (err error) {
		u, err = g.Receive(ctx, tx, usager.Recue{SubFC: sub, Identite: i}, usager.Acte{Aidant: m.a.Aidant, Organisation: m.a.Organisation, Session: m.a.Session, Operation: ident.New[ident.OperationID]()})
		return err
	})
	return u
}

// sign concludes a mandat for a person with the aidant's structure.
func (m *monde) sign(a *actor.Actor, u usager.Usager, ds ...demarche.Demarche) (out mandat.Mandat) {
	m.t.Helper()
	texte := mandat.TexteCourant()
	m.update(func(ctx context.Context, tx *db.Tx) (err error) {
		if err := mandat.StoreTexte(ctx, tx, texte); err != nil {
			return err
		}
		p := mandat.Projet{
			Organisation: a.Organisation, Aidant: a.Aidant, Usager: u.ID, IdentiteID: u.IdentiteID, Identite: u.Identite,
			Structure: mandat.Structure{Nom: a.OrganisationNom, Siret: "13002526500013", Adresse: "1 rue Neuve", CodePostal: "80000", Ville: "Amiens"},
			Active:    true, Perimetre: demarche.Keys(), Demarches: ds, Duree: mandat.Mois, Issuer: "https://fc.example", Texte: texte.Empreinte,
			Authentification: []byte("empreinte"),
		}
		if p.Choix, p.Preuves, err = consentement.Written(m.box, p.Objet(), "Odile"); err != nil {
			return err
		}
		out, err = m.greffe.Sign(ctx, tx, *a, p)
		return err
	})
	return out
}

// navigateur is a browser: it keeps cookies.
type navigateur struct {
	m       *monde
	cookies map[string]string
}

func (m *monde) browser(session string) *navigateur {
	n := &navigateur{m: m, cookies: map[string]string{}}
	if session != "" {
		n.cookies["__Host-session"] = session
	}
	return n
}

func (n *navigateur) do(method, target string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	var r *http.Request
	if form != nil {
		r = httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r = httptest.NewRequest(method, target, nil)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for k, v := range n.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	n.m.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(n.cookies, c.Name)
		} else {
			n.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (n *navigateur) get(target string) *httptest.ResponseRecorder { return n.do("GET", target, nil) }

// expect fails unless the answer has this status; it gives the Location.
func (n *navigateur) expect(w *httptest.ResponseRecorder, status int) string {
	n.m.t.Helper()
	if w.Code != status {
		n.m.t.Fatalf("got %d %s, want %d\n%s", w.Code, w.Header().Get("Location"), status, plain(w.Body.String()))
	}
	return w.Header().Get("Location")
}

var tags = regexp.MustCompile(`(?s)<head>.*</head>|<[^>]*>|\s+`)

func plain(body string) string {
	return html.UnescapeString(strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " "))
}

func request(changes ...string) url.Values {
	q := url.Values{
		"client_id": {"fc"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile email birth"},
		"state": {"un-state"}, "nonce": {"un-nonce"}, "acr_values": {"eidas1"}, "prompt": {"login"},
		"claims": {`{"id_token":{"rep_scope":{"essential":true,"values":[]}}}`},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	return q
}

// demande starts a request and gives its handle.
func (n *navigateur) demande(changes ...string) string {
	n.m.t.Helper()
	to := n.expect(n.get("/authorize/?"+request(changes...).Encode()), 303)
	u, err := url.Parse(to)
	check(n.m.t, err)
	if u.Path != "/select_usager/" {
		n.m.t.Fatalf("sent to %s", to)
	}
	return u.Query().Get("demande")
}

func (n *navigateur) choose(demande string, u ident.UsagerID) *httptest.ResponseRecorder {
	return n.do("POST", "/select_usager/", url.Values{"demande": {demande}, "usager": {u.String()}, web.ChampOrganisation: {n.m.a.Organisation.String()}})
}

func (n *navigateur) act(demande string, d demarche.Demarche) *httptest.ResponseRecorder {
	return n.do("POST", "/select_demarche/", url.Values{"demande": {demande}, "demarche": {string(d)}, "presence": {"present"}})
}

// code walks the whole of our pages and gives the code.
func (n *navigateur) code(d demarche.Demarche, changes ...string) string {
	n.m.t.Helper()
	id := n.demande(changes...)
	n.expect(n.choose(id, n.m.odile.ID), 303)
	return n.codeOf(n.act(id, d))
}

func (n *navigateur) codeOf(w *httptest.ResponseRecorder) string {
	n.m.t.Helper()
	u, err := url.Parse(n.expect(w, 303))
	check(n.m.t, err)
	q := u.Query()
	if !strings.HasPrefix(u.String(), callback) || q.Get("k") != "v" || q.Get("state") != "un-state" || q.Get("iss") != issuer || q.Get("code") == "" {
		n.m.t.Fatalf("answered %s", u)
	}
	return q.Get("code")
}

// fc is FranceConnect's back channel: no cookie.
func (m *monde) fc() *navigateur { return m.browser("") }

func tokenForm(code string, changes ...string) url.Values {
	f := url.Values{
		"client_id": {"fc"}, "client_secret": {password}, "grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		f.Set(changes[i], changes[i+1])
	}
	return f
}

func (m *monde) exchange(code string, changes ...string) *httptest.ResponseRecorder {
	return m.fc().do("POST", "/token/", tokenForm(code, changes...))
}

// tokens exchanges a code that must be good.
func (m *monde) tokens(code string) (a oidc.TokenAnswer) {
	m.t.Helper()
	w := m.exchange(code)
	m.fc().expect(w, 200)
	check(m.t, json.Unmarshal(w.Body.Bytes(), &a))
	return a
}

func (m *monde) userinfo(token string) *httptest.ResponseRecorder {
	return m.fc().do("GET", "/userinfo/", nil, "Authorization", "Bearer "+token)
}

// refused checks a JSON protocol error.
func (m *monde) refused(w *httptest.ResponseRecorder, status int, code string) {
	m.t.Helper()
	var body struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != status || body.Error != code || w.Header().Get("Cache-Control") != "no-store" {
		m.t.Fatalf("got %d %s (%v), want %d %s", w.Code, w.Body, w.Header(), status, code)
	}
}
