package consultation_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/transparence"
)

// monde is the whole program, where nadia concluded a mandat and used it, and
// whose lines are numbered.
type monde struct {
	*testkit.Monde
	t       *testing.T
	temoins map[string]string

	autorite string // file of the certificates of the timestamp authority
}

func each(t *testing.T, fn func(m *monde)) {
	t.Helper()
	roots := certified(t)
	testkit.EachMonde(t, func(t *testing.T, w *testkit.Monde) {
		m := &monde{Monde: w, t: t, temoins: map[string]string{}, autorite: roots}
		m.ready()
		fn(m)
	})
}

// certified gives the worlds that follow an authority that dates their journal,
// and a witness, whose answers the test writes.
func certified(t *testing.T) (roots string) {
	t.Helper()
	tiers := testkit.NewHorodateur(t, func() time.Time { return testkit.Start })
	roots = filepath.Join(t.TempDir(), "racines.pem")
	if err := os.WriteFile(roots, tiers.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := transparence.NewCosignataire("temoin.example.org", key, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AC_JOURNAL_TEMOINS", "http://localhost:1/temoin "+witness.Vkey())
	t.Setenv("AC_HORODATAGE_URL", tiers.URL)
	t.Setenv("AC_HORODATAGE_AUTORITE", roots)
	return roots
}

// countersigned has a witness countersign the last checkpoint, as its answer
// would be kept.
func (m *monde) countersigned() {
	m.t.Helper()
	err := m.Server.DB.Update(m.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(m.t.Context(), `INSERT INTO journal_cosignature (taille, nom, ligne, date)
			SELECT max(taille), 'temoin.example.org', $1, $2 FROM journal_point WHERE true ON CONFLICT DO NOTHING`, "— temoin.example.org bm9uIHbDqXJpZmnDqQ==\n", tx.Now)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
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
	if _, err := m.Server.Publie.Date(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	m.countersigned()
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
		if status != 200 || !strings.Contains(page, "Une démarche a été faite au nom de la personne : « Papiers », en présence de la personne.") || !strings.Contains(page, "Nadia") {
			m.t.Fatalf("%d\n%s", status, page)
		}
		for _, name := range []string{"VASSELIN", "Vasselin", "Odile"} {
			if strings.Contains(page, name) {
				m.t.Errorf("the journal names %s", name)
			}
		}
		line := lineAddress.FindString(page)
		status, page = m.get("rene", line)
		if status != 200 || !strings.Contains(page, "Oui, et cela vient d’") {
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
	if _, err := m.Server.Journal.Sequence(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	m.countersigned()
	status, file := m.get("rene", "/espace-referent/journal/export.csv?acte=use_autorisation")
	r := csv.NewReader(strings.NewReader(file))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || status != 200 || len(rows) != 2 || rows[1][2] != "Utilisation d'une autorisation" || !strings.Contains(rows[1][1], "« Papiers »") {
		m.t.Fatalf("export: %d %v %q", status, err, rows)
	}
	m.offline(rows[1])
	if status, file := m.get("rene", "/espace-referent/journal/export.xlsx"); status != 200 || !strings.HasPrefix(file, "PK") {
		m.t.Errorf("xlsx: %d", status)
	}
	if _, err := m.Server.Journal.Sequence(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	if _, page := m.get("rene", "/espace-referent/journal/?acte=export"); strings.Count(page, "Des données ont été emportées dans un fichier") < 2 {
		m.t.Error("the exports are not in the journal")
	}
}

// offline verifies the last cell of an exported line as somebody would who has
// the file and the public key, and no network: what it says is the line, dated
// by the authority and countersigned by the witness that the other cells name.
func (m *monde) offline(row []string) {
	m.t.Helper()
	vkeys, err := m.Server.Journal.VerifierKeys()
	if err != nil {
		m.t.Fatal(err)
	}
	path := filepath.Join(m.t.TempDir(), "recu.json")
	for receipt, want := range map[string]string{
		row[11]: "VRAI. Ligne " + row[7] + " ",
		strings.Replace(row[11], `"initiateur":"aidant"`, `"initiateur":"admin"`, 1): "FAUX",
	} {
		if err := os.WriteFile(path, []byte(receipt), 0o600); err != nil {
			m.t.Fatal(err)
		}
		var out bytes.Buffer
		err := server.JournalVerifyReceipt(path, vkeys, m.autorite, &out)
		if (err == nil) != (want != "FAUX") || !strings.Contains(out.String(), want) {
			m.t.Errorf("offline: %v %q, want %q", err, out.String(), want)
		}
		if want != "FAUX" && (!strings.Contains(out.String(), "Date certifiée par "+row[9]) || row[8] == "" || row[10] != "temoin.example.org") {
			m.t.Errorf("offline: the date or the witness: %q, %q", out.String(), row[8:11])
		}
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
	roots := certified(t)
	m := &monde{Monde: testkit.NewMonde(t, db.SQLite), t: t, temoins: map[string]string{}, autorite: roots}
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
