package referent_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// monde is the whole program, with its accounts signed in, spoken to without a
// browser. nadia (aidante), hugo (aidant and référent) and rene (référent only)
// are of one structure, claire of another, of which the tests make her référent.
type monde struct {
	*testkit.Monde
	t       *testing.T
	temoins map[string]string
	ids     map[string]ident.AidantID
	orgs    map[string]ident.OrganisationID // by person
}

var comptes = []string{"nadia", "hugo", "claire", "rene"}

func each(t *testing.T, fn func(t *testing.T, m *monde)) {
	t.Helper()
	testkit.EachMonde(t, func(t *testing.T, w *testkit.Monde) {
		m := &monde{Monde: w, t: t, temoins: map[string]string{}, ids: map[string]ident.AidantID{}, orgs: map[string]ident.OrganisationID{}}
		m.update(func(ctx context.Context, tx *db.Tx) error {
			for _, c := range w.Comptes() {
				a, err := aidant.LoadByEmail(ctx, tx, c.Courriel)
				if err != nil {
					return err
				}
				m.ids[c.Cle] = a.ID
				orgs, err := aidant.Structures(ctx, tx, a.ID)
				if err != nil {
					return err
				}
				m.orgs[c.Cle] = orgs[0]
			}
			return nil
		})
		m.exec(`INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`, ident.New[ident.OperationID](), m.ids["claire"], m.orgs["claire"], db.At(testkit.Start))
		for _, c := range comptes {
			m.connecte(c)
		}
		fn(t, m)
	})
}

// connecte signs somebody in, again if need be: the code is then fresh.
func (m *monde) connecte(qui string) {
	m.t.Helper()
	p := m.Connecte(m.t, qui)
	var all []string
	for name, value := range p.Temoins() {
		all = append(all, name+"="+value)
	}
	m.temoins[qui] = strings.Join(all, "; ")
}

func (m *monde) update(fn func(ctx context.Context, tx *db.Tx) error) {
	m.t.Helper()
	ctx := m.t.Context()
	if err := m.Server.DB.Update(ctx, func(tx *db.Tx) error { return fn(ctx, tx) }); err != nil {
		m.t.Fatal(err)
	}
}

// exec writes behind the program's back.
func (m *monde) exec(q string, args ...any) {
	m.Altere = true
	m.t.Helper()
	m.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
}

func (m *monde) count(q string, args ...any) (n int) {
	m.t.Helper()
	ctx := m.t.Context()
	err := m.Server.DB.View(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, q, args...).Scan(&n) })
	if err != nil {
		m.t.Fatal(err)
	}
	return n
}

// reponse is what a request was answered.
type reponse struct {
	t      *testing.T
	status int
	lieu   string
	corps  string
}

func (m *monde) do(qui, method, path string, form url.Values) reponse {
	m.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Host = strings.TrimPrefix(m.Adresses.App, "http://")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if c := m.temoins[qui]; c != "" {
		req.Header.Set("Cookie", c)
	}
	w := httptest.NewRecorder()
	m.Server.Mux.ServeHTTP(w, req)
	return reponse{m.t, w.Code, w.Header().Get("Location"), strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(w.Body.String())}
}

func (m *monde) get(qui, path string) reponse {
	m.t.Helper()
	return m.do(qui, http.MethodGet, path, nil)
}

func (m *monde) post(qui, path string, form url.Values) reponse {
	m.t.Helper()
	return m.do(qui, http.MethodPost, path, form)
}

func (r reponse) want(status int, words ...string) reponse {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d (%s), want %d: %.1500s", r.status, r.lieu, status, r.main())
	}
	for _, w := range words {
		if !strings.Contains(r.corps, w) {
			r.t.Fatalf("the page lacks %q: %.2500s", w, r.main())
		}
	}
	return r
}

func (r reponse) lacks(words ...string) reponse {
	r.t.Helper()
	for _, w := range words {
		if strings.Contains(r.corps, w) {
			r.t.Errorf("the page holds %q", w)
		}
	}
	return r
}

// leads checks a redirect.
func (r reponse) leads(prefix string) reponse {
	r.t.Helper()
	if r.status != http.StatusSeeOther || !strings.HasPrefix(r.lieu, prefix) {
		r.t.Fatalf("%d to %q, want a redirect to %s: %.1500s", r.status, r.lieu, prefix, r.main())
	}
	return r
}

func (r reponse) main() string {
	if i := strings.Index(r.corps, "<main"); i >= 0 {
		return r.corps[i:]
	}
	return r.corps
}

// others are the places of the pages of other slices in this space.
var others = regexp.MustCompile(`\{[^}]*\}`)

// routes of the space, their places filled with what belongs to hugo's
// structure.
func (m *monde) routes(fill map[string]string) (out [][2]string) {
	for _, route := range m.Server.Mux.Routes() {
		if route.Espace != web.Referent {
			continue
		}
		method, path, _ := strings.Cut(route.Pattern, " ")
		for k, v := range fill {
			path = strings.ReplaceAll(path, "{"+k+"}", v)
		}
		path = others.ReplaceAllString(path, ident.New[ident.OperationID]().String())
		if !slices.Contains(out, [2]string{method, path}) {
			out = append(out, [2]string{method, path})
		}
	}
	return out
}
