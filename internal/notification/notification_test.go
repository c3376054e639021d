package notification_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/notification"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What is written is of the closed lists, has a title and a text, and leads
// nowhere but here or to https (A-W17).
func TestCheck(t *testing.T) {
	right := notification.Projet{Genre: notification.Alerte, Public: notification.Tous, Titre: " Coupure  prévue ", Corps: "Un.\r\n\r\nDeux.", Lien: "/espace-aidant/", Duree: "7"}
	got, err := right.Check()
	if err != nil || got.Titre != "Coupure prévue" || got.Corps != "Un.\n\nDeux." {
		t.Fatalf("%+v %v", got, err)
	}
	for name, c := range map[string]struct {
		spoil func(*notification.Projet)
		field string
	}{
		"no kind":        {func(p *notification.Projet) { p.Genre = "" }, "genre"},
		"no public":      {func(p *notification.Projet) { p.Public = "moi" }, "destinataires"},
		"no duration":    {func(p *notification.Projet) { p.Duree = "8" }, "duree"},
		"no title":       {func(p *notification.Projet) { p.Titre = " " }, "titre"},
		"a long title":   {func(p *notification.Projet) { p.Titre = strings.Repeat("é", 121) }, "titre"},
		"no text":        {func(p *notification.Projet) { p.Corps = "\r\n" }, "corps"},
		"a long text":    {func(p *notification.Projet) { p.Corps = strings.Repeat("é", 4001) }, "corps"},
		"invisible":      {func(p *notification.Projet) { p.Titre = "a\x07" }, "titre"},
		"a script":       {func(p *notification.Projet) { p.Lien = "javascript:alert(1)" }, "lien"},
		"another scheme": {func(p *notification.Projet) { p.Lien = "http://x.example" }, "lien"},
		"another host":   {func(p *notification.Projet) { p.Lien = "//x.example" }, "lien"},
		"no path":        {func(p *notification.Projet) { p.Lien = "aide" }, "lien"},
		"a name":         {func(p *notification.Projet) { p.Lien = "https://a@x.example" }, "lien"},
	} {
		p := right
		c.spoil(&p)
		if _, err := p.Check(); fault.FieldsOf(err)[c.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// monde is the notifications on one database. The cookie "qui" says who is
// signed in: mona is of the team, ofra of a training body; alix is aidant, rose
// référent without being aidant, nino refuses news, paul is closed.
type monde struct {
	testkit.Socle
	t       *testing.T
	d       *db.DB
	clock   *testkit.Clock
	mux     *web.Mux
	org     ident.OrganisationID
	acteurs map[string]actor.Actor
	h       *notification.Handlers
}

func newMonde(t *testing.T, d *db.DB, clock *testkit.Clock) *monde {
	t.Helper()
	m := &monde{Socle: testkit.NewSocle(t, d), t: t, d: d, clock: clock, acteurs: map[string]actor.Actor{}}
	site := web.Site{Nom: "Aidants Connect", Origine: testkit.Origine}
	ok(t, d.Update(t.Context(), func(tx *db.Tx) error {
		o, err := organisation.Create(t.Context(), tx, m.Journal, organisation.Nouvelle{Nom: "Mairie", Siret: testkit.Siret1, Adresse: "1 rue", CodePostal: "80000", Ville: "Valbrune"})
		m.org = o.ID
		return err
	}))
	for n, role := range map[string]actor.Role{"mona": actor.AdminMetier, "ofra": actor.AdminOF, "alix": "", "rose": "", "nino": "", "paul": ""} {
		m.open(n, role)
	}
	ok(t, d.Update(t.Context(), func(tx *db.Tx) error {
		if _, err := aidant.Close(t.Context(), tx, m.acteurs["paul"].Aidant, "depart"); err != nil {
			return err
		}
		return aidant.SetPreferences(t.Context(), tx, m.acteurs["nino"].Aidant, true, false)
	}))
	m.mux = web.NewMux(web.Config{
		Site: site, Log: testkit.Log(t), Now: clock.Now,
		Authenticate: func(r *http.Request) (actor.Actor, error) {
			c, err := r.Cookie("qui")
			if err != nil {
				return actor.Actor{}, err
			}
			a := m.acteurs[c.Value]
			a.DateOTP, a.DateActivite = clock.Now(), clock.Now()
			return a, nil
		},
	})
	m.h = &notification.Handlers{DB: d, Journal: m.Journal, Outbox: m.Outbox, Site: site}
	m.h.Mount(m.mux)
	return m
}

func (m *monde) open(n string, role actor.Role) {
	m.t.Helper()
	ok(m.t, m.d.Update(m.t.Context(), func(tx *db.Tx) error {
		a, err := aidant.Create(m.t.Context(), tx, m.Journal, aidant.Nouveau{
			Prenom: n, Nom: "GRANDCHAUMET", Email: n + "@grandchaumet.example.org", Organisation: m.org, Referent: n == "rose", NonAidant: n == "rose",
		})
		m.acteurs[n] = actor.Actor{
			Aidant: a.ID, Session: ident.New[ident.SessionID](), Organisation: m.org, Prenom: n, Nom: a.Nom, OrganisationNom: "Mairie", OrganisationActive: true, MembreActif: true,
			CGUAcceptee: true, Role: role, CleForte: true,
		}
		if err == nil {
			_, err = aidant.SetRole(m.t.Context(), tx, a.ID, role)
		}
		return err
	}))
}

func each(t *testing.T, f func(m *monde)) {
	t.Helper()
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) { f(newMonde(t, d, clock)) })
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

// page reads a page; a word that begins with "!" must not be in it.
func (m *monde) page(w *httptest.ResponseRecorder, status int, words ...string) string {
	m.t.Helper()
	if w.Code != status {
		m.t.Fatalf("%d %s, want %d\n%.900s", w.Code, w.Header().Get("Location"), status, w.Body)
	}
	for _, s := range words {
		if not, no := strings.CutPrefix(s, "!"); strings.Contains(w.Body.String(), not) == no {
			_, body, _ := strings.Cut(w.Body.String(), "<main")
			m.t.Errorf("%q: %.1500s", s, body)
		}
	}
	return w.Body.String()
}

var reID = regexp.MustCompile(`name="id" value="([0-9a-f-]{36})"`)

// publish writes a notification through its preview.
func (m *monde) publish(genre, public, titre, duree string) (path string) {
	m.t.Helper()
	form := url.Values{"genre": {genre}, "destinataires": {public}, "titre": {titre}, "corps": {"Bonjour <b>tous</b>.\n\nSuite."}, "lien": {"/espace-aidant/"}, "duree": {duree}}
	body := m.page(m.do("mona", http.MethodPost, notification.CheminGestion+"nouvelle/", form), http.StatusOK, "Publier", titre, "&lt;b&gt;tous")
	form.Set("id", reID.FindStringSubmatch(body)[1])
	form.Set("etape", "publier")
	for range 2 { // sent twice: published once
		m.page(m.do("mona", http.MethodPost, notification.CheminGestion+"nouvelle/", form), http.StatusSeeOther)
	}
	return notification.Chemin + form.Get("id") + "/"
}

func (m *monde) count(query string) (n int) {
	m.t.Helper()
	ok(m.t, m.d.View(m.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(m.t.Context(), query).Scan(&n) }))
	return n
}

func (m *monde) pending(qui string) string {
	m.t.Helper()
	var p notification.Attente
	ok(m.t, m.d.View(m.t.Context(), func(tx *db.Tx) (err error) {
		p, err = notification.Pending(m.t.Context(), tx, m.acteurs[qui].Aidant)
		return err
	}))
	return fmt.Sprint(len(p.Alertes), p.Autres)
}

// Each sees what concerns them, with its text, marks it without a script, twice
// without an error; another's, or none, is 404 (A-W44).
func TestRead(t *testing.T) {
	each(t, func(m *monde) {
		refs := m.publish("information", "referents", "Réunion des référents", "lecture")
		aids := m.publish("nouveaute", "aidants", "Le calendrier", "lecture")
		end := m.publish("alerte", "tous", "Coupure ce soir", "7")
		for qui, want := range map[string]string{"alix": "1 1", "rose": "1 1", "ofra": "1 1", "mona": "1 1"} {
			if got := m.pending(qui); got != want {
				m.t.Errorf("%s: %s, want %s", qui, got, want)
			}
		}
		m.page(m.do("rose", http.MethodGet, notification.Chemin, nil), http.StatusOK, "Réunion des référents", "&lt;b&gt;tous", "Suite.", "Coupure ce soir", "!Le calendrier", "!<b>tous")
		m.page(m.do("alix", http.MethodGet, notification.Chemin+"?genre=alerte", nil), http.StatusOK, "Coupure ce soir", "!Le calendrier")
		m.page(m.do("alix", http.MethodGet, notification.Chemin+"?genre=x&apres=y", nil), http.StatusOK, "Le calendrier", "!Réunion")
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			m.page(m.do("alix", method, refs, nil), http.StatusNotFound)
			m.page(m.do("alix", method, notification.Chemin+ident.New[ident.OperationID]().String()+"/", nil), http.StatusNotFound)
		}
		m.page(m.do("alix", http.MethodGet, aids, nil), http.StatusOK, "Marquer comme lue", "En savoir plus")
		m.page(m.do("alix", http.MethodGet, end, nil), http.StatusOK, "!Marquer", "jusqu’au")
		for _, etat := range []string{"lu", "lu", "non_lu", "non_lu", "lu"} {
			m.page(m.do("alix", http.MethodPost, aids, url.Values{"etat": {etat}}), http.StatusSeeOther)
		}
		m.page(m.do("alix", http.MethodPost, end, url.Values{"etat": {"lu"}}), http.StatusSeeOther) // ends by itself: stays
		if got := m.pending("alix"); got != "1 0" || m.count(`SELECT count(*) FROM notification_lecture`) != 1 {
			m.t.Errorf("read: %s", got)
		}
		m.page(m.do("alix", http.MethodGet, aids, nil), http.StatusOK, "Marquer comme non lue")
		m.clock.Advance(7 * 24 * time.Hour)
		m.open("late", "") // was not there
		for qui, want := range map[string]string{"alix": "0 0", "rose": "0 1", "late": "0 0"} {
			if got := m.pending(qui); got != want {
				m.t.Errorf("a week later, %s: %s, want %s", qui, got, want)
			}
		}
	})
}

// News is also written, once, to the open accounts that accept it; what is
// withdrawn is neither written nor shown (E-04).
func TestNewsIsWritten(t *testing.T) {
	each(t, func(m *monde) {
		m.publish("nouveaute", "aidants", "Le calendrier", "lecture")
		m.publish("information", "tous", "Rien à envoyer", "30")
		announce := func(want int) {
			m.t.Helper()
			if n, err := m.h.Announce(m.t.Context()); err != nil || n != want {
				m.t.Errorf("%d written, want %d: %v", n, want, err)
			}
		}
		announce(3) // mona, ofra, alix: not rose, nino, paul
		announce(0)
		gone := m.publish("nouveaute", "tous", "Erreur", "lecture")
		id := strings.TrimPrefix(gone, notification.Chemin)
		m.page(m.do("mona", http.MethodPost, notification.CheminGestion+id+"retirer/", url.Values{}), http.StatusSeeOther)
		m.page(m.do("mona", http.MethodPost, notification.CheminGestion+id+"retirer/", url.Values{}), http.StatusNotFound)
		announce(0)
		m.page(m.do("alix", http.MethodGet, gone, nil), http.StatusNotFound)
		m.page(m.do("mona", http.MethodGet, notification.CheminGestion, nil), http.StatusOK, "Le calendrier", "retirée le", "montrée jusqu’à lecture")
		if got := fmt.Sprint(m.count(`SELECT count(*) FROM message WHERE genre = 'E-04'`), m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'publish_notification'`),
			m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'withdraw_notification'`)); got != "3 3 1" {
			m.t.Error(got)
		}
	})
}

// The team alone publishes; what is wrong is said beside the field and kept.
func TestWrite(t *testing.T) {
	each(t, func(m *monde) {
		path := notification.CheminGestion + "nouvelle/"
		for _, qui := range []string{"alix", "ofra"} {
			m.page(m.do(qui, http.MethodGet, path, nil), http.StatusNotFound)
			m.page(m.do(qui, http.MethodPost, path, url.Values{}), http.StatusNotFound)
			m.page(m.do(qui, http.MethodGet, notification.CheminGestion, nil), http.StatusNotFound)
		}
		m.page(m.do("mona", http.MethodGet, path, nil), http.StatusOK, "Voir l’aperçu")
		form := url.Values{"titre": {"Mon titre"}, "lien": {"javascript:x"}, "etape": {"publier"}, "id": {ident.New[ident.OperationID]().String()}}
		m.page(m.do("mona", http.MethodPost, path, form), http.StatusUnprocessableEntity, `href="#corps"`, `href="#lien"`, "Mon titre")
		form = url.Values{"genre": {"nouveaute"}, "destinataires": {"tous"}, "titre": {"Mon titre"}, "corps": {"Texte"}, "duree": {"7"}, "etape": {"publier"}}
		m.page(m.do("mona", http.MethodPost, path, form), http.StatusOK, "Aperçu de la notification", "4, aux personnes")
		form.Set("etape", "modifier")
		m.page(m.do("mona", http.MethodPost, path, form), http.StatusOK, "Voir l’aperçu", "Texte</textarea>")
		if n := m.count(`SELECT count(*) FROM notification`); n != 0 {
			m.t.Errorf("%d published", n)
		}
	})
}

// Whatever statement fails, nothing is left behind, and nobody is written twice.
func TestAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		form := url.Values{"genre": {"nouveaute"}, "destinataires": {"tous"}, "titre": {"T"}, "corps": {"C"}, "duree": {"7"}, "etape": {"publier"}, "id": {ident.New[ident.OperationID]().String()}}
		testkit.FailEachStatement(t, d, func() error {
			if w := m.do("mona", http.MethodPost, notification.CheminGestion+"nouvelle/", form); w.Code >= 500 {
				return http.ErrAbortHandler
			}
			return nil
		})
		testkit.FailEachStatement(t, d, func() error { _, err := m.h.Announce(t.Context()); return err })
		if n := m.count(`SELECT count(*) FROM message`); n != 4 {
			t.Errorf("%d written, want 4", n)
		}
	})
}
