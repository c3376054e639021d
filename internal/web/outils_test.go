package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

var midi = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// aidantFrais may do everything an aidant may, and was active a minute ago.
func aidantFrais() actor.Actor {
	return actor.Actor{
		Aidant: ident.New[ident.AidantID](), Organisation: ident.New[ident.OrganisationID](),
		Prenom: "Thierry", Nom: "GOUDON", OrganisationNom: "Mairie de Houlbec-Cocherel",
		CanCreateMandats: true, MembreActif: true, OrganisationActive: true, CGUAcceptee: true,
		DateOTP: midi.Add(-time.Hour), DateActivite: midi.Add(-time.Minute),
	}
}

// banc is a Mux with one page per space, and what its log said.
type banc struct {
	*Mux
	log     bytes.Buffer
	visitor *actor.Actor // nil: nobody is signed in
	posted  url.Values   // what Recheck received
}

func nouveauBanc(t *testing.T, change func(*Config)) *banc {
	t.Helper()
	b := &banc{}
	c := Config{
		Site: Site{Origine: "https://ac.example", Contact: "aide@ac.example"},
		Log:  slog.New(slog.NewJSONHandler(&b.log, nil)), Now: func() time.Time { return midi },
		Authenticate: func(*http.Request) (actor.Actor, error) {
			if b.visitor == nil {
				return actor.Actor{}, fault.New(fault.Unauthenticated, "personne")
			}
			return *b.visitor, nil
		},
		Recheck: func(w http.ResponseWriter, _ *http.Request, _ actor.Actor, form url.Values) error {
			b.posted = form
			_, err := io.WriteString(w, "reprise")
			return err
		},
		FormAction: []string{"https://fc.example"},
	}
	if change != nil {
		change(&c)
	}
	b.Mux = NewMux(c)
	open := func(w http.ResponseWriter, _ *http.Request) error { _, err := io.WriteString(w, "ouvert"); return err }
	closed := func(w http.ResponseWriter, _ *http.Request, a actor.Actor) error {
		_, err := io.WriteString(w, "ouvert à "+a.Nom)
		return err
	}
	for _, method := range []string{"GET", "POST"} {
		b.Public(method+" /public/", open)
		b.PublicOpenID(method+" /openid/", open)
		b.Machine(method+" /machine/", open)
		b.Compte(method+" /compte/", closed)
		b.Aidant(method+" /aidant/", closed)
		b.Referent(method+" /referent/", closed)
		b.Gestion(method+" /gestion/", closed)
		b.Compte(method+" /sensible/", closed, CodeFrais)
	}
	b.Public("GET /panne", func(http.ResponseWriter, *http.Request) error { return errors.New("disk on fire") })
	b.Public("GET /panique", func(http.ResponseWriter, *http.Request) error { panic("nil map") })
	b.Machine("GET /machine/panne", func(http.ResponseWriter, *http.Request) error { return errors.New("disk on fire") })
	return b
}

func (b *banc) get(path string, header ...string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, path, nil), header...)
}

func (b *banc) post(path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r, header...)
}

func (b *banc) do(r *http.Request, header ...string) *httptest.ResponseRecorder {
	r.Host = "ac.example"
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}
