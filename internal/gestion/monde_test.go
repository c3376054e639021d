package gestion_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// monde is the back-office on one database. The cookie "qui" says who is
// signed in: alma and tom administer the technique, mona the métier, ofra is
// of a training body; paul is nobody; alix is an aidant, rose her référent.
type monde struct {
	testkit.Socle
	t        *testing.T
	d        *db.DB
	clock    *testkit.Clock
	mux      *web.Mux
	comptes  map[string]aidant.Aidant
	acteurs  map[string]actor.Actor
	org, two ident.OrganisationID
}

func newMonde(t *testing.T, d *db.DB, clock *testkit.Clock) *monde {
	t.Helper()
	m := &monde{Socle: testkit.NewSocle(t, d), t: t, d: d, clock: clock, comptes: map[string]aidant.Aidant{}, acteurs: map[string]actor.Actor{}}
	site := web.Site{Nom: "Aidants Connect", Origine: testkit.Origine, Contact: "aide@essais.example"}
	m.update(func(tx *db.Tx) error {
		for i, siret := range []string{testkit.Siret1, testkit.Siret2} {
			o, err := organisation.Create(t.Context(), tx, m.Journal, organisation.Nouvelle{Nom: []string{"Mairie de Valbrune", "Centre des Tilleuls"}[i], Siret: siret, Adresse: "1 rue", CodePostal: "80000", Ville: "Valbrune"})
			if err != nil {
				return err
			}
			m.org, m.two = m.two, o.ID
		}
		for _, n := range []string{"alma", "tom", "mona", "ofra", "paul", "alix", "rose"} {
			a, err := aidant.Create(t.Context(), tx, m.Journal, aidant.Nouveau{
				Prenom: strings.ToUpper(n[:1]) + n[1:], Nom: "GRANDCHAUMET", Email: n + "@grandchaumet.example.org", Organisation: m.org, Referent: n == "rose",
			})
			if err != nil {
				return err
			}
			m.comptes[n] = a
		}
		return nil
	})
	for n, a := range m.comptes {
		role := map[string]actor.Role{"alma": actor.AdminTechnique, "tom": actor.AdminTechnique, "mona": actor.AdminMetier, "ofra": actor.AdminOF}[n]
		m.acteurs[n] = actor.Actor{
			Aidant: a.ID, Session: ident.New[ident.SessionID](), Organisation: m.org, Prenom: a.Prenom, Nom: a.Nom, OrganisationNom: "Mairie", OrganisationActive: true,
			MembreActif: true, CanCreateMandats: true, CGUAcceptee: true, Role: role, CleForte: true,
		}
		m.update(func(tx *db.Tx) error { _, err := aidant.SetRole(t.Context(), tx, a.ID, role); return err })
	}
	m.mux = web.NewMux(web.Config{
		Site: site, Log: testkit.Log(t), Now: clock.Now,
		Authenticate: func(r *http.Request) (actor.Actor, error) {
			c, err := r.Cookie("qui")
			if err != nil {
				return actor.Actor{}, err
			}
			a := m.acteurs[c.Value]
			a.DateOTP, a.DateActivite = clock.Now(), clock.Now()
			if strings.HasSuffix(r.URL.RawQuery, "tard") {
				a.DateOTP = clock.Now().Add(-5 * time.Minute)
			}
			return a, nil
		},
	})
	actes := &compte.Actes{Journal: m.Journal, Outbox: m.Outbox, Site: site}
	(&gestion.Handlers{
		DB: d, Journal: m.Journal, Outbox: m.Outbox, Champs: m.Champs, Facteurs: m.Facteurs, Site: site, Comptes: actes,
		Adresses: &compte.Handlers{DB: d, Actes: actes, Empreintes: m.Empreintes, Site: site},
	}).Mount(m.mux)
	return m
}

func (m *monde) update(f func(tx *db.Tx) error) {
	m.t.Helper()
	ok(m.t, m.d.Update(m.t.Context(), f))
}

func (m *monde) do(qui, method, path string, form url.Values) *httptest.ResponseRecorder {
	m.t.Helper()
	req := httptest.NewRequest(method, path, nil)
	if form != nil {
		req = httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.AddCookie(&http.Cookie{Name: "qui", Value: qui})
	w := httptest.NewRecorder()
	m.mux.ServeHTTP(w, req)
	return w
}

// page reads a page and wants these words in it.
func (m *monde) page(qui, path string, status int, words ...string) string {
	m.t.Helper()
	return m.wants(m.do(qui, http.MethodGet, path, nil), path, status, words...)
}

func (m *monde) wants(w *httptest.ResponseRecorder, path string, status int, words ...string) string {
	m.t.Helper()
	if w.Code != status {
		m.t.Fatalf("%s: %d %s, want %d\n%.600s", path, w.Code, w.Header().Get("Location"), status, w.Body)
	}
	body := strings.NewReplacer("&#39;", "'", "&#34;", `"`).Replace(w.Body.String())
	for _, s := range words {
		if !strings.Contains(body, s) {
			m.t.Errorf("%s lacks %q", path, s)
		}
	}
	return body
}

func (m *monde) path(name string) string {
	return gestion.CheminComptes + m.comptes[name].ID.String() + "/"
}

// act does an act and wants this status.
func (m *monde) act(qui, name string, acte gestion.Acte, status int, fields ...string) *httptest.ResponseRecorder {
	m.t.Helper()
	form := url.Values{"motif": {"demande"}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	w := m.do(qui, http.MethodPost, m.path(name)+string(acte)+"/", form)
	if w.Code != status {
		m.t.Fatalf("%s %s by %s: %d, want %d\n%.900s", acte, name, qui, w.Code, status, between(w.Body.String(), "<h1>", "</main>"))
	}
	return w
}

func between(s, a, b string) string {
	if _, after, found := strings.Cut(s, a); found {
		before, _, _ := strings.Cut(after, b)
		return before
	}
	return s
}

func (m *monde) count(query string, args ...any) (n int) {
	m.t.Helper()
	ok(m.t, m.d.View(m.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(m.t.Context(), query, args...).Scan(&n) }))
	return n
}

func (m *monde) lines(action string) int {
	return m.count(`SELECT count(*) FROM journal_ligne WHERE action = $1`, action)
}

func (m *monde) load(name string) (a aidant.Aidant) {
	m.t.Helper()
	ok(m.t, m.d.View(m.t.Context(), func(tx *db.Tx) (err error) {
		a, err = aidant.Load(m.t.Context(), tx, m.comptes[name].ID)
		return err
	}))
	return a
}

func each(t *testing.T, f func(m *monde)) {
	t.Helper()
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) { f(newMonde(t, d, clock)) })
}
