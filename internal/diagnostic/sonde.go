package diagnostic

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"time"

	"aidantsconnect/internal/outgoing"
)

// sonde is the answer to one call, or why there is none, in French.
type sonde struct {
	panne    string // "" when an answer came
	statut   int
	tete     http.Header
	corps    []byte
	tls      *tls.ConnectionState
	milieu   time.Time // half-way between the call and the answer's headers
	location *url.URL
}

// sonder makes a call: a GET, or the POST of a form.
func (e *examen) sonder(ctx context.Context, address string, form url.Values) sonde {
	return e.sonderAvec(ctx, address, form, nil)
}

// sonderAvec makes a call with Basic credentials, if any.
func (e *examen) sonderAvec(ctx context.Context, address string, form url.Values, basic *url.Userinfo) sonde {
	ctx, cancel := context.WithTimeout(ctx, delaiSonde)
	defer cancel()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return sonde{panne: "adresse illisible"}
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if basic != nil {
		password, _ := basic.Password()
		req.SetBasicAuth(basic.Username(), password)
	}
	before := e.clock()
	resp, err := e.http.Do(req)
	if err != nil {
		return sonde{panne: panneReseau(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	s := sonde{statut: resp.StatusCode, tete: resp.Header, tls: resp.TLS, milieu: before.Add(e.clock().Sub(before) / 2)}
	if l, err := resp.Location(); err == nil {
		s.location = l
	}
	if s.corps, err = io.ReadAll(resp.Body); err != nil {
		return sonde{panne: panneReseau(err)}
	}
	return s
}

// sonderJSON reads a document; panne is set when it is not the one expected.
func (e *examen) sonderJSON(ctx context.Context, address string, v any) sonde {
	s := e.sonder(ctx, address, nil)
	switch {
	case s.panne != "":
	case s.location != nil:
		s.panne = "une redirection, au lieu du document"
	case s.statut != http.StatusOK:
		s.panne = "statut " + http.StatusText(s.statut)
	case json.Unmarshal(s.corps, v) != nil:
		s.panne = "ce n'est pas le document JSON attendu"
	}
	return s
}

// panneReseau says in French why no answer came. It quotes nothing: an error
// of net/http may hold bytes of an answer.
func panneReseau(err error) string {
	_, isDNS := errors.AsType[*net.DNSError](err)
	_, badName := errors.AsType[x509.HostnameError](err)
	_, unknownCA := errors.AsType[x509.UnknownAuthorityError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, isTLS := errors.AsType[*tls.CertificateVerificationError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case isDNS:
		return "ce nom ne se résout pas d'ici"
	case badName:
		return "le certificat est celui d'un autre nom"
	case unknownCA:
		return "le certificat vient d'une autorité que cette machine ne connaît pas"
	case isInvalid && invalid.Reason == x509.Expired:
		return "le certificat a expiré, ou l'horloge de cette machine est fausse"
	case isTLS, isInvalid:
		return "le certificat n'est pas valable"
	case errors.Is(err, outgoing.ErrTooLarge):
		return "la réponse dépasse 1 Mio"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "rien n'écoute à cette adresse"
	case errors.Is(err, context.DeadlineExceeded), isNet && timeout.Timeout():
		return "pas de réponse dans le délai"
	}
	return "la connexion a échoué"
}

// ecart is how far our clock is from the one of the answer, by its Date. A
// second is the finest it tells; ok is false when it tells nothing.
func (s sonde) ecart() (d time.Duration, ok bool) {
	at, err := http.ParseTime(s.tete.Get("Date"))
	if err != nil || s.tete.Get("Age") != "" { // a cache answered
		return 0, false
	}
	return s.milieu.Sub(at.Add(500 * time.Millisecond)), true
}

// codeFC is FranceConnect's code in a page or a JSON answer.
var codeFC = regexp.MustCompile(`\bY[0-9]{2}(?:[0-9A-F]{6}|[0-9]{4})\b`)

func (s sonde) code() string { return codeFC.FindString(string(s.corps)) }

// erreurOAuth is the error word of a JSON answer (RFC 6749 §5.2).
func (s sonde) erreurOAuth() string {
	var b struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(s.corps, &b) != nil || !mot.MatchString(b.Error) {
		return ""
	}
	return b.Error
}

// mot is what an error word looks like: what does not is not repeated.
var mot = regexp.MustCompile(`^[a-z_]{3,40}$`)
