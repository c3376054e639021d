package franceconnect

import (
	"net/http"
	"strconv"
	"time"
)

// Mesures receives the figures of our calls to FranceConnect; what is nil is
// not told. The words are of closed lists: nothing is personal.
type Mesures struct {
	// Appel is one call: its step (discovery, jwks, token, userinfo), the class
	// of its status ("2xx"…) or "echec", and how long until its headers.
	Appel func(etape, issue string, d time.Duration)
	// Echec is a leg that failed: its step and the key of §16.1.
	Echec func(etape, cle string)
	// Ecart is how far our clock is ahead of FranceConnect's, to the second
	// (FC-05); negative when it is late.
	Ecart func(time.Duration)
}

// transport is the one of the configuration, its calls measured.
func (c *Client) transport(etape string) http.RoundTripper {
	base := c.http.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	if c.cfg.Mesures.Appel == nil && c.cfg.Mesures.Ecart == nil {
		return base
	}
	return measured{base, etape, c}
}

// client is the one of the configuration for one step.
func (c *Client) client(etape string) *http.Client {
	return &http.Client{Timeout: c.http.Timeout, CheckRedirect: c.http.CheckRedirect, Jar: c.http.Jar, Transport: c.transport(etape)}
}

type measured struct {
	base  http.RoundTripper
	etape string
	c     *Client
}

// RoundTrip implements http.RoundTripper.
func (m measured) RoundTrip(r *http.Request) (*http.Response, error) {
	before := m.c.cfg.Clock()
	resp, err := m.base.RoundTrip(r)
	took := m.c.cfg.Clock().Sub(before)
	issue := "echec"
	if err == nil {
		issue = strconv.Itoa(resp.StatusCode/100) + "xx"
	}
	if f := m.c.cfg.Mesures.Appel; f != nil {
		f(m.etape, issue, took)
	}
	if f := m.c.cfg.Mesures.Ecart; f != nil && err == nil {
		// A cache answers with the hour of another call. The header tells
		// seconds: the middle of that one is the best guess.
		if at, e := http.ParseTime(resp.Header.Get("Date")); e == nil && resp.Header.Get("Age") == "" {
			f(before.Add(took / 2).Sub(at.Add(500 * time.Millisecond)))
		}
	}
	return resp, err
}
