package transparence_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/horodatage"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/transparence"
)

// date has the journal dated, or not.
func (m *monde) date(want int) {
	m.t.Helper()
	if n, err := m.Date(m.t.Context()); err != nil || n != want {
		m.t.Fatalf("%d dates, %v", n, err)
	}
}

// dated checks the date of the receipt of an act.
func (m *monde) dated(op ident.OperationID, roots *x509.CertPool) (horodatage.Date, error) {
	m.t.Helper()
	b, err := m.receipt(op)
	ok(m.t, err)
	c, err := transparence.CheckReceipt(b, m.known())
	ok(m.t, err)
	return c.CheckDate(m.known(), roots)
}

// TestCertifiedDates: an authority dates the checkpoint of the day; receipts
// carry it, anybody reads and verifies it, and what is changed is told.
func TestCertifiedDates(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		tiers := testkit.NewHorodateur(t, clock.Now)
		roots, err := horodatage.ReadRacines(tiers.PEM)
		ok(t, err)
		m := newMonde(t, d, clock.Now)
		m.date(0) // nobody is asked
		m.Horodatage = &horodatage.Autorite{URL: tiers.URL, Racines: roots, HTTP: client()}
		m.serve()
		m.date(0) // nothing to date
		first := m.grow(5)
		if _, err := m.dated(first, roots); !errors.Is(err, transparence.ErrRecu) {
			t.Errorf("a date before any: %v", err)
		}
		m.date(1)
		m.date(0) // done
		clock.Advance(24 * time.Hour)
		second := m.grow(3)
		m.date(1)
		third := m.grow(1)
		for op, want := range map[ident.OperationID]time.Time{first: testkit.Start, second: testkit.Start.Add(24 * time.Hour)} {
			if got, err := m.dated(op, roots); err != nil || !got.Instant.Equal(want) || got.Autorite != "Horodatage d’essai" {
				t.Errorf("dated %+v, %v", got, err)
			}
		}
		if _, err := m.dated(third, roots); !errors.Is(err, transparence.ErrRecu) {
			t.Errorf("tomorrow's date: %v", err)
		}
		for _, bad := range []*x509.CertPool{nil, x509.NewCertPool()} {
			if _, err := m.dated(first, bad); !errors.Is(err, transparence.ErrFaux) {
				t.Errorf("trusting nobody: %v", err)
			}
		}
		m.borrowed(first, second, roots)
		m.readDates(roots)

		tiers.Muet.Store(true) // it stops nothing
		if n, err := m.Date(t.Context()); n != 0 || !errors.Is(err, horodatage.ErrMuette) {
			t.Errorf("a silent authority: %d, %v", n, err)
		}
		m.grow(1)
		m.changedDates(roots)
	})
}

// borrowed: the date of one line proves nothing of another.
func (m *monde) borrowed(one, other ident.OperationID, roots *x509.CertPool) {
	m.t.Helper()
	var mine, theirs transparence.Recu
	for op, to := range map[ident.OperationID]*transparence.Recu{one: &mine, other: &theirs} {
		b, err := m.receipt(op)
		ok(m.t, err)
		ok(m.t, json.Unmarshal(b, to))
	}
	proofs := mine
	proofs.Horodatage = &transparence.RecuDate{Preuve: mine.Horodatage.Preuve, Reponse: theirs.Horodatage.Reponse}
	mine.Horodatage = theirs.Horodatage
	for _, r := range []transparence.Recu{mine, proofs} {
		b, err := json.Marshal(r)
		ok(m.t, err)
		c, err := transparence.CheckReceipt(b, m.known())
		ok(m.t, err)
		if _, err := c.CheckDate(m.known(), roots); !errors.Is(err, transparence.ErrFaux) {
			m.t.Errorf("a borrowed date: %v", err)
		}
	}
}

// readDates reads what is published, as anybody.
func (m *monde) readDates(roots *x509.CertPool) {
	m.t.Helper()
	status, _, answer := m.get("/journal/horodatage/8/reponse.tsr")
	_, _, point := m.get("/journal/horodatage/8/point.txt")
	if d, err := horodatage.Verify(answer, sha256.Sum256(point), roots); status != 200 || err != nil || d.Autorite == "" {
		m.t.Errorf("published: %d, %v", status, err)
	}
	for _, path := range []string{"7/point.txt", "0/point.txt", "x/point.txt", "9/reponse.tsr"} {
		if status, _, _ := m.get("/journal/horodatage/" + path); status != 404 {
			m.t.Errorf("%s: %d", path, status)
		}
	}
	if _, _, page := m.get("/journal/"); !strings.Contains(string(page), "Horodatage d’essai") || !strings.Contains(string(page), "/journal/horodatage/8/reponse.tsr") {
		m.t.Errorf("the page does not say who dates:\n%s", page)
	}
}

// changedDates: a date that somebody changed in the database is told.
func (m *monde) changedDates(roots *x509.CertPool) {
	m.t.Helper()
	check := func(want ...int64) {
		m.t.Helper()
		n, bad, err := transparence.CheckDates(m.t.Context(), m.db, roots)
		if err != nil || n != 2 || len(bad) != len(want) || len(want) == 1 && bad[0] != want[0] {
			m.t.Errorf("%d dates, false %v, %v; want %v", n, bad, err, want)
		}
	}
	check()
	for _, q := range []string{
		`UPDATE journal_horodatage SET autorite = 'Autre' WHERE taille = 8`,
		`UPDATE journal_horodatage SET instant = (SELECT instant FROM journal_horodatage WHERE taille = 5) WHERE taille = 8`,
		`UPDATE journal_horodatage SET reponse = (SELECT reponse FROM journal_horodatage WHERE taille = 5) WHERE taille = 8`,
		`UPDATE journal_horodatage SET taille = 7 WHERE taille = 8`,
	} {
		undo := errors.New("undo")
		err := m.db.Update(m.t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(m.t.Context(), q)
			if err == nil {
				var bad []int64
				if _, bad, err = transparence.CheckDatesWithin(m.t.Context(), tx, roots); err == nil && len(bad) != 1 {
					m.t.Errorf("%s: false %v", q, bad)
				}
			}
			return errors.Join(undo, err)
		})
		if !errors.Is(err, undo) {
			m.t.Error(err)
		}
	}
	check()
}
