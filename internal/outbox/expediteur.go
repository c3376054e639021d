package outbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Courriel is one e-mail ready to leave.
type Courriel struct {
	ID                 string // Message-ID without brackets, the same at each try
	De                 string // sender, "Nom <adresse>"
	A                  string // one bare address
	Sujet, Texte, HTML string
	Date               time.Time // of the act, so that a second try is the same e-mail
}

// Expediteur is where the outside world begins. A sender gives up before ctx
// does. Its error is an *Echec, or counts as one that may be tried again.
type Expediteur interface {
	Envoyer(ctx context.Context, c Courriel) error
}

// Echec says why a message did not leave, without the words of the server,
// which repeat the address of the recipient.
type Echec struct {
	Nature    string // "connexion", "destinataire_refuse"…, shown in gestion
	Code      int    // SMTP code, 0 when there is none
	Definitif bool   // trying again would be refused again
	Incertain bool   // it may have left
}

// Error implements error; it holds nothing personal.
func (e *Echec) Error() string {
	if e.Code > 0 {
		return fmt.Sprintf("message not sent: %s (%d)", e.Nature, e.Code)
	}
	return "message not sent: " + e.Nature
}

// Route sends to some domains through a second sender. Some providers refuse
// what comes from the first (laposte.net in the reference service).
type Route struct {
	Principal Expediteur
	Secours   Expediteur
	Domaines  []string // in lower case
}

// Envoyer implements Expediteur.
func (r Route) Envoyer(ctx context.Context, c Courriel) error {
	if r.Secours != nil && slices.Contains(r.Domaines, domain(c.A)) {
		return r.Secours.Envoyer(ctx, c)
	}
	return r.Principal.Envoyer(ctx, c)
}

// NewExpediteur reads an address of the configuration:
//
//	smtp://user:password@host:587   STARTTLS required, except on this machine
//	smtps://user:password@host:465  TLS from the first byte
//	dossier:PATH                    one .eml file per message
func NewExpediteur(adresse string) (Expediteur, error) {
	if path, ok := strings.CutPrefix(adresse, "dossier:"); ok {
		if path == "" {
			return nil, errors.New("dossier: without a path")
		}
		return Dossier{Chemin: path}, nil
	}
	u, err := url.Parse(adresse)
	if err != nil || u.Hostname() == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" {
		return nil, errors.New("mail address is neither smtp://host:port, smtps://host:port nor dossier:PATH") // err would print the password
	}
	s := smtpSender{host: u.Hostname(), implicit: u.Scheme == "smtps", port: 587}
	if s.implicit {
		s.port = 465
	} else if u.Scheme != "smtp" {
		return nil, fmt.Errorf("mail scheme %q is not smtp, smtps or dossier", u.Scheme)
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil || s.port < 1 || s.port > 65535 {
			return nil, fmt.Errorf("mail port %q", p)
		}
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if s.user != "" && s.password == "" {
		return nil, errors.New("mail user without a password")
	}
	return s, nil
}

// smtpSender hands messages to a mail server, one connection each: the volume is
// small, and a connection kept open is one more thing that breaks.
type smtpSender struct {
	host           string
	port           int
	user, password string
	implicit       bool
}

// delaiSMTP bounds a whole dialogue; it is shorter than delaiEnvoi.
const delaiSMTP = 30 * time.Second

// client prepares a connection. Only a server on this very machine may be
// spoken to without TLS.
func (s smtpSender) client() (*gomail.Client, error) {
	local := isLocal(s.host)
	opts := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(delaiSMTP), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}),
	}
	switch {
	case s.implicit:
		opts = append(opts, gomail.WithSSL())
	case local:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.user != "" {
		method := gomail.SMTPAuthAutoDiscover
		if local {
			method = gomail.SMTPAuthPlainNoEnc
		}
		opts = append(opts, gomail.WithSMTPAuth(method), gomail.WithUsername(s.user), gomail.WithPassword(s.password))
	}
	return gomail.NewClient(s.host, opts...)
}

// Envoyer implements Expediteur.
func (s smtpSender) Envoyer(ctx context.Context, c Courriel) error {
	m, err := compose(c)
	if err != nil {
		return err
	}
	client, err := s.client()
	if err != nil {
		return &Echec{Nature: "configuration"}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return dialFailure(err)
	}
	err = client.SendWithSMTPClient(conn, m)
	_ = client.CloseWithSMTPClient(conn)
	// The server said 250 to the message: that RSET or QUIT failed afterwards
	// is no reason to send it again.
	if err == nil || m.IsDelivered() {
		return nil
	}
	return sendFailure(err)
}

// dialFailure names what stopped us before the first command of the message.
// Nothing of it is final: the operator can repair it.
func dialFailure(err error) *Echec {
	if _, ok := errors.AsType[net.Error](err); ok {
		return &Echec{Nature: "connexion"}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &Echec{Nature: "certificat"}
	}
	return &Echec{Nature: "ouverture"} // TLS or sign-in refused
}

// sendFailure names what the server refused. Only a refusal of this recipient
// or of this content, by a 5xx code, is final (RFC 5321 §4.2.1).
func sendFailure(err error) *Echec {
	e := &Echec{Nature: "envoi"}
	se, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return e
	}
	e.Code = se.ErrorCode()
	final := e.Code >= 500 && e.Code < 600
	switch se.Reason {
	case gomail.ErrSMTPMailFrom:
		e.Nature = "expediteur_refuse"
	case gomail.ErrSMTPRcptTo:
		e.Nature, e.Definitif = "destinataire_refuse", final
	case gomail.ErrSMTPData, gomail.ErrWriteContent:
		e.Nature, e.Definitif = "contenu_refuse", final
	case gomail.ErrSMTPDataClose:
		e.Nature, e.Definitif, e.Incertain = "contenu_refuse", final, e.Code == 0
	}
	return e
}

// compose makes the MIME message, the same for every sender.
func compose(c Courriel) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	from, err := mail.ParseAddress(c.De)
	if err != nil || !bareAddress(c.A) {
		return nil, &Echec{Nature: "adresse", Definitif: true}
	}
	m.FromMailAddress(from)
	m.ToMailAddress(&mail.Address{Address: c.A})
	m.Subject(c.Sujet)
	m.SetDateWithValue(c.Date)
	m.SetMessageIDWithValue(c.ID)
	// RFC 3834 §5: no holiday message answers a machine.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", "fr")
	m.SetBodyString(gomail.TypeTextPlain, c.Texte)
	m.AddAlternativeString(gomail.TypeTextHTML, c.HTML)
	return m, nil
}

// isLocal tells whether a host is this machine.
func isLocal(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost"
}
