package distance_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/distance"
	"aidantsconnect/internal/testkit"
)

// toLetter opens the renewal by letter of the mandat of a person who is known.
func toLetter(t *testing.T, m *testkit.Monde, p *demo.Parcours) (attente string) {
	t.Helper()
	_, err := p.Conclure(projet)
	must(t, err)
	return toRenewal(t, m, p)
}

// toRenewal opens another one.
func toRenewal(t *testing.T, m *testkit.Monde, p *demo.Parcours) (attente string) {
	t.Helper()
	var id string
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT CAST(usager_id AS text) FROM mandat`).Scan(&id)
	}))
	must(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/renew_mandat/"+id))
	must(t, p.Envoyer(demo.Avec("duree"), url.Values{"duree": {"MONTH"}, "capacite": {"on"}, "moyen": {"courrier"}, "presence": {"absent"}, "demarche": {"papiers"}}))
	shows(t, p, http.StatusOK, "Imprimer la lettre")
	return p.URL.String()
}

var codeLu = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}`)

// printed downloads a letter, and reads its code as a person would.
func printed(t *testing.T, p *demo.Parcours, attente string) (file []byte, code string) {
	t.Helper()
	u, err := url.Parse(attente)
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Adresses.App+"/espace-aidant/creation_mandat/a_distance/lettre", strings.NewReader(url.Values{"dossier": {u.Query().Get("dossier")}}.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range p.Temoins() {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	res, err := (&http.Client{Transport: p.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	must(t, err)
	defer res.Body.Close()
	file, err = io.ReadAll(res.Body)
	must(t, err)
	if res.Header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(file, []byte("%PDF")) {
		t.Fatalf("no letter: %d %s %.200s", res.StatusCode, res.Header.Get("Content-Type"), file)
	}
	name := filepath.Join(t.TempDir(), "lettre.pdf")
	must(t, os.WriteFile(name, file, 0o600))
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", name, "-").Output()
	must(t, err)
	if code = codeLu.FindString(string(text)); code == "" || !strings.Contains(string(text), "VASSELIN") {
		t.Fatalf("no code, or not their name:\n%s", text)
	}
	if dir := os.Getenv("CAPTURES"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, "lettre.pdf"), file, 0o600))
	}
	return file, code
}

func give(t *testing.T, p *demo.Parcours, attente, code string) {
	t.Helper()
	must(t, p.Ouvrir(attente))
	must(t, p.Envoyer(demo.Avec("code"), url.Values{"code": {code}, "comment": {"telephone"}, "verifie": {"on"}}))
}

// The whole way by letter: printed, reprinted with another code, given back,
// signed; the proof is in the mandat and the code nowhere.
func TestAgreementByLetter(t *testing.T) {
	testkit.EachMonde(t, byLetter)
}

func byLetter(t *testing.T, m *testkit.Monde) {
	p := m.Connecte(t, "nadia")
	attente := toLetter(t, m, p)
	_, former := printed(t, p, attente)
	_, code := printed(t, p, attente)
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "Le code n’est pas encore revenu")
	if p.Contient(code) {
		t.Error("the page shows the code")
	}
	must(t, p.Envoyer(demo.Avec("code"), url.Values{"code": {code}}))
	shows(t, p, http.StatusUnprocessableEntity, "comment la personne a donné le code")
	give(t, p, attente, former)
	shows(t, p, http.StatusUnprocessableEntity, "Essais restants : 4")
	give(t, p, attente, strings.ToLower(strings.ReplaceAll(code, "-", " ")))
	shows(t, p, http.StatusOK, "La personne est d’accord")
	must(t, p.SignerAccord())
	if k := count(t, m, `SELECT count(*) FROM mandat WHERE a_distance AND methode_consentement = 'COURRIER' AND demande_consentement_id IS NOT NULL`); k != 1 {
		t.Errorf("%d mandats by letter", k)
	}
	if count(t, m, `SELECT count(*) FROM accord_piece WHERE genre = 'code' AND contenu_chiffre IS NOT NULL`) != 1 || count(t, m, `SELECT count(*) FROM demande_accord WHERE code_empreinte IS NOT NULL`) != 0 {
		t.Error("no proof, or the code still serves")
	}
	if strings.Contains(m.Log(), code) {
		t.Error("the log tells the code")
	}
	must(t, p.Poster(attente[:strings.Index(attente, "?")]+"code", url.Values{"dossier": {attente[strings.Index(attente, "=")+1:]}, "code": {code}, "comment": {"telephone"}, "verifie": {"on"}})) // a second answer
	if shows(t, p, http.StatusConflict, "déjà signé"); count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'accept_accord'`) != 1 {
		t.Error("a double answer counts twice")
	}
}

// The code of a letter and an agreement with FranceConnect, each against its
// end, then given twice at once, on both databases: one wins, whole.
func TestAgreementsAgainstTheClock(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		attente := toLetter(t, m, p)
		_, code := printed(t, p, attente)
		dossier := attente[strings.Index(attente, "=")+1:]
		both := func(first, second func() error) {
			t.Helper()
			var wg sync.WaitGroup
			for _, act := range []func() error{first, second} {
				wg.Go(func() {
					if err := act(); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		back := func(b *demo.Parcours) func() error {
			return func() error {
				return b.Poster(attente[:strings.Index(attente, "?")]+"code", url.Values{"dossier": {dossier}, "code": {code}, "comment": {"telephone"}, "verifie": {"on"}})
			}
		}
		expire := func() error {
			m.Horloge.Avancer(time.Minute)
			for _, purge := range []func(context.Context, *db.Tx) (int, error){m.Server.Signatures.PurgeDossiers, distance.Purge} {
				if err := m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { _, err := purge(t.Context(), tx); return err }); err != nil {
					return err
				}
			}
			return nil
		}
		state := func(want ...string) {
			t.Helper()
			var got string
			must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT d.statut || ' ' || x.statut || ' ' || CAST((SELECT count(*) FROM journal_ligne WHERE action = 'accept_accord') AS text)
					FROM demande_accord d JOIN dossier_signature x ON x.id = d.dossier_id ORDER BY d.date_creation DESC LIMIT 1`).Scan(&got)
			}))
			if !slices.Contains(want, got) {
				t.Errorf("half done: %s", got)
			}
		}
		twin := *p // the same aidant, in two tabs
		one := *p.Navigateur
		twin.Navigateur = &one
		both(back(p), back(&twin))
		state("accordee attente_consentement 1")

		attente = toRenewal(t, m, p)
		_, code = printed(t, p, attente)
		dossier = attente[strings.Index(attente, "=")+1:]
		m.Horloge.Avancer(distance.DelaiLettre - 30*time.Second)
		p = m.Connecte(t, "nadia")
		both(back(p), expire)
		state("accordee attente_consentement 2", "expiree expire 1", "envoyee expire 1")

		lines := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'accept_accord'`)
		must(t, p.DemanderAccord(projet, courriel))
		person := p.Ailleurs()
		must(t, person.LireMandat(courriel, "ordinaire"))
		m.Horloge.Avancer(distance.Delai - 30*time.Second)
		page, same := person.Ailleurs(), *person.Navigateur
		page.Navigateur = &same
		both(func() error { return person.Envoyer(demo.Avec("accord"), url.Values{"lu": {"on"}, "accord": {"on"}}) }, expire)
		state(fmt.Sprint("accordee attente_consentement ", lines+1), fmt.Sprint("expiree expire ", lines), fmt.Sprint("identifiee expire ", lines))
		must(t, page.Envoyer(demo.Avec("accord"), url.Values{"lu": {"on"}, "accord": {"on"}})) // a double answer
		state(fmt.Sprint("accordee attente_consentement ", lines+1), fmt.Sprint("expiree expire ", lines), fmt.Sprint("identifiee expire ", lines))
	})
}

// Five wrong codes end a letter; a refusal and a delay too. A letter is not
// offered to who is not known, and its code opens no page.
func TestLetterEnds(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	attente := toLetter(t, m, p)
	_, code := printed(t, p, attente)
	stranger := p.Ailleurs()
	must(t, stranger.Ouvrir(p.Adresses.App+"/accord/"))
	must(t, stranger.Envoyer(demo.Avec("code"), url.Values{"code": {code}}))
	shows(t, stranger, http.StatusUnprocessableEntity, "aucune demande en cours")
	for range 5 {
		give(t, p, attente, "0000-0000")
	}
	shows(t, p, http.StatusOK, "ne peut plus servir")
	printed(t, p, attente)
	must(t, p.Ouvrir(attente))
	must(t, p.Envoyer(demo.Dit("La personne refuse"), nil))
	shows(t, p, http.StatusOK, "La personne a refusé")
	_, code = printed(t, p, attente)
	m.Horloge.Avancer(distance.DelaiLettre)
	p = m.Connecte(t, "nadia")
	must(t, p.Poster(attente[:strings.Index(attente, "?")]+"code", url.Values{"dossier": {attente[strings.Index(attente, "=")+1:]}, "code": {code}, "comment": {"sur_place"}, "verifie": {"on"}}))
	shows(t, p, http.StatusOK, "n’a pas répondu à temps")
	if count(t, m, `SELECT count(*) FROM demande_accord WHERE statut IN ('accordee','conclue')`) != 0 {
		t.Error("an ended letter agreed")
	}
	must(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/creation_mandat/"))
	if p.Contient("Elle rend le code d’une lettre") {
		t.Error("a letter for who is not known")
	}
}

// Every statement of the two acts fails in turn: nothing is left behind, and a
// try is not used.
func TestLetterIsAllOrNothing(t *testing.T) {
	testkit.EachMonde(t, letterIsAllOrNothing)
}

func letterIsAllOrNothing(t *testing.T, m *testkit.Monde) {
	p := m.Connecte(t, "nadia")
	attente := toLetter(t, m, p)
	for count(t, m, `SELECT count(*) FROM message WHERE statut IN ('en_file','en_cours')`) > 0 {
		_, err := m.Server.Outbox.Deliver(t.Context())
		must(t, err)
	}
	sure := []string{"session_web", "tache", "bail", "journal_rang", "journal_point", "journal_noeud", "journal_attente"}
	dossier := attente[strings.Index(attente, "=")+1:]
	post := func(to string, form url.Values) func() error {
		return func() error {
			if err := p.Poster(attente[:strings.Index(attente, "?")]+to, form); err != nil {
				return err
			}
			if p.Statut >= 500 {
				return fmt.Errorf("status %d", p.Statut)
			}
			return nil
		}
	}
	testkit.FailEachStatement(t, m.Server.DB, post("lettre", url.Values{"dossier": {dossier}}), sure...)
	_, code := printed(t, p, attente)
	testkit.FailEachStatement(t, m.Server.DB, post("code", url.Values{"dossier": {dossier}, "code": {code}, "comment": {"sur_place"}, "verifie": {"on"}}), sure...)
	must(t, p.Ouvrir(attente))
	must(t, p.SignerAccord())
}
