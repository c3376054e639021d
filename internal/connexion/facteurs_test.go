package connexion_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/testkit"
)

// withKey gives the account a key.
func (g *guichet) withKey(c testkit.Compte) *testkit.Cle {
	g.t.Helper()
	k := testkit.NewCle(g.t, "http://localhost")
	par := facteur.Par{Initiateur: journal.Aidant, Auteur: c.Aidant.ID, Organisation: c.Organisation.ID}
	var d facteur.Defi
	g.update(func(ctx context.Context, tx *db.Tx) (err error) {
		d, err = g.Facteurs.BeginKey(ctx, tx, c.Aidant.ID)
		return err
	})
	answer := k.Create(d.Options)
	g.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := g.Facteurs.AddKey(ctx, tx, par, facteur.CleNouvelle{Defi: d.ID, Reponse: answer, Nom: "Clé bleue"})
		return err
	})
	return k
}

var (
	anOption = regexp.MustCompile(`data-options="([^"]*)"`)
	aDefi    = regexp.MustCompile(`name="defi" value="([^"]*)"`)
)

// answer is what the browser of a key sends back to the page that asks for it.
func (r reponse) answer(k *testkit.Cle) url.Values {
	r.t.Helper()
	o, d := anOption.FindStringSubmatch(r.Body.String()), aDefi.FindStringSubmatch(r.Body.String())
	if o == nil || d == nil {
		r.t.Fatalf("%d: no challenge: %.300s", r.Code, r.Body)
	}
	return url.Values{"defi": {d[1]}, "reponse": {string(k.Get(html.UnescapeString(o[1])))}}
}

// A key alone opens the session, once per challenge, and opens it as one that
// resists phishing.
func TestSignInByKey(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		k := g.withKey(g.camille)
		p := g.poste()
		p.get("/accounts/login/").want(http.StatusOK, "Se connecter avec une clé")
		p.get("/accounts/login/cle/?next=https://ailleurs.example/").want(http.StatusNotFound)
		page := p.get("/accounts/login/cle/?next=/espace-aidant/sessions/").want(http.StatusOK, "data-cle-sans-script")
		answer := page.answer(k)
		answer.Set("next", "/espace-aidant/sessions/")
		n := testkit.FailEachStatement(t, g.DB, func() error { return p.clone().post("/accounts/login/cle/", answer).must(http.StatusSeeOther) }, "limite")
		if n < 10 {
			t.Errorf("%d statements", n)
		}
		p.post("/accounts/login/cle/", answer).want(http.StatusUnprocessableEntity, "Clé non reconnue")
		second := p.get("/accounts/login/cle/").answer(k)
		p.post("/accounts/login/cle/", second).to("/espace-aidant/")
		if n := g.count(`SELECT count(*) FROM session_web WHERE moyen = 'cle'`); n != 2 {
			t.Errorf("%d sessions by key", n)
		}
		if n := len(g.mails("Nouvelle connexion")); n != 2 {
			t.Errorf("%d mails for two new browsers", n)
		}
		p.get("/accounts/login/cle/").to("/espace-aidant/")
	})
}

func TestKeyOfAClosedAccountOpensNothing(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		k := g.withKey(g.camille)
		p := g.poste()
		answer := p.get("/accounts/login/cle/").answer(k)
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE aidant SET actif = $2 WHERE id = $1`, g.camille.Aidant.ID, false)
			return err
		})
		p.post("/accounts/login/cle/", answer).want(http.StatusUnprocessableEntity, "Clé non reconnue")
		for _, f := range []url.Values{nil, {"defi": {"42"}, "reponse": {"{}"}}, {"reponse": {strings.Repeat("a", 20_000)}}} {
			p.post("/accounts/login/cle/", f).want(http.StatusUnprocessableEntity, "Clé non reconnue")
		}
		if p.isIn() {
			t.Error("signed in")
		}
	})
}

// A key passes the re-check without losing the form it interrupted; another
// account's does not.
func TestRecheckByKey(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		k, other := g.withKey(g.camille), g.withKey(g.dominique)
		g.refer(g.camille)
		g.accept(g.camille)
		p := g.poste().enter(g.camille)
		g.clock.Advance(16 * time.Minute)
		p.post("/essai/", url.Values{"choix": {"le mien"}}).want(http.StatusOK, "Utiliser ma clé d&#39;accès", "Code à 6 chiffres")
		kept := url.Values{"action": {"/essai/"}, "garde.choix": {"le mien"}}
		page := p.post("/activity_check/cle/", kept).want(http.StatusOK, `name="garde.choix" value="le mien"`)
		foreign := p.post("/activity_check/cle/", kept).answer(k)
		foreign.Set("reponse", string(other.Get(html.UnescapeString(anOption.FindStringSubmatch(page.Body.String())[1]))))
		p.post("/activity_check/cle/", foreign).want(http.StatusUnprocessableEntity, "Clé non reconnue")
		answer := page.answer(k)
		answer.Set("action", "/essai/")
		answer.Set("garde.choix", "le mien")
		before := p.clone()
		testkit.FailEachStatement(t, g.DB, func() error { return p.post("/activity_check/cle/", answer).must(http.StatusOK) })
		p.post("/essai/", url.Values{"choix": {"le mien"}}).want(http.StatusOK, "Bonjour pour")
		if before.isIn() {
			t.Error("the cookie did not change")
		}
		if n := g.count(`SELECT count(*) FROM session_web WHERE moyen = 'cle'`); n != 1 {
			t.Errorf("%d sessions by key", n)
		}
		q := g.poste().enter(g.dominique)
		q.get("/activity_check/").want(http.StatusOK, "Utiliser ma clé")
		r := g.poste().enter(g.camille)
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM facteur_cle WHERE aidant_id = $1`, g.camille.Aidant.ID)
			return err
		})
		r.post("/activity_check/cle/", nil).want(http.StatusUnprocessableEntity, "Aucune clé d’accès")
	})
}

// Strangers make the delay of unknown browsers run, as long as they like; it is
// nothing to a browser where the person signed in before.
func TestStrangersDoNotDelayAKnownBrowser(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		known := g.poste().enter(g.camille)
		wrong := url.Values{"email": {g.camille.Aidant.Email}, "otp_token": {"000000"}}
		for range 12 {
			g.clock.Advance(16 * time.Minute)
			g.poste().post("/accounts/login/", wrong).want(http.StatusUnprocessableEntity, connexion.Neutral)
		}
		g.poste().ask(g.camille).want(http.StatusUnprocessableEntity, connexion.Neutral) // the delay of the others
		right := url.Values{"otp_token": {g.code(g.camille)}}
		known.post("/activity_check/", right).to("/espace-aidant/")
		known.post("/logout-session/", nil)
		known.ask(g.camille).to("/email-envoye/")
		// Its own wrong codes delay it, and nobody else.
		g.clock.Advance(16 * time.Minute)
		for range 3 {
			known.post("/accounts/login/", wrong)
			g.clock.Advance(time.Second)
		}
		if n := g.count(`SELECT count(*) FROM appareil WHERE echecs > 0`); n != 1 {
			t.Errorf("%d browsers count failures", n)
		}
		g.poste().ask(g.camille).to("/email-envoye/")
	})
}

// The page is the same for a right pair, a wrong one, an unknown address.
func TestResyncIsNeutral(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.get(facteur.CheminResync).want(http.StatusOK, "Mon code est refusé")
		late := func(d int64) string {
			return facteur.Code(g.camille.Graine, facteur.Pas(g.clock.Now(), 30)+d)
		}
		post := func(email, un, deux string) reponse {
			return p.post(facteur.CheminResync, url.Values{"email": {email}, "code_un": {un}, "code_deux": {deux}})
		}
		post("pas une adresse", "12", "").want(http.StatusUnprocessableEntity, "Saisissez une adresse électronique", "premier code", "code suivant", "pas une adresse")
		post(g.camille.Aidant.Email, "123456", "123456").want(http.StatusUnprocessableEntity, "C’est le même code")
		var bodies []string
		bodies = append(bodies, post("inconnue@example.org", "123456", "654321").want(http.StatusOK, "Demande traitée").Body.String())
		bodies = append(bodies, post(g.dominique.Aidant.Email, "123456", "654321").want(http.StatusOK).Body.String())
		g.poste().post("/accounts/login/", url.Values{"email": {g.camille.Aidant.Email}, "otp_token": {late(-10)}}).want(http.StatusUnprocessableEntity)
		g.clock.Advance(time.Minute)
		testkit.FailEachStatement(t, g.DB, func() error {
			g.forgetLimits()
			return post(g.camille.Aidant.Email, late(-11), late(-10)).must(http.StatusOK)
		}, "limite")
		bodies = append(bodies, post("encore@example.org", late(-11), late(-10)).Body.String())
		for _, b := range bodies[1:] {
			if b != bodies[0] {
				t.Error("the pages differ")
			}
		}
		g.clock.Advance(time.Minute)
		p.post("/accounts/login/", url.Values{"email": {g.camille.Aidant.Email}, "otp_token": {late(-10)}}).to("/email-envoye/")
		for range 5 {
			post("autre@example.org", "123456", "654321").want(http.StatusOK)
		}
		post("autre@example.org", "123456", "654321").want(http.StatusTooManyRequests)
	})
}
