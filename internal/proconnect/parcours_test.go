package proconnect_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// navigateur presses forms by the text of an input they hold.
type navigateur struct {
	t *testing.T
	*demo.Parcours
	m *testkit.Monde
}

func open(t *testing.T, m *testkit.Monde, cle string) *navigateur {
	return &navigateur{t, m.Aidant(t, cle), m}
}

func (n *navigateur) ok(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *navigateur) want(status int, words ...string) {
	n.t.Helper()
	if n.Statut != status {
		n.t.Fatalf("%s: status %d, want %d", n.URL, n.Statut, status)
	}
	for _, w := range words {
		if !n.Contient(w) {
			n.t.Errorf("%s does not say %q", n.URL, w)
		}
	}
}

// depart presses the button of the sign-in page.
func (n *navigateur) depart(suite string) {
	n.t.Helper()
	n.ok(n.Ouvrir(n.Adresses.App + "/accounts/login/" + suite))
	n.want(http.StatusOK, "Se connecter avec ProConnect")
	n.ok(n.Envoyer(demo.Vers("/proconnect/"), nil))
}

// seDire says who one is at ProConnect.
func (n *navigateur) seDire(acr, siret string) {
	n.t.Helper()
	n.want(http.StatusOK, "ceci n'est pas ProConnect")
	n.ok(n.Envoyer(demo.Vers("/api/v2/interaction/"), url.Values{
		"prenom": {n.Compte.Prenom}, "nom": {n.Compte.Nom}, "email": {strings.ToUpper(n.Compte.Courriel)}, "siret": {siret}, "acr": {acr},
	}))
}

func (n *navigateur) code() {
	n.t.Helper()
	code, err := n.Code()
	n.ok(err)
	n.ok(n.Envoyer(demo.Vers("/proconnect/code/"), url.Values{"otp_token": {code}}))
}

// signOut presses the button, and stops where it leads.
func (n *navigateur) signOut() {
	n.t.Helper()
	n.ok(n.Ouvrir(n.Adresses.App + "/espace-aidant/"))
	n.ok(n.Envoyer(demo.Vers("/logout-session/"), nil))
}

func (n *navigateur) signedIn() bool { return strings.HasPrefix(n.URL.Path, "/espace-aidant/") }

func (n *navigateur) count(q string) (k int) {
	n.t.Helper()
	n.ok(n.m.Server.DB.View(n.t.Context(), func(tx *db.Tx) error { return tx.QueryRow(n.t.Context(), q).Scan(&k) }))
	return k
}

const ailleurs = "35600000000048"

func siretOf(n *navigateur) (siret string) {
	n.ok(n.m.Server.DB.View(n.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(n.t.Context(), `SELECT o.siret FROM organisation o WHERE o.nom = $1`, n.Compte.Structure).Scan(&siret)
	}))
	return siret
}

// The whole way: the account tied once with its own code, then the code alone,
// then none when ProConnect checked two factors (PC-02, PC-04); the sign-out
// offers to close ProConnect too (PC-06).
func TestSignInByProConnect(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		n := open(t, m, "nadia")
		siret := siretOf(n)
		// First time: even two factors there do not replace the confirmation here.
		n.depart("?next=/espace-aidant/usagers/")
		n.seDire("eidas2", siret)
		n.want(http.StatusOK, "Relier votre compte à ProConnect")
		if n.signedIn() || n.count(`SELECT count(*) FROM session_web`)+n.count(`SELECT count(*) FROM proconnect_compte`) != 0 {
			t.Fatal("an account is tied or entered on the word of ProConnect alone")
		}
		n.ok(n.Envoyer(demo.Vers("/proconnect/code/"), url.Values{"otp_token": {"000000"}}))
		n.want(http.StatusUnprocessableEntity, "Relier")
		n.ok(n.Envoyer(demo.Vers("/proconnect/code/"), url.Values{"otp_token": {"x"}}))
		n.want(http.StatusUnprocessableEntity, "Saisissez les 6 chiffres du code, ou un code de secours.")
		m.Horloge.Avancer(time.Minute)
		n.code()
		if !n.signedIn() || n.count(`SELECT count(*) FROM proconnect_compte`) != 1 || n.count(`SELECT count(*) FROM session_web WHERE moyen = 'proconnect'`) != 1 {
			t.Fatalf("not signed in: %s", n.URL)
		}
		n.ok(n.AccepterTextes())
		// The SSO of ProConnect answers by itself: its two factors are enough now.
		n.signOut()
		n.want(http.StatusOK, "Se déconnecter aussi de ProConnect ?")
		n.depart("")
		if !n.signedIn() {
			t.Fatalf("tied, with two factors there: %s", n.URL)
		}
		if k := n.count(`SELECT count(*) FROM journal_ligne WHERE action = 'connect_aidant'`); k != 2 {
			t.Errorf("%d sign-ins journaled", k)
		}
		// Signing out of both: the next person of this machine is asked.
		n.signOut()
		n.ok(n.Envoyer(demo.Vers("/proconnect/deconnexion/"), nil))
		if n.URL.Path != "/" || n.count(`SELECT count(*) FROM proconnect_session`) != 1 { // the first one's, tied to no browser any more
			t.Errorf("after the logout: %s, %d tokens kept", n.URL, n.count(`SELECT count(*) FROM proconnect_session`))
		}
		n.depart("")
		n.seDire("eidas1", siret)
		n.want(http.StatusOK, "Il reste à saisir le code")
		m.Horloge.Avancer(time.Minute)
		n.code()
		if !n.signedIn() {
			t.Errorf("with one factor there and one here: %s", n.URL)
		}
	})
}

// PC-03, PC-05, and a closed account: nobody is created, another structure is
// told and changes nothing.
func TestWhoMayNotComeIn(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		n := open(t, m, "nadia")
		before := n.count(`SELECT count(*) FROM aidant`)
		n.depart("")
		real := n.Compte.Courriel
		n.Compte.Courriel = "inconnue@example.org"
		n.seDire("eidas2", ailleurs)
		n.want(http.StatusForbidden, "Aucun compte Aidants Connect", "Se déconnecter de ProConnect")
		if n.count(`SELECT count(*) FROM aidant`) != before || n.signedIn() {
			t.Error("an account is made")
		}
		lien, _ := n.Lien("Se déconnecter de ProConnect")
		n.ok(n.Ouvrir(lien))
		n.ok(n.Envoyer(demo.Vers("/proconnect/deconnexion/"), nil))
		n.Compte.Courriel = real
		n.depart("")
		n.seDire("eidas1-mfa", ailleurs)
		n.want(http.StatusOK, "Ce n’est pas la même structure")
		n.code()
		if !n.signedIn() || n.count(`SELECT count(*) FROM session_web s JOIN organisation o ON o.id = s.organisation_id WHERE o.siret = '`+siretOf(n)+`'`) != 1 {
			t.Error("the structure of the session is not the account's")
		}
		n.ok(n.AccepterTextes())
		n.signOut()
		n.depart("")
		n.want(http.StatusOK, "Ce n’est pas la même structure", "Continuer") // told, then on
		n.signOut()
		m.Altere = true
		n.ok(m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE aidant SET actif = false`)
			return err
		}))
		n.depart("")
		n.want(http.StatusForbidden, "Aucun compte Aidants Connect")
	})
}

// The answer is believed from the browser that asked, once, in time; everything
// else is a page that says so (FS-10).
func TestAnswerOfAnotherBrowser(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	n, victim := open(t, m, "nadia"), open(t, m, "hugo")
	back := m.Adresses.App + "/proconnect/retour/"
	n.depart("")
	for _, q := range []string{"", "?code=x", "?state=x&code=x", "?error=access_denied&state=x"} {
		victim.ok(victim.Ouvrir(back + q))
		victim.want(http.StatusGone, "Cette page ne correspond plus à une connexion en cours")
	}
	n.ok(n.Envoyer(demo.Vers("/api/v2/interaction/"), url.Values{"abandon": {"1"}, "email": {""}}))
	n.want(http.StatusForbidden, "La connexion avec ProConnect a été abandonnée")
	n.ok(n.Ouvrir(n.URL.String())) // replayed
	n.want(http.StatusGone, "Cette page ne correspond plus")
	// Too late.
	n.depart("")
	m.Horloge.Avancer(10 * time.Minute)
	n.seDire("eidas2", ailleurs)
	n.want(http.StatusGone)
	// The code page is nobody's without its cookie, and not for ever.
	victim.ok(victim.Ouvrir(m.Adresses.App + "/proconnect/code/"))
	victim.want(http.StatusGone)
	n.depart("")
	n.want(http.StatusOK, "Relier")
	m.Horloge.Avancer(10 * time.Minute)
	code, err := n.Code()
	n.ok(err)
	n.ok(n.Envoyer(demo.Vers("/proconnect/code/"), url.Values{"otp_token": {code}}))
	n.want(http.StatusGone)
	n.ok(n.Ouvrir(m.Adresses.App + "/accounts/login/"))
	n.ok(n.Poster(m.Adresses.App+"/proconnect/", url.Values{"next": {"https://evil.example/"}}))
	n.want(http.StatusNotFound)
	// A logout that is not ours closes nothing.
	n.ok(n.Ouvrir(m.Adresses.App + "/proconnect/fin/?state=x"))
	n.want(http.StatusOK, "Se déconnecter aussi de ProConnect ?")
	victim.ok(victim.Ouvrir(m.Adresses.App + "/proconnect/fin/?state=x"))
	if victim.URL.Path != "/" {
		t.Errorf("nothing to close: %s", victim.URL)
	}
}
