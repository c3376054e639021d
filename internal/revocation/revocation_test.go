package revocation_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/revocation"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// bureau is the back-office, with a person of the team signed in.
type bureau struct {
	*testkit.Banc
	mux *web.Mux
	qui int
	de  [2]ident.SessionID
}

func newBureau(t *testing.T, d *db.DB, clock *testkit.Clock) *bureau {
	b := &bureau{Banc: testkit.NewBanc(t, d, clock), qui: 1, de: [2]ident.SessionID{ident.New[ident.SessionID](), ident.New[ident.SessionID]()}}
	b.Greffe.SansPDF = true
	box, err := secret.NewBox(testkit.Key(t, 9))
	if err != nil {
		t.Fatal(err)
	}
	site := web.Site{Origine: "https://aidants.example"}
	fins := &fin.Actes{DB: d, Greffe: b.Greffe, Journal: b.Greffe.Journal, Outbox: b.Greffe.Outbox, Origine: site.Origine}
	b.mux = web.NewMux(web.Config{Site: site, Log: testkit.Log(t), Now: clock.Now, Authenticate: func(*http.Request) (actor.Actor, error) {
		a := b.Actor(b.qui)
		a.Session = b.de[b.qui]
		a.Role, a.CleForte, a.CGUAcceptee, a.Prenom, a.Nom, a.DateOTP, a.DateActivite = actor.AdminMetier, true, true, "Alix", "AIDANT", clock.Now(), clock.Now()
		a.CanCreateMandats, a.MembreActif, a.OrganisationActive, a.OrganisationNom = true, true, true, b.Orgs[b.qui].Nom
		return a, nil
	}})
	(&revocation.Handlers{DB: d, Fins: fins, Champs: box, Limites: &limite.Compteurs{DB: d, Empreintes: testkit.Key(t, 8)}, Site: site}).Mount(b.mux)
	(&fin.Handlers{DB: d, Site: site, Actes: fins}).Mount(b.mux)
	return b
}

func (b *bureau) count(query string, args ...any) (n int) {
	b.T.Helper()
	if err := b.DB.View(b.T.Context(), func(tx *db.Tx) error { return tx.QueryRow(b.T.Context(), query, args...).Scan(&n) }); err != nil {
		b.T.Fatal(err)
	}
	return n
}

var tag = regexp.MustCompile(`<[^>]*>`)

func (b *bureau) do(method, target string, form url.Values) (status int, to, text string) {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	body := w.Body.String()
	body = tag.ReplaceAllString(body[max(0, strings.Index(body, "<main")):], " ")
	return w.Code, w.Header().Get("Location"), strings.Join(strings.Fields(strings.NewReplacer("’", "'", "&#39;", "'", " ,", ",", " .", ".").Replace(body)), " ")
}

func (b *bureau) want(method, target string, form url.Values, status int, words ...string) (to, text string) {
	b.T.Helper()
	got, to, text := b.do(method, target, form)
	if got != status {
		b.T.Fatalf("status %d (%s), want %d: %.900s", got, to, status, text)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			b.T.Fatalf("the page lacks %q: %s", w, text)
		}
	}
	return to, text
}

func recherche(code, siret string) url.Values {
	return url.Values{"code": {code}, "siret": {siret}, "nom": {"vasselin"}, "prenom": {"Odile"}}
}

// found searches a mandat by its code and gives the form of its page.
func (b *bureau) found(m mandat.Mandat) url.Values {
	b.T.Helper()
	to, _ := b.want("POST", revocation.Chemin, recherche(mandat.FormatCode(m.CodePublic), ""), http.StatusSeeOther)
	u, err := url.Parse(to)
	if err != nil || u.Path != revocation.Chemin+"mandat/" {
		b.T.Fatalf("leads to %q", to)
	}
	return url.Values{"q": u.Query()["q"], "etendue": {"tout"}, "canal": {"lettre"}, "recue": {"2026-03-02"}, "reference": {"  2026-0142 "}, "verifiee": {"on"}}
}

const chemin = revocation.Chemin + "mandat/"

func page(f url.Values) string { return chemin + "?" + url.Values{"q": f["q"]}.Encode() }

func TestCheck(t *testing.T) {
	m := mandat.Mandat{DateCreation: testkit.Start}
	good := revocation.Demande{Etendue: "tout", Canal: "courriel", Recue: testkit.Start.Format("2006-01-02"), Reference: "2026-0142", Verifiee: true}
	for name, c := range map[string]struct {
		change func(d *revocation.Demande)
		champ  string
	}{
		"juste":           {func(*revocation.Demande) {}, ""},
		"étendue":         {func(d *revocation.Demande) { d.Etendue = "" }, "etendue"},
		"aucune démarche": {func(d *revocation.Demande) { d.Etendue = "partie" }, "autorisation"},
		"démarche d'un autre": {func(d *revocation.Demande) {
			d.Etendue, d.Autorisations = "partie", []string{"018f3d4e-0000-7000-8000-000000000000"}
		}, "autorisation"},
		"de vive voix":      {func(d *revocation.Demande) { d.Canal = "oral" }, "canal"},
		"sans date":         {func(d *revocation.Demande) { d.Recue = "" }, "recue"},
		"demain":            {func(d *revocation.Demande) { d.Recue = testkit.Start.AddDate(0, 0, 1).Format("2006-01-02") }, "recue"},
		"avant le mandat":   {func(d *revocation.Demande) { d.Recue = testkit.Start.AddDate(0, 0, -2).Format("2006-01-02") }, "recue"},
		"sans référence":    {func(d *revocation.Demande) { d.Reference = "  " }, "reference"},
		"référence longue":  {func(d *revocation.Demande) { d.Reference = strings.Repeat("é", 81) }, "reference"},
		"une adresse":       {func(d *revocation.Demande) { d.Reference = "odile@exemple.fr" }, "reference"},
		"sans confirmation": {func(d *revocation.Demande) { d.Verifiee = false }, "verifiee"},
	} {
		t.Run(name, func(t *testing.T) {
			d := good
			c.change(&d)
			_, _, err := d.Check(m, testkit.Start)
			if f := fault.FieldsOf(err); (c.champ == "") != (err == nil) || c.champ != "" && f[c.champ] == "" || len(f) > 1 {
				t.Errorf("%v", err)
			}
		})
	}
	for name, c := range map[string]struct {
		q     revocation.Recherche
		champ string
	}{
		"code":       {revocation.Recherche{Code: "7k2m 09qx 3f4t", Nom: "A", Prenom: "B"}, ""},
		"siret":      {revocation.Recherche{Siret: "218 000 219 00012", Nom: "A", Prenom: "B"}, ""},
		"rien":       {revocation.Recherche{Nom: "A", Prenom: "B"}, "code"},
		"faux code":  {revocation.Recherche{Code: "abc", Nom: "A", Prenom: "B"}, "code"},
		"faux siret": {revocation.Recherche{Siret: "21", Nom: "A", Prenom: "B"}, "siret"},
		"sans nom":   {revocation.Recherche{Siret: "21800021900012", Nom: " ", Prenom: "B"}, "nom"},
		"prénom":     {revocation.Recherche{Siret: "21800021900012", Nom: "A", Prenom: strings.Repeat("b", 300)}, "prenom"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.q.Check()
			if f := fault.FieldsOf(err); (c.champ == "") != (err == nil) || c.champ != "" && f[c.champ] == "" || len(f) > 1 {
				t.Errorf("%v", err)
			}
		})
	}
}

// A letter ends the whole mandat: author, notices, certificate, what the team
// reads again; sent twice, it ends once.
func TestWholeMandat(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		b.want("GET", revocation.Chemin, nil, http.StatusOK, "Aucune pour l'instant", "Conservé pendant 6 ans")
		u := b.Usager("sub1", "VASSELIN")
		m := b.Sign(0, u, mandat.Mois, "papiers", "argent")
		f := b.found(m)
		_, text := b.want("GET", page(f), nil, http.StatusOK, "En cours", ", SIRET ", "Démarches à arrêter")
		if strings.Contains(strings.ToUpper(text), "VASSELIN") || strings.Contains(text, "Odile") {
			t.Errorf("the page names the person: %s", text)
		}
		b.want("POST", chemin, url.Values{"q": f["q"]}, http.StatusUnprocessableEntity, "Indiquez ce que la personne arrête", "Saisissez la référence", "Cochez cette case")
		mails := b.count(`SELECT count(*) FROM message`)
		to, _ := b.want("POST", chemin, f, http.StatusSeeOther)
		b.want("GET", to, nil, http.StatusOK, "Terminé le", "Référence 2026-0142", "par courrier, le 02/03/2026", "Alix", "Conservé jusqu'au", "Il n'y a plus rien à arrêter")
		if got := b.Load(0, m.ID); !got.FullyRevoked() {
			t.Error("it is not ended")
		}
		if n := b.count(`SELECT count(*) FROM journal_ligne WHERE mandat_id = $1 AND action IN ('cancel_autorisation', 'cancel_mandat') AND initiateur = 'admin' AND aidant IS NOT NULL AND organisation_id = $2`, m.ID, b.Orgs[0].ID); n != 3 {
			t.Errorf("%d lines of the team", n)
		}
		if n := b.count(`SELECT count(*) FROM message WHERE genre = 'E-74'`); n == 0 || b.count(`SELECT count(*) FROM message`) != mails+n+1 {
			t.Errorf("%d notices to the structure, %d messages", n, b.count(`SELECT count(*) FROM message`)-mails)
		}
		b.want("POST", chemin, f, http.StatusSeeOther)
		if n := b.count(`SELECT count(*) FROM revocation_ecrite`); n != 1 {
			t.Errorf("%d rows", n)
		}
		b.want("GET", revocation.Chemin, nil, http.StatusOK, "2026-0142", "tout le mandat")

		b.qui = 0 // the structure reads who recorded it, and the certificate
		b.want("GET", m.Chemin("cancel_success"), nil, http.StatusOK, "l'équipe du service, sur la demande écrite de la personne, reçue le 02/03/2026")
		b.want("GET", m.Chemin("attestation_de_revocation"), nil, http.StatusOK, "Je l'ai demandé par lettre à l'équipe du service, qui l'a reçue le 02/03/2026 et l'a enregistrée")
	})
}

// Some démarches end, the others go on; those of another mandat are none; what
// the structure ended meanwhile stops the whole act.
func TestSomeDemarches(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		m := b.Sign(0, u, mandat.Mois, "papiers", "argent", "logement")
		other := b.Sign(1, u, mandat.Mois, "social")
		f := b.found(m)
		f.Set("etendue", "partie")
		f["autorisation"] = []string{other.Autorisations[0].ID.String()}
		b.want("POST", chemin, f, http.StatusUnprocessableEntity, "Cochez au moins une démarche")
		f["autorisation"] = []string{m.Autorisations[0].ID.String(), m.Autorisations[1].ID.String(), m.Autorisations[0].ID.String()}
		to, _ := b.want("POST", chemin, f, http.StatusSeeOther)
		b.want("GET", to, nil, http.StatusOK, "En cours", "Argent", "Logement")
		if got := b.Load(0, m.ID); len(got.Live(clock.Now())) != 1 {
			t.Errorf("%d démarches go on", len(got.Live(clock.Now())))
		}
		// The third is still there, one of the two is not: nothing ends.
		f["autorisation"] = []string{m.Autorisations[1].ID.String(), m.Autorisations[2].ID.String()}
		to, _ = b.want("POST", chemin, f, http.StatusSeeOther)
		b.want("GET", to, nil, http.StatusOK, "La demande")
		if got := b.Load(0, m.ID); len(got.Live(clock.Now())) != 1 {
			t.Error("it ended")
		}
		if len(b.Live(1, u)) != 1 {
			t.Error("the other mandat ended")
		}
		b.qui = 0
		b.want("GET", m.Autorisations[0].CheminAttestationFin(), nil, http.StatusOK, "révoque l'autorisation pour la démarche", "à l'équipe du service")
	})
}

// An unknown code, a wrong name and a structure without that person have the
// same answer; nothing opens from an address made up or another session.
func TestNothingIsTold(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		m := b.Sign(0, b.Usager("sub1", "VASSELIN"), mandat.Mois, "papiers")
		wrong := recherche(m.CodePublic, "")
		wrong.Set("nom", "AUTRE")
		elsewhere := recherche("", b.Orgs[1].Siret)
		for name, f := range map[string]url.Values{"nom": wrong, "code": recherche("7K2M-09QX-3F4T", ""), "structure": elsewhere, "siret": recherche("", "21800021900012")} {
			_, text := b.want("POST", revocation.Chemin, f, http.StatusUnprocessableEntity, "Aucun mandat trouvé")
			if strings.Contains(text, b.Orgs[0].Nom) {
				t.Errorf("%s: the page names the structure", name)
			}
		}
		f := b.found(m)
		for _, target := range []string{chemin, chemin + "?q=" + m.CodePublic, chemin + "?q=" + url.QueryEscape(m.ID.String())} {
			if to, _ := b.want("GET", target, nil, http.StatusSeeOther); to != revocation.Chemin {
				t.Errorf("leads to %s", to)
			}
		}
		forged := url.Values{"q": {m.CodePublic}, "etendue": {"tout"}, "canal": {"lettre"}, "recue": {"2026-03-02"}, "reference": {"x"}, "verifiee": {"on"}}
		if to, _ := b.want("POST", chemin, forged, http.StatusSeeOther); to != revocation.Chemin {
			t.Errorf("leads to %s", to)
		}
		b.qui = 0
		if to, _ := b.want("GET", page(f), nil, http.StatusSeeOther); to != revocation.Chemin {
			t.Errorf("the ticket of another opens: %s", to)
		}
	})
}

// By the structure and a name: the mandats in force of one person; namesakes
// need the code.
func TestByStructure(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		b.Sign(0, u, mandat.Mois, "papiers")
		siret := b.Orgs[0].Siret
		if to, _ := b.want("POST", revocation.Chemin, recherche("", siret), http.StatusSeeOther); !strings.HasPrefix(to, chemin) {
			t.Errorf("one mandat leads to %s", to)
		}
		b.Sign(0, u, mandat.Mois, "argent")
		to, _ := b.want("POST", revocation.Chemin, recherche("", siret), http.StatusSeeOther)
		b.want("GET", to, nil, http.StatusOK, "De quel mandat parle la demande", "Choisir")
		b.Sign(0, b.Usager("sub2", "VASSELIN"), mandat.Mois, "papiers")
		b.want("POST", revocation.Chemin, recherche("", siret), http.StatusUnprocessableEntity, "il faut le code du mandat")
	})
}

// All or nothing; and of several of the team at once, exactly one.
func TestAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		u := b.Usager("sub1", "VASSELIN")
		f := b.found(b.Sign(0, u, mandat.Mois, "papiers"))
		testkit.FailEachStatement(t, d, func() error {
			if status, _, text := b.do("POST", chemin, f); status != http.StatusSeeOther {
				return fmt.Errorf("%w: %d %s", errors.ErrUnsupported, status, text)
			}
			return nil
		})
		f = b.found(b.Sign(0, u, mandat.Mois, "argent", "social"))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if status, to, text := b.do("POST", chemin, f); status != http.StatusSeeOther {
					t.Errorf("%d %s %s", status, to, text)
				}
			})
		}
		wg.Wait()
		if n := b.count(`SELECT count(*) FROM revocation_ecrite`); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}
