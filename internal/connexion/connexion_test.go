package connexion_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shows checks the page in front of the person.
func shows(t *testing.T, p *demo.Parcours, statut int, contient string) {
	t.Helper()
	if p.Statut != statut || !p.Contient(contient) {
		t.Errorf("%s shows %d %q, not %d %q", p.URL.Path, p.Statut, p.Titre(), statut, contient)
	}
}

// askLink signs in up to the mail and gives the link.
func askLink(t *testing.T, p *demo.Parcours) string {
	t.Helper()
	link, err := p.DemanderLien()
	ok(t, err)
	return link
}

func TestSignIn(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
		shows(t, p, http.StatusOK, "Bonjour Nadia")
		ok(t, p.Ouvrir(m.Adresses.App+"/accounts/login/"))
		if p.URL.Path != "/espace-aidant/" {
			t.Errorf("a signed-in visitor stays at %s", p.URL.Path)
		}
		ok(t, p.SeDeconnecter())
	})
}

// One sentence, one status, whatever is wrong (A-W73).
func TestSignInIsNeutral(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		code, err := p.Code()
		ok(t, err)
		wrong := strings.Map(func(r rune) rune { return '0' + (r-'0'+1)%10 }, code)
		var bodies []string
		for _, f := range []url.Values{
			{"email": {p.Compte.Courriel}, "otp_token": {wrong}},
			{"email": {"inconnue@example.org"}, "otp_token": {code}},
		} {
			ok(t, p.Ouvrir(m.Adresses.App+"/accounts/login/"))
			ok(t, p.Envoyer(demo.Avec("otp_token"), f))
			shows(t, p, http.StatusUnprocessableEntity, connexion.Neutral)
			bodies = append(bodies, strings.ReplaceAll(string(p.Corps), f.Get("email"), "…"))
		}
		if bodies[0] != bodies[1] {
			t.Error("the page tells a wrong code from an unknown address")
		}
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"email": {"pas une adresse"}, "otp_token": {"12"}}))
		shows(t, p, http.StatusUnprocessableEntity, "Saisissez les 6 chiffres du code.")
		if !p.Contient("pas une adresse") && !strings.Contains(string(p.Corps), `value="pas une adresse"`) {
			t.Error("what was typed is lost")
		}
	})
}

// A known address costs twice the work of an unknown one. Refusals wait for the
// next beat, so that the difference does not show (A-W73).
func TestRefusalsWaitForTheBeat(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Aidant(t, "nadia")
	for _, email := range []string{p.Compte.Courriel, p.Compte.Courriel, "inconnue@example.org"} { // wrong, delayed, unknown
		r := httptest.NewRequest(http.MethodPost, "http://localhost/accounts/login/", strings.NewReader(url.Values{"email": {email}, "otp_token": {"000000"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		start := time.Now()
		m.Server.Handler().ServeHTTP(w, r)
		if d := time.Since(start); w.Code != http.StatusUnprocessableEntity || d < connexion.Battement {
			t.Errorf("%s: %d after %v", email, w.Code, d)
		}
	}
}

// A mail scanner opens the link by GET, as often as it likes.
func TestLinkServesOnceByPost(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		link := askLink(t, p)
		scanner := m.Aidant(t, "nadia")
		for range 3 {
			ok(t, scanner.Ouvrir(link))
			shows(t, scanner, http.StatusOK, "Revenez au premier navigateur")
		}
		ok(t, p.Ouvrir(link))
		shows(t, p, http.StatusOK, "Me connecter")
		ok(t, p.Envoyer(demo.Vers("/code/"), nil))
		ok(t, p.Ouvrir(link))
		shows(t, p, http.StatusOK, "Vous êtes déjà connecté") // the other tab was faster
		ok(t, scanner.Ouvrir(link))
		shows(t, scanner, http.StatusGone, "Ce lien de connexion ne fonctionne plus")
	})
}

// The mailbox alone, or another browser, opens nothing (A-W10).
func TestLinkIsBoundToTheBrowser(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		link := askLink(t, m.Aidant(t, "nadia"))
		thief := m.Aidant(t, "nadia")
		ok(t, thief.Ouvrir(link))
		ok(t, thief.Poster(link, nil))
		shows(t, thief, http.StatusGone, "Ce lien de connexion ne fonctionne plus")
		ok(t, thief.Ouvrir(m.Adresses.App+"/espace-aidant/"))
		if thief.URL.Path != "/accounts/login/" {
			t.Errorf("a stolen link opened %s", thief.URL.Path)
		}
	})
}

// A link that could not leave in time is not sent dead, hours later.
func TestLinkMailEndsWithTheLink(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	askLink(t, m.Aidant(t, "nadia"))
	var late int
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM message m, lien_connexion l WHERE m.genre = 'E-01' AND (m.peremption IS NULL OR m.peremption <> l.date_expiration)`).Scan(&late)
	}))
	if late != 0 {
		t.Error("the mail may leave after the end of its link")
	}
}

func TestLinkEnds(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		first := askLink(t, p)
		m.Horloge.Avancer(31 * time.Second)
		second := askLink(t, p)
		ok(t, p.Ouvrir(first))
		shows(t, p, http.StatusGone, "Ce lien de connexion ne fonctionne plus")
		m.Horloge.Avancer(5 * time.Minute)
		ok(t, p.Ouvrir(second))
		shows(t, p, http.StatusGone, "Ce lien de connexion ne fonctionne plus")
	})
}

// Strict: at exactly 15 minutes the code is asked (comptes 4.2).
func TestRecheckThreshold(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/creation_mandat/"))
		m.Horloge.Avancer(15*time.Minute - time.Second)
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/creation_mandat/"))
		if p.URL.Path != "/espace-aidant/creation_mandat/" {
			t.Errorf("one second early: %s", p.URL.Path)
		}
		m.Horloge.Avancer(15 * time.Minute)
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/creation_mandat/"))
		shows(t, p, http.StatusOK, "Confirmez que c'est vous")
		code, err := p.Code()
		ok(t, err)
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {code}}))
		if p.URL.Path != "/espace-aidant/creation_mandat/" {
			t.Errorf("after the code: %s", p.URL.Path)
		}
	})
}

// A POST that meets the re-check is neither executed nor lost (A-W19).
func TestRecheckKeepsTheForm(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/creation_mandat/"))
		m.Horloge.Avancer(20 * time.Minute)
		ok(t, p.Envoyer(demo.Avec("duree"), url.Values{"demarche": {"papiers", "famille"}, "duree": {"MONTH"}, "capacite": {"on"}}))
		shows(t, p, http.StatusOK, "Ce que vous avez saisi est conservé")
		code, err := p.Code()
		ok(t, err)
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {code}}))
		shows(t, p, http.StatusOK, "C'est bien vous")
		ok(t, p.Envoyer(demo.Dit("Reprendre"), nil))
		if !strings.HasPrefix(p.URL.Path, "/fc_authorizev2/") {
			t.Errorf("the form was not resumed: %d %q at %s", p.Statut, p.Titre(), p.URL.Path)
		}
	})
}

// What a stranger repeats during the delay does not fill the journal, where
// nothing is ever deleted.
func TestDelayIsNotJournaled(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Aidant(t, "nadia")
	for range 5 {
		ok(t, p.Ouvrir(m.Adresses.App+"/accounts/login/"))
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"email": {p.Compte.Courriel}, "otp_token": {"000000"}}))
		shows(t, p, http.StatusUnprocessableEntity, connexion.Neutral)
	}
	var lines int
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM journal_ligne WHERE action = 'login_failed'`).Scan(&lines)
	}))
	if lines != 1 {
		t.Errorf("%d lines for one code that was judged", lines)
	}
}

// Who knows an address neither delays the browser where its owner works, nor
// closes the session there; and during the owner's own delay no code is judged.
func TestDelayDoesNotCloseTheSession(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	m.Horloge.Avancer(20 * time.Minute)
	stranger := m.Aidant(t, "nadia")
	for range 6 {
		m.Horloge.Avancer(16 * time.Minute)
		ok(t, stranger.Ouvrir(m.Adresses.App+"/accounts/login/"))
		ok(t, stranger.Envoyer(demo.Avec("otp_token"), url.Values{"email": {p.Compte.Courriel}, "otp_token": {"000000"}}))
	}
	ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/creation_mandat/"))
	for i := range connexion.MaxEchecs + 1 {
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {"123456"}}))
		if i == 0 {
			shows(t, p, http.StatusUnprocessableEntity, "Ce code n'est pas le bon")
			continue
		}
		shows(t, p, http.StatusUnprocessableEntity, "Plusieurs codes faux ont été saisis")
	}
}

func TestFiveWrongCodesCloseTheSession(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		m.Horloge.Avancer(20 * time.Minute)
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/creation_mandat/"))
		for i := range connexion.MaxEchecs {
			m.Horloge.Avancer(time.Minute)
			ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {"000000"}}))
			want := http.StatusUnprocessableEntity
			if i == connexion.MaxEchecs-1 {
				want = http.StatusForbidden
			}
			if p.Statut != want {
				t.Errorf("code %d: %d, want %d", i+1, p.Statut, want)
			}
		}
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
		if p.URL.Path != "/accounts/login/" {
			t.Errorf("the session survived: %s", p.URL.Path)
		}
	})
}

// One code, many browsers at once: one link (A-W8).
func TestOneCodeServesOnce(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		code, err := p.Code()
		ok(t, err)
		var mu sync.Mutex
		accepted := 0
		var wg sync.WaitGroup
		for range 8 {
			other := m.Aidant(t, "nadia")
			wg.Go(func() {
				if err := other.Ouvrir(m.Adresses.App + "/accounts/login/"); err != nil {
					t.Error(err)
					return
				}
				if err := other.Envoyer(demo.Avec("otp_token"), url.Values{"email": {p.Compte.Courriel}, "otp_token": {code}}); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if other.Statut == http.StatusOK {
					accepted++
				}
			})
		}
		wg.Wait()
		if accepted != 1 {
			t.Errorf("one code was accepted %d times", accepted)
		}
	})
}

// next must be a path of this site (A-W17).
func TestUnsafeNext(t *testing.T) {
	m := testkit.NewMonde(t, "sqlite")
	p := m.Aidant(t, "nadia")
	for _, next := range []string{"https://ailleurs.example/", "//ailleurs.example/", "/\\ailleurs.example", "javascript:alert(1)", "espace"} {
		ok(t, p.Ouvrir(m.Adresses.App+"/accounts/login/?next="+url.QueryEscape(next)))
		if p.Statut != http.StatusNotFound {
			t.Errorf("next=%q: %d", next, p.Statut)
		}
	}
}

// A closed account loses access at once (A-W76).
func TestClosedAccount(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		ok(t, m.Fermer(t.Context(), "nadia"))
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
		if p.URL.Path != "/accounts/login/" {
			t.Errorf("a closed account still reads %s", p.URL.Path)
		}
	})
}

// Wrong codes at the recap count like those of the re-check (comptes 5); the
// dossier is not consumed by any of them.
func TestFiveWrongCodesAtTheRecapCloseTheSession(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		ok(t, p.Identifier(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "SHORT"}))
		for i := range connexion.MaxEchecs {
			m.Horloge.Avancer(time.Minute)
			ok(t, p.Envoyer(demo.Avec("personal_data"), url.Values{"identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {"000000"}}))
			if last := i == connexion.MaxEchecs-1; last != (p.Statut == http.StatusForbidden) || !last && p.Statut != http.StatusUnprocessableEntity {
				t.Errorf("code %d: %d %q", i+1, p.Statut, p.Titre())
			}
		}
		ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
		if p.URL.Path != "/accounts/login/" {
			t.Errorf("the session survived: %s", p.URL.Path)
		}
	})
}
