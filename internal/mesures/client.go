package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// porte sends one request to the service: to its handlers, or over HTTP.
type porte func(*http.Request) (*reponse, error)

// reponse is an answer, and the http.ResponseWriter of the handlers.
type reponse struct {
	statut int
	entete http.Header
	corps  []byte
}

// Header implements http.ResponseWriter.
func (r *reponse) Header() http.Header { return r.entete }

// WriteHeader implements http.ResponseWriter.
func (r *reponse) WriteHeader(statut int) { r.statut = statut }

// Write implements http.ResponseWriter.
func (r *reponse) Write(b []byte) (int, error) {
	r.corps = append(r.corps, b...)
	return len(b), nil
}

// overHTTP is a porte to a program that listens, with connections kept open.
func overHTTP() porte {
	t := &http.Transport{
		MaxIdleConnsPerHost: 2 * parallele,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(address)
			return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}
	return func(r *http.Request) (*reponse, error) {
		res, err := t.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return &reponse{res.StatusCode, res.Header, b}, err
	}
}

// navigateur is the browser of one aidant, or FranceConnect's server, which
// has no cookie.
type navigateur struct {
	porte   porte
	origine string
	temoins string
}

func (b *banc) navigateur(p porte, s secretSession) navigateur {
	return navigateur{porte: p, origine: b.cfg.Origine, temoins: "__Host-ac_session=" + s.jeton.Reveal()}
}

func (n navigateur) get(ctx context.Context, path string, statut int) (*reponse, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.origine+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	return n.send(r, statut)
}

func (n navigateur) post(ctx context.Context, path string, form url.Values, statut int) (*reponse, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.origine+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if n.temoins != "" {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Origin", n.origine)
	}
	return n.send(r, statut)
}

// send refuses an answer that is not the one that was to be measured.
func (n navigateur) send(r *http.Request, statut int) (*reponse, error) {
	if n.temoins != "" {
		r.Header.Set("Cookie", n.temoins)
	}
	w, err := n.porte(r)
	if err != nil {
		return nil, err
	}
	if w.statut != statut {
		return w, &inattendu{methode: r.Method, chemin: r.URL.Path, statut: w.statut, titre: cmp.Or(w.entete.Get("Location"), title(w.corps))}
	}
	return w, nil
}

// inattendu is an answer of another status than the one awaited.
type inattendu struct {
	methode, chemin, titre string
	statut                 int
}

func (e *inattendu) Error() string {
	return fmt.Sprintf("%s %s: unexpected answer %d %q", e.methode, e.chemin, e.statut, e.titre)
}

func title(page []byte) string {
	_, rest, _ := strings.Cut(string(page), "<title>")
	text, _, ok := strings.Cut(rest, "</title>")
	if !ok {
		return string(page[:min(len(page), 100)])
	}
	return strings.TrimSpace(text)
}

// location gives a parameter of the address a redirect leads to.
func (r *reponse) location(prefix, parameter string) (string, error) {
	l := r.entete.Get("Location")
	u, err := url.Parse(l)
	if err != nil || !strings.HasPrefix(l, prefix) || parameter != "" && u.Query().Get(parameter) == "" {
		return "", fmt.Errorf("unexpected redirect to %q", l)
	}
	return u.Query().Get(parameter), nil
}

// waitReady asks until the program answers that it is ready.
func waitReady(ctx context.Context, address string, limit time.Duration) error {
	end := time.Now().Add(limit)
	for time.Now().Before(end) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("not ready after %s", limit)
}
