package traitement_test

import (
	"fmt"
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
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/traitement"
	"aidantsconnect/internal/web"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// monde is the requests on one database. The cookie "qui" says who is signed in:
// mona and alma are of the team, ofra of a training body; rose is référent of
// the first structure, alix aidant of the second, who wants to leave it.
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
		for _, n := range []string{"alma", "mona", "ofra", "rose", "alix"} {
			a, err := aidant.Create(t.Context(), tx, m.Journal, aidant.Nouveau{
				Prenom: strings.ToUpper(n[:1]) + n[1:], Nom: "GRANDCHAUMET", Email: n + "@grandchaumet.example.org", Organisation: m.place(n), Referent: n == "rose",
			})
			if err != nil {
				return err
			}
			m.comptes[n] = a
		}
		return nil
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
	s := &demande.Decisions{Journal: m.Journal, Outbox: m.Outbox, Site: site, Comptes: &compte.Actes{Journal: m.Journal, Outbox: m.Outbox, Site: site}}
	(&traitement.Handlers{DB: d, Journal: m.Journal, Outbox: m.Outbox, Decisions: s, Champs: m.Champs, Site: site}).Mount(m.mux)
	return m
}

func (m *monde) place(name string) ident.OrganisationID {
	if name == "alix" {
		return m.two
	}
	return m.org
}

func (m *monde) update(f func(tx *db.Tx) error) {
	m.t.Helper()
	ok(m.t, m.d.Update(m.t.Context(), f))
}

// exec writes what a référent's page would have.
func (m *monde) exec(query string, args ...any) {
	m.t.Helper()
	m.update(func(tx *db.Tx) error { _, err := tx.Exec(m.t.Context(), query, args...); return err })
}

func (m *monde) now() db.Time { return db.At(m.clock.Now()) }

// rattachement leaves a request of rose that alix agreed to; she leaves the
// second structure.
func (m *monde) rattachement() string {
	m.t.Helper()
	id := ident.New[ident.RattachementID]()
	m.exec(`INSERT INTO rattachement (id, organisation_id, referent_id, email, nouvel_email, aidant_id, etat, reponse, motif, date_creation, date_reponse)
		VALUES ($1,$2,$3,$4,'',$5,'confirmee','oui','',$6,$6)`, id, m.org, m.comptes["rose"].ID, m.comptes["alix"].Email, m.comptes["alix"].ID, m.now())
	m.exec(`INSERT INTO rattachement_depart (rattachement_id, organisation_id) VALUES ($1,$2)`, id, m.two)
	return traitement.Chemin + "rattachement/" + id.String() + "/"
}

func (m *monde) coreferent(email string) string {
	m.t.Helper()
	id := ident.New[ident.CoreferentID]()
	m.exec(`INSERT INTO coreferent (id, organisation_id, referent_id, prenom, nom, profession, email, telephone, etat, reponse, date_creation)
		VALUES ($1,$2,$3,'Ana','BELMONTE','directrice',$4,'+33612345678','demandee','',$5)`, id, m.org, m.comptes["rose"].ID, email, m.now())
	return traitement.Chemin + "coreferent/" + id.String() + "/"
}

func (m *monde) correction() string {
	m.t.Helper()
	id := ident.New[ident.CorrectionID]()
	m.exec(`INSERT INTO correction_structure (id, organisation_id, referent_id, nom, adresse, code_postal, ville, etat, reponse, date_creation)
		VALUES ($1,$2,$3,'Mairie de Valbrune','4 quai du Port','80000','Valbrune','demandee','',$4)`, id, m.org, m.comptes["rose"].ID, m.now())
	return traitement.Chemin + "correction/" + id.String() + "/"
}

func (m *monde) do(qui, method, path string, form url.Values) *httptest.ResponseRecorder {
	m.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
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
		m.t.Fatalf("%s: %d %s, want %d\n%.900s", path, w.Code, w.Header().Get("Location"), status, w.Body)
	}
	body := strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(w.Body.String())
	for _, s := range words {
		if !strings.Contains(body, s) {
			m.t.Errorf("%s lacks %q", path, s)
		}
	}
	return body
}

var (
	oui = url.Values{"decision": {"accepter"}, "motif": {"appel"}}
	non = url.Values{"decision": {"refuser"}, "motif": {"identite"}, "reponse": {"La mairie ne confirme pas."}}
)

// answer answers, and wants this status.
func (m *monde) answer(qui, path string, form url.Values, status int, words ...string) {
	m.t.Helper()
	m.wants(m.do(qui, http.MethodPost, path, form), path, status, words...)
}

func (m *monde) count(query string, args ...any) (n int) {
	m.t.Helper()
	ok(m.t, m.d.View(m.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(m.t.Context(), query, args...).Scan(&n) }))
	return n
}

// sum tells the mails and the lines of the journal, by kind.
func (m *monde) sum(genres, actions []string) (s string) {
	m.t.Helper()
	for _, g := range genres {
		s += fmt.Sprintf("%s %d ", g, m.count(`SELECT count(*) FROM message WHERE genre = $1`, g))
	}
	for _, a := range actions {
		s += fmt.Sprintf("%s %d ", a, m.count(`SELECT count(*) FROM journal_ligne WHERE action = $1`, a))
	}
	return strings.TrimSpace(s)
}

func each(t *testing.T, f func(m *monde)) {
	t.Helper()
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) { f(newMonde(t, d, clock)) })
}
