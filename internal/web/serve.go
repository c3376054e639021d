package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
)

// ServeHTTP gives the request its number, its headers, its handler, and its
// line in the log.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := m.c.Now()
	q := &request{id: newRequestID(), ip: clientIP(r, m.c.ProxysDeConfiance), now: start}
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, q))
	rw := &response{ResponseWriter: w, m: m}
	m.setHeaders(w.Header(), q)
	defer m.finish(rw, r, q)
	m.route(rw, r)
}

// route finds the handler. Unknown paths and methods get our pages instead of
// ServeMux's lines of text.
func (m *Mux) route(w http.ResponseWriter, r *http.Request) {
	h, pattern := m.inner.Handler(r)
	requestOf(r).pattern = pattern
	if pattern != "" {
		m.inner.ServeHTTP(w, r)
		return
	}
	probe := &discard{h: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		allow := probe.h.Get("Allow")
		w.Header().Set("Allow", allow)
		requestOf(r).espace = m.espaceOf(r, allow)
		m.showError(w, r, http.StatusMethodNotAllowed, methodPage)
		return
	}
	m.fail(w, r, fault.New(fault.NotFound, "adresse_inconnue"))
}

// espaceOf finds the space of a path asked by a method it does not take, so
// that a program is answered in JSON there too (FC-02).
func (m *Mux) espaceOf(r *http.Request, allow string) Espace {
	method, _, _ := strings.Cut(allow, ",")
	other := *r
	other.Method = method
	_, pattern := m.inner.Handler(&other)
	return m.espaces[pattern]
}

// finish writes the request's line, after a panic too.
func (m *Mux) finish(w *response, r *http.Request, q *request) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		m.c.Log.ErrorContext(r.Context(), "panic", "requete", q.id, "route", q.pattern,
			"erreur", fmt.Sprint(p), "pile", string(debug.Stack()))
		if !w.wrote {
			m.showError(w, r, http.StatusInternalServerError, pageOf(fault.Internal))
		}
	}
	d := m.c.Now().Sub(q.now)
	if q.pattern == "" {
		q.pattern = "(inconnue)"
	}
	m.c.Metrics.observe(q, w.code(), d)
	m.c.Log.LogAttrs(r.Context(), slog.LevelInfo, "requete",
		slog.String("requete", q.id), slog.String("methode", knownMethod(r.Method)), slog.String("route", q.pattern),
		slog.String("espace", string(q.espace)), slog.Int("statut", w.code()), slog.Int64("octets", w.size),
		slog.Float64("duree_ms", float64(d)/float64(time.Millisecond)))
}

// knownMethod keeps what a stranger typed out of the log.
func knownMethod(s string) string {
	switch s {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return s
	}
	return "autre"
}

// response writes the headers that depend on what the handler asked for.
type response struct {
	http.ResponseWriter
	m          *Mux
	formAction bool
	wrote      bool
	status     int
	size       int64
	acteur     *actor.Actor // for the header of an error page only
}

// Unwrap serves http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote, w.status = true, status
	if w.formAction {
		w.Header().Set("Content-Security-Policy", w.m.csp[1])
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *response) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(b)
	w.size += int64(n)
	return n, err
}

// responseOf finds our writer under those a handler may have put around it.
func responseOf(w http.ResponseWriter) *response {
	for {
		switch v := w.(type) {
		case *response:
			return v
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}

// discard learns what ServeMux would have answered.
type discard struct {
	h      http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }
