package connexion_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// guichet is the slice alone, on one database: no background work, so that
// every statement of an act may be made to fail.
type guichet struct {
	testkit.Socle
	t                  *testing.T
	clock              *testkit.Clock
	mux                *web.Mux
	h                  *connexion.Handlers
	boite              *boite
	camille, dominique testkit.Compte
	autre              organisation.Organisation // Camille is a member of it too
}

// boite receives what the outbox sends.
type boite struct {
	mu   sync.Mutex
	recu []outbox.Courriel
	sms  []outbox.SMS
}

func (b *boite) Envoyer(_ context.Context, c outbox.Courriel) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recu = append(b.recu, c)
	return nil
}

func eachGuichet(t *testing.T, fn func(t *testing.T, g *guichet)) {
	t.Helper()
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) { fn(t, newGuichet(t, d, clock)) })
}

func newGuichet(t *testing.T, d *db.DB, clock *testkit.Clock) *guichet {
	t.Helper()
	g := &guichet{Socle: testkit.NewSocle(t, d), t: t, clock: clock, boite: &boite{}}
	log := testkit.Log(t)
	o, err := outbox.New(outbox.Config{DB: d, Box: g.Champs, Expediteur: g.boite, De: "Aidants Connect <connexion@exemple.test>", Hote: "exemple.test", SMS: g.boite, PlafondSMS: 100, Log: log})
	ok(t, err)
	site := web.Site{Nom: "Aidants Connect", Origine: "http://localhost", Contact: "aide@exemple.test"}
	g.Facteurs.Outbox, g.Facteurs.Empreintes, g.Facteurs.Site = o, g.Empreintes, site
	g.h = &connexion.Handlers{
		DB: d, Facteurs: g.Facteurs, Journal: g.Journal, Outbox: o, Limites: &limite.Compteurs{DB: d, Empreintes: g.Empreintes}, Empreintes: g.Empreintes,
		Durees: connexion.Durees{}.WithDefaults(), Site: site, Clock: clock.Now, Log: log,
	}
	g.mux = web.NewMux(web.Config{Site: site, Log: log, Now: clock.Now, Authenticate: g.h.Authenticate, Recheck: g.h.Interrupt, RenewSession: g.h.RenewForRights})
	g.h.Mount(g.mux)
	g.mux.Compte("GET /espace-aidant/", g.home)
	g.mux.Referent("POST /essai/", g.home)
	g.mux.Referent("GET /espace-referent/", g.home)
	g.mux.Referent("GET /espace-referent/autre/", g.home)
	g.mux.Compte("POST /premier-facteur/", g.home, web.CodeFraisOuPremier)
	g.mux.Compte("POST /acte-sensible/", g.home, web.CodeFrais)
	g.camille = g.NewCompte(t, "camille.essai@example.org", testkit.Siret1)
	g.dominique = g.NewCompte(t, "dominique.essai@example.org", testkit.Siret2)
	ok(t, d.Update(t.Context(), func(tx *db.Tx) (err error) {
		g.autre, err = organisation.Create(t.Context(), tx, g.Journal, organisation.Nouvelle{
			Nom: "Médiathèque des Essais", Siret: "73282932000074", Adresse: "2 rue des Essais", CodePostal: "80000", Ville: "Valbrune",
		})
		if err != nil {
			return err
		}
		return aidant.Join(t.Context(), tx, g.camille.Aidant.ID, g.autre.ID)
	}))
	return g
}

func (g *guichet) home(w http.ResponseWriter, _ *http.Request, a actor.Actor) error {
	_, err := fmt.Fprintf(w, "Bonjour pour %s", a.OrganisationNom)
	return err
}

// poste is a browser: its cookies, its address.
type poste struct {
	g       *guichet
	temoins map[string]string
	adresse string
	agent   string
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"

func (g *guichet) poste() *poste {
	return &poste{g, map[string]string{}, "192.0.2.1:1000", firefox}
}

type reponse struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (p *poste) do(method, path string, form url.Values) reponse {
	p.g.t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", p.agent)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr = p.adresse
	for name, value := range p.temoins {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	p.g.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(p.temoins, c.Name)
		} else {
			p.temoins[c.Name] = c.Value
		}
	}
	return reponse{w, p.g.t}
}

func (p *poste) get(path string) reponse { p.g.t.Helper(); return p.do(http.MethodGet, path, nil) }

func (p *poste) post(path string, form url.Values) reponse {
	p.g.t.Helper()
	return p.do(http.MethodPost, path, form)
}

// want checks the status and what the page says.
func (r reponse) want(status int, texts ...string) reponse {
	r.t.Helper()
	if r.Code != status {
		r.t.Errorf("status %d, not %d: %.300s", r.Code, status, r.Body)
	}
	for _, s := range texts {
		if !strings.Contains(r.Body.String(), s) {
			r.t.Errorf("the page does not say %q", s)
		}
	}
	return r
}

func (r reponse) to(location string) reponse {
	r.t.Helper()
	if got := r.Header().Get("Location"); r.Code != http.StatusSeeOther || got != location {
		r.t.Errorf("%d to %q, not to %q", r.Code, got, location)
	}
	return r
}

// code waits for the next step of the account and gives its code.
func (g *guichet) code(c testkit.Compte) string {
	g.clock.Advance(30 * time.Second)
	return facteur.Code(c.Graine, facteur.Pas(g.clock.Now(), 30))
}

// ask gives the code and the e-mail of the account.
func (p *poste) ask(c testkit.Compte) reponse {
	p.g.t.Helper()
	return p.post("/accounts/login/", url.Values{"email": {c.Aidant.Email}, "otp_token": {p.g.code(c)}})
}

// mails sends what waits and gives what was received, of this kind of subject.
func (g *guichet) mails(sujet string) (found []outbox.Courriel) {
	g.t.Helper()
	_, err := g.h.Outbox.Deliver(g.t.Context())
	ok(g.t, err)
	for _, c := range g.boite.recu {
		if strings.Contains(c.Sujet, sujet) {
			found = append(found, c)
		}
	}
	return found
}

var (
	aLink = regexp.MustCompile(`http://localhost(/(?:code|ce-nest-pas-moi)/[^/\s]+/)`)
	aCode = regexp.MustCompile(`\b[B-Z]{4}-[B-Z]{4}\b`)
)

// last gives the link and the short code of the newest mail.
func (g *guichet) last(sujet string) (link, code string) {
	g.t.Helper()
	all := g.mails(sujet)
	if len(all) == 0 {
		g.t.Fatalf("no mail « %s »", sujet)
	}
	text := all[len(all)-1].Texte
	if m := aLink.FindStringSubmatch(text); m != nil {
		link = m[1]
	}
	return link, aCode.FindString(text)
}

// enter signs in, up to the home.
func (p *poste) enter(c testkit.Compte) *poste {
	p.g.t.Helper()
	p.ask(c).to("/email-envoye/")
	link, _ := p.g.last("Lien de connexion")
	p.post(link, nil).to("/espace-aidant/")
	return p
}

// isIn tells whether the browser is signed in.
func (p *poste) isIn() bool {
	p.g.t.Helper()
	return p.get("/espace-aidant/").Code == http.StatusOK
}

func (g *guichet) count(query string, args ...any) (n int) {
	g.t.Helper()
	ok(g.t, g.DB.View(g.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(g.t.Context(), query, args...).Scan(&n) }))
	return n
}

func (g *guichet) update(fn func(ctx context.Context, tx *db.Tx) error) {
	g.t.Helper()
	ok(g.t, g.DB.Update(g.t.Context(), func(tx *db.Tx) error { return fn(g.t.Context(), tx) }))
}

// facts gives what the journal says of an action, oldest first.
func (g *guichet) facts(action string) (all []string) {
	g.t.Helper()
	ok(g.t, g.DB.View(g.t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(g.t.Context(), `SELECT d.contenu FROM journal_ligne l JOIN journal_contenu d ON d.ligne_id = l.id WHERE l.action = $1 ORDER BY l.id`, action)
		all, err = db.Collect(rows, err, func(s db.Scanner) (f string, err error) { return f, s.Scan(&f) })
		return err
	}))
	return all
}

// must turns an answer that is not this one into the error FailEachStatement wants.
func (r reponse) must(status int) error {
	if r.Code != status {
		return fmt.Errorf("status %d", r.Code)
	}
	return nil
}

// clone is the same browser, whose cookies then live their own life.
func (p *poste) clone() *poste {
	q := *p
	q.temoins = map[string]string{}
	for k, v := range p.temoins {
		q.temoins[k] = v
	}
	return &q
}

func (g *guichet) sessions(c testkit.Compte) (ids []ident.SessionID) {
	g.t.Helper()
	ok(g.t, g.DB.View(g.t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(g.t.Context(), `SELECT id FROM session_web WHERE aidant_id = $1`, c.Aidant.ID)
		ids, err = db.Collect(rows, err, func(s db.Scanner) (id ident.SessionID, err error) { return id, s.Scan(&id) })
		return err
	}))
	slices.SortFunc(ids, func(a, b ident.SessionID) int { return strings.Compare(a.String(), b.String()) })
	return ids
}

// refer makes the account a référent of its first structure.
func (g *guichet) refer(c testkit.Compte) { g.referTo(c, c.Organisation.ID) }

func (g *guichet) referTo(c testkit.Compte, org ident.OrganisationID) {
	g.t.Helper()
	g.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`,
			ident.New[ident.OperationID](), c.Aidant.ID, org, tx.Now)
		return err
	})
}

// accept records the terms, which the spaces want.
func (g *guichet) accept(c testkit.Compte) {
	g.t.Helper()
	g.update(func(ctx context.Context, tx *db.Tx) error {
		for _, texte := range aidant.Textes {
			_, err := tx.Exec(ctx, `INSERT INTO acceptation (aidant_id, document, version, empreinte, date) VALUES ($1,$2,$3,$4,$5)`,
				c.Aidant.ID, string(texte.Document), texte.Version, texte.Empreinte(), tx.Now)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// forgetLimits lets an act be tried more often than people may; it is not one
// that FailAt sees.
func (g *guichet) forgetLimits() {
	g.t.Helper()
	ok(g.t, g.DB.UpdateReadCommitted(g.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(g.t.Context(), `DELETE FROM limite`)
		return err
	}))
}
