package enrolement_test

import (
	"encoding/base32"
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
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func shows(t *testing.T, p *demo.Parcours, statut int, contient string) {
	t.Helper()
	if p.Statut != statut || !p.Contient(contient) {
		t.Errorf("%s shows %d %q, not %d %q", p.URL.Path, p.Statut, p.Titre(), statut, contient)
	}
}

func list(t *testing.T, m *testkit.Monde, p *demo.Parcours) {
	t.Helper()
	ok(t, p.Ouvrir(m.Adresses.App+facteur.CheminMoyens))
	shows(t, p, http.StatusOK, "Mes moyens de connexion")
}

// seed reads the secret that the page shows to be typed.
func seed(t *testing.T, p *demo.Parcours) []byte {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(p.Texte("secret"), " ", ""))
	if err != nil || len(b) != facteur.GraineTaille {
		t.Fatalf("%q shows no secret: %v", p.Titre(), err)
	}
	return b
}

func moyens(t *testing.T, m *testkit.Monde, p *demo.Parcours) (all facteur.Moyens) {
	t.Helper()
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		a, err := aidant.LoadByEmail(t.Context(), tx, p.Compte.Courriel)
		if err != nil {
			return err
		}
		all, err = facteur.Load(t.Context(), tx, a.ID)
		return err
	}))
	return all
}

// From one application to two, then back to one, which stays (A-W61, A-W78, A-W79).
func TestAddAndRemoveAnApplication(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		list(t, m, p)
		shows(t, p, http.StatusOK, "Vous n’avez qu’un moyen de connexion")
		if _, found := p.Lien("Retirer"); found {
			t.Error("the last factor can be removed")
		}
		ok(t, p.Envoyer(demo.Dit("Ajouter une application"), nil))
		shows(t, p, http.StatusOK, "Impossible de viser ?")
		first := seed(t, p)
		ok(t, p.Ouvrir(p.URL.String()))
		if string(seed(t, p)) != string(first) {
			t.Error("opening the page again changes the secret")
		}
		code := func(d int64) string { return facteur.Code(first, facteur.Pas(m.Horloge.Now(), 30)+d) }
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {"12"}, "nom": {"Téléphone du travail"}}))
		shows(t, p, http.StatusUnprocessableEntity, "Saisissez les 6 chiffres affichés par l’application.")
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {"000000"}}))
		shows(t, p, http.StatusUnprocessableEntity, "Ce code n'est pas le bon.")
		if string(seed(t, p)) != string(first) || !strings.Contains(string(p.Corps), `value="Téléphone du travail"`) {
			t.Error("a wrong code loses the secret or the name")
		}
		if n := len(moyens(t, m, p).Facteurs); n != 1 {
			t.Errorf("%d factors before a right code", n)
		}
		m.Horloge.Avancer(2 * time.Second)
		ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {code(0)}}))
		shows(t, p, http.StatusOK, "Application ajoutée")
		shows(t, p, http.StatusOK, "« Téléphone du travail »")
		ok(t, p.Ouvrir(m.Adresses.App+facteur.CheminMoyens+"application/"))
		shows(t, p, http.StatusOK, "Recommencez l’ajout")

		all := moyens(t, m, p)
		m.Horloge.Avancer(time.Minute) // the code of the moment has served
		away := m.Connecte(t, "nadia") // another browser of hers
		remove := m.Adresses.App + facteur.CheminMoyens + "retrait/" + all.Facteurs[1].ID.String() + "/"
		stranger := m.Connecte(t, "claire")
		for _, address := range []string{remove, m.Adresses.App + facteur.CheminMoyens + "retrait/" + ident.New[ident.FacteurID]().String() + "/"} {
			ok(t, stranger.Ouvrir(address))
			if stranger.Statut != http.StatusNotFound {
				t.Errorf("somebody else's factor: %d", stranger.Statut)
			}
			ok(t, stranger.Poster(address, url.Values{"motif": {"perte"}}))
			if stranger.Statut != http.StatusNotFound {
				t.Errorf("removal of somebody else's factor: %d", stranger.Statut)
			}
		}
		ok(t, p.Ouvrir(remove))
		ok(t, p.Envoyer(demo.Avec("motif"), nil))
		shows(t, p, http.StatusUnprocessableEntity, "Choisissez une raison.")
		ok(t, p.Envoyer(demo.Avec("motif"), url.Values{"motif": {"autre"}}))
		shows(t, p, http.StatusUnprocessableEntity, "Dites en quelques mots")
		ok(t, p.Envoyer(demo.Avec("motif"), url.Values{"motif": {"autre"}, "precision": {"Je change de téléphone"}}))
		shows(t, p, http.StatusOK, "Moyen de connexion retiré")
		ok(t, away.Ouvrir(m.Adresses.App+facteur.CheminMoyens))
		if away.URL.Path != "/accounts/login/" {
			t.Errorf("another session survived: %s", away.URL.Path)
		}
		last := m.Adresses.App + facteur.CheminMoyens + "retrait/" + all.Facteurs[0].ID.String() + "/"
		ok(t, p.Ouvrir(last))
		shows(t, p, http.StatusOK, "C’est votre dernier moyen de connexion")
		ok(t, p.Poster(last, url.Values{"motif": {"perte"}}))
		shows(t, p, http.StatusOK, "C’est votre dernier moyen de connexion")
		if n := len(moyens(t, m, p).Facteurs); n != 1 {
			t.Errorf("%d factors", n)
		}
	})
}

// The acts ask a code of less than five minutes, and nobody else's page shows a
// secret that waits.
func TestFreshCode(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	list(t, m, p)
	ok(t, p.Envoyer(demo.Dit("Ajouter une application"), nil))
	secret := p.Texte("secret")
	m.Horloge.Avancer(6 * time.Minute)
	ok(t, p.Ouvrir(m.Adresses.App+facteur.CheminMoyens+"application/"))
	shows(t, p, http.StatusOK, "Confirmez que c'est vous")
	for _, path := range []string{"application/", "cle/", "secours/"} {
		ok(t, p.Poster(m.Adresses.App+facteur.CheminMoyens+path, nil))
		shows(t, p, http.StatusOK, "Confirmez que c'est vous")
	}
	other := m.Connecte(t, "claire")
	for _, path := range []string{"", "application/", "secours/", "resynchroniser/"} {
		ok(t, other.Ouvrir(m.Adresses.App+facteur.CheminMoyens+path))
		if other.Contient(secret) {
			t.Errorf("%s shows somebody else's secret", path)
		}
	}
}

func TestRecoveryCodesOnPaper(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		ok(t, p.Ouvrir(m.Adresses.App+facteur.CheminMoyens+"secours/"))
		ok(t, p.Envoyer(demo.Dit("Créer et afficher dix codes"), nil))
		codes := regexp.MustCompile(`\d{5} \d{5}`).FindAllString(string(p.Corps), -1)
		if p.Statut != http.StatusOK || len(codes) != 10 {
			t.Fatalf("%d, %d codes", p.Statut, len(codes))
		}
		list(t, m, p)
		shows(t, p, http.StatusOK, "Il vous reste 10 codes de secours")
		ok(t, p.Ouvrir(m.Adresses.App+facteur.CheminMoyens+"secours/"))
		for _, c := range codes {
			if p.Contient(c) {
				t.Error("a code is shown a second time")
			}
		}
		for i, want := range []int{http.StatusOK, http.StatusUnprocessableEntity} {
			q := m.Aidant(t, "nadia")
			ok(t, q.Ouvrir(m.Adresses.App+"/accounts/login/"))
			ok(t, q.Envoyer(demo.Avec("otp_token"), url.Values{"email": {q.Compte.Courriel}, "otp_token": {codes[3]}}))
			if q.Statut != want {
				t.Errorf("use %d of a recovery code: %d %q", i+1, q.Statut, q.Titre())
			}
		}
	})
}

// The page carries the challenge and takes the answer back (WebAuthn).
func TestAddAKey(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		k := testkit.NewCle(t, m.Adresses.App)
		add := func(answer func(options string) []byte, nom string) {
			list(t, m, p)
			ok(t, p.Envoyer(demo.Dit("Ajouter une clé"), nil))
			shows(t, p, http.StatusOK, "ont besoin de JavaScript")
			options := p.Attribut("data-options")
			ok(t, p.Envoyer(demo.Avec("reponse"), url.Values{"reponse": {string(answer(options))}, "nom": {nom}}))
		}
		add(func(string) []byte { return []byte("{}") }, "")
		shows(t, p, http.StatusOK, "La clé n’a pas été ajoutée")
		add(func(string) []byte { return []byte("{}") }, strings.Repeat("a", 61))
		shows(t, p, http.StatusUnprocessableEntity, "60 caractères au plus")
		add(k.Create, "Clé USB")
		shows(t, p, http.StatusOK, "Clé ajoutée")
		shows(t, p, http.StatusOK, "« Clé USB »")
		add(k.Create, "")
		shows(t, p, http.StatusOK, "La clé n’a pas été ajoutée")
		if n := len(moyens(t, m, p).Facteurs); n != 2 {
			t.Errorf("%d factors", n)
		}
	})
}

func TestSetTheClock(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		m.Horloge.Avancer(2 * time.Minute)
		graine, err := facteur.ParseGraine(p.Compte.TOTP)
		ok(t, err)
		list(t, m, p)
		page, _ := p.Lien("Remettre mes codes à l’heure")
		ok(t, p.Ouvrir(page))
		ok(t, p.Envoyer(demo.Avec("code1"), url.Values{"code1": {"12"}, "code2": {""}}))
		shows(t, p, http.StatusUnprocessableEntity, "Plusieurs réponses sont à corriger")
		ok(t, p.Envoyer(demo.Avec("code1"), url.Values{"code1": {"123456"}, "code2": {"654321"}}))
		shows(t, p, http.StatusUnprocessableEntity, "Ces deux codes ne se suivent pas")
		m.Horloge.Avancer(2 * time.Second)
		late := facteur.Pas(m.Horloge.Now(), 30) + 11
		ok(t, p.Envoyer(demo.Avec("code1"), url.Values{"code1": {facteur.Code(graine, late)}, "code2": {facteur.Code(graine, late+1)}}))
		shows(t, p, http.StatusOK, "Les codes sont de nouveau à l’heure")
	})
}
