package distance_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/distance"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

const courriel = "odile.distance@exemple.test"

var projet = demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}

// must stops a test at the first act that does not hold.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, m *testkit.Monde, query string) (n int) {
	t.Helper()
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&n) }))
	return n
}

// usables counts the mandats that can be used now, as every guard does.
func usables(t *testing.T, m *testkit.Monde) (n int) {
	t.Helper()
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(DISTINCT t.mandat_id) FROM autorisation t WHERE t.fin IS NULL AND `+mandat.UtilisableSQL+`$1)`, tx.Now).Scan(&n)
	}))
	return n
}

// shows checks a page.
func shows(t *testing.T, p *demo.Parcours, statut int, texte string) {
	t.Helper()
	if p.Statut != statut || !p.Contient(texte) {
		t.Fatalf("want %d %q, got %d %q at %s", statut, texte, p.Statut, p.Titre(), p.URL.Path)
	}
}

// The whole way, on both databases: asked, read, proved, agreed, signed; the
// proof is in the mandat, and nothing of the person's contact stays.
func TestAgreementAtADistance(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		must(t, p.DemanderAccord(projet, courriel))
		attente := p.URL.String()
		shows(t, p, http.StatusOK, "ne l’a pas encore ouverte")
		if strings.Contains(p.URL.String(), "@") || p.Contient("/accord/") {
			t.Error("the aidant's page tells the address or the link")
		}
		person := p.Ailleurs()
		must(t, person.LireMandat(courriel, "ordinaire"))
		shows(t, person, http.StatusOK, "Odile Simone VASSELIN")
		must(t, p.Ouvrir(attente))
		shows(t, p, http.StatusOK, "s’est connectée avec FranceConnect")
		if p.Contient("VASSELIN") || p.Contient("Continuer vers") {
			t.Error("the aidant learns who it is before the answer")
		}
		must(t, person.Accepter())
		if usables(t, m) != 0 {
			t.Error("usable before the aidant signs")
		}
		must(t, p.SignerAccord())
		if usables(t, m) != 1 || count(t, m, `SELECT count(*) FROM accord_piece WHERE genre = 'franceconnect' AND contenu_chiffre IS NOT NULL`) != 1 {
			t.Error("no usable mandat, or no proof")
		}
		if k := count(t, m, `SELECT count(*) FROM demande_accord WHERE statut = 'conclue' AND contact_chiffre IS NULL AND lien_empreinte IS NULL AND piece_chiffre IS NULL AND mandat_id IS NOT NULL`); k != 1 {
			t.Errorf("%d requests concluded and forgotten", k)
		}
		for _, action := range []string{"ask_accord", "accept_accord", "create_attestation"} {
			if k := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = '`+action+`'`); k != 1 {
				t.Errorf("%d %s", k, action)
			}
		}
		must(t, person.Ouvrir(person.URL.String()))
		shows(t, person, http.StatusOK, "a signé")
		must(t, p.Ouvrir(attente)) // resumed once signed: the mandat
		shows(t, p, http.StatusConflict, "déjà signé")
	})
}

// A refusal is seen by the aidant, may be asked again once changed, and is told
// to whoever prepares the next mandat of this person.
func TestRefusalAtADistance(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.DemanderAccord(projet, courriel))
	attente := p.URL.String()
	person := p.Ailleurs()
	must(t, person.LireMandat(courriel, "ordinaire"))
	must(t, person.Envoyer(demo.Dit("Je refuse"), nil))
	shows(t, person, http.StatusOK, "Votre refus est enregistré")
	must(t, person.Poster(person.Adresses.App+"/accord/lecture/accepter", url.Values{"lu": {"on"}, "accord": {"on"}})) // a second answer
	shows(t, person, http.StatusOK, "Votre refus est enregistré")
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "La personne a refusé")
	if count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'refuse_accord' AND initiateur = 'usager'`) != 1 {
		t.Error("the refusal is not in the journal")
	}
	// Asked again, explicitly; agreed, then taken back before the signature.
	must(t, p.Envoyer(demo.Avec("voie"), url.Values{"voie": {"courriel"}, "courriel": {"autre.odile@exemple.test"}, "verifie": {"on"}}))
	must(t, person.LireMandat("autre.odile@exemple.test", "ordinaire"))
	must(t, person.Accepter())
	must(t, p.Ouvrir(attente))
	must(t, p.Envoyer(demo.Dit("Continuer vers le récapitulatif"), nil))
	shows(t, p, http.StatusOK, "Cette personne a déjà refusé")
	must(t, person.Envoyer(demo.Dit("Finalement, je refuse"), nil))
	code, err := p.Code()
	must(t, err)
	must(t, p.Envoyer(demo.Avec("personal_data"), url.Values{"identite": {"on"}, "personal_data": {"on"}, "otp_token": {code}}))
	if p.Statut != http.StatusConflict || usables(t, m) != 0 || count(t, m, `SELECT count(*) FROM mandat`) != 0 {
		t.Errorf("signed after the person took their agreement back: %d", p.Statut)
	}
}

// location posts without following, and gives where the answer leads.
func location(t *testing.T, p *demo.Parcours, path string, form url.Values) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Adresses.App+path, strings.NewReader(form.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range p.Temoins() {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	c := http.Client{Transport: p.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(req)
	must(t, err)
	defer res.Body.Close()
	return res.Header.Get("Location")
}

// Who holds a link is one browser at a time, and what FranceConnect answers
// does nothing in another one (M-W13).
func TestBoundToTheBrowser(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.DemanderAccord(projet, courriel))
	link, err := p.LienRecu(courriel, "/accord/")
	must(t, err)
	// On the aidant's own post, nothing opens.
	other := *p
	must(t, other.Ouvrir(link))
	must(t, other.Envoyer(demo.Dit("Lire le mandat proposé"), nil))
	shows(t, &other, http.StatusConflict, "Cette page est pour la personne")
	// Opened twice: the first browser holds nothing any more.
	first, second := p.Ailleurs(), p.Ailleurs()
	for _, b := range []*demo.Parcours{first, second} {
		must(t, b.Ouvrir(link))
		must(t, b.Envoyer(demo.Dit("Lire le mandat proposé"), nil))
		shows(t, b, http.StatusOK, "Le mandat en entier")
	}
	must(t, first.Ouvrir(first.URL.String()))
	shows(t, first, http.StatusGone, "n’est plus disponible")
	// Without reading, no connection.
	must(t, second.Envoyer(demo.Avec("lu"), nil))
	shows(t, second, http.StatusUnprocessableEntity, "puis cochez la case")
	// The answer of FranceConnect, brought by another browser: nothing.
	trap := location(t, second, "/accord/lecture/franceconnect", url.Values{"lu": {"on"}})
	must(t, first.Ouvrir(trap))
	must(t, first.SeDeclarer("ordinaire"))
	shows(t, first, http.StatusGone, "n’est plus disponible")
	if count(t, m, `SELECT count(*) FROM demande_accord WHERE statut = 'ouverte' AND identite_id IS NULL`) != 1 || count(t, m, `SELECT count(*) FROM usager`) != 0 {
		t.Error("another browser's answer was believed")
	}
	// Nor in the aidant's own, signed in.
	must(t, p.Ouvrir(trap))
	must(t, p.SeDeclarer("ordinaire"))
	if count(t, m, `SELECT count(*) FROM usager`) != 0 {
		t.Error("the aidant's browser brought an identity")
	}
	// Its own browser goes on.
	must(t, second.Ouvrir(trap))
	must(t, second.SeDeclarer("ordinaire"))
	shows(t, second, http.StatusOK, "Accepter ou refuser le mandat")
	// What the page showed is what is agreed to.
	must(t, second.Envoyer(demo.Avec("accord"), url.Values{"lu": {"on"}, "accord": {"on"}, "document": {strings.Repeat("0", 64)}}))
	shows(t, second, http.StatusUnprocessableEntity, "a changé depuis")
	must(t, second.Envoyer(demo.Avec("accord"), url.Values{"lu": {"on"}}))
	shows(t, second, http.StatusUnprocessableEntity, "si vous êtes d’accord")
	must(t, second.Accepter())
}

// A request for somebody known is answered by them alone; nothing is kept of
// who connected instead.
func TestOnlyTheExpectedPerson(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	_, err := p.Conclure(projet)
	must(t, err)
	usagers := count(t, m, `SELECT count(*) FROM usager`)
	var id string
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT CAST(usager_id AS text) FROM mandat`).Scan(&id)
	}))
	must(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/renew_mandat/"+id))
	must(t, p.Envoyer(demo.Avec("duree"), url.Values{"duree": {"MONTH"}, "capacite": {"on"}, "moyen": {"franceconnect"}, "presence": {"absent"}, "demarche": {"papiers"}}))
	must(t, p.Envoyer(demo.Avec("voie"), url.Values{"voie": {"courriel"}, "courriel": {courriel}, "verifie": {"on"}}))
	attente := p.URL.String()
	person := p.Ailleurs()
	must(t, person.LireMandat(courriel, "nom_usage"))
	shows(t, person, http.StatusOK, "Ce n’est pas la personne attendue")
	if count(t, m, `SELECT count(*) FROM usager`) != usagers {
		t.Error("a stranger was kept")
	}
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "Une autre personne que celle")
	must(t, person.LireMandat(courriel, "ordinaire"))
	must(t, person.Accepter())
	must(t, p.SignerAccord())
	if count(t, m, `SELECT count(*) FROM renouvellement`) != 1 {
		t.Error("no renewal")
	}
}

// The short code opens the request too; tries are limited, an unknown code
// says nothing, a delay ends it.
func TestShortCodeAndDelay(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.DemanderAccord(projet, courriel))
	attente := p.URL.String()
	text, err := p.CourrielDe(courriel, "saisir ce code")
	must(t, err)
	_, rest, _ := strings.Cut(text, "saisir ce code : ")
	person := p.Ailleurs()
	must(t, person.Ouvrir(p.Adresses.App+"/accord/"))
	must(t, person.Envoyer(demo.Avec("code"), url.Values{"code": {"0000-0000"}}))
	shows(t, person, http.StatusUnprocessableEntity, "aucune demande en cours")
	must(t, person.Envoyer(demo.Avec("code"), url.Values{"code": {strings.ToLower(rest[:9])}}))
	shows(t, person, http.StatusOK, "Le mandat en entier")
	for i := 0; ; i++ {
		if i > 25 {
			t.Fatal("codes are tried without end")
		}
		must(t, person.Ouvrir(p.Adresses.App+"/accord/"))
		must(t, person.Envoyer(demo.Avec("code"), url.Values{"code": {"1111-1111"}}))
		if person.Statut == http.StatusTooManyRequests {
			break
		}
	}
	m.Horloge.Avancer(distance.Delai)
	must(t, person.Ouvrir(p.Adresses.App+"/accord/lecture/"))
	shows(t, person, http.StatusGone, "n’est plus disponible")
	p = m.Connecte(t, "nadia")
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "n’a pas répondu à temps")
	must(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { _, err := distance.Purge(t.Context(), tx); return err }))
	if count(t, m, `SELECT count(*) FROM demande_accord WHERE statut = 'expiree' AND contact_chiffre IS NULL AND navigateur_empreinte IS NULL`) != 1 {
		t.Error("not forgotten")
	}
}

// A dossier that waits is resumed by its aidant from another web session; a
// colleague and another structure see nothing.
func TestResumedByItsAidant(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.DemanderAccord(projet, courriel))
	attente := p.URL.String()
	for _, other := range []string{"hugo", "claire"} {
		q := m.Connecte(t, other)
		must(t, q.Ouvrir(attente))
		if q.Statut != http.StatusNotFound && q.Statut != http.StatusForbidden {
			t.Errorf("%s reads the request: %d", other, q.Statut)
		}
	}
	person := p.Ailleurs()
	must(t, person.LireMandat(courriel, "ordinaire"))
	must(t, person.Accepter())
	m.Horloge.Avancer(2 * time.Minute)
	p = m.Connecte(t, "nadia")
	must(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/creation_mandat/"))
	if l, ok := p.Lien("Reprendre le mandat"); !ok {
		t.Error("the request is not offered again")
	} else {
		must(t, p.Ouvrir(l))
	}
	must(t, p.SignerAccord())
}

// Every statement of each act fails in turn: nothing is left behind.
func TestDistanceIsAllOrNothing(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		must(t, p.DemanderAccord(projet, courriel))
		attente := p.URL.String()
		person := p.Ailleurs()
		must(t, person.LireMandat(courriel, "ordinaire"))
		failed := func(b *demo.Parcours, act func() error) func() error {
			return func() error {
				if err := act(); err != nil {
					return err
				}
				if b.Statut >= 500 {
					return fmt.Errorf("status %d", b.Statut)
				}
				return nil
			}
		}
		page := *person.Navigateur
		testkit.FailEachStatement(t, m.Server.DB, failed(person, func() error {
			*person.Navigateur = page
			return person.Envoyer(demo.Avec("accord"), url.Values{"lu": {"on"}, "accord": {"on"}})
		}), "session_web", "tache", "bail", "journal_rang", "journal_point", "journal_noeud", "journal_attente")
		must(t, p.Ouvrir(attente))
		must(t, p.SignerAccord())
	})
}

// The same of asking, of opening and of refusing.
func TestAskOpenRefuseAreAllOrNothing(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.DemanderAccord(projet, courriel))
	each := func(b *demo.Parcours, act func() error) {
		t.Helper()
		for count(t, m, `SELECT count(*) FROM message WHERE statut IN ('en_file', 'en_cours')`) > 0 { // the outbox writes that they left
			<-time.After(20 * time.Millisecond)
		}
		page := *b.Navigateur
		testkit.FailEachStatement(t, m.Server.DB, func() error {
			*b.Navigateur = page
			if err := act(); err != nil {
				return err
			}
			if b.Statut >= 500 {
				return fmt.Errorf("status %d", b.Statut)
			}
			return nil
		}, "session_web", "tache", "bail", "journal_rang", "journal_point", "journal_noeud", "journal_attente", "limite")
	}
	each(p, func() error {
		return p.Envoyer(demo.Avec("voie"), url.Values{"voie": {"courriel"}, "courriel": {"autre.odile@exemple.test"}, "verifie": {"on"}})
	})
	person := p.Ailleurs()
	link, err := person.LienRecu("autre.odile@exemple.test", "/accord/")
	must(t, err)
	must(t, person.Ouvrir(link))
	each(person, func() error { return person.Envoyer(demo.Dit("Lire le mandat proposé"), nil) })
	each(person, func() error { return person.Envoyer(demo.Dit("Je refuse"), nil) })
	shows(t, person, http.StatusOK, "Votre refus est enregistré")
}

// No sequence of acts yields a usable mandat without the agreement of the
// person who connected.
func TestNoSequenceIsUsableWithoutAgreement(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	person := p.Ailleurs()
	must(t, person.Ouvrir(p.Adresses.App+"/accord/"))
	draw := rand.New(rand.NewPCG(13, 2026))
	attente := ""
	try := func(err error) { _ = err } // a form that is not there: the act is impossible
	for range 60 {
		m.Horloge.Avancer(time.Second)
		agreed := count(t, m, `SELECT count(*) FROM demande_accord WHERE statut IN ('accordee','conclue')`)
		mandats := count(t, m, `SELECT count(*) FROM mandat`)
		switch k := draw.IntN(9); k {
		case 0:
			if count(t, m, `SELECT count(*) FROM demande_accord`) < 4 {
				try(p.DemanderAccord(projet, courriel))
				attente = p.URL.String()
			}
		case 1:
			if attente != "" {
				try(person.LireMandat(courriel, "ordinaire"))
			}
		case 2:
			try(person.Envoyer(demo.Dit("Je refuse"), nil))
		case 3:
			try(person.Envoyer(demo.Avec("accord"), url.Values{"lu": {"on"}}))
		case 4:
			try(person.Accepter())
		case 5:
			try(person.Poster(person.Adresses.App+"/accord/lecture/accepter", url.Values{"lu": {"on"}, "accord": {"on"}}))
		case 6, 7:
			if attente != "" {
				try(p.Ouvrir(attente))
				try(p.SignerAccord())
			}
		default:
			if u, err := url.Parse(attente); err == nil && attente != "" { // past the waiting page, by hand
				try(p.Ouvrir(p.Adresses.App + "/espace-aidant/creation_mandat/recapitulatif/?" + u.RawQuery))
				try(p.Poster(p.Adresses.App+"/fc_authorizev2/", u.Query()))
			}
		}
		if count(t, m, `SELECT count(*) FROM mandat`) > mandats && agreed == 0 {
			t.Fatal("a mandat without an agreement")
		}
		if u, c := usables(t, m), count(t, m, `SELECT count(*) FROM demande_accord d JOIN accord_piece x ON x.id = d.piece_id WHERE d.statut = 'conclue' AND x.mandat_id = d.mandat_id`); u > c {
			t.Fatalf("%d usable mandats, %d agreements with their proof", u, c)
		}
	}
	if count(t, m, `SELECT count(*) FROM mandat`) == 0 {
		t.Error("the sequence never signed: it proves little")
	}
}
