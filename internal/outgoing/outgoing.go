// Package outgoing makes the HTTP clients with which the program calls other
// services (FC-02): FranceConnect, and in the simulateur our own endpoints.
//
// Such a client has a total timeout, refuses redirects with ErrRedirect, gives
// at most MaxBody bytes of a body and then ErrTooLarge, bounds the headers,
// speaks TLS 1.2 or later, honours no proxy of the environment and dials names
// that end in .localhost on the loopback.
//
// It owns no table, serves no URL, writes no journal line and logs nothing:
// neither an address nor a body. It does not decide which addresses may be
// called: that is configuration, checked by the caller with SecureURL.
package outgoing

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// MaxBody is the most bytes a caller can read of one answer, after
// decompression (FC-02: 1 MiB).
const MaxBody = 1 << 20

// maxHeader bounds the headers of one answer.
const maxHeader = 64 << 10

// ErrTooLarge is returned by Read past MaxBody. What was read before is not to
// be used.
var ErrTooLarge = errors.New("answer larger than 1 MiB")

// ErrRedirect is returned, wrapped in a *url.Error, when the other service
// answers with a redirect. An error rather than the bare 3xx answer, so that a
// caller that forgets to test the status cannot take it for a success; a
// followed redirect would carry a code or a token to an address nobody
// registered.
var ErrRedirect = errors.New("redirect refused")

// NewClient makes a client whose calls last at most timeout, reading of the
// body included.
func NewClient(timeout time.Duration) *http.Client {
	return newClient(timeout, nil)
}

func newClient(timeout time.Duration, t *tls.Config) *http.Client {
	if t == nil {
		t = &tls.Config{}
	}
	t.MinVersion = tls.VersionTLS12
	d := &net.Dialer{Timeout: min(timeout, 5*time.Second), KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: timeout,
		Transport: limited{&http.Transport{
			// No proxy: HTTPS_PROXY set for something else on the machine
			// must not see secrets in the clear on http://*.localhost, nor
			// make the same configuration behave otherwise elsewhere.
			Proxy: nil,
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				return d.DialContext(ctx, network, loopback(addr))
			},
			TLSClientConfig:        t,
			TLSHandshakeTimeout:    min(timeout, 5*time.Second),
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: maxHeader,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           32,
			MaxIdleConnsPerHost:    16,
			IdleConnTimeout:        60 * time.Second,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return ErrRedirect },
	}
}

// loopback turns name.localhost:port into 127.0.0.1:port. RFC 6761 §6.3: names
// under .localhost are the loopback and no server is asked; Go's resolver asks.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".localhost") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// SecureURL tells whether secrets may travel to u: an absolute https address,
// or http to localhost or *.localhost, without credentials or fragment.
func SecureURL(u *url.URL) bool {
	if u == nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch u.Scheme {
	case "https":
		return true
	case "http":
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	return false
}

// limited bounds the body of every answer.
type limited struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &body{ReadCloser: resp.Body, left: MaxBody}
	return resp, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the
// transport through this wrapper.
func (l limited) CloseIdleConnections() {
	if c, ok := l.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// body counts what is read. Unlike io.LimitReader it does not end quietly: a
// truncated answer must not be taken for a whole one.
type body struct {
	io.ReadCloser
	left int64 // bytes that may still be read; -1 once passed
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed, to tell "exactly 1 MiB" from "more"
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), -1
		return n, ErrTooLarge
	}
	b.left -= int64(n)
	return n, err
}
