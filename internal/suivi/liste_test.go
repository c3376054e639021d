package suivi_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/tri"
)

// attendu is what the rules say of a tab: each person with her mandats, in
// order, each line "person mandat".
func (c *corpus) attendu(f suivi.Filtre, now time.Time) (out []string) {
	people := slices.Clone(c.personnes)
	slices.SortFunc(people, func(a, b personne) int {
		return cmp.Or(strings.Compare(a.identite.NomTri(), b.identite.NomTri()), strings.Compare(a.id.String(), b.id.String()))
	})
	for _, p := range people {
		ms := slices.Clone(p.mandats)
		slices.SortFunc(ms, func(a, b mandat.Mandat) int {
			return cmp.Or(a.DateExpiration.Compare(b.DateExpiration), strings.Compare(a.ID.String(), b.ID.String()))
		})
		for _, m := range ms {
			if ok, ds := retained(f, p, m, now); ok {
				out = append(out, fmt.Sprint(p.id, " ", m.ID, " ", p.identite.NomAffiche(), " ", demarche.CSV(ds), " ", m.PapierStatut == mandat.NonSigne, m.ExpiresSoon(now), m.Replaced()))
			}
		}
	}
	return out
}

// retained tells, by the rules alone, whether a mandat is in the list, and
// under which démarches.
func retained(f suivi.Filtre, p personne, m mandat.Mandat, now time.Time) (bool, []demarche.Demarche) {
	var ds []demarche.Demarche
	for _, a := range m.Autorisations {
		if f.Onglet == mandat.Revoques || !a.Revoked() {
			ds = append(ds, a.Demarche)
		}
	}
	for _, w := range tri.Words(f.Texte, 4) {
		if !strings.Contains(p.identite.RechercheTri(), w) {
			return false, nil
		}
	}
	return m.Onglet(now) == f.Onglet && (f.Demarche == "" || slices.Contains(ds, f.Demarche)) &&
		(!f.Bientot || m.ExpiresSoon(now)) && (!f.NonSigne || m.PapierStatut == mandat.NonSigne), ds
}

// walk reads every page of a tab, in one direction.
func (m *monde) walk(org ident.OrganisationID, f suivi.Filtre, back bool) (out []string) {
	m.t.Helper()
	ctx := m.t.Context()
	check(m.t, m.d.View(ctx, func(tx *db.Tx) error {
		from := suivi.After(ident.UsagerID{})
		if back {
			last, err := m.last(tx, org, f)
			if err != nil || last.IsZero() {
				return err
			}
			out, from = m.tail(tx, org, f, last), suivi.Before(last)
		}
		for {
			page, more, err := suivi.Liste(ctx, tx, org, f, from)
			if err != nil {
				return err
			}
			if len(page) > suivi.TaillePage || more && len(page) != suivi.TaillePage {
				m.t.Errorf("a page of %d, more %v", len(page), more)
			}
			lines := lignes(page)
			if back {
				out = append(lines, out...)
			} else {
				out = append(out, lines...)
			}
			if !more {
				return nil
			}
			if back {
				from = suivi.Before(page[0].Usager)
			} else {
				from = suivi.After(page[len(page)-1].Usager)
			}
		}
	}))
	return out
}

// last is the last person of a tab.
func (m *monde) last(tx *db.Tx, org ident.OrganisationID, f suivi.Filtre) (id ident.UsagerID, err error) {
	for {
		page, more, err := suivi.Liste(m.t.Context(), tx, org, f, suivi.After(id))
		if err != nil || len(page) == 0 {
			return id, err
		}
		id = page[len(page)-1].Usager
		if !more {
			return id, nil
		}
	}
}

// tail is the lines of that person alone, which the pages before her leave out.
func (m *monde) tail(tx *db.Tx, org ident.OrganisationID, f suivi.Filtre, last ident.UsagerID) (out []string) {
	for id := (ident.UsagerID{}); ; {
		page, more, err := suivi.Liste(m.t.Context(), tx, org, f, suivi.After(id))
		check(m.t, err)
		if !more {
			return lignes(page[len(page)-1:])
		}
		id = page[len(page)-1].Usager
	}
}

func lignes(page []suivi.Aide) (out []string) {
	for _, a := range page {
		for _, x := range a.Mandats {
			out = append(out, fmt.Sprint(a.Usager, " ", x.ID, " ", a.Identite.NomAffiche(), " ", demarche.CSV(x.Demarches), " ", x.NonSigne, x.Bientot, x.Remplace))
		}
	}
	return out
}

// The lists say what the rules say of every generated situation, page after
// page and back, each mandat once, in the same order on both databases.
func TestListsAgreeWithTheRules(t *testing.T) {
	c := newCorpus(260, testkit.Start)
	filtres := []suivi.Filtre{
		{},
		{Texte: "haenens"},
		{Texte: "ŒUV"},
		{Texte: "1951 zo"},
		{Texte: "personne de ce nom"},
		{Demarche: demarche.Argent},
		{NonSigne: true},
		{Texte: "a", Demarche: demarche.Logement, NonSigne: true},
	}
	seen := 0
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		m.store("claire", c)
		m.store("autre", newCorpus(20, testkit.Start.Add(time.Hour)))
		now := clock.Now()
		for _, f := range append(filtres, suivi.Filtre{Bientot: true}) {
			for _, o := range []mandat.Onglet{mandat.Actifs, mandat.Expires, mandat.Revoques} {
				if f.Onglet = o; f.Bientot && o != mandat.Actifs {
					continue
				}
				want := c.attendu(f, now)
				seen += len(want)
				if diff := gocmp.Diff(want, m.walk(c.org, f, false)); diff != "" {
					t.Errorf("%+v: %s", f, diff)
				}
				if diff := gocmp.Diff(want, m.walk(c.org, f, true)); diff != "" {
					t.Errorf("%+v, backwards: %s", f, diff)
				}
				m.checkCompte(c.org, f, want)
			}
		}
		// The same once the task has counted everybody: then the lists walk the
		// indexes of their tabs.
		h := mandat.Handlers{DB: d}
		if n, err := h.Relist(t.Context()); err != nil || n < 280 {
			t.Fatalf("counted again: %d, %v", n, err)
		}
		for _, f := range []suivi.Filtre{{}, {Texte: "haenens"}, {Bientot: true}, {Demarche: demarche.Argent}} {
			for _, o := range []mandat.Onglet{mandat.Actifs, mandat.Expires, mandat.Revoques} {
				if f.Onglet = o; f.Bientot && o != mandat.Actifs {
					continue
				}
				want := c.attendu(f, now)
				for _, back := range []bool{false, true} {
					if diff := gocmp.Diff(want, m.walk(c.org, f, back)); diff != "" {
						t.Errorf("%+v, counted, backwards %v: %s", f, back, diff)
					}
				}
				m.checkCompte(c.org, f, want)
			}
		}
	})
	if seen < 1000 {
		t.Errorf("the corpus shows only %d lines", seen)
	}
}

func (m *monde) checkCompte(org ident.OrganisationID, f suivi.Filtre, lines []string) {
	m.t.Helper()
	people := map[string]bool{}
	for _, l := range lines {
		people[l[:36]] = true
	}
	ctx := m.t.Context()
	check(m.t, m.d.View(ctx, func(tx *db.Tx) error {
		got, err := suivi.Comptes(ctx, tx, org, f)
		if want := (suivi.Compte{Personnes: len(people), Mandats: len(lines)}); got[f.Onglet] != want {
			m.t.Errorf("%+v: counted %+v, want %+v", f, got[f.Onglet], want)
		}
		return err
	}))
}

// M-W19: as many statements for 500 people as for 10.
func TestStatementsDoNotGrow(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		small, large := newCorpus(10, clock.Now()), newCorpus(500, clock.Now())
		m.store("claire", small)
		m.store("autre", large)
		count := func(c *corpus) (list, fiche int) {
			ctx := t.Context()
			check(t, d.Update(ctx, func(tx *db.Tx) error {
				if _, err := suivi.Comptes(ctx, tx, c.org, suivi.Filtre{}); err != nil {
					return err
				}
				_, _, err := suivi.Liste(ctx, tx, c.org, suivi.Filtre{Onglet: mandat.Actifs}, suivi.After(c.personnes[0].id))
				return err
			}))
			list = d.Statements()
			check(t, d.Update(ctx, func(tx *db.Tx) error {
				if _, err := mandat.OfUsager(ctx, tx, c.org, c.personnes[0].id); err != nil {
					return err
				}
				_, err := suivi.Faits(ctx, tx, c.org, c.personnes[0].id, 50)
				return err
			}))
			return list, d.Statements()
		}
		l1, f1 := count(small)
		l2, f2 := count(large)
		if l1 != l2 || l1 != 4 || f1 != f2 || f1 != 5 { // the COMMIT is one
			t.Errorf("statements: list %d then %d, fiche %d then %d", l1, l2, f1, f2)
		}
	})
}

var tag = regexp.MustCompile(`<[^>]*>`)

// text is what is read of the page's content.
func (r reponse) text() string {
	main := r.corps[max(0, strings.Index(r.corps, "<main")):]
	return strings.Join(strings.Fields(tag.ReplaceAllString(main, " ")), " ")
}

func TestListPages(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		c := newCorpus(200, clock.Now())
		m.store("claire", c)
		other := newCorpus(1, clock.Now())
		other.personnes[0].identite.FamilyName = "INCONNUE-AILLEURS"
		m.store("autre", other)

		first := m.get("/espace-aidant/usagers/").want(http.StatusOK, "Mes mandats", "Structure claire", "Actifs (", "Expirés (", "Révoqués (", "EXPIRE BIENTÔT", "Signatures à recueillir", "Page suivante", "Accéder aux mandats", "Renouveler")
		first.lacks("INCONNUE-AILLEURS", "Page précédente")
		next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(first.corps)[1]
		second := m.get(strings.ReplaceAll(next, "&amp;", "&")).want(http.StatusOK, "Page précédente")
		back := regexp.MustCompile(`rel="prev" href="([^"]*)"`).FindStringSubmatch(second.corps)[1]
		if m.get(strings.ReplaceAll(back, "&amp;", "&")).rows() != first.rows() || first.rows() == second.rows() {
			t.Error("the page before is not the first")
		}
		for _, o := range []string{"expires", "revoques"} {
			m.get("/espace-aidant/usagers/?onglet="+o).want(http.StatusOK, `aria-current="page"`)
		}
		m.get("/espace-aidant/usagers/?bientot=1").want(http.StatusOK, "retirer ce filtre", "EXPIRE BIENTÔT")
		m.get("/espace-aidant/usagers/?papier=non_signe&demarche=argent").want(http.StatusOK, "Argent", "Effacer la recherche et les filtres")
		// What is unknown narrows nothing, and never fails.
		m.get("/espace-aidant/usagers/?onglet=x&demarche=x&bientot=x&papier=x&q=%ff&apres=x").want(http.StatusOK, "Actifs (")
		m.get("/espace-aidant/usagers/?apres="+other.personnes[0].id.String()).want(http.StatusNotFound, "introuvable ou inaccessible")
	})
}

// rows is the table's people, in order.
func (r reponse) rows() string {
	return strings.Join(regexp.MustCompile(`usagers/[0-9a-f-]{36}/"`).FindAllString(r.corps, -1), " ")
}

// A search is typed in a form; its text is in no address, and a page of its
// result cannot be read in another web session.
func TestSearchIsNotInTheAddress(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		m.store("claire", newCorpus(60, clock.Now()))
		r := m.post("/espace-aidant/usagers/", url.Values{"recherche": {" Brémont "}, "onglet": {"revoques"}})
		if r.status != http.StatusSeeOther || strings.Contains(strings.ToLower(r.lieu), "mont") || !strings.Contains(r.lieu, "onglet=revoques") {
			t.Fatalf("%d %s", r.status, r.lieu)
		}
		p := m.get(r.lieu).want(http.StatusOK, `value="Brémont"`, "BRÉMONTEUIL")
		if strings.Contains(p.text(), "MARVILLERS") {
			t.Error("the search keeps others")
		}
		if !strings.Contains(p.corps, "q=") {
			t.Error("the tabs forget the search")
		}
		a := m.acteurs["claire"]
		a.Session = ident.New[ident.SessionID]()
		m.acteurs["demain"] = a
		m.do("demain", http.MethodGet, r.lieu, nil).want(http.StatusOK).lacks(`value="Brémont"`)
		m.follow("/espace-aidant/usagers/", url.Values{"recherche": {"zzz"}}).want(http.StatusOK, "Aucune personne ne correspond dans cet onglet.", "Effacer la recherche")
		m.follow("/espace-aidant/usagers/", url.Values{"recherche": {strings.Repeat("é", 101)}}).want(http.StatusOK, "EXPIRE BIENTÔT")
		m.follow("/espace-aidant/usagers/", url.Values{"recherche": {"%_\\\""}}).want(http.StatusOK)
	})
}

func TestEmptyTabs(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		m.store("claire", newCorpus(0, clock.Now()))
		m.get("/espace-aidant/usagers/").want(http.StatusOK, "Votre structure n’a aucun mandat actif.", "Créer un mandat", "Actifs (0)")
		m.get("/espace-aidant/usagers/?onglet=expires").want(http.StatusOK, "Aucun mandat n’a expiré depuis un an.")
		m.get("/espace-aidant/usagers/?onglet=revoques").want(http.StatusOK, "Aucun mandat n’a été révoqué depuis un an.")
	})
}

// BenchmarkListe: a structure of 2,000 people among 20,000 mandats.
func BenchmarkListe(b *testing.B) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		b.Run(string(dialect), func(b *testing.B) {
			clock := testkit.NewClock(testkit.Start)
			m := newMonde(b, testkit.OpenDB(b, dialect, clock), clock)
			m.store("claire", newCorpus(2000, clock.Now()))
			m.store("autre", newCorpus(6000, clock.Now()))
			for _, target := range []string{"", "?onglet=revoques", "?bientot=1", "?papier=non_signe&demarche=argent"} {
				b.Run("liste"+target, func(b *testing.B) {
					for b.Loop() {
						m.get("/espace-aidant/usagers/" + target)
					}
				})
			}
			lieu := m.post("/espace-aidant/usagers/", url.Values{"recherche": {"vasselin odile"}}).lieu
			b.Run("recherche", func(b *testing.B) {
				for b.Loop() {
					m.get(lieu)
				}
			})
			fiche := mandat.CheminFiche(usagerActif(m))
			b.Run("fiche", func(b *testing.B) {
				for b.Loop() {
					m.get(fiche).want(http.StatusOK)
				}
			})
		})
	}
}

func usagerActif(m *monde) (id ident.UsagerID) {
	ctx := m.t.Context()
	check(m.t, m.d.View(ctx, func(tx *db.Tx) error {
		page, _, err := suivi.Liste(ctx, tx, m.acteurs["claire"].Organisation, suivi.Filtre{Onglet: mandat.Actifs}, suivi.After(ident.UsagerID{}))
		id = page[0].Usager
		return err
	}))
	return id
}
