package fournisseur_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// names gives the people of a page, in its order.
func names(body string) (out []string) {
	for i, row := range strings.Split(body, `<tr role="row">`) {
		if i < 2 { // what stands before, and the headers
			continue
		}
		_, name, _ := strings.Cut(row, ">")
		name, _, _ = strings.Cut(name, "</th>")
		out = append(out, plain(name))
	}
	return out
}

// FI-22. The most recently helped come first, then the others by name, page by page,
// each once; the search takes any part of any name, without accents; no name
// goes into an address.
func TestList(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		people := map[string]usager.Usager{}
		for i := range 60 {
			nom := fmt.Sprintf("NOM%02d", i)
			u := m.newUsager("sub-"+nom, usager.Identite{
				GivenName: "Gwenaëlle Zoé", FamilyName: nom, PreferredUsername: "L’HÉNAFFIC-" + nom, Gender: "female",
				Birthdate: "1983-04-17", Birthplace: "59350", Birthcountry: usager.France, Email: "x@example.org",
			})
			m.sign(m.a, u, demarche.Papiers)
			people[nom] = u
		}
		helped := []string{"NOM41", "NOM07", "NOM33"}
		for _, nom := range slices.Backward(helped) {
			clock.Advance(time.Minute)
			m.help(people[nom].ID)
		}
		n := m.browser("claire")
		m.a.DateOTP = clock.Now()
		id := n.demande()
		var all []string
		next := "/select_usager/?demande=" + id
		for range 3 {
			body := n.get(next)
			n.expect(body, 200)
			page := names(body.Body.String())
			if len(page) > 25 {
				t.Errorf("%d people on a page", len(page))
			}
			all = append(all, page...)
			_, rest, ok := strings.Cut(body.Body.String(), `rel="next" href="`)
			if !ok {
				break
			}
			next, _, _ = strings.Cut(rest, `"`)
			next = strings.ReplaceAll(next, "&amp;", "&")
			if strings.Contains(strings.ToLower(next), "nom") {
				t.Errorf("a name in the address: %s", next)
			}
		}
		var want []string
		for _, nom := range helped {
			want = append(want, "L’HÉNAFFIC-"+nom+" Gwenaëlle Zoé")
		}
		for i := range 60 {
			if nom := fmt.Sprintf("NOM%02d", i); !slices.Contains(helped, nom) {
				want = append(want, "L’HÉNAFFIC-"+nom+" Gwenaëlle Zoé")
			}
		}
		want = append(want, "VASSELIN Odile Simone")
		if !slices.Equal(all, want) {
			t.Errorf("got %q", all)
		}
		m.checkSearch(n, id)
	})
}

func (m *monde) checkSearch(n *navigateur, id string) {
	t := m.t
	t.Helper()
	for words, want := range map[string]int{"henaf nom4": 10, "SSEL": 1, "odile vass": 1, "simóne": 1, "1951": 1, "vasselin gwen": 0, "nom33": 1, "%": 25, "'; DROP": 0} {
		to := n.expect(n.do("POST", "/select_usager/", url.Values{"demande": {id}, "recherche": {words}}), 303)
		if to != "/select_usager/?demande="+id {
			t.Errorf("%q: sent to %s", words, to)
		}
		got := names(n.get(to).Body.String())
		if len(got) != want {
			t.Errorf("%q: %d people, want %d", words, len(got), want)
		}
	}
	n.expect(n.do("POST", "/select_usager/", url.Values{"demande": {id}, "recherche": {"odile"}}), 303)
	// Another tab has its own search.
	other := n.demande()
	if got := names(n.get("/select_usager/?demande=" + other).Body.String()); len(got) != 25 {
		t.Errorf("the search of another request: %d people", len(got))
	}
	if got := names(n.get("/select_usager/?demande=" + id).Body.String()); len(got) != 1 {
		t.Errorf("going back lost the search: %d people", len(got))
	}
	n.expect(n.do("POST", "/select_usager/", url.Values{"demande": {id}, "recherche": {" "}}), 303)
	if got := names(n.get("/select_usager/?demande=" + id).Body.String()); len(got) != 25 {
		t.Errorf("an empty search: %d people", len(got))
	}
	for _, bad := range []string{"x", "00000000-0000-4000-8000-000000000000"} {
		n.expect(n.get("/select_usager/?demande="+id+"&apres="+bad), 404)
	}
	// Whose mandat has expired is not offered.
	m.clock.Advance(32 * 24 * time.Hour)
	m.a.DateOTP = m.clock.Now()
	if got := names(n.get("/select_usager/?demande=" + n.demande()).Body.String()); len(got) != 0 {
		t.Errorf("expired: %q", got)
	}
}

// help records a use, as /userinfo would.
func (m *monde) help(u ident.UsagerID) {
	m.t.Helper()
	m.update(func(ctx context.Context, tx *db.Tx) error {
		use := suivi.Usage{
			Operation: ident.New[ident.OperationID](), Organisation: m.a.Organisation, Aidant: m.a.Aidant, Usager: u,
			Demarche: demarche.Papiers, Presence: suivi.Absent,
		}
		err := tx.QueryRow(ctx, `SELECT id, mandat_id FROM autorisation WHERE usager_id = $1`, u).Scan(&use.Autorisation, &use.Mandat)
		if err != nil {
			return err
		}
		return suivi.Record(ctx, tx, use)
	})
}

// BenchmarkChoose measures the page of choice with 2,000 people (M-W19).
func BenchmarkChoose(b *testing.B) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		b.Run(string(dialect), func(b *testing.B) {
			clock := testkit.NewClock(testkit.Start)
			m := newMonde(b, testkit.OpenDB(b, dialect, clock), clock)
			for i := range 2000 {
				u := m.newUsager(fmt.Sprint("sub-", i), usager.Identite{
					GivenName: fmt.Sprint("Prénom", i%97), FamilyName: fmt.Sprint("NOM", i), Gender: "female",
					Birthdate: "1983-04-17", Birthplace: "59350", Birthcountry: usager.France, Email: "x@example.org",
				})
				m.sign(m.a, u, demarche.Papiers, demarche.Social, demarche.Logement)
				if i%3 == 0 {
					m.help(u.ID)
				}
			}
			n := m.browser("claire")
			id := n.demande()
			for name, words := range map[string]string{"first page": "", "search": "nom 1999", "nobody": "zzz"} {
				b.Run(name, func(b *testing.B) {
					n.expect(n.do("POST", "/select_usager/", url.Values{"demande": {id}, "recherche": {words}}), 303)
					for b.Loop() {
						n.expect(n.get("/select_usager/?demande="+id), 200)
					}
				})
			}
		})
	}
}
