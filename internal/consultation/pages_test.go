package consultation_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/transparence"
)

// monde is the whole program, where nadia concluded a mandat and used it, and
// whose lines are numbered.
type monde struct {
	*testkit.Monde
	t       *testing.T
	temoins map[string]string
}

func each(t *testing.T, fn func(m *monde)) {
	t.Helper()
	testkit.EachMonde(t, func(t *testing.T, w *testkit.Monde) {
		m := &monde{Monde: w, t: t, temoins: map[string]string{}}
		m.ready()
		fn(m)
	})
}

// ready signs people in and numbers what they did.
func (m *monde) ready() {
	m.t.Helper()
	for _, c := range []string{"nadia", "claire", "rene"} {
		p := m.Connecte(m.t, c)
		if c == "nadia" {
			m.work(p)
			if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/"); err != nil { // the browser was at the public service
				m.t.Fatal(err)
			}
		}
		var all []string
		for name, value := range p.Temoins() {
			all = append(all, name+"="+value)
		}
		m.temoins[c] = strings.Join(all, "; ")
	}
	if _, err := m.Server.Journal.Sequence(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

func (m *monde) work(p *demo.Parcours) {
	m.t.Helper()
	_, err := p.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"})
	if err != nil {
		m.t.Fatal(err)
	}
	if _, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"}); err != nil {
		m.t.Fatal(err)
	}
}

func (m *monde) get(who, path string) (int, string) {
	m.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = strings.TrimPrefix(m.Adresses.App, "http://")
	r.Header.Set("Cookie", m.temoins[who])
	w := httptest.NewRecorder()
	m.Server.Mux.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

var lineAddress = regexp.MustCompile(`/espace-referent/journal/ligne/[0-9a-f-]{36}/`)

// TestStructureReadsItsJournal: the référent reads the acts of the structure in
// French, without any person helped, takes away a receipt that proves itself,
// and exports; another structure's référent, and an aidant, see nothing of it.
func TestStructureReadsItsJournal(t *testing.T) {
	each(t, func(m *monde) {
		status, page := m.get("rene", "/espace-referent/journal/?acte=use_autorisation")
		if status != 200 || !strings.Contains(page, "« Papiers », personne présente") || !strings.Contains(page, "Nadia") {
			m.t.Fatalf("%d\n%s", status, page)
		}
		for _, name := range []string{"VASSELIN", "Vasselin", "Odile"} {
			if strings.Contains(page, name) {
				m.t.Errorf("the journal names %s", name)
			}
		}
		line := lineAddress.FindString(page)
		status, page = m.get("rene", line)
		if status != 200 || !strings.Contains(page, "Oui, et cela vient d") {
			m.t.Errorf("line: %d\n%s", status, page)
		}
		status, receipt := m.get("rene", line+"recu.json")
		vkeys, err := m.Server.Journal.VerifierKeys()
		if err != nil {
			m.t.Fatal(err)
		}
		known, err := transparence.Verifiers(vkeys)
		if err != nil {
			m.t.Fatal(err)
		}
		if c, err := transparence.CheckReceipt([]byte(receipt), known); status != 200 || err != nil || c.Recu.Action != "use_autorisation" {
			m.t.Errorf("receipt: %d %v", status, err)
		}
		for who, want := range map[string]int{"claire": 403, "nadia": 403, "": 303} {
			for _, path := range []string{"/espace-referent/journal/", line, line + "recu.json", "/espace-referent/journal/export.csv"} {
				if status, _ := m.get(who, path); status != want {
					m.t.Errorf("%s by %q: %d", path, who, status)
				}
			}
		}
		if status, _ := m.get("rene", "/gestion/journal/"); status != 404 {
			m.t.Errorf("the operator's journal by a référent: %d", status)
		}
		m.export()
	})
}

// export is read again, line by line.
func (m *monde) export() {
	m.t.Helper()
	status, file := m.get("rene", "/espace-referent/journal/export.csv?acte=use_autorisation")
	r := csv.NewReader(strings.NewReader(file))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || status != 200 || len(rows) != 2 || rows[1][1] != "Utilisation d'une autorisation" || !strings.HasPrefix(rows[1][8], "c2sp.org/tlog-proof@v1\nindex ") {
		m.t.Errorf("export: %d %v %q", status, err, rows)
	}
	if status, file := m.get("rene", "/espace-referent/journal/export.xlsx"); status != 200 || !strings.HasPrefix(file, "PK") {
		m.t.Errorf("xlsx: %d", status)
	}
	if _, err := m.Server.Journal.Sequence(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	if _, page := m.get("rene", "/espace-referent/journal/?acte=export"); strings.Count(page, "Export de données") < 2 {
		m.t.Error("the exports are not in the journal")
	}
}

// TestUnknownCriteria: what is made up is not found, and says nothing.
func TestUnknownCriteria(t *testing.T) {
	each(t, func(m *monde) {
		for _, path := range []string{
			"?acte=inconnu", "?acte=%3Cscript%3E", "?aidant=1", "?mandat=x", "?avant=x", "ligne/x/", "ligne/00000000-0000-7000-8000-000000000000/", "ligne/00000000-0000-7000-8000-000000000000/recu.json",
		} {
			if status, _ := m.get("rene", "/espace-referent/journal/"+path); status != 404 {
				m.t.Errorf("%s: %d", path, status)
			}
		}
		// Criteria of another structure find nothing in this one.
		if status, page := m.get("rene", "/espace-referent/journal/?mandat=00000000-0000-7000-8000-000000000000"); status != 200 || !strings.Contains(page, "Aucun acte") {
			m.t.Errorf("an unknown mandat: %d", status)
		}
	})
}

// TestPagesInABrowser: the pages of the journal, public ones included, on a
// screen and on a phone, without script, clean for axe-core. A receipt is taken
// to the public page by copy, which says whether it is true.
func TestPagesInABrowser(t *testing.T) {
	m := &monde{Monde: testkit.NewMonde(t, db.SQLite), t: t, temoins: map[string]string{}}
	m.ready()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Cookie", m.temoins["rene"])
		r.Host = strings.TrimPrefix(m.Adresses.App, "http://")
		r.Header.Set("Origin", m.Adresses.App)
		m.Server.Mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	p := testkit.NewBrowser(t).NewPage(1280, 900)
	p.DisableJavaScript()
	look := func(name string) {
		t.Helper()
		p.Axe()
		p.Screenshot("journal-" + name)
		p.NoHorizontalScroll()
		p.Resize(320, 800)
		p.Axe()
		p.Screenshot("journal-" + name + "-320")
		p.Resize(1280, 900)
	}
	p.Goto(server.URL + "/espace-referent/journal/")
	look("structure")
	p.Click("//main//a[contains(@href, '/ligne/')]")
	look("ligne")
	address := testkit.Eval[string](p, "location.pathname")
	p.Click(".ac-verification a")
	look("code")
	p.Goto(testkit.Eval[string](p, `location.href.replace(/ligne\/\d+/, "ligne/1")`))
	look("code-faux")
	p.Goto(server.URL + "/journal/")
	look("public")
	p.Click("text=Vérifiez-le")
	_, receipt := m.get("rene", address+"recu.json")
	paste := func(text string) {
		t.Helper()
		testkit.Eval[bool](p, `(document.querySelector("textarea[name=recu]").value = `+strconv.Quote(text)+`) !== ""`)
	}
	paste(receipt)
	p.Click("text=Vérifier")
	look("recu-vrai")
	paste(strings.Replace(receipt, `"action": "`, `"action": "x`, 1))
	p.Click("text=Vérifier")
	look("recu-faux")
}
