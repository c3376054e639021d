package outbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTelephone(t *testing.T) {
	for written, want := range map[string]string{
		"06 12 34 56 78": "+33612345678", "+33 (0)6.12.34.56.78": "+33612345678", "0033612345678": "+33612345678", "01 40 20 50 50": "+33140205050",
		"0692 12 34 56": "+262692123456", "0690 30 00 00": "+590690300000", "0696 20 00 00": "+596696200000", "0694 20 00 00": "+594694200000",
		"+687 75 12 34": "+687751234", "+32 470 12 34 56": "+32470123456",
		"": "", "12": "", "06 12 34 56": "", "bonjour": "", "06 12 34 56 78 poste 12": "", strings.Repeat("0", 41): "",
	} {
		got, ok := Telephone(written)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", written, got, ok, want)
		}
		if ok && !reE164.MatchString(got) {
			t.Errorf("%q: %q is not E.164", written, got)
		}
	}
	for number, want := range map[string]bool{
		"+33612345678": true, "+262692123456": true, "+33140205050": false, "0612345678": false, "": false, "+336": false,
	} {
		if Mobile(number) != want {
			t.Errorf("%q mobile: %v", number, !want)
		}
	}
}

func TestCheckSMS(t *testing.T) {
	right := Message{Cle: "S-01/1", Genre: "S-01", Destinataire: "+33612345678", Texte: "Votre code : 123456"}
	if err := right.check(); err != nil {
		t.Fatal(err)
	}
	for why, spoil := range map[string]func(*Message){
		"an e-mail address":     func(m *Message) { m.Destinataire = "a@b.fr" },
		"a number as written":   func(m *Message) { m.Destinataire = "06 12 34 56 78" },
		"a subject":             func(m *Message) { m.Sujet = "Code" },
		"no text":               func(m *Message) { m.Texte = " " },
		"too long":              func(m *Message) { m.Texte = strings.Repeat("é", texteSMS+1) },
		"a number to an e-mail": func(m *Message) { m.Genre, m.Sujet = "E-01", "x" },
	} {
		m := right
		spoil(&m)
		if err := m.check(); err == nil || strings.Contains(err.Error(), "+336") {
			t.Errorf("%s: %v", why, err)
		}
	}
}

var text = SMS{ID: "0192-abc", A: "+33612345678", Texte: "Votre code : 123456. Ne le communiquez à personne.", Date: time.Date(2026, 7, 1, 10, 20, 30, 0, time.UTC)}

// provider is an HTTP server of text messages for one answer.
func provider(t *testing.T, answer http.HandlerFunc) ExpediteurSMS {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	e, err := NewExpediteurSMS(strings.Replace(s.URL, "127.0.0.1", "sms.localhost", 1)+"/envoi", "Bearer jeton-secret", "AidantsCo")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSMSProvider(t *testing.T) {
	e := provider(t, func(w http.ResponseWriter, r *http.Request) {
		body := map[string]string{}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		want := map[string]string{"id": text.ID, "to": text.A, "from": "AidantsCo", "text": text.Texte}
		if d := cmp.Diff(want, body); d != "" {
			t.Error(d)
		}
		if r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer jeton-secret" || r.Header.Get("Idempotency-Key") != text.ID ||
			r.Header.Get("Content-Type") != "application/json" || r.URL.RawQuery != "" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"id":"ref-1"}`)
	})
	if ref, err := e.EnvoyerSMS(t.Context(), text); err != nil || ref != "ref-1" {
		t.Errorf("%q, %v", ref, err)
	}
}

func TestSMSAnswers(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/ailleurs")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for _, c := range []struct {
		why    string
		answer http.HandlerFunc
		want   *Echec
	}{
		{"no reference", answer(200, "ok"), nil},
		{"nothing", answer(204, ""), nil},
		{"a huge answer", answer(200, `{"x":"`+strings.Repeat("x", 2<<20)), nil},
		{"a huge reference", answer(200, `{"id":"`+strings.Repeat("x", 300)+`"}`), nil},
		{"wrong credential", answer(401, "+33612345678"), &Echec{Nature: "acces_refuse", Code: 401}},
		{"unknown number", answer(422, "+33612345678"), &Echec{Nature: "destinataire_refuse", Code: 422, Definitif: true}},
		{"slow down", answer(429, ""), &Echec{Nature: "debit", Code: 429}},
		{"broken", answer(503, ""), &Echec{Nature: "envoi", Code: 503}},
		{"redirect", answer(302, ""), &Echec{Nature: "connexion"}},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, &Echec{Nature: "connexion", Incertain: true}},
	} {
		t.Run(c.why, func(t *testing.T) {
			ref, err := provider(t, c.answer).EnvoyerSMS(t.Context(), text)
			got, _ := errors.AsType[*Echec](err)
			if d := cmp.Diff(c.want, got); d != "" || ref != "" || (err == nil) != (c.want == nil) {
				t.Errorf("%q, %v\n%s", ref, err, d)
			}
		})
	}
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	e, err := NewExpediteurSMS(strings.Replace(down.URL, "127.0.0.1", "sms.localhost", 1), "x", "AidantsCo")
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.EnvoyerSMS(t.Context(), text)
	if got, _ := errors.AsType[*Echec](err); cmp.Diff(&Echec{Nature: "connexion"}, got) != "" {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestNewExpediteurSMS(t *testing.T) {
	for _, address := range []string{"", "dossier:", "http://sms.exemple.fr", "https://u:p@sms.exemple.fr", "ftp://x", "sms.exemple.fr"} {
		if _, err := NewExpediteurSMS(address, "Bearer secret", "A"); err == nil || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, autorisation := range []string{"", "Bearer x\r\nX: y"} {
		if _, err := NewExpediteurSMS("https://sms.exemple.fr/", autorisation, "A"); err == nil {
			t.Errorf("%q is accepted", autorisation)
		}
	}
}

// The stand-in of the demo shows text messages beside e-mails.
func TestDossierSMS(t *testing.T) {
	path := filepath.Join(t.TempDir(), "courriels")
	d := Dossier{path}
	mail := withTwin(sample)
	mail.Date = text.Date.Add(-time.Minute)
	if err := d.Envoyer(t.Context(), mail); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second try replaces the first
		if _, err := d.EnvoyerSMS(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	lus, err := ReadFolder(path)
	if err != nil || len(lus) != 2 {
		t.Fatalf("%d messages, %v", len(lus), err)
	}
	if d := cmp.Diff(Lu{Canal: "sms", To: text.A, Text: text.Texte, Date: text.Date, ID: text.ID}, lus[0]); d != "" {
		t.Error(d)
	}
	if lus[1].Canal != "courriel" {
		t.Errorf("%+v", lus[1])
	}
}
