package signature_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/testkit"
)

// still makes a browser that does not follow redirects.
func (n *navigateur) still() *navigateur {
	c := *n.c
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &navigateur{n.b, &c}
}

// failed turns a 500 into the error FailEachStatement wants.
func failed(p page) error {
	if p.status == http.StatusInternalServerError {
		return errors.New("500")
	}
	return nil
}

// Every statement of the conclusion fails in turn: nothing is left, not even
// the code, which then signs (M-W9). It replaces a mandat, so that every
// statement exists.
func TestConclusionIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.sign(n.recap("ordinaire", "LONG", "papiers"), b.nextCode(alix)).want(t, http.StatusOK)
		p := n.recap("ordinaire", "MONTH", "papiers", "argent")
		code := b.nextCode(alix)
		q := n.still()
		var last page
		ran := testkit.FailEachStatement(t, b.db, func() error {
			last = q.press(p, "Signer", url.Values{"identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code}})
			return failed(last)
		})
		if last.status != http.StatusSeeOther || !strings.Contains(last.header.Get("Location"), "/final/") {
			t.Errorf("the act ends with %d %s", last.status, last.header.Get("Location"))
		}
		if ran < 15 {
			t.Errorf("%d statements: were they all made to fail?", ran)
		}
		if k := b.count(`SELECT count(*) FROM mandat`); k != 2 {
			t.Errorf("%d mandats", k)
		}
		b.verifyJournal()
	})
}

func TestOpeningIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		q := n.still()
		testkit.FailEachStatement(t, b.db, func() error {
			return failed(q.post(signature.CheminCreation, url.Values{"demarche": {"papiers"}, "duree": {"SHORT"}, "capacite": {"on"}}))
		})
		if k := b.count(`SELECT count(*) FROM dossier_signature`); k != 1 {
			t.Errorf("%d dossiers", k)
		}
	})
}

// Every statement of the callback's transactions fails in turn: no identity,
// no journal line, and the same dossier goes on.
func TestCallbackIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		start := n.prepare("SHORT", "papiers")
		before := testkit.Content(t, b.db, "dossier_signature", "session_web")
		for k := 1; ; k++ {
			p := n.press(n.press(start, "FranceConnect", nil), "Compte de démonstration", nil)
			p = n.press(p, "Se connecter", url.Values{"personne": {"ordinaire"}})
			b.db.FailAt(k)
			p = n.press(p, "Continuer", nil)
			b.db.FailAt(0)
			if strings.HasPrefix(p.url.Host, "fc.") {
				p = n.logout(p)
			} else {
				n = b.connecte(alix) // FranceConnect's session is still open
				start = n.prepare("SHORT", "papiers")
				before = testkit.Content(t, b.db, "dossier_signature", "session_web")
				if k > 4 {
					t.Fatalf("statement %d: %d %.200s", k, p.status, p.text)
				}
				continue
			}
			if strings.Contains(p.text, "Récapitulatif") {
				if k < 8 {
					t.Errorf("%d statements only", k)
				}
				return
			}
			if diff := cmp.Diff(before, testkit.Content(t, b.db, "dossier_signature", "session_web")); diff != "" {
				t.Fatalf("statement %d failed and something was left: %s", k, diff)
			}
		}
	})
}

// Two récapitulatifs posted at once with one code, or with two: one mandat.
func TestTwoSignaturesOfOneDossier(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		for range 3 {
			p := n.recap("nom_usage", "SHORT", "papiers")
			code := b.nextCode(alix)
			var wg sync.WaitGroup
			answers := make([]page, 4)
			for i := range answers {
				q := n.still()
				wg.Go(func() {
					answers[i] = q.press(p, "Signer", url.Values{"identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code}})
				})
			}
			wg.Wait()
			got := map[string]int{}
			for _, a := range answers {
				switch {
				case a.status == http.StatusSeeOther && strings.Contains(a.header.Get("Location"), "/final/"):
					got["signed"]++
				case a.status == http.StatusConflict && strings.Contains(a.text, "déjà signé"):
					got["already"]++
				case a.status == http.StatusSeeOther: // its cookie was renewed meanwhile: sign in
					got["already"]++
				default:
					t.Errorf("%d %.300s", a.status, a.text)
				}
			}
			if got["signed"] != 1 {
				t.Error(fmt.Sprint(got))
			}
			n = b.connecte(alix)
		}
		if k := b.count(`SELECT count(*) FROM mandat`); k != 3 {
			t.Errorf("%d mandats, want 3", k)
		}
		if k := b.count(`SELECT count(*) FROM autorisation WHERE fin IS NULL`); k != 1 {
			t.Errorf("%d live autorisations", k)
		}
	})
}
