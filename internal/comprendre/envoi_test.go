package comprendre_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func shows(t *testing.T, p *demo.Parcours, statut int, words ...string) {
	t.Helper()
	for _, w := range words {
		if p.Statut != statut || !p.Contient(w) {
			t.Fatalf("want %d %q, got %d %q at %s", statut, w, p.Statut, p.Titre(), p.URL.Path)
		}
	}
}

func count(t *testing.T, m *testkit.Monde) (n int) {
	t.Helper()
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM message WHERE genre = 'S-08'`).Scan(&n)
	}))
	return n
}

const (
	page   = "/espace-aidant/comprendre/"
	numero = "+33612345678"
)

// An aidant sends the sheet to a person who asked for it: one SMS for one form,
// whose address opens that version of the sheet; a number is not harassed; any
// statement that fails leaves nothing behind.
func TestSheetBySMS(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/creation_mandat/"))
	if to, ok := p.Lien("L’envoyer par SMS"); !ok || !strings.HasSuffix(to, page) {
		t.Fatalf("the page of creation leads to %q", to)
	}
	must(t, p.Ouvrir(p.Adresses.App+page))
	shows(t, p, http.StatusOK, "Envoyer la fiche qui explique le mandat", "/comprendre/2026-11-22", "La fiche de l’aidant, à lire avant")
	must(t, p.Envoyer(demo.Avec("telephone"), url.Values{"telephone": {"01 23"}}))
	shows(t, p, http.StatusUnprocessableEntity, "Saisissez un numéro de téléphone mobile français", "Demandez à la personne si elle veut recevoir ce SMS")
	must(t, p.Envoyer(demo.Avec("telephone"), url.Values{"telephone": {"06 12 34 56 78"}}))
	shows(t, p, http.StatusUnprocessableEntity, "Demandez à la personne si elle veut recevoir ce SMS")
	if n := count(t, m); n != 0 {
		t.Fatalf("%d messages without the person's word", n)
	}

	form := url.Values{"telephone": {"06 12 34 56 78"}, "accord": {"on"}, "jeton": {"un formulaire"}}
	for range 2 { // a double press, or two tabs of one page
		must(t, p.Poster(p.Adresses.App+page, form))
		shows(t, p, http.StatusOK, "Le SMS part")
	}
	if n := count(t, m); n != 1 {
		t.Errorf("%d messages for one form", n)
	}
	said, err := m.SMSRecu(numero, "comprendre le mandat")
	must(t, err)
	if strings.Contains(said, "nadia") || strings.Contains(said, "Nadia") {
		t.Errorf("the SMS names somebody: %s", said)
	}
	lines := strings.Split(said, "\n")
	stranger := p.Ailleurs()
	must(t, stranger.Ouvrir(lines[1]))
	shows(t, stranger, http.StatusOK, "Comprendre le mandat", "Version du 2026-11-22", "Écouter cette page")
	must(t, stranger.Ouvrir(p.Adresses.App+"/comprendre/2020-01-01"))
	shows(t, stranger, http.StatusNotFound, "introuvable")

	form.Set("jeton", "un autre")
	must(t, p.Poster(p.Adresses.App+page, form))
	form.Set("jeton", "un de trop")
	must(t, p.Poster(p.Adresses.App+page, form))
	if n := count(t, m); p.Statut != http.StatusTooManyRequests || n != 2 {
		t.Errorf("status %d, %d messages to one number", p.Statut, n)
	}
	for range 20 { // nothing else writes while statements fail
		if n, err := m.Server.Outbox.Deliver(t.Context()); err == nil && n == 0 {
			break
		}
	}
	form = url.Values{"telephone": {"06 12 34 56 79"}, "accord": {"on"}, "jeton": {"en panne"}}
	testkit.FailEachStatement(t, m.Server.DB, func() error {
		if err := p.Poster(p.Adresses.App+page, form); err != nil {
			return err
		}
		if p.Statut >= 500 {
			return fmt.Errorf("status %d", p.Statut)
		}
		return nil
	}, "session_web", "tache", "bail", "journal_rang", "journal_point", "journal_noeud", "journal_attente")
	if n := count(t, m); n != 3 {
		t.Errorf("%d messages", n)
	}
}
