package connexion_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// EnvoyerSMS receives text messages.
func (b *boite) EnvoyerSMS(_ context.Context, s outbox.SMS) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sms = append(b.sms, s)
	return "", nil
}

const (
	premiere = "/accounts/manager_first_login/"
	mobile   = "06 12 34 56 78"
)

// robin is a référent without any factor.
func (g *guichet) robin() aidant.Aidant {
	g.t.Helper()
	var a aidant.Aidant
	g.update(func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = aidant.Create(ctx, tx, g.Journal, aidant.Nouveau{
			Prenom: "Robin", Nom: "Essai", Email: "robin.essai@example.org", Telephone: mobile, Organisation: g.camille.Organisation.ID, Referent: true, NonAidant: true,
		})
		return err
	})
	g.accept(testkit.Compte{Aidant: a})
	return a
}

func first(email, phone string) url.Values { return url.Values{"email": {email}, "telephone": {phone}} }

var (
	aFirst = regexp.MustCompile(`http://localhost(/accounts/manager_first_login_with_code/[^/\s]+/)`)
	digits = regexp.MustCompile(`\b\d{6}\b`)
)

// received gives the link and the code that were sent last.
func (g *guichet) received() (link, code string) {
	g.t.Helper()
	mails := g.mails("première connexion")
	if len(mails) == 0 || len(g.boite.sms) == 0 {
		g.t.Fatalf("%d mails, %d text messages", len(mails), len(g.boite.sms))
	}
	return aFirst.FindStringSubmatch(mails[len(mails)-1].Texte)[1], digits.FindString(g.boite.sms[len(g.boite.sms)-1].Texte)
}

// From the SMS and the mail to the tunnel, and no dead end (comptes 2.3, 2.4).
func TestFirstConnection(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		a := g.robin()
		p := g.poste()
		p.get(premiere).want(http.StatusOK, "Numéro de téléphone mobile")
		p.post(premiere, first("x", "12")).want(http.StatusUnprocessableEntity, "10 chiffres")
		testkit.FailEachStatement(t, g.DB, func() error {
			g.forgetLimits()
			return p.post(premiere, first(a.Email, mobile)).must(http.StatusOK)
		}, "limite")
		link, code := g.received()
		if s := g.boite.sms[0]; s.A != "+33612345678" || !strings.Contains(s.Texte, "Ne le communiquez à personne") {
			t.Errorf("%+v", s)
		}
		for range 3 { // a mail scanner
			g.poste().get(link).want(http.StatusOK, "Saisissez le code reçu par SMS")
		}
		p.post(link, url.Values{"code_sms": {"12"}}).want(http.StatusUnprocessableEntity)
		p.post(link, url.Values{"code_sms": {other(code)}}).want(http.StatusUnprocessableEntity, "n’est pas celui du SMS")
		testkit.FailEachStatement(t, g.DB, func() error { return p.clone().post(link, url.Values{"code_sms": {code}}).must(http.StatusSeeOther) }, "limite")
		p.post(link, url.Values{"code_sms": {code}}).want(http.StatusGone, "ne fonctionne plus")
		p.get(link).want(http.StatusGone)
		if f := g.facts("first_connection"); len(f) != 1 {
			t.Errorf("journal: %v", f)
		}
	})
}

// Inside, the home leads to the tunnel until a factor is there or the person says
// later; the re-check leads there too (A-W42).
func TestTunnel(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		a := g.robin()
		p := g.poste()
		p.post(premiere, first(a.Email, mobile))
		link, code := g.received()
		p.post(link, url.Values{"code_sms": {code}}).to("/espace-referent/")
		p.get("/espace-referent/").to(web.CheminTunnel)
		p.get(web.CheminTunnel).want(http.StatusOK, "Ajouter une application de codes", "Faire plus tard")
		p.post("/premier-facteur/", nil).want(http.StatusOK)
		p.post("/acte-sensible/", nil).want(http.StatusOK, "Il faut d&#39;abord un moyen de connexion")
		g.clock.Advance(20 * time.Minute)
		p.get("/espace-referent/autre/").to("/activity_check/?next=%2Fespace-referent%2Fautre%2F")
		p.get("/activity_check/?next=%2Fespace-referent%2Fautre%2F").to(web.CheminTunnel)
		p.post("/premier-facteur/", nil).want(http.StatusOK)
		p.post(web.CheminTunnel+"plus-tard/", nil).to("/espace-referent/")
		p.get("/espace-referent/autre/").to("/activity_check/?next=%2Fespace-referent%2Fautre%2F")
		g.update(func(ctx context.Context, tx *db.Tx) error {
			return g.Facteurs.EnrolApplication(ctx, tx, a.ID, g.camille.Graine)
		})
		p.get(web.CheminTunnel).to("/espace-referent/")
		p.post("/premier-facteur/", nil).want(http.StatusOK, "Confirmez que c&#39;est vous")
		p.post("/activity_check/", url.Values{"otp_token": {g.code(g.camille)}}).to("/espace-aidant/")
		p.get("/espace-referent/").want(http.StatusOK, "Bonjour pour")
	})
}

// One page and no message, whatever is wrong (A-W6, A-W73).
func TestFirstConnectionIsNeutral(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		a := g.robin()
		want := g.poste().post(premiere, first(a.Email, mobile)).want(http.StatusOK, "Demande reçue").Body.String()
		if n := len(g.mails("première connexion")); n != 1 {
			t.Fatalf("%d mails", n)
		}
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE aidant SET telephone = $1 WHERE telephone = ''`, "+33612345678")
			return err
		})
		g.refer(g.dominique)
		for why, f := range map[string]url.Values{
			"another number": first(a.Email, "06 98 76 54 32"), "unknown": first("inconnue@example.org", mobile),
			"not a référent": first(g.camille.Aidant.Email, mobile), "has a factor": first(g.dominique.Aidant.Email, mobile),
		} {
			if got := g.poste().post(premiere, f).want(http.StatusOK).Body.String(); got != want {
				t.Errorf("%s: the page differs", why)
			}
		}
		if n := len(g.mails("première connexion")); n != 1 || len(g.boite.sms) != 1 {
			t.Errorf("%d mails and %d text messages in all", n, len(g.boite.sms))
		}
		for _, email := range []string{a.Email, "inconnue@example.org"} {
			g.poste().post(premiere, first(email, mobile))
			g.poste().post(premiere, first(email, mobile))
			g.poste().post(premiere, first(email, mobile)).want(http.StatusTooManyRequests)
		}
	})
}

// Five wrong codes, thirty minutes, a newer request, a factor given meanwhile:
// each voids the link.
func TestFirstConnectionEnds(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		a := g.robin()
		p := g.poste()
		p.post(premiere, first(a.Email, mobile))
		link, code := g.received()
		for range connexion.MaxEchecs {
			p.post(link, url.Values{"code_sms": {other(code)}})
		}
		p.post(link, url.Values{"code_sms": {code}}).want(http.StatusGone)
		p.post(premiere, first(a.Email, mobile))
		former, formerCode := g.received()
		g.clock.Advance(time.Second)
		p.post(premiere, first(a.Email, mobile))
		p.post(former, url.Values{"code_sms": {formerCode}}).want(http.StatusGone)
		link, code = g.received()
		g.clock.Advance(30 * time.Minute)
		p.post(link, url.Values{"code_sms": {code}}).want(http.StatusGone)
		g.clock.Advance(10 * time.Hour)
		p.post(premiere, first(a.Email, mobile))
		link, code = g.received()
		g.update(func(ctx context.Context, tx *db.Tx) error {
			return g.Facteurs.EnrolApplication(ctx, tx, a.ID, g.camille.Graine)
		})
		p.post(link, url.Values{"code_sms": {code}}).want(http.StatusGone)
		if p.isIn() {
			t.Error("signed in")
		}
	})
}

func TestFirstConnectionServesOnceInParallel(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		a := g.robin()
		g.poste().post(premiere, first(a.Email, mobile))
		link, code := g.received()
		var wg sync.WaitGroup
		for range 6 {
			p := g.poste()
			wg.Go(func() { p.post(link, url.Values{"code_sms": {code}}) })
		}
		wg.Wait()
		if n := len(g.sessions(testkit.Compte{Aidant: a})); n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}

// Without a provider, or past the ceiling, the page is closed to everybody.
func TestFirstConnectionWithoutSMS(t *testing.T) {
	eachGuichet(t, func(t *testing.T, g *guichet) {
		a := g.robin()
		g.h.Outbox.PlafondSMS = 1
		g.poste().post(premiere, first(a.Email, mobile)).want(http.StatusOK)
		g.poste().post(premiere, first("inconnue@example.org", mobile)).want(http.StatusServiceUnavailable, "momentanément indisponible")
		g.poste().get(premiere).want(http.StatusServiceUnavailable)
		g.h.Outbox.SMS = nil
		g.clock.Advance(25 * time.Hour)
		g.poste().get(premiere).want(http.StatusServiceUnavailable)
	})
}

// other is a code that is not this one.
func other(code string) string { return code[1:] + string('0'+(code[0]-'0'+5)%10) }
