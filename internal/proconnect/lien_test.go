package proconnect_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/testkit"
)

func (n *navigateur) update(fn func(ctx context.Context, tx *db.Tx, id aidant.Aidant) error) {
	n.t.Helper()
	ctx := n.t.Context()
	n.ok(n.m.Server.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := aidant.LoadByEmail(ctx, tx, n.Compte.Courriel)
		if err != nil {
			return err
		}
		return fn(ctx, tx, a)
	}))
}

// withKey gives the account an access key.
func (n *navigateur) withKey() *testkit.Cle {
	n.t.Helper()
	k := testkit.NewCle(n.t, n.Adresses.App)
	var d facteur.Defi
	n.update(func(ctx context.Context, tx *db.Tx, a aidant.Aidant) (err error) {
		d, err = n.m.Server.Facteurs.BeginKey(ctx, tx, a.ID)
		return err
	})
	answer := k.Create(d.Options)
	n.update(func(ctx context.Context, tx *db.Tx, a aidant.Aidant) error {
		_, err := n.m.Server.Facteurs.AddKey(ctx, tx, facteur.Par{Initiateur: journal.Aidant, Auteur: a.ID}, facteur.CleNouvelle{Defi: d.ID, Reponse: answer, Nom: "Clé"})
		return err
	})
	return k
}

var regexpOptions = regexp.MustCompile(`data-options="([^"]*)"`)

// useKey answers the challenge shown.
func (n *navigateur) useKey(k *testkit.Cle) {
	n.t.Helper()
	o := regexpOptions.FindStringSubmatch(string(n.Corps))
	if o == nil {
		n.t.Fatalf("no challenge on %s", n.URL)
	}
	n.ok(n.Envoyer(demo.Avec("reponse"), url.Values{"reponse": {string(k.Get(html.UnescapeString(o[1])))}}))
}

// The second factor after ProConnect is any of the account's, judged as at the
// sign-in (PC-04): an access key, which alone makes a session that resists
// phishing, another's key refused, a recovery code once.
func TestEveryFactorAfterProConnect(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		n, hugo := open(t, m, "nadia"), open(t, m, "hugo")
		k, others := n.withKey(), hugo.withKey()
		siret := siretOf(n)
		n.depart("")
		n.seDire("eidas1", siret)
		n.want(http.StatusOK, "Relier votre compte", "Utiliser ma clé d’accès", "code de secours")
		n.ok(n.Envoyer(demo.Vers("/proconnect/cle/"), nil))
		n.useKey(others)
		n.want(http.StatusUnprocessableEntity, "Clé non reconnue")
		if n.count(`SELECT count(*) FROM proconnect_compte`) != 0 {
			t.Fatal("another's key ties the account")
		}
		n.useKey(k)
		if !n.signedIn() || n.count(`SELECT count(*) FROM session_web WHERE moyen = 'cle'`) != 1 || n.count(`SELECT count(*) FROM proconnect_compte`) != 1 {
			t.Fatalf("by key: %s", n.URL)
		}
		var codes []string
		n.update(func(ctx context.Context, tx *db.Tx, a aidant.Aidant) error {
			made, err := m.Server.Facteurs.CreateRecoveryCodes(ctx, tx, facteur.Par{Initiateur: journal.Aidant, Auteur: a.ID}, a.ID)
			codes = nil
			for _, c := range made {
				codes = append(codes, c.Reveal())
			}
			return err
		})
		for i, want := range []bool{true, false} {
			if i == 0 {
				n.ok(n.AccepterTextes())
			}
			n.signOut()
			n.ok(n.Envoyer(demo.Vers("/proconnect/deconnexion/"), nil))
			n.depart("")
			n.seDire("eidas1", siret)
			n.ok(n.Envoyer(demo.Vers("/proconnect/code/"), url.Values{"otp_token": {codes[0]}}))
			if n.signedIn() != want {
				t.Fatalf("recovery code, time %d: %s", i+1, n.URL)
			}
		}
	})
}

// Strangers who try codes elsewhere do not delay a browser that the account
// knows, nor does that browser's own failures count on the account (A-W8).
func TestKnownBrowserAfterProConnect(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	n, stranger := open(t, m, "nadia"), open(t, m, "nadia")
	n.depart("")
	n.seDire("eidas1", siretOf(n))
	n.code()
	n.ok(n.AccepterTextes())
	n.signOut()
	for range 6 {
		stranger.ok(stranger.Ouvrir(stranger.Adresses.App + "/accounts/login/"))
		stranger.ok(stranger.Envoyer(demo.Avec("otp_token"), url.Values{"email": {n.Compte.Courriel}, "otp_token": {"000000"}}))
		m.Horloge.Avancer(time.Minute)
	}
	if k := n.count(`SELECT echecs FROM facteur_essai`); k < 5 {
		t.Fatalf("%d failures of the stranger", k)
	}
	n.depart("")
	n.want(http.StatusOK, "Il reste à saisir le code")
	n.ok(n.Envoyer(demo.Vers("/proconnect/code/"), url.Values{"otp_token": {"111111"}}))
	n.want(http.StatusUnprocessableEntity)
	if a, b := n.count(`SELECT echecs FROM facteur_essai`), n.count(`SELECT sum(echecs) FROM appareil`); a > 6 || b != 1 {
		t.Errorf("%d failures on the account, %d on the browser", a, b)
	}
	m.Horloge.Avancer(30 * time.Second)
	n.code()
	if !n.signedIn() {
		t.Errorf("a right code in a known browser: %s", n.URL)
	}
	if k := n.count(`SELECT count(*) FROM message WHERE genre = 'E-41'`); k != 1 {
		t.Errorf("%d mails for one new browser", k)
	}
}

// The holder reads of the tie, sees it, and undoes it; the next time it is
// asked again. Each is a line of the journal and a mail.
func TestUnlink(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		n := open(t, m, "nadia")
		n.depart("")
		n.seDire("eidas2", siretOf(n))
		n.code()
		n.ok(n.AccepterTextes())
		mail, err := n.Courriel(func(s string) bool { return strings.Contains(s, "relié à ProConnect") })
		n.ok(err)
		if !strings.Contains(mail, n.Adresses.App+"/espace-aidant/profil/proconnect") {
			t.Errorf("the mail does not say where to undo it: %s", mail)
		}
		n.ok(n.Ouvrir(n.Adresses.App + "/espace-aidant/profil"))
		lien, found := n.Lien("Ma connexion avec ProConnect")
		if !found {
			t.Fatal("the profile does not lead to ProConnect")
		}
		n.ok(n.Ouvrir(lien))
		n.want(http.StatusOK, "est relié à ProConnect depuis")
		m.Horloge.Avancer(time.Minute) // the code of the first session is spent
		other := m.Connecte(t, "nadia")
		m.Horloge.Avancer(6 * time.Minute) // the code of the sign-in is old
		n.ok(n.Ouvrir(lien))
		n.ok(n.Envoyer(demo.Vers("/espace-aidant/profil/proconnect"), nil))
		n.want(http.StatusOK, "Confirmez que c'est vous")
		if n.count(`SELECT count(*) FROM proconnect_compte`) != 1 {
			t.Fatal("undone without a fresh code")
		}
		code, err := n.Code()
		n.ok(err)
		n.ok(n.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {code}}))
		n.ok(n.Envoyer(demo.Vers("/espace-aidant/profil/proconnect"), nil))
		n.want(http.StatusOK, "plus relié à ProConnect", "n’est pas relié")
		if n.count(`SELECT count(*) FROM proconnect_compte`) != 0 || n.count(`SELECT count(*) FROM message WHERE genre = 'E-44'`) != 2 {
			t.Error("still tied, or a mail is missing")
		}
		n.ok(n.Poster(lien, nil)) // twice does nothing
		for action, want := range map[string]int{"link_proconnect": 1, "unlink_proconnect": 1} {
			if k := n.count(`SELECT count(*) FROM journal_ligne WHERE action = '` + action + `'`); k != want {
				t.Errorf("%d lines %s", k, action)
			}
		}
		if err := other.Ouvrir(other.Adresses.App + "/espace-aidant/profil"); err != nil || other.URL.Path != "/accounts/login/" {
			t.Errorf("the other session goes on: %s, %v", other.URL, err)
		}
		n.signOut()
		n.depart("")
		n.want(http.StatusOK, "Relier votre compte")
	})
}

// Whoever waits at the code page does not enter once the tie is undone.
func TestUntiedWhileWaiting(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	n := open(t, m, "nadia")
	n.depart("")
	n.seDire("eidas1", siretOf(n))
	n.code()
	n.ok(n.AccepterTextes())
	n.signOut()
	n.depart("")
	n.want(http.StatusOK, "Il reste à saisir le code")
	m.Altere = true
	n.update(func(ctx context.Context, tx *db.Tx, a aidant.Aidant) error {
		_, err := tx.Exec(ctx, `DELETE FROM proconnect_compte WHERE aidant_id = $1`, a.ID)
		return err
	})
	m.Horloge.Avancer(30 * time.Second)
	n.code()
	if n.signedIn() {
		t.Errorf("signed in by a tie that is no more: %s", n.URL)
	}
}

// Each statement of the act that unties fails in turn: nothing is left behind.
func TestUnlinkIsAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		s := testkit.NewSocle(t, d)
		c := s.NewCompte(t, "camille.essai@example.org", testkit.Siret1)
		h, mux := tranche(t, s, clock, true)
		const jeton = "0123456789012345678901234567890123456789012"
		ctx := t.Context()
		if err := d.Update(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO proconnect_compte (issuer, sub_empreinte, aidant_id, date_creation) VALUES ('x',$1,$2,$3)`, []byte("e"), c.Aidant.ID, tx.Now); err != nil {
				return err
			}
			_, err := h.Connexion.EnterProConnect(ctx, tx, c.Aidant.ID, connexion.PreuvePro{OTP: tx.Now}, h.Connexion.Visitor(httptest.NewRequest("GET", "/", nil)))
			if err == nil {
				_, err = tx.Exec(ctx, `UPDATE session_web SET jeton_empreinte = $1`, s.Empreintes.Digest("connexion.session", jeton))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		testkit.FailEachStatement(t, d, func() error {
			r := httptest.NewRequest("POST", "/espace-aidant/profil/proconnect", strings.NewReader(""))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(&http.Cookie{Name: "__Host-ac_session", Value: jeton})
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			if w.Code != http.StatusSeeOther {
				return fmt.Errorf("status %d", w.Code)
			}
			return nil
		})
		if n := len(testkit.Content(t, d)["proconnect_compte"]); n != 0 {
			t.Errorf("%d ties left", n)
		}
	})
}
