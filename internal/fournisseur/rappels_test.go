package fournisseur_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// FI-84: a use that may still be open is told on both pages of choice, until
// the end of session or half an hour. FI-85: what we do not see is said, there
// and to the person.
func TestReminders(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		told := func(when string, want bool) {
			t.Helper()
			m.a.DateOTP = clock.Now()
			id := n.demande()
			for _, body := range []string{n.get("/select_usager/?demande=" + id).Body.String(), n.get(n.expect(n.choose(id, m.odile.ID), 303)).Body.String()} {
				text := plain(body)
				if strings.Contains(text, "Connexion en cours au nom de VASSELIN Odile Simone") != want || strings.Contains(text, "nous ne le verrions pas") != want {
					t.Errorf("%s: %s", when, text)
				}
			}
		}
		told("before any use", false)
		tokens := m.tokens(n.code(demarche.Papiers))
		told("before the identity was delivered", false)
		m.fc().expect(m.userinfo(tokens.AccessToken), 200)
		told("after a use", true)
		n.expect(n.get("/logout/?id_token_hint="+tokens.IDToken), 200)
		told("after the end of session", false)
		tokens = m.tokens(n.code(demarche.Papiers))
		m.fc().expect(m.userinfo(tokens.AccessToken), 200)
		clock.Advance(30*time.Minute - time.Second)
		told("a second before half an hour", true)
		clock.Advance(time.Second)
		told("after half an hour", false)
		if _, err := m.h.Outbox.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		said := 0
		for _, c := range m.sink.sent {
			if strings.Contains(c.Sujet, "utilisé") && strings.Contains(c.Texte, "nous ne les voyons pas") {
				said++
			}
		}
		if said != 2 {
			t.Errorf("%d notices say it, want 2", said)
		}
	})
}

// Who leaves the choice to sign a new mandat finds the request again, as long
// as it is held, and nobody else does.
func TestPending(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		other := m.newAidant("karim", m.newOrganisation("CCAS d'Albert"))
		n := m.browser("claire")
		pending := func(a *actor.Actor) (p fournisseur.Attente, ok bool) {
			t.Helper()
			m.update(func(ctx context.Context, tx *db.Tx) (err error) {
				p, ok, err = fournisseur.Pending(ctx, tx, a.Session)
				return err
			})
			return p, ok
		}
		if _, ok := pending(m.a); ok {
			t.Error("a request before any")
		}
		n.demande()
		clock.Advance(time.Minute)
		id := n.demande("claims", `{"id_token":{"rep_scope":{"values":["Logement","Justice"]}}}`)
		p, ok := pending(m.a)
		if !ok || p.URL != "/select_usager/?demande="+id || p.Jusque != clock.Now().Add(10*time.Minute) || len(p.Demarches) != 2 {
			t.Errorf("got %+v, %v", p, ok)
		}
		if _, ok := pending(other); ok {
			t.Error("another session sees the request")
		}
		// The new mandat is signed: the choice goes on where it was.
		n.expect(n.choose(id, m.odile.ID), 303)
		if page := n.get("/select_demarche/?demande=" + id).Body.String(); !strings.Contains(page, `href="/espace-aidant/creation_mandat/?usager=`+m.odile.ID.String()) || !strings.Contains(page, "Revenir à FranceConnect") {
			t.Errorf("no way to a new mandat, or back: %s", plain(page))
		}
		clock.Advance(5 * time.Minute)
		m.sign(m.a, m.odile, demarche.Logement)
		m.a.DateOTP = clock.Now()
		n.expect(n.get(p.URL), 200)
		n.expect(n.choose(id, m.odile.ID), 303)
		if code := n.codeOf(n.act(id, demarche.Logement)); code == "" {
			t.Error("no code")
		}
		if p, _ := pending(m.a); strings.Contains(p.URL, id) {
			t.Error("an answered request still waits")
		}
		clock.Advance(10 * time.Minute)
		if _, ok := pending(m.a); ok {
			t.Error("a late request still waits")
		}
	})
}

// FI-83: what FranceConnect calls never looks at who is signed in, so that it
// cannot count as the aidant's activity, even with their cookie.
func TestBackChannelIsNobodysActivity(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		code := n.code(demarche.Papiers)
		asked := 0
		count := func(r *http.Request) (actor.Actor, error) { asked++; return m.authenticate(r) }
		h := *m.h
		h.Authenticate = count
		mux := web.NewMux(web.Config{Site: h.Site, Log: testkit.Log(t), Now: clock.Now, Authenticate: count})
		h.Mount(mux)
		m.mux = mux
		n.expect(n.do("POST", "/token/", tokenForm("inconnu")), 400)
		w := n.do("POST", "/token/", tokenForm(code))
		n.expect(w, 200)
		n.expect(n.do("GET", "/userinfo/", nil, "Authorization", "Bearer x"), 401)
		n.expect(n.get("/jwks"), 200)
		n.expect(n.get("/.well-known/openid-configuration"), 200)
		if asked != 0 {
			t.Errorf("%d calls of FranceConnect asked who is signed in", asked)
		}
		if n.get("/select_usager/"); asked == 0 {
			t.Error("a page of ours did not")
		}
	})
}

// FI-46: an answer that cannot be had is given up before FranceConnect does, in
// JSON, and spends nothing.
func TestSlowAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	code := m.browser("claire").code(demarche.Papiers)
	held, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- m.d.Update(context.Background(), func(*db.Tx) error {
			close(held)
			<-release // somebody else keeps the only writer
			return nil
		})
	}()
	<-held
	w := m.exchange(code)
	if w.Code != 503 && w.Code != 500 || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	close(release)
	check(t, <-done)
	m.tokens(code)
}

// M-W40: codes and tokens are found by a keyed digest under a unique index;
// what the database holds does not give them back, without our key.
func TestDigestsAreKeyedAndUnique(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		code := n.code(demarche.Papiers)
		tokens := m.tokens(code)
		for column, value := range map[string]string{"code_empreinte": code, "jeton_empreinte": tokens.AccessToken} {
			purpose := map[string]string{"code_empreinte": "fournisseur.code", "jeton_empreinte": "fournisseur.jeton"}[column]
			if m.count(`SELECT count(*) FROM dossier_utilisation WHERE `+column+` = $1`, m.h.Empreintes.Digest(purpose, value)) != 1 {
				t.Errorf("%s is not the keyed digest", column)
			}
			if m.count(`SELECT count(*) FROM dossier_utilisation WHERE `+column+` = $1`, []byte(value)) != 0 {
				t.Errorf("%s is kept as it is", column)
			}
		}
		n.code(demarche.Famille)
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE dossier_utilisation SET code_empreinte = $1`, m.h.Empreintes.Digest("fournisseur.code", code))
			return err
		})
		if err == nil {
			t.Error("two uses with one code")
		}
	})
}
