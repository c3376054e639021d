package outbox

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

// server receives mail in process and keeps what it accepted.
type server struct {
	mu     sync.Mutex
	mails  []received
	refuse map[string]*smtp.SMTPError // by recipient
	onData *smtp.SMTPError            // instead of accepting the content
	onRset bool                       // cut the line after the content is accepted
}

type received struct {
	from, to string
	lu       Lu
	raw      string
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }

type session struct {
	s        *server
	c        *smtp.Conn
	from, to string
	done     bool
}

func (s *session) Reset() {
	if s.done && s.s.onRset {
		_ = s.c.Conn().Close()
	}
}
func (s *session) Logout() error                               { return nil }
func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if e := s.s.refuse[to]; e != nil {
		return e
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	if s.s.onData != nil {
		return s.s.onData
	}
	l, err := parse(strings.NewReader(string(b)))
	s.s.mails = append(s.s.mails, received{s.from, s.to, l, string(b)})
	s.done = true
	return err
}

// serve starts a mail server on a free port and gives its address.
func serve(t *testing.T, s *server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(s)
	srv.Domain = "localhost"
	srv.ErrorLog = discard{}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return "smtp://" + l.Addr().String()
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

func sender(t *testing.T, address string) Expediteur {
	t.Helper()
	e, err := NewExpediteur(address)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var sample = Courriel{
	ID: "0192-abc@exemple.fr", De: "Aidants Connect <connexion@exemple.fr>", A: "zoe@exemple.org",
	Sujet: "Votre lien, à l'été — « ici »", Texte: "Bonjour Zoé,\n\n.\nVoici : https://exemple.fr/" + strings.Repeat("x", 200) + "\n",
	Date: time.Date(2026, 7, 1, 10, 20, 30, 0, time.UTC),
}

func withTwin(c Courriel) Courriel { c.HTML = twin(c.Sujet, c.Texte); return c }

func TestSMTP(t *testing.T) {
	s := &server{}
	c := withTwin(sample)
	if err := sender(t, serve(t, s)).Envoyer(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if len(s.mails) != 1 {
		t.Fatalf("%d mails received", len(s.mails))
	}
	got := s.mails[0]
	if got.from != "connexion@exemple.fr" || got.to != c.A {
		t.Errorf("envelope from %q to %q", got.from, got.to)
	}
	if d := cmp.Diff(Lu{Canal: "courriel", To: c.A, Subject: c.Sujet, Text: c.Texte, HTML: c.HTML, Date: c.Date}, got.lu); d != "" {
		t.Error(d)
	}
	for _, header := range []string{
		"Message-ID: <0192-abc@exemple.fr>\r\n", "Auto-Submitted: auto-generated\r\n", "From: \"Aidants Connect\" <connexion@exemple.fr>\r\n",
		"Date: Wed, 01 Jul 2026 10:20:30 +0000\r\n", "MIME-Version: 1.0\r\n", "Content-Type: multipart/alternative;",
	} {
		if !strings.Contains(got.raw, header) {
			t.Errorf("no %q in:\n%s", header, got.raw)
		}
	}
	for _, line := range strings.Split(got.raw, "\r\n") {
		if len(line) > 998 { // RFC 5322 §2.1.1
			t.Errorf("a line of %d characters", len(line))
		}
	}
}

func TestSMTPFailures(t *testing.T) {
	refusal := func(code int) *smtp.SMTPError {
		return &smtp.SMTPError{Code: code, Message: "zoe@exemple.org is not welcome"}
	}
	for _, c := range []struct {
		why  string
		s    *server
		want *Echec
	}{
		{"unknown recipient", &server{refuse: map[string]*smtp.SMTPError{sample.A: refusal(550)}}, &Echec{Nature: "destinataire_refuse", Code: 550, Definitif: true}},
		{"greylisted", &server{refuse: map[string]*smtp.SMTPError{sample.A: refusal(451)}}, &Echec{Nature: "destinataire_refuse", Code: 451}},
		{"content refused", &server{onData: refusal(554)}, &Echec{Nature: "contenu_refuse", Code: 554, Definitif: true}},
		{"server full", &server{onData: refusal(452)}, &Echec{Nature: "contenu_refuse", Code: 452}},
		{"accepted, then the line is cut", &server{onRset: true}, nil},
	} {
		t.Run(c.why, func(t *testing.T) {
			err := sender(t, serve(t, c.s)).Envoyer(t.Context(), withTwin(sample))
			got, _ := errors.AsType[*Echec](err)
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if err != nil && strings.Contains(err.Error(), "zoe") {
				t.Errorf("the error repeats the server's words: %v", err)
			}
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	err = sender(t, "smtp://"+l.Addr().String()).Envoyer(t.Context(), withTwin(sample))
	if e, ok := errors.AsType[*Echec](err); !ok || e.Nature != "connexion" || e.Definitif {
		t.Errorf("nobody listens: %v", err)
	}
}

// No password and no mail leaves in clear for another machine.
func TestTLSPolicy(t *testing.T) {
	for address, want := range map[string]string{
		"smtp://u:p@192.0.2.1": "TLSMandatory", "smtp://mail.exemple.fr:25": "TLSMandatory",
		"smtp://localhost": "TLSOpportunistic", "smtp://127.0.0.1:1025": "TLSOpportunistic",
	} {
		client, err := sender(t, address).(smtpSender).client()
		if err != nil {
			t.Fatal(err)
		}
		if got := client.TLSPolicy(); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func TestNewExpediteur(t *testing.T) {
	for _, address := range []string{"smtp://h", "smtps://u:p@h:465", "smtp://[::1]:25", "dossier:/tmp/x", "dossier:x"} {
		if _, err := NewExpediteur(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"", "h", "http://h", "smtp://", "smtp://u:secret@", "smtp://u@h", "smtp://u:secret@h:99999", "smtp://u:secret@h/x", "dossier:", "smtp://u:secret@h:x"} {
		_, err := NewExpediteur(address)
		if err == nil {
			t.Errorf("%q is accepted", address)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error shows the password: %v", address, err)
		}
	}
}

func TestRoute(t *testing.T) {
	first, second := &recorder{}, &recorder{}
	r := Route{Principal: first, Secours: second, Domaines: []string{"laposte.net"}}
	for _, a := range []string{"a@exemple.org", "b@laposte.net", "c@LaPoste.net", "d@notlaposte.net", "laposte.net@exemple.org"} {
		if err := r.Envoyer(t.Context(), Courriel{A: a}); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(first.to, " "); got != "a@exemple.org d@notlaposte.net laposte.net@exemple.org" {
		t.Errorf("first route: %s", got)
	}
	if got := strings.Join(second.to, " "); got != "b@laposte.net c@LaPoste.net" {
		t.Errorf("second route: %s", got)
	}
}

type recorder struct{ to []string }

func (r *recorder) Envoyer(_ context.Context, c Courriel) error {
	r.to = append(r.to, c.A)
	return nil
}

func TestDossier(t *testing.T) {
	path := filepath.Join(t.TempDir(), "courriels")
	if lus, err := ReadFolder(path); err != nil || lus == nil || len(lus) != 0 {
		t.Fatalf("a folder that is not there: %v, %v", lus, err)
	}
	d := Dossier{path}
	old, recent := withTwin(sample), withTwin(sample)
	recent.ID, recent.Date = "0193-def@exemple.fr", sample.Date.Add(time.Second)
	for _, c := range []Courriel{recent, old, old} { // the last one is a second try
		if err := d.Envoyer(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(path, ".half.eml.part"), []byte("From: x"), 0o600); err != nil {
		t.Fatal(err)
	}
	lus, err := ReadFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []Lu{
		{"courriel", recent.A, recent.Sujet, recent.Texte, recent.HTML, recent.Date, ""},
		{"courriel", old.A, old.Sujet, old.Texte, old.HTML, old.Date, ""},
	}
	if d := cmp.Diff(want, lus); d != "" {
		t.Error(d)
	}
}
