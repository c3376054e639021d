package traduction_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/traduction"
	"aidantsconnect/internal/web"
)

// monde is the translations on one database. The cookie "qui" says who is
// signed in: mona is of the team, ofra of a training body, alix an aidant.
type monde struct {
	testkit.Socle
	t   *testing.T
	d   *db.DB
	mux *web.Mux
}

func newMonde(t *testing.T, d *db.DB, clock *testkit.Clock) *monde {
	t.Helper()
	m := &monde{Socle: testkit.NewSocle(t, d), t: t, d: d}
	acteurs := map[string]actor.Actor{}
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		o, err := organisation.Create(t.Context(), tx, m.Journal, organisation.Nouvelle{Nom: "Mairie de Valbrune", Siret: testkit.Siret1, Adresse: "1 rue du Port", CodePostal: "80000", Ville: "Valbrune"})
		if err != nil {
			return err
		}
		for n, role := range map[string]actor.Role{"mona": actor.AdminMetier, "ofra": actor.AdminOF, "alix": ""} {
			a, err := aidant.Create(t.Context(), tx, m.Journal, aidant.Nouveau{Prenom: n, Nom: "GRANDCHAUMET", Email: n + "@grandchaumet.example.org", Organisation: o.ID})
			if err != nil {
				return err
			}
			acteurs[n] = actor.Actor{
				Aidant: a.ID, Session: ident.New[ident.SessionID](), Organisation: o.ID, OrganisationNom: o.Nom, OrganisationActive: true,
				MembreActif: true, CanCreateMandats: true, CGUAcceptee: true, Role: role, CleForte: true, DateOTP: clock.Now(), DateActivite: clock.Now(),
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	site := web.Site{Nom: "Aidants Connect", Origine: testkit.Origine}
	m.mux = web.NewMux(web.Config{Site: site, Log: testkit.Log(t), Now: clock.Now, Authenticate: func(r *http.Request) (actor.Actor, error) {
		if c, err := r.Cookie("qui"); err == nil {
			return acteurs[c.Value], nil
		}
		return actor.Actor{}, fault.New(fault.Unauthenticated, "sans_session")
	}})
	(&traduction.Handlers{DB: d, Journal: m.Journal, Site: site, Greffe: &mandat.Greffe{Service: site.Nom}}).Mount(m.mux)
	return m
}

func (m *monde) do(who, method, path string, form url.Values) *httptest.ResponseRecorder {
	m.t.Helper()
	r := httptest.NewRequest(method, testkit.Origine+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", testkit.Origine)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "qui", Value: who})
	}
	w := httptest.NewRecorder()
	m.mux.ServeHTTP(w, r)
	return w
}

func (m *monde) get(who, path string, status int) string {
	m.t.Helper()
	w := m.do(who, http.MethodGet, path, nil)
	if w.Code != status {
		m.t.Errorf("%s: %s answers %d, not %d", who, path, w.Code, status)
	}
	return w.Body.String()
}

func (m *monde) post(who, path string, form url.Values, status int) *httptest.ResponseRecorder {
	m.t.Helper()
	w := m.do(who, http.MethodPost, path, form)
	if w.Code != status {
		m.t.Errorf("%s: %s answers %d, not %d: %s", who, path, w.Code, status, w.Header().Get("Location"))
	}
	return w
}

func (m *monde) count(q string, args ...any) (n int) {
	m.t.Helper()
	err := m.d.View(m.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(m.t.Context(), q, args...).Scan(&n) })
	if err != nil {
		m.t.Fatal(err)
	}
	return n
}

func texte(t *testing.T, code string) traduction.Traduction {
	t.Helper()
	for _, x := range traduction.Courantes() {
		if x.Code == code {
			return x
		}
	}
	t.Fatal(code)
	return traduction.Traduction{}
}

func relu(x traduction.Traduction) url.Values {
	return url.Values{"empreinte": {x.Empreinte}, "relecteur": {"Association Lumière"}, "qualite": {"assermente"}}
}

// Arabic is nobody's before its review, everybody's after, and nobody's again
// once it is withdrawn; a review is of the text that was read, once.
func TestReview(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		ar := texte(t, "ar")
		hidden := func() {
			t.Helper()
			for _, who := range []string{"", "alix", "mona"} {
				m.get(who, traduction.Chemin+"ar", http.StatusNotFound)
				m.get(who, traduction.Chemin+"xx", http.StatusNotFound) // a language nobody knows, as one nobody may see
				if strings.Contains(m.get(who, traduction.Chemin, http.StatusOK), "العربية") {
					t.Errorf("%q is told of Arabic", who)
				}
			}
			m.get("alix", "/espace-aidant/creation_mandat/traduction/?langue=ar", http.StatusNotFound)
		}
		hidden()
		if p := m.get("mona", "/gestion/traductions/ar", http.StatusOK); !strings.Contains(p, `dir="rtl"`) || !strings.Contains(p, ar.Empreinte) {
			t.Error("the preview does not show the text")
		}
		if p := m.get("mona", "/gestion/traductions/pus", http.StatusOK); !strings.Contains(p, `dir="rtl"`) {
			t.Error("Pashto is not written from right to left")
		}
		for _, who := range []string{"ofra", "alix"} {
			m.get(who, "/gestion/traductions/", http.StatusNotFound)
			m.get(who, "/gestion/traductions/ar", http.StatusNotFound)
			m.post(who, "/gestion/traductions/ar", relu(ar), http.StatusNotFound)
		}
		m.post("mona", "/gestion/traductions/xx", relu(ar), http.StatusNotFound)
		other := relu(ar)
		other.Set("empreinte", strings.Repeat("0", 64))
		if b := m.post("mona", "/gestion/traductions/ar", other, http.StatusUnprocessableEntity).Body.String(); !strings.Contains(b, "a changé") || !strings.Contains(b, "Association Lumière") {
			t.Error("another text was reviewed, or what was typed is lost")
		}
		hidden()

		m.post("mona", "/gestion/traductions/ar", relu(ar), http.StatusSeeOther)
		m.post("mona", "/gestion/traductions/ar", relu(ar), http.StatusSeeOther) // pressed twice
		if n := m.count(`SELECT count(*) FROM traduction_relecture`) + m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'review_traduction'`); n != 2 {
			t.Errorf("%d rows and lines for one review", n)
		}
		p := m.get("", traduction.Chemin+"ar", http.StatusOK)
		for _, want := range []string{`lang="ar"`, `dir="rtl"`, "Association Lumière", "sans valeur juridique", ar.Avis} {
			if !strings.Contains(p, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		if p := m.get("alix", "/espace-aidant/creation_mandat/traduction/?langue=ar", http.StatusOK); !strings.Contains(p, "projet de mandat, sans valeur juridique") || strings.Count(p, "<h1") != 1 {
			t.Error("the French text is not beside, under one title")
		}

		list := m.get("mona", "/gestion/traductions/", http.StatusOK)
		_, after, _ := strings.Cut(list, `action="/gestion/traductions/`)
		id, _, _ := strings.Cut(after, "/")
		m.post("alix", "/gestion/traductions/"+id+"/retirer/", url.Values{}, http.StatusNotFound)
		m.post("mona", "/gestion/traductions/"+id+"/retirer/", url.Values{}, http.StatusSeeOther)
		m.post("mona", "/gestion/traductions/"+id+"/retirer/", url.Values{}, http.StatusSeeOther)
		m.post("mona", "/gestion/traductions/"+ident.New[ident.OperationID]().String()+"/retirer/", url.Values{}, http.StatusSeeOther)
		if n := m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'withdraw_traduction'`); n != 1 {
			t.Errorf("%d lines for one withdrawal", n)
		}
		hidden()
	})
}

// English and the version simple are there for anybody, in large print too.
func TestShown(t *testing.T) {
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start)), testkit.NewClock(testkit.Start))
	if p := m.get("", traduction.Chemin+"en", http.StatusOK); !strings.Contains(p, "no legal value") || !strings.Contains(p, "Pas encore relu") {
		t.Error("English does not say what it is worth")
	}
	if p := m.get("", traduction.Chemin+"simple?taille=grande", http.StatusOK); !strings.Contains(p, "ac-tres-grand") || strings.Contains(p, "FALC") {
		t.Error("the version simple in large print")
	}
	if p := m.get("alix", "/espace-aidant/creation_mandat/traduction/", http.StatusOK); !strings.Contains(p, "version simple") {
		t.Error("nothing is beside the mandat")
	}
	m.get("", "/espace-aidant/creation_mandat/traduction/", http.StatusSeeOther)
}

func TestReviewIsAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		testkit.FailEachStatement(t, d, func() error {
			if w := m.do("mona", http.MethodPost, "/gestion/traductions/ar", relu(texte(t, "ar"))); w.Code != http.StatusSeeOther {
				return db.ErrInjected
			}
			return nil
		})
	})
}
