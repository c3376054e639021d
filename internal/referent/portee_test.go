package referent_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// remplis gives the places of the addresses: people and requests of hugo's
// structure.
func (m *monde) remplis(qui string) map[string]string {
	return map[string]string{
		"aidant": m.ids[qui].String(), "facteur": ident.New[ident.FacteurID]().String(),
		"demande": ident.New[ident.RattachementID]().String(), "coreferent": ident.New[ident.CoreferentID]().String(),
	}
}

// Every route of the space, asked by everybody who must not: nothing is shown,
// nothing is changed, and a person out of reach is not told from an unknown
// one (A-W1, A-W2, A-W70).
func TestEveryRouteIsWithinReach(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		nadia, inconnu := m.remplis("nadia"), map[string]string{}
		for k := range nadia {
			inconnu[k] = ident.New[ident.AidantID]().String()
		}
		except := append([]string{"journal_ligne", "journal_contenu"}, travail...) // claire's own export is a line
		before := testkit.Content(t, m.Server.DB, except...)
		walked := 0
		for i, route := range m.routes(nadia) {
			method, path := route[0], route[1]
			named := strings.Contains(path, nadia["aidant"])
			for _, qui := range []string{"", "nadia", "claire"} {
				walked++
				r := m.do(qui, method, path, url.Values{"aidant": {nadia["aidant"]}, "motif": {"depart"}})
				switch {
				case qui == "" && !strings.HasPrefix(r.lieu, web.CheminConnexion):
					t.Errorf("%s %s by nobody: %d", method, path, r.status)
				case qui == "nadia" && r.status != http.StatusForbidden:
					t.Errorf("%s %s by an aidant: %d", method, path, r.status)
				case qui == "claire" && named:
					unknown := m.do(qui, method, m.routes(inconnu)[i][1], url.Values{"motif": {"depart"}})
					if r.status != http.StatusNotFound || unknown.status != http.StatusNotFound || r.main() != unknown.main() {
						t.Errorf("%s %s by another structure's référent: %d, an unknown person %d", method, path, r.status, unknown.status)
					}
				case qui == "claire":
					r.lacks("Ferroukhi", "Lestrade", "Auberville")
				}
			}
		}
		if diff := cmp.Diff(before, testkit.Content(t, m.Server.DB, except...)); diff != "" || walked < 60 {
			t.Errorf("%d requests changed something:\n%s", walked, diff)
		}
	})
}

var regexpCode = regexp.MustCompile(`\b[0-9]{4} [0-9]{4}\b`)

// travail are the tables of the background work and of the walk itself.
var travail = []string{"tache", "bail", "message", "journal_attente", "journal_rang", "journal_noeud", "journal_point", "session_web", "limite"}

// Whoever stops being référent, or loses the account, stops at the next
// request; a closed structure shuts the space (A-W76).
func TestReachEnds(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		fiche := "/espace-referent/aidant/" + m.ids["nadia"].String() + "/"
		m.get("hugo", fiche).want(http.StatusOK, "Nadia Ferroukhi")
		m.get("rene", fiche).want(http.StatusOK, "Nadia Ferroukhi")
		m.exec(`UPDATE referent SET date_fin = $2 WHERE aidant_id = $1`, m.ids["hugo"], db.At(testkit.Start))
		m.get("hugo", fiche).want(http.StatusForbidden)
		m.exec(`UPDATE aidant SET actif = false WHERE id = $1`, m.ids["rene"])
		m.get("rene", fiche).leads(web.CheminConnexion)
		m.exec(`UPDATE aidant SET actif = true WHERE id = $1`, m.ids["rene"])
		m.get("rene", fiche).want(http.StatusOK)
		m.exec(`UPDATE organisation SET active = false WHERE id = $1`, m.orgs["rene"])
		m.get("rene", fiche).want(http.StatusForbidden)
		m.exec(`UPDATE organisation SET active = true WHERE id = $1`, m.orgs["rene"])
		m.Horloge.Avancer(2 * time.Minute) // the codes of the first sign-in are past
		m.connecte("rene")                 // what changed renewed the token
		m.exec(`UPDATE appartenance SET date_fin = $2 WHERE aidant_id = $1`, m.ids["nadia"], db.At(testkit.Start))
		m.get("rene", fiche).want(http.StatusNotFound)
		m.get("rene", "/espace-referent/aidant/"+m.ids["claire"].String()+"/").want(http.StatusNotFound)
		m.get("rene", "/espace-referent/aidant/nadia/").want(http.StatusNotFound)
	})
}

// The pages of reading: names of colleagues, numbers of the rest.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, m *monde) {
		m.exec(`UPDATE aidant SET actif = false WHERE id = $1`, m.ids["nadia"])
		m.exec(`UPDATE organisation SET numero_habilitation = '12345' WHERE id = $1`, m.orgs["hugo"])
		m.get("rene", "/espace-referent/").want(http.StatusOK, "Bonjour René", "12345", "Premiers pas à accompagner", "N’a pas encore conclu de mandat ici", "0 mandat conclu").lacks("Montagnac")
		m.get("rene", "/espace-referent/aidants/").want(http.StatusOK, "Aucun aidant actif", "Désactivés (1)")
		m.get("rene", "/espace-referent/aidants/?onglet=desactives").want(http.StatusOK, "Nadia Ferroukhi")
		p := m.get("rene", "/espace-referent/referents/").want(http.StatusOK, "René Auberville", "Hugo Lestrade").lacks("Nadia")
		if strings.Index(p.corps, "René Auberville</span>") > strings.Index(p.corps, "Hugo Lestrade</span>") {
			t.Error("the référent who looks does not come first")
		}
		csv := m.get("rene", "/espace-referent/chiffres.csv?periode=3m").want(http.StatusOK, "mois;aidant;theme;mandats_conclus;demarches_faites")
		if strings.Contains(csv.corps, "<") {
			t.Error("not a CSV")
		}
		if n := m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'export'`); n != 1 {
			t.Errorf("%d lines for one export", n)
		}
	})
}
