package enrolement_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/testkit"
)

// invite gives what the référent's screen shows and what the mailbox holds.
func invite(t *testing.T, m *testkit.Monde, p *demo.Parcours) (code, lien string) {
	t.Helper()
	ok(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		a, err := aidant.LoadByEmail(t.Context(), tx, p.Compte.Courriel)
		if err != nil {
			return err
		}
		c, err := m.Server.Facteurs.Invite(t.Context(), tx, facteur.ByCommand(), a.ID)
		code = c.Reveal()
		return err
	}))
	m.Server.Outbox.Poke()
	re := regexp.MustCompile(regexp.QuoteMeta(m.Adresses.App+facteur.CheminInvitation) + `[\w-]+/`)
	mail, err := p.Courriel(re.MatchString)
	ok(t, err)
	if strings.Contains(mail, code) || strings.Contains(mail, strings.ReplaceAll(code, " ", "")) {
		t.Error("the mail holds the activation code")
	}
	return code, re.FindString(mail)
}

// Two halves, the mailbox and the code said in person, and the screen of the
// person invited: the référent sees no secret (A-W11, A-W78).
func TestInvitation(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		code, lien := invite(t, m, p)
		scanner := m.Aidant(t, "nadia")
		for range 3 {
			ok(t, scanner.Ouvrir(lien))
			shows(t, scanner, http.StatusOK, "de vive voix")
		}
		ok(t, p.Ouvrir(lien))
		ok(t, p.Envoyer(demo.Avec("code"), url.Values{"code": {"12"}}))
		shows(t, p, http.StatusUnprocessableEntity, "Saisissez les 8 chiffres")
		ok(t, p.Envoyer(demo.Avec("code"), url.Values{"code": {other(code)}}))
		shows(t, p, http.StatusUnprocessableEntity, "n’est pas le bon")
		ok(t, p.Envoyer(demo.Avec("code"), url.Values{"code": {code}}))
		shows(t, p, http.StatusOK, "Impossible de viser ?")
		graine := seed(t, p)

		ok(t, scanner.Ouvrir(lien))
		shows(t, scanner, http.StatusOK, "Revenez au premier navigateur")
		ok(t, scanner.Poster(lien+"activer/", url.Values{"code": {code}}))
		shows(t, scanner, http.StatusOK, "Revenez au premier navigateur")
		right := func() string { return facteur.Code(graine, facteur.Pas(m.Horloge.Now(), 30)) }
		ok(t, scanner.Poster(lien+"confirmer/", url.Values{"otp_token": {right()}}))
		shows(t, scanner, http.StatusOK, "Revenez au premier navigateur")

		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {"000000"}}))
		shows(t, p, http.StatusUnprocessableEntity, "Ce code n'est pas le bon")
		if n := len(moyens(t, m, p).Facteurs); n != 1 {
			t.Errorf("%d factors before a right code", n)
		}
		m.Horloge.Avancer(2 * time.Second)
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {right()}}))
		shows(t, p, http.StatusOK, "C’est fait")
		ok(t, p.Ouvrir(lien))
		shows(t, p, http.StatusGone, "ne fonctionne plus")
		if n := len(moyens(t, m, p).Facteurs); n != 2 {
			t.Errorf("%d factors", n)
		}
	})
}

// other is another code of eight digits.
func other(code string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return r
		}
		return '0' + (r-'0'+1)%10
	}, code)
}

// Five wrong codes, a day, a newer invitation or a closed account: the same page.
func TestInvitationEnds(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		code, lien := invite(t, m, p)
		for range 5 {
			ok(t, p.Ouvrir(lien))
			shows(t, p, http.StatusOK, "Code d’activation")
			ok(t, p.Envoyer(demo.Avec("code"), url.Values{"code": {other(code)}}))
		}
		shows(t, p, http.StatusGone, "ne fonctionne plus")
		ok(t, p.Poster(lien+"activer/", url.Values{"code": {code}}))
		shows(t, p, http.StatusGone, "ne fonctionne plus")

		ok(t, p.Ouvrir(m.Adresses.App+facteur.CheminInvitation+"inconnue/"))
		shows(t, p, http.StatusGone, "ne fonctionne plus")

		var first, second string
		ctx := t.Context()
		ok(t, m.Server.DB.Update(ctx, func(tx *db.Tx) error {
			a, err := aidant.LoadByEmail(ctx, tx, p.Compte.Courriel)
			if err != nil {
				return err
			}
			for _, c := range []*string{&first, &second} {
				made, err := m.Server.Facteurs.Invite(ctx, tx, facteur.ByCommand(), a.ID)
				if err != nil {
					return err
				}
				*c = made.Reveal()
			}
			return nil
		}))
		if left := count(t, m, `SELECT count(*) FROM facteur_invitation`); left != 1 {
			t.Errorf("%d invitations for one account", left)
		}
		m.Horloge.Avancer(facteur.InvitationDuree)
		ok(t, m.Server.DB.Update(ctx, func(tx *db.Tx) error {
			n, err := facteur.Purge(ctx, tx)
			if n == 0 {
				t.Error("nothing was purged")
			}
			return err
		}))
		if left := count(t, m, `SELECT count(*) FROM facteur_invitation`); left != 0 {
			t.Errorf("%d invitations after their end", left)
		}
	})
}

func count(t *testing.T, m *testkit.Monde, query string) (n int) {
	t.Helper()
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(context.Background(), query).Scan(&n) }))
	return n
}
