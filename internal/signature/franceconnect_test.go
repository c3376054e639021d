package signature_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/simulateur"
	"aidantsconnect/internal/testkit"
)

const (
	ditVerification = "n'a pas pu être vérifiée. Par sécurité, rien n'a été enregistré"
	ditReprise      = "Cette page ne correspond plus à une connexion en cours"
	ditSession      = "Nous n'avons pas pu fermer la connexion FranceConnect"
	ditDeconnexion  = "La déconnexion de FranceConnect n'est pas confirmée"
	ditDelai        = "La connexion a pris trop de temps"
	ditPerdu        = "Ce mandat en préparation n’est plus disponible"
)

// An answer whose issuer is missing or another is not believed, errors
// included, and its code is not exchanged (FS-11).
func TestIssuerOfTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, b *banc, _ *navigateur) {
		for _, f := range []simulateur.Faute{simulateur.FauteSansIss, simulateur.FauteAutreIss} {
			b.sim.Injecter(f)
			n := b.connecte(alix)
			n.identify(n.prepare("SHORT", "papiers"), "ordinaire").want(t, http.StatusOK, ditVerification)
		}
	})
}

// The person gives up: the aidant starts again with what was typed, and signs
// (FS-12).
func TestAbandonThenAgain(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.press(n.prepare("SHORT", "papiers"), "FranceConnect", nil)
		p = n.press(p, "Revenir à", nil).want(t, http.StatusOK, "elle a été abandonnée", "Papiers", "Relancer FranceConnect")
		if strings.Contains(p.text, ditSession) {
			t.Error("no session was opened")
		}
		p = n.logout(n.identify(p, "ordinaire")).want(t, http.StatusOK, "Récapitulatif")
		n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "Le mandat est enregistré")
	})
}

func TestMinorAndIncompleteAreExplained(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.logout(n.identify(n.prepare("SHORT", "papiers"), "mineur")).want(t, http.StatusOK, "Cette personne est mineure")
		if k := b.count(`SELECT count(*) FROM usager`); k != 0 {
			t.Errorf("%d usagers: a minor's identity was kept", k)
		}
	})
}

// The state belongs to one browser, serves once, and is compared whole (FS-10,
// M-W13). Whatever is wrong, the page offers to start again and signs nobody out.
func TestStateIsBoundToTheBrowser(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		answer := func(n *navigateur) string { // FranceConnect's answer, not yet followed
			n.b.t.Helper()
			n.c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
				if strings.HasPrefix(r.URL.Path, signature.CheminRetour) {
					return http.ErrUseLastResponse
				}
				return nil
			}
			defer func() { n.c.CheckRedirect = nil }()
			return n.identify(n.prepare("SHORT", "papiers"), "ordinaire").header.Get("Location")
		}
		victim := b.connecte(email("bilal", 0))
		mine := answer(n)
		victim.do(http.MethodGet, mine, nil).want(t, http.StatusGone, ditPerdu, ditReprise)
		// FS-36: it brings a code, hence somebody signed in that we cannot sign out.
		b.navigateur().do(http.MethodGet, mine, nil).want(t, http.StatusGone, ditPerdu, ditSession)
		victim.do(http.MethodGet, mine, nil).want(t, http.StatusGone, ditSession)
		for _, without := range []string{strings.Replace(mine, "code=", "autre=", 1), b.origine + signature.CheminRetour} {
			if p := b.navigateur().do(http.MethodGet, without, nil); strings.Contains(p.text, "Fermez le navigateur") {
				t.Error("a session is feared without a code")
			}
		}
		for _, bad := range []string{strings.Replace(mine, "state=", "state=A", 1), strings.Split(mine, "state=")[0], b.origine + signature.CheminRetour, b.origine + signature.CheminRetour + "?state="} {
			n.do(http.MethodGet, bad, nil).want(t, http.StatusGone, ditPerdu, ditReprise)
		}
		p := n.do(http.MethodGet, mine, nil)
		n.do(http.MethodGet, mine, nil).want(t, http.StatusGone, ditPerdu) // replayed
		n.logout(p).want(t, http.StatusOK, "Récapitulatif")
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE statut = 'pret'`); k != 1 {
			t.Errorf("%d dossiers ready", k)
		}
		n.get(signature.CheminCreation).want(t, http.StatusOK, "Créer un mandat", "Vous avez déjà un mandat en préparation")
	})
}

// An answer to an attempt that was started again is void.
func TestSecondAttemptVoidsTheFirst(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.prepare("SHORT", "papiers")
		first := n.press(p, "FranceConnect", nil)
		n.press(p, "FranceConnect", nil)
		first = n.press(n.press(first, "Compte de démonstration", nil), "Se connecter", url.Values{"personne": {"nom_usage"}})
		n.press(first, "Continuer", nil).want(t, http.StatusGone, ditPerdu)
	})
}

// Past our 10 minutes the answer is refused, and the same dossier starts again.
func TestTooLate(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.press(n.prepare("SHORT", "papiers"), "FranceConnect", nil)
		b.clock.Advance(10 * time.Minute)
		p = n.press(n.press(p, "Compte de démonstration", nil), "Se connecter", url.Values{"personne": {"ordinaire"}})
		n.press(p, "Continuer", nil).want(t, http.StatusOK, ditDelai, "Relancer FranceConnect")
	})
}

// FranceConnect is down before the leg: the message is on the same page and
// nothing is lost.
func TestFranceConnectDown(t *testing.T) {
	each(t, func(t *testing.T, b *banc, _ *navigateur) {
		b.clock.Advance(2 * time.Hour) // discovery is no longer cached, and the session asks a code again
		n := b.connecte(alix)
		p := n.prepare("SHORT", "papiers")
		b.down = true
		n.press(p, "FranceConnect", nil).want(t, http.StatusServiceUnavailable, "FranceConnect", "Relancer FranceConnect")
		b.down = false
		n.logout(n.identify(p, "ordinaire")).want(t, http.StatusOK, "Récapitulatif")
	})
}

// The logout does not come back: the récapitulatif warns and lets it be tried
// again; a return with a wrong state does not count (FS-35).
func TestLogoutNotConfirmed(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		b.sim.Injecter(simulateur.FauteDeconnexion)
		p := n.identify(n.prepare("SHORT", "papiers"), "ordinaire")
		for !strings.Contains(p.text, "Déconnexion terminée") {
			p = n.press(p, "", nil)
		}
		b.sim.Injecter()
		p = n.get(signature.CheminDeconnexion+"?state=autre").want(t, http.StatusOK, "Récapitulatif", ditDeconnexion)
		n.get(signature.CheminDeconnexion).want(t, http.StatusOK, "Récapitulatif", ditDeconnexion)
		// FranceConnect has forgotten the session, so only its error page answers;
		// the button leads there with a true hint.
		n.press(p, "Réessayer la déconnexion", nil).want(t, http.StatusBadRequest, "Y100019")
		n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "Le mandat est enregistré") // said, not blocked
	})
}

// The database fails after FranceConnect answered: the browser is led to the
// logout all the same (FS-17), and the return says what is lost.
func TestLogoutEvenWhenTheDatabaseFails(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.press(n.press(n.prepare("SHORT", "papiers"), "FranceConnect", nil), "Compte de démonstration", nil)
		p = n.press(p, "Se connecter", url.Values{"personne": {"ordinaire"}})
		b.db.FailAt(6) // the state is consumed in fewer statements; the identity needs more
		p = n.press(p, "Continuer", nil)
		b.db.FailAt(0)
		if !strings.HasPrefix(p.url.Host, "fc.") {
			t.Fatalf("not at FranceConnect's logout: %s %.200s", p.url, p.text)
		}
		n.logout(p).want(t, http.StatusGone, ditPerdu)
		n.get(signature.CheminCreation).want(t, http.StatusOK, "Vous avez déjà un mandat en préparation")
		if k := b.count(`SELECT count(*) FROM usager`); k != 0 {
			t.Errorf("%d usagers", k)
		}
	})
}

// The same person twice in a browser within 30 minutes: a second look is asked
// (FS-33); so it is after a use, which a higher package tells.
func TestSamePersonAsAMomentAgo(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.sign(n.recap("ordinaire", "SHORT", "papiers"), b.nextCode(alix)).want(t, http.StatusOK)
		p := n.recap("ordinaire", "SHORT", "argent").want(t, http.StatusOK, "Même personne que tout à l’heure")
		p = n.sign(p, b.nextCode(alix)).want(t, http.StatusUnprocessableEntity, "Confirmez que la personne vient de se connecter elle-même")
		n.press(p, "Signer", url.Values{"identite_bis": {"on"}, "otp_token": {b.nextCode(alix)}}).want(t, http.StatusOK, "Le mandat est enregistré")
		// Signed out and in again: the desk is the same.
		b.connecte(alix).recap("ordinaire", "SHORT", "justice").want(t, http.StatusOK, "Même personne que tout à l’heure")
		p = n.recap("nom_usage", "SHORT", "papiers")
		if strings.Contains(p.text, "Même personne") {
			t.Error("another person is said to be the same")
		}
		b.h.RecentUse = func(context.Context, *db.Tx, actor.Actor, ident.UsagerID, db.Time) (bool, error) {
			return true, nil
		}
		n.get(signature.CheminRecap+"?"+p.url.RawQuery).want(t, http.StatusOK, "Même personne que tout à l’heure")
	})
}

// « Ce n'est pas cette personne » starts a new connection for the same dossier.
func TestWrongPerson(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.recap("ordinaire", "SHORT", "papiers")
		p = n.press(p, "Ce n’est pas cette personne", nil)
		p = n.press(n.press(p, "Compte de démonstration", nil), "Se connecter", url.Values{"personne": {"nom_usage"}})
		p = n.logout(n.press(p, "Continuer", nil)).want(t, http.StatusOK, "Récapitulatif", "ROUVERAY")
		n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "ROUVERAY")
	})
}

// The nonce is derived from the state under our key: neither is stored, and
// neither tells the other.
func TestNonceOf(t *testing.T) {
	h := &signature.Handlers{Empreintes: testkit.Key(t, 9)}
	a, b := h.NonceOf("x"), h.NonceOf("y")
	if a == b || len(a) != 64 || h.NonceOf("x") != a || (&signature.Handlers{Empreintes: testkit.Key(t, 8)}).NonceOf("x") == a {
		t.Error("nonce")
	}
	if secret.Equal(h.Digest("state", "x"), h.Digest("nonce", "x")) {
		t.Error("one digest for two purposes")
	}
}
