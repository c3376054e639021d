package connexion_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// seesHome tells whether the browser is still signed in.
func seesHome(t *testing.T, p *demo.Parcours) bool {
	t.Helper()
	ok(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/"))
	return p.URL.Path == "/espace-aidant/"
}

func sessionsOf(t *testing.T, m *testkit.Monde, p *demo.Parcours) (ids []ident.SessionID) {
	t.Helper()
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		rows, err := tx.Query(t.Context(), `SELECT s.id FROM session_web s JOIN aidant a ON a.id = s.aidant_id WHERE a.email = $1 ORDER BY s.id`, p.Compte.Courriel)
		ids, err = db.Collect(rows, err, func(s db.Scanner) (id ident.SessionID, err error) { return id, s.Scan(&id) })
		return err
	}))
	return ids
}

func idOf(t *testing.T, m *testkit.Monde, p *demo.Parcours) (id ident.AidantID) {
	t.Helper()
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id FROM aidant WHERE email = $1`, p.Compte.Courriel).Scan(&id)
	}))
	return id
}

// The events of comptes 4.1 close the sessions at once, and void a link on its way.
func TestCloseAllAndOthers(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		first := m.Connecte(t, "nadia")
		m.Horloge.Avancer(time.Minute)
		second, claire := m.Connecte(t, "nadia"), m.Connecte(t, "claire")
		id, keep := idOf(t, m, first), sessionsOf(t, m, first)
		act := func(f func(context.Context, *db.Tx) error) {
			ok(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx) }))
		}
		m.Horloge.Avancer(time.Minute)
		waiting := m.Aidant(t, "nadia")
		link := askLink(t, waiting)
		act(func(ctx context.Context, tx *db.Tx) error { return connexion.CloseOthers(ctx, tx, id, keep[1]) })
		if seesHome(t, first) || !seesHome(t, second) || !seesHome(t, claire) {
			t.Error("not the other sessions of the account, and they alone, were closed")
		}
		ok(t, waiting.Ouvrir(link))
		shows(t, waiting, 410, "Ce lien de connexion ne fonctionne plus")
		act(func(ctx context.Context, tx *db.Tx) error { return connexion.CloseAll(ctx, tx, id) })
		if seesHome(t, second) || !seesHome(t, claire) {
			t.Error("not every session of the account, and they alone, was closed")
		}
	})
}

// The first sign-in from a browser is told, with a link that closes every
// session; the next ones from there are not (A-W24).
func TestNewBrowserIsTold(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste().enter(g.camille)
		if all := g.mails("Nouvelle connexion"); len(all) != 1 || !strings.Contains(all[0].Texte, "Firefox sur Linux") {
			t.Fatalf("%+v", all)
		}
		p.post("/logout-session/", nil)
		p.enter(g.camille)
		if n := len(g.mails("Nouvelle connexion")); n != 1 {
			t.Errorf("a known browser was told: %d mails", n)
		}
		other := g.poste().enter(g.camille)
		link, _ := g.last("Nouvelle connexion")
		anybody := g.poste()
		for range 3 { // a mail scanner
			anybody.get(link).want(http.StatusOK, "fermer mes sessions")
		}
		if !p.isIn() || !other.isIn() {
			t.Error("reading the page closed a session")
		}
		shared := p.clone() // the same browser signs another account in
		shared.post("/logout-session/", nil)
		p.enter(g.camille)
		shared.enter(g.dominique)
		anybody.post(link, nil).want(http.StatusOK, "Vos sessions sont fermées")
		if p.isIn() || other.isIn() || !shared.isIn() {
			t.Error("not every session of the account, and they alone, was closed")
		}
		anybody.post(link, nil).want(http.StatusGone, "ne fonctionne plus")
		anybody.get(link).want(http.StatusGone)
		if f := g.facts("close_session"); len(f) != 1 || !strings.Contains(f[0], "pas_moi") {
			t.Errorf("journal: %v", f)
		}
		other.enter(g.camille)
		if n := len(g.mails("Nouvelle connexion")); n != 4 {
			t.Errorf("the browser denounced is still known: %d mails", n)
		}
	})
}

func TestAlertEnds(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		g.poste().enter(g.camille)
		link, _ := g.last("Nouvelle connexion")
		g.clock.Advance(30*24*time.Hour + time.Second)
		g.poste().post(link, nil).want(http.StatusGone)
	})
}

// Two accounts of one browser: each knows it for itself.
func TestBrowserIsKnownByAccount(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste().enter(g.camille)
		p.post("/logout-session/", nil)
		p.enter(g.dominique)
		if n := len(g.mails("Nouvelle connexion")); n != 2 {
			t.Errorf("%d mails", n)
		}
		if n := g.count(`SELECT count(*) FROM appareil`); n != 2 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestSessionsPage(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		phone := g.poste()
		phone.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
		phone.enter(g.camille)
		desk, third := g.poste().enter(g.camille), g.poste().enter(g.camille)
		stranger := g.poste().enter(g.dominique)
		page := desk.get(connexionSessions).want(http.StatusOK, "Safari sur iPhone", "Firefox sur Linux", "Vous êtes ici", "Dernières connexions")
		if strings.Contains(page.Body.String(), "192.0.2") {
			t.Error("an address is shown")
		}
		ids := g.sessions(g.camille)
		stranger.post(connexionSessions+ids[0].String()+"/fermer/", nil).want(http.StatusNotFound)
		stranger.post(connexionSessions+"42/fermer/", nil).want(http.StatusNotFound)
		testkit.FailEachStatement(t, g.DB, func() error {
			return desk.post(connexionSessions+ids[0].String()+"/fermer/", nil).must(http.StatusSeeOther)
		})
		desk.get(connexionSessions).want(http.StatusOK, "La session a été fermée")
		if phone.isIn() || !third.isIn() {
			t.Error("not this session, and it alone, was closed")
		}
		desk.post(connexionSessions+ids[0].String()+"/fermer/", nil).want(http.StatusNotFound)
		testkit.FailEachStatement(t, g.DB, func() error {
			return desk.post(connexionSessions+"fermer-autres/", nil).must(http.StatusSeeOther)
		})
		if third.isIn() || !desk.isIn() || !stranger.isIn() {
			t.Error("not the other sessions of the account, and they alone, were closed")
		}
		if f := g.facts("close_session"); len(f) != 2 {
			t.Errorf("journal: %v", f)
		}
	})
}

// A browser forgotten is new again, and its session is closed.
func TestForgetBrowser(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		lost, desk, stranger := g.poste().enter(g.camille), g.poste().enter(g.camille), g.poste().enter(g.dominique)
		var id ident.AppareilID
		ok(t, g.DB.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT id FROM appareil WHERE aidant_id = $1 ORDER BY date_creation LIMIT 1`, g.camille.Aidant.ID).Scan(&id)
		}))
		path := connexionSessions + "navigateurs/" + id.String() + "/oublier/"
		stranger.post(path, nil).want(http.StatusNotFound)
		testkit.FailEachStatement(t, g.DB, func() error { return desk.post(path, nil).must(http.StatusSeeOther) })
		desk.get(connexionSessions).want(http.StatusOK, "n’est plus reconnu")
		if lost.isIn() || !desk.isIn() {
			t.Error("not the session of this browser was closed")
		}
		before := len(g.mails("Nouvelle connexion"))
		lost.enter(g.camille)
		if n := len(g.mails("Nouvelle connexion")); n != before+1 {
			t.Error("a forgotten browser is still known")
		}
	})
}

const connexionSessions = "/espace-aidant/sessions/"

// The history is kept twelve months, a browser a year after its last sign-in.
func TestPurgeHistory(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		purge := func() {
			g.update(func(ctx context.Context, tx *db.Tx) error {
				if _, err := connexion.Purge(ctx, tx); err != nil {
					return err
				}
				_, err := connexion.PurgeHistory(ctx, tx)
				return err
			})
		}
		g.poste().enter(g.camille)
		g.clock.Advance(364 * 24 * time.Hour)
		purge()
		if n := g.count(`SELECT (SELECT count(*) FROM appareil) + (SELECT count(*) FROM empreinte_connexion)`); n != 2 {
			t.Errorf("%d rows a day before", n)
		}
		g.clock.Advance(2 * 24 * time.Hour)
		purge()
		if n := g.count(`SELECT (SELECT count(*) FROM appareil) + (SELECT count(*) FROM empreinte_connexion)`); n != 0 {
			t.Errorf("%d rows a day after", n)
		}
	})
}

// A right given or taken changes the cookie at the next page (A-W77).
func TestRightsRenewTheToken(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste().enter(g.camille)
		p.isIn()
		before := p.clone()
		if !before.isIn() || before.temoins["__Host-ac_session"] != p.temoins["__Host-ac_session"] {
			t.Fatal("the cookie changes without a reason")
		}
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO referent (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`,
				ident.New[ident.OperationID](), g.camille.Aidant.ID, g.camille.Organisation.ID, tx.Now)
			return err
		})
		if !p.isIn() || p.temoins["__Host-ac_session"] == before.temoins["__Host-ac_session"] {
			t.Error("the cookie did not change with the role")
		}
		if before.isIn() || !p.isIn() {
			t.Error("the former cookie still opens the session")
		}
	})
}

// Wrong codes at the re-check are journaled, with their number.
func TestWrongCodesAtTheRecheckAreJournaled(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste().enter(g.camille)
		wrong := url.Values{"otp_token": {"000000"}}
		testkit.FailEachStatement(t, g.DB, func() error { return p.post("/activity_check/", wrong).must(http.StatusUnprocessableEntity) })
		g.clock.Advance(time.Minute)
		p.post("/activity_check/", wrong).want(http.StatusUnprocessableEntity)
		f := g.facts("login_failed")
		if len(f) != 2 || !strings.Contains(f[0], `"echecs":1`) || !strings.Contains(f[1], `"echecs":2`) {
			t.Errorf("journal: %v", f)
		}
	})
}
