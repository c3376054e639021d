package gestion_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// accord is the path of the only request that waits for its second person.
func (m *monde) accord() string {
	m.t.Helper()
	var id ident.OperationID
	ok(m.t, m.d.View(m.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(m.t.Context(), `SELECT id FROM accord_gestion WHERE issue = ''`).Scan(&id)
	}))
	return gestion.CheminAccords + id.String() + "/"
}

// sent gives the texts sent so far.
func (m *monde) sent() (all string) {
	m.t.Helper()
	_, err := m.Outbox.Deliver(m.t.Context())
	ok(m.t, err)
	names, err := filepath.Glob(filepath.Join(m.Courriels, "*"))
	ok(m.t, err)
	for _, n := range names {
		b, err := os.ReadFile(n)
		ok(m.t, err)
		all += strings.ReplaceAll(string(b), "=\r\n", "")
	}
	return all
}

// An address is corrected by two persons of the team, then confirmed by who
// reads it; the former one is told and can cancel. The team cannot do it alone.
func TestCorrectAddress(t *testing.T) {
	each(t, func(m *monde) {
		const next = "alix.nouvelle@grandchaumet.example.org"
		say := func(status int, word, address string) {
			t.Helper()
			m.wants(m.act("mona", "alix", gestion.Courriel, status, "adresse", address), address, status, word)
		}
		say(422, `href="#courriel-adresse"`, "")
		say(422, "pas-une-adresse", "pas-une-adresse")
		m.act("mona", "mona", gestion.Courriel, http.StatusConflict, "adresse", next)
		m.act("mona", "alix", gestion.Courriel, http.StatusSeeOther, "adresse", " Alix.Nouvelle@grandchaumet.example.org")
		m.act("mona", "alix", gestion.Courriel, http.StatusConflict, "adresse", next) // it waits already
		if n := m.count(`SELECT count(*) FROM message WHERE genre = 'E-47'`); n != 0 {
			t.Fatal("one person was enough")
		}
		m.page("tom", gestion.CheminAccords, http.StatusOK, "Corriger l’adresse électronique : "+next)
		if n := m.count(`SELECT count(*) FROM accord_gestion WHERE CAST(adresse_chiffree AS text) LIKE '%nouvelle%'`); n != 0 {
			t.Error("the address is stored in clear")
		}
		path := m.accord()
		if w := m.do("tom", http.MethodPost, path, url.Values{"decision": {"approuver"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("%d", w.Code)
		}
		if n := m.count(`SELECT count(*) FROM message WHERE genre = 'E-47'`); n != 2 || m.load("alix").Email != "alix@grandchaumet.example.org" {
			t.Errorf("%d mails, address %s", n, m.load("alix").Email)
		}
		mails := m.sent()
		if !regexp.MustCompile(`/changement-adresse/[\w-]+/`).MatchString(mails) || !regexp.MustCompile(`/annuler-adresse/[\w-]+/`).MatchString(mails) {
			t.Errorf("no link to confirm, or none to cancel:\n%s", mails)
		}
		// Taken meanwhile, or the account closed: said to the team.
		m.act("mona", "alix", gestion.Courriel, http.StatusSeeOther, "adresse", "rose@grandchaumet.example.org")
		m.wants(m.do("tom", http.MethodPost, m.accord(), url.Values{"decision": {"approuver"}}), "taken", http.StatusConflict, "Un compte a déjà cette adresse")
	})
}

// A card is linked, then validated by what it shows; a wrong code is counted.
func TestCards(t *testing.T) {
	each(t, func(m *monde) {
		seed := []byte("01234567890123456789")
		m.update(func(tx *db.Tx) error {
			cs, refused, err := facteur.ParseCards(strings.NewReader("GADT0001234,3031323334353637383930313233343536373839\nGADT0001235,3031323334353637383930313233343536373830\n"))
			if err != nil || len(refused) > 0 {
				return context.Canceled
			}
			_, err = m.Facteurs.ImportCards(t.Context(), tx, facteur.ByCommand(), facteur.Import{Cartes: cs})
			return err
		})
		say := func(status int, word string, acte gestion.Acte, name string, fields ...string) {
			t.Helper()
			m.wants(m.act("mona", name, acte, status, fields...), string(acte), status, word)
		}
		say(422, "Saisissez le numéro imprimé", gestion.Carte, "alix", "numero_serie", "")
		say(422, "pas disponible", gestion.Carte, "alix", "numero_serie", "GADT0009999")
		say(409, "pas de carte à valider", gestion.ValidationCarte, "alix", "code", "123456")
		m.act("mona", "alix", gestion.Carte, http.StatusSeeOther, "numero_serie", "gadt 000-1234")
		say(409, "déjà une carte", gestion.Carte, "alix", "numero_serie", "GADT0001235")
		say(422, "déjà associée à un compte", gestion.Carte, "rose", "numero_serie", "GADT0001234")
		m.page("mona", m.path("alix"), http.StatusOK, "GADT0001234", "À valider", "Valider la carte à codes")
		say(422, "6 chiffres", gestion.ValidationCarte, "alix", "code", "12")
		before := m.count(`SELECT count(*) FROM acte_gestion`)
		say(422, "pas le bon", gestion.ValidationCarte, "alix", "code", "000000")
		if m.count(`SELECT count(*) FROM acte_gestion`) != before {
			t.Error("a wrong code is an act")
		}
		m.clock.Advance(time.Minute)
		m.act("mona", "alix", gestion.ValidationCarte, http.StatusSeeOther, "code", facteur.Code(seed, facteur.Pas(m.clock.Now(), 60)))
		if m.lines("card_association") != 1 || m.lines("card_validation") != 1 || m.count(`SELECT count(*) FROM acte_gestion WHERE acte IN ('carte','validation_carte')`) != 2 {
			t.Error("the acts on the card are not told")
		}
	})
}

// Whatever statement fails, an address asked or approved leaves nothing behind.
func TestAddressIsAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		testkit.FailEachStatement(t, d, func() error {
			return failed(m.do("mona", http.MethodPost, m.path("alix")+"courriel/", url.Values{"motif": {"demande"}, "adresse": {"alix.nouvelle@grandchaumet.example.org"}}).Code)
		})
		path := m.accord()
		testkit.FailEachStatement(t, d, func() error {
			return failed(m.do("tom", http.MethodPost, path, url.Values{"decision": {"approuver"}}).Code)
		})
		if n := m.count(`SELECT count(*) FROM message WHERE genre = 'E-47'`); n != 2 {
			t.Errorf("%d mails", n)
		}
	})
}
