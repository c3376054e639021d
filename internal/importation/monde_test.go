package importation_test

import (
	"bytes"
	"mime/multipart"
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
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/importation"
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

// monde is the imports on one database. The cookie "qui" says who is signed in:
// mona and alma are of the team, ofra of a training body; rose is référent of
// the first structure, alix aidant of the second, nora closed for inactivity,
// paul closed for another reason.
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
		for i, n := range []organisation.Nouvelle{{Nom: "Mairie de Valbrune", Siret: testkit.Siret1}, {Nom: "Centre des Tilleuls", Siret: testkit.Siret2}} {
			n.Adresse, n.CodePostal, n.Ville = "1 rue du Port", "80000", "Valbrune"
			o, err := organisation.Create(t.Context(), tx, m.Journal, n)
			if err != nil {
				return err
			}
			*[]*ident.OrganisationID{&m.org, &m.two}[i] = o.ID
		}
		for _, n := range []string{"alma", "mona", "ofra", "rose", "alix", "nora", "paul"} {
			org := m.org
			if n == "alix" {
				org = m.two
			}
			a, err := aidant.Create(t.Context(), tx, m.Journal, aidant.Nouveau{
				Prenom: strings.ToUpper(n[:1]) + n[1:], Nom: "GRANDCHAUMET", Email: n + "@grandchaumet.example.org", Organisation: org, Referent: n == "rose",
			})
			if err != nil {
				return err
			}
			m.comptes[n] = a
		}
		if _, err := aidant.Close(t.Context(), tx, m.comptes["nora"].ID, string(compte.Inactivite)); err != nil {
			return err
		}
		_, err := aidant.Close(t.Context(), tx, m.comptes["paul"].ID, string(compte.Securite))
		return err
	})
	for n, role := range map[string]actor.Role{"alma": actor.AdminTechnique, "mona": actor.AdminMetier, "ofra": actor.AdminOF, "rose": ""} {
		a := m.comptes[n]
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
	(&importation.Handlers{DB: d, Journal: m.Journal, Outbox: m.Outbox, Champs: m.Champs, Facteurs: m.Facteurs, Site: site, Comptes: actes}).Mount(m.mux)
	return m
}

func each(t *testing.T, f func(m *monde)) {
	t.Helper()
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) { f(newMonde(t, d, clock)) })
}

func (m *monde) update(f func(tx *db.Tx) error) {
	m.t.Helper()
	ok(m.t, m.d.Update(m.t.Context(), f))
}

func (m *monde) exec(query string, args ...any) {
	m.t.Helper()
	m.update(func(tx *db.Tx) error { _, err := tx.Exec(m.t.Context(), query, args...); return err })
}

func (m *monde) count(query string, args ...any) (n int) {
	m.t.Helper()
	ok(m.t, m.d.View(m.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(m.t.Context(), query, args...).Scan(&n) }))
	return n
}

func (m *monde) serve(qui string, req *http.Request) *httptest.ResponseRecorder {
	m.t.Helper()
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.AddCookie(&http.Cookie{Name: "qui", Value: qui})
	w := httptest.NewRecorder()
	m.mux.ServeHTTP(w, req)
	return w
}

func (m *monde) post(qui, path string, form url.Values) *httptest.ResponseRecorder {
	m.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return m.serve(qui, req)
}

// send sends a file, as a browser does.
func (m *monde) send(qui string, g importation.Genre, file string) *httptest.ResponseRecorder {
	m.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	ok(m.t, w.WriteField(web.ChampOrganisation, m.org.String()))
	p, err := w.CreateFormFile("fichier", "liste.csv")
	ok(m.t, err)
	_, err = p.Write([]byte(file))
	ok(m.t, err)
	ok(m.t, w.Close())
	req := httptest.NewRequest(http.MethodPost, importation.Chemin+string(g)+"/", &b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return m.serve(qui, req)
}

// try sends a file and gives the address of its trial.
func (m *monde) try(g importation.Genre, file string) string {
	m.t.Helper()
	w := m.send("mona", g, file)
	if w.Code != http.StatusSeeOther {
		m.t.Fatalf("%d %.900s", w.Code, main(w))
	}
	return w.Header().Get("Location")
}

// wants checks a status and words of the page.
func (m *monde) wants(w *httptest.ResponseRecorder, status int, words ...string) {
	m.t.Helper()
	if w.Code != status {
		m.t.Fatalf("%d %s, want %d\n%.1200s", w.Code, w.Header().Get("Location"), status, main(w))
	}
	body := strings.NewReplacer("&#39;", "'", "&#34;", `"`).Replace(w.Body.String())
	for _, s := range words {
		if !strings.Contains(body, s) {
			m.t.Errorf("the page lacks %q\n%.3000s", s, main(w))
		}
	}
}

func (m *monde) page(qui, path string, status int, words ...string) {
	m.t.Helper()
	m.wants(m.serve(qui, httptest.NewRequest(http.MethodGet, path, nil)), status, words...)
}

func main(w *httptest.ResponseRecorder) string {
	_, s, _ := strings.Cut(w.Body.String(), "<main")
	return s
}

func (m *monde) lines(action string) int {
	return m.count(`SELECT count(*) FROM journal_ligne WHERE action = $1`, action)
}

func (m *monde) messages(genre string) int {
	return m.count(`SELECT count(*) FROM message WHERE genre = $1`, genre)
}
