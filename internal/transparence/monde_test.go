package transparence_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/transparence"
	"aidantsconnect/internal/web"

	"golang.org/x/mod/sumdb/note"
)

const origine = "aidants.exemple.fr/journal"

// monde is a journal, published by a real server.
type monde struct {
	*transparence.Handlers
	t     testing.TB
	db    *db.DB
	URL   string // http://localhost:port
	moi   ident.AidantID
	usage ident.OrganisationID
	cles  *cle.Trousseau
}

// newMonde publishes the journal of that database; temoin, when given, makes it
// a witness too.
func newMonde(t testing.TB, d *db.DB, clock func() time.Time) *monde {
	t.Helper()
	box, err := secret.NewBox(secret.RandomKey())
	ok(t, err)
	keys, err := cle.Open(t.Context(), d, box)
	ok(t, err)
	j, err := journal.Open(t.Context(), d, secret.RandomKey(), keys, origine)
	ok(t, err)
	m := &monde{
		t: t, db: d, moi: ident.New[ident.AidantID](), usage: ident.New[ident.OrganisationID](), cles: keys,
		Handlers: &transparence.Handlers{DB: d, Journal: j, Site: web.Site{Nom: "Aidants Connect", Origine: "http://localhost"}, Clock: clock},
	}
	return m
}

// serve listens; it is called once the handlers are complete.
func (m *monde) serve() {
	m.t.Helper()
	mux := web.NewMux(web.Config{Site: m.Site, Log: slog.New(slog.DiscardHandler), Now: m.Clock})
	m.Mount(mux)
	s := httptest.NewServer(mux)
	m.t.Cleanup(s.Close)
	m.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// grow appends and numbers n lines; it gives the last one's act.
func (m *monde) grow(n int) ident.OperationID {
	m.t.Helper()
	op := ident.New[ident.OperationID]()
	err := m.db.Update(m.t.Context(), func(tx *db.Tx) error {
		for range n {
			op = ident.New[ident.OperationID]()
			err := m.Journal.Append(m.t.Context(), tx, journal.Entry{
				Initiateur: journal.Aidant, Aidant: m.moi, Usager: ident.New[ident.UsagerID](), Organisation: m.usage, Mandat: ident.New[ident.MandatID](),
				Autorisation: ident.New[ident.AutorisationID](), Operation: op, Session: ident.New[ident.SessionID](),
				Fait: fait.UseAutorisation{Demarche: demarche.Papiers, Presence: fait.Present},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	ok(m.t, err)
	got, err := m.Journal.Sequence(m.t.Context())
	if err != nil || got != n {
		m.t.Fatalf("numbered %d lines, want %d: %v", got, n, err)
	}
	return op
}

// line finds the line of an act.
func (m *monde) line(op ident.OperationID) (id ident.LigneID) {
	m.t.Helper()
	m.view(func(ctx context.Context, tx *db.Tx) error {
		list, err := m.Journal.List(ctx, tx, journal.Filtre{})
		for _, l := range list {
			if l.Operation == op {
				id = l.ID
			}
		}
		return err
	})
	return id
}

func (m *monde) view(fn func(ctx context.Context, tx *db.Tx) error) {
	m.t.Helper()
	ok(m.t, m.db.View(m.t.Context(), func(tx *db.Tx) error { return fn(m.t.Context(), tx) }))
}

func (m *monde) known() note.Verifiers {
	m.t.Helper()
	vkeys, err := m.Journal.VerifierKeys()
	ok(m.t, err)
	v, err := transparence.Verifiers(vkeys)
	ok(m.t, err)
	return v
}

// get reads an address of the published journal.
func (m *monde) get(path string) (int, http.Header, []byte) {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), http.MethodGet, m.URL+path, http.NoBody)
	ok(m.t, err)
	res, err := client().Do(r)
	ok(m.t, err)
	defer func() { _ = res.Body.Close() }()
	var b strings.Builder
	_, err = copyAll(&b, res)
	ok(m.t, err)
	return res.StatusCode, res.Header, []byte(b.String())
}

func client() *http.Client { return outgoing.NewClient(10 * time.Second) }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
