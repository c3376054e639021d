package connexion_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

func codeForm(code string) url.Values { return url.Values{"code_court": {code}} }

// The mail may be read elsewhere: its short code, typed in the first browser,
// ends the sign-in, once (comptes 2.1, point 7).
func TestShortCodeSignsIn(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.ask(g.camille)
		link, code := g.last("Lien de connexion")
		thief := g.poste()
		thief.post("/email-envoye/", codeForm(code)).want(http.StatusGone, "ne fonctionne plus")
		p.post("/email-envoye/", codeForm("12")).want(http.StatusUnprocessableEntity, "Recopiez les huit lettres")
		p.post("/email-envoye/", codeForm(strings.ToLower(strings.ReplaceAll(code, "-", " ")))).to("/espace-aidant/")
		if !p.isIn() || thief.isIn() {
			t.Error("the short code opened something else than this browser")
		}
		p.get(link).want(http.StatusOK, "Vous êtes déjà connecté")
		g.poste().get(link).want(http.StatusGone, "ne fonctionne plus")
		p.post("/email-envoye/", codeForm(code)).want(http.StatusGone)
	})
}

// Five wrong short codes void the link: nobody guesses one.
func TestShortCodeIsNotGuessed(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.ask(g.camille)
		link, code := g.last("Lien de connexion")
		wrong := "BBBB-BBBB"
		for i := range connexion.MaxEchecs {
			r := p.post("/email-envoye/", codeForm(wrong))
			if i < connexion.MaxEchecs-1 {
				r.want(http.StatusUnprocessableEntity, "n’est pas celui du dernier message")
			} else {
				r.want(http.StatusGone)
			}
		}
		p.post("/email-envoye/", codeForm(code)).want(http.StatusGone)
		p.post(link, nil).want(http.StatusGone)
	})
}

// The link and the code of one mail, in many tabs at once: one session.
func TestOneMailOpensOneSession(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.ask(g.camille)
		link, code := g.last("Lien de connexion")
		var wg sync.WaitGroup
		for i := range 8 {
			tab := p.clone()
			wg.Go(func() {
				if i%2 == 0 {
					tab.post(link, nil)
				} else {
					tab.post("/email-envoye/", codeForm(code))
				}
			})
		}
		wg.Wait()
		if n := len(g.sessions(g.camille)); n != 1 {
			t.Errorf("one mail opened %d sessions", n)
		}
	})
}

// A lost message is sent again, with other secrets, within ten minutes of the
// code and not without end.
func TestResend(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		g.poste().post("/email-envoye/renvoyer/", nil).want(http.StatusGone)
		p.ask(g.camille)
		first, firstCode := g.last("Lien de connexion")
		g.clock.Advance(4 * time.Minute)
		p.post("/email-envoye/renvoyer/", url.Values{"next": {"/espace-aidant/sessions/"}}).to("/email-envoye/?next=%2Fespace-aidant%2Fsessions%2F")
		p.get("/email-envoye/").want(http.StatusOK, "Un nouveau message vient de partir")
		second, secondCode := g.last("Lien de connexion")
		if first == second || firstCode == secondCode {
			t.Error("the secrets did not change")
		}
		p.clone().post(first, nil).want(http.StatusGone)
		p.clone().post("/email-envoye/", codeForm(firstCode)).want(http.StatusUnprocessableEntity)
		g.clock.Advance(4 * time.Minute)
		p.post("/email-envoye/renvoyer/", nil).to("/email-envoye/")
		third, _ := g.last("Lien de connexion")
		g.clock.Advance(2*time.Minute - time.Second)
		tab := p.clone()
		tab.post(third, nil).to("/espace-aidant/")
		g.clock.Advance(time.Second)
		p.post("/email-envoye/renvoyer/", nil).want(http.StatusGone)
	})
}

func TestMailsAreLimited(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.ask(g.camille)
		for range 4 {
			p.post("/email-envoye/renvoyer/", nil).to("/email-envoye/")
			g.mails("Lien de connexion") // in their order
		}
		r := p.post("/email-envoye/renvoyer/", nil).want(http.StatusTooManyRequests, "Trop de demandes")
		if r.Header().Get("Retry-After") == "" {
			t.Error("it does not say when")
		}
		code := g.code(g.camille)
		ask := url.Values{"email": {g.camille.Aidant.Email}, "otp_token": {code}}
		p.post("/accounts/login/", ask).want(http.StatusTooManyRequests)
		if n := len(g.mails("Lien de connexion")); n != 5 {
			t.Errorf("%d mails", n)
		}
		link, _ := g.last("Lien de connexion")
		p.post(link, nil).to("/espace-aidant/")
		g.clock.Advance(15 * time.Minute)
		p.ask(g.dominique).to("/email-envoye/")
	})
}

// A right code refused for the number of mails is given back.
func TestRefusedMailGivesTheCodeBack(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.ask(g.camille)
		for range 4 {
			p.post("/email-envoye/renvoyer/", nil)
		}
		before := testkit.Content(t, g.DB, "limite")
		p.ask(g.camille).want(http.StatusTooManyRequests)
		after := testkit.Content(t, g.DB, "limite")
		for table := range before {
			if strings.Join(before[table], "\n") != strings.Join(after[table], "\n") {
				t.Errorf("%s changed", table)
			}
		}
	})
}

// A busy neighbour behind the same address keeps nobody out who signed in from
// their browser before.
func TestTownHallBehindOneAddress(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		known := g.poste().enter(g.camille)
		known.post("/logout-session/", nil)
		stranger := g.poste()
		for range 40 {
			stranger.post("/accounts/login/", url.Values{"email": {"inconnue@example.org"}, "otp_token": {"000000"}})
		}
		stranger.post("/accounts/login/", url.Values{"email": {"inconnue@example.org"}, "otp_token": {"000000"}}).want(http.StatusTooManyRequests)
		g.poste().post("/accounts/login/", url.Values{"email": {g.camille.Aidant.Email}, "otp_token": {"000000"}}).want(http.StatusTooManyRequests)
		known.post("/accounts/login/", url.Values{"email": {g.camille.Aidant.Email}, "otp_token": {g.code(g.camille)}}).to("/email-envoye/")
	})
}

// Every statement of an entry fails in turn: no session, no browser, no mail, and
// the link still serves.
func TestEntryIsAllOrNothing(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.ask(g.camille)
		link, _ := g.last("Lien de connexion")
		n := testkit.FailEachStatement(t, g.DB, func() error { return p.clone().post(link, nil).must(http.StatusSeeOther) })
		if n < 10 {
			t.Errorf("%d statements", n)
		}
		p.ask(g.camille)
		_, code := g.last("Lien de connexion")
		testkit.FailEachStatement(t, g.DB, func() error {
			return p.clone().post("/email-envoye/", codeForm(code)).must(http.StatusSeeOther)
		}, "limite")
		p.ask(g.camille)
		testkit.FailEachStatement(t, g.DB, func() error {
			return p.clone().post("/email-envoye/renvoyer/", nil).must(http.StatusSeeOther)
		}, "limite")
	})
}

// An account closed since its code opens nothing, by link nor by short code.
func TestEntryOfAClosedAccount(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		p := g.poste()
		p.ask(g.camille)
		link, code := g.last("Lien de connexion")
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE aidant SET actif = $2 WHERE id = $1`, g.camille.Aidant.ID, false)
			return err
		})
		p.post("/email-envoye/", codeForm(code)).want(http.StatusUnprocessableEntity)
		p.post(link, nil).want(http.StatusGone)
		p.post("/email-envoye/renvoyer/", nil).want(http.StatusGone)
	})
}
