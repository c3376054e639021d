package referent_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

const departs = "/espace-referent/aidants/departs/"

// Several leave together or not at all, with a reason: the account of one of
// this structure only is closed, another keeps it elsewhere; who is not within
// reach stops everything.
func TestSeveralLeave(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.exec(`INSERT INTO appartenance (id, aidant_id, organisation_id, date_debut) SELECT $1, $2, p.organisation_id, p.date_debut FROM appartenance p WHERE p.aidant_id = $3`,
			ident.New[ident.OperationID](), m.ids["claire"], m.ids["nadia"])
		m.get("rene", departs).want(http.StatusOK, "Nadia Ferroukhi", "Claire Montagnac", "Garde son compte dans ses autres structures").lacks("Hugo Lestrade")
		form := func(motif string, who ...string) url.Values {
			f := url.Values{"motif": {motif}}
			for _, w := range who {
				f.Add("aidant", m.ids[w].String())
			}
			return f
		}
		m.post("rene", departs, nil).want(http.StatusUnprocessableEntity, "au moins une personne", "Choisissez une raison", `href="#motif"`)
		m.post("rene", departs, form("parce que", "nadia")).want(http.StatusUnprocessableEntity, "checked")
		m.post("rene", departs, form("inactivite", "nadia")).want(http.StatusUnprocessableEntity)
		m.post("rene", departs, url.Values{"motif": {"depart"}, "aidant": {"x"}}).want(http.StatusNotFound)
		m.post("rene", departs, form("depart", "nadia", "rene")).want(http.StatusConflict, "Rien n’a été fait", "votre propre compte")
		m.exec(`UPDATE aidant SET role_gestion = 'admin_metier' WHERE id = $1`, m.ids["claire"])
		m.post("rene", departs, form("depart", "nadia", "claire")).want(http.StatusNotFound)
		m.exec(`UPDATE aidant SET role_gestion = '' WHERE id = $1`, m.ids["claire"])
		if m.lines("deactivate_aidant") != 0 {
			t.Fatal("half of them left")
		}
		testkit.FailEachStatement(t, m.Server.DB, m.failing("rene", departs, form("depart", "nadia", "claire")), travail...)
		if m.lines("deactivate_aidant") != 1 || m.lines("end_membership") != 1 || m.mails("E-09") != 1 || m.mails("E-03") != 1 {
			t.Errorf("%d %d %d %d", m.lines("deactivate_aidant"), m.lines("end_membership"), m.mails("E-09"), m.mails("E-03"))
		}
		m.get("rene", "/espace-referent/aidants/?avis=departs").want(http.StatusOK, "ces personnes ne font plus partie")
		m.get("rene", departs).want(http.StatusOK, "Personne d’autre que les référents")
	})
}

// A list comes as a file: its addresses are shown before anything is done, with
// the new ones; a file shown for another structure does nothing.
func TestAjoutByFile(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		send := func(organisation, file string) *httptest.ResponseRecorder {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			if organisation != "" {
				_ = w.WriteField(web.ChampOrganisation, organisation)
			}
			p, _ := w.CreateFormFile("fichier", "liste.csv")
			_, _ = p.Write([]byte(file))
			_ = w.Close()
			req := httptest.NewRequest(http.MethodPost, ajout+"aidants-formes/", &b)
			req.Header.Set("Content-Type", w.FormDataContentType())
			req.Host = strings.TrimPrefix(m.Adresses.App, "http://")
			req.Header.Set("Sec-Fetch-Site", "same-origin")
			req.Header.Set("Cookie", m.temoins["rene"])
			rec := httptest.NewRecorder()
			m.Server.Mux.ServeHTTP(rec, req)
			return rec
		}
		m.post("rene", ajout+"profil/", url.Values{"profil": {"formes"}}).leads(ajout + "aidants-formes/")
		list := "\ufeffNom;Courriel;Nouvelle adresse\nX;" + deDePersonne + ";\nY;" + deClaire + ";claire.autre@tilleuls.example.org\n"
		if w := send(ident.New[ident.OrganisationID]().String(), list); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "changé de structure") {
			t.Errorf("another structure's form: %d", w.Code)
		}
		for file, want := range map[string]string{"PK\x03\x04": "classeur", "Nom\nX": "Ligne 1", strings.Repeat("x", 200<<10): "trop grand", "": "au moins une adresse", "Courriel\n" + deNadia: "déjà dans votre structure"} {
			if w := send("", file); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%.20q: %d, want %q", file, w.Code, want)
			}
		}
		if w := send("", list); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %.900s", w.Code, w.Body)
		}
		m.get("rene", ajout+"confirmation/").want(http.StatusOK, deDePersonne, deClaire, `value="claire.autre@tilleuls.example.org"`)
		m.get("rene", ajout+"aidants-formes/").want(http.StatusOK, deDePersonne+"\n"+deClaire)
		m.post("rene", ajout+"aidants-formes/", url.Values{"adresses": {"X\t" + deDePersonne + "\nY\t" + deClaire}}).leads(ajout + "confirmation/")
	})
}
