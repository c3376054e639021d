package testkit

import (
	"context"
	"io"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/rapprochement"
)

// Monde is the whole program serving on this machine, with the simulation, on
// a stopped clock and a database of the test.
type Monde struct {
	*demo.Instance
	Log func() string // what was logged so far

	// Altere says that the test writes behind the program: at its end the journal
	// and the tables differ.
	Altere bool
}

// EachMonde runs a test of acts through HTTP, on both databases. The invariants
// are checked at the end.
func EachMonde(t *testing.T, fn func(t *testing.T, m *Monde)) {
	t.Helper()
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) { fn(t, NewMonde(t, dialect)) })
	}
}

// NewMonde starts the program on a database of this dialect.
func NewMonde(t testing.TB, dialect db.Dialect) *Monde {
	t.Helper()
	return NewMondeTextes(t, dialect, nil)
}

// taches run in the background of a Monde: what the pages of a test wait for.
// The others are called by the tests that are about them, so that a clock moved
// by days starts nothing behind their back.
var taches = []string{"journal_numerotation", "journal_temoins", "messages"}

// NewMondeTextes starts it with other texts to sign than ours.
func NewMondeTextes(t testing.TB, dialect db.Dialect, textes aidant.Recueil) *Monde {
	t.Helper()
	return newMonde(t, dialect, textes, taches)
}

// NewMondeSansTaches starts it with no task at all in the background: nothing
// is delivered or numbered but by the test.
func NewMondeSansTaches(t testing.TB, dialect db.Dialect) *Monde {
	t.Helper()
	return newMonde(t, dialect, nil, []string{})
}

func newMonde(t testing.TB, dialect db.Dialect, textes aidant.Recueil, taches []string) *Monde {
	t.Helper()
	log, lines := LogLines(t)
	i, err := demo.Start(t.Context(), demo.Options{Database: NewDatabase(t, dialect), Sans: true, Textes: textes, Taches: taches}, log, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	i.Horloge.Fixer(Start)
	m := &Monde{Instance: i, Log: lines}
	t.Cleanup(func() {
		if !t.Failed() {
			checkInvariants(t, i.Server.DB, m.Altere)
			if !m.Altere {
				actsAndLinesAgree(t, i)
			}
		}
		if err := i.Close(); err != nil {
			t.Errorf("stop the program: %v", err)
		}
	})
	return m
}

// actsAndLinesAgree compares the journal with the tables as the daily task does.
func actsAndLinesAgree(t testing.TB, i *demo.Instance) {
	t.Helper()
	found, err := rapprochement.Run(context.Background(), i.Server.DB, i.Server.Journal)
	if err != nil {
		t.Errorf("compare the journal with the tables: %v", err)
	}
	for _, e := range found {
		t.Errorf("the journal and the tables differ: %s", e.Phrase())
	}
}

// Aidant opens a browser for an account of the demo ("nadia", "hugo",
// "claire", "rene"). Waiting for a code moves the clock.
func (m *Monde) Aidant(t testing.TB, cle string) *demo.Parcours {
	t.Helper()
	p, err := m.Parcours(cle)
	if err != nil {
		t.Fatal(err)
	}
	p.Attendre = func(d time.Duration) { m.Horloge.Avancer(max(d, time.Second)) }
	return p
}

// Connecte signs an account in.
func (m *Monde) Connecte(t testing.TB, cle string) *demo.Parcours {
	t.Helper()
	p := m.Aidant(t, cle)
	if err := p.SeConnecter(); err != nil {
		t.Fatal(err)
	}
	return p
}
