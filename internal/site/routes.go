package site

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/web"
)

// Handlers serves the public pages. Ready tells, without detail, whether the
// program can work.
type Handlers struct {
	Site       web.Site
	Exploitant Exploitant
	Ready      func(context.Context) error
	Limites    *limite.Compteurs
	Clock      func() time.Time
	Log        *slog.Logger
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Visiteur("GET /{$}", h.home)
	m.Visiteur("GET "+web.CheminAideCode, h.codes)
	m.Visiteur("GET /accessibilite/", h.page(accessibilityPage))
	m.Visiteur("GET /mentions-legales/", h.page(legalPage))
	m.Visiteur("GET /politique_confidentialite/", h.page(privacyPage))
	m.Visiteur("GET /plan-du-site/", h.page(mapPage))
	m.Public("GET /robots.txt", h.robots)
	m.Public("GET /.well-known/security.txt", h.security)
	m.Public("GET /sitemap.xml", h.sitemap)
	mountAnciennes(m)
	m.Machine("POST "+web.CheminCSP, h.Limites.Limit(h.reportCSP, cspReports))
	m.Machine("GET /sante/vivant", alive)
	m.Machine("GET /sante/pret", h.ready)
}

func (h *Handlers) home(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	return web.Render(w, r, http.StatusOK, homePage(h.view(a), r.URL.Query().Has("deconnexion") && a == nil))
}

// vue is what every page of the package shows.
type vue struct {
	Site       web.Site
	Actor      *actor.Actor
	Exploitant Exploitant
}

func (h *Handlers) view(a *actor.Actor) vue { return vue{h.Site, a, h.Exploitant} }

func (h *Handlers) page(p func(vue) templ.Component) func(http.ResponseWriter, *http.Request, *actor.Actor) error {
	return func(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
		return web.Render(w, r, http.StatusOK, p(h.view(a)))
	}
}

func alive(w http.ResponseWriter, _ *http.Request) error {
	return web.JSON(w, http.StatusOK, map[string]string{"etat": "vivant"})
}

// ready gives no detail: the log has it.
func (h *Handlers) ready(w http.ResponseWriter, r *http.Request) error {
	if err := h.Ready(r.Context()); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]string{"etat": "pret"})
}

func (h *Handlers) robots(w http.ResponseWriter, _ *http.Request) error {
	return plain(w, "User-agent: *\nDisallow: /espace-aidant/\nDisallow: /espace-referent/\nDisallow: /accounts/\nDisallow: /code/\nSitemap: "+h.Site.Origine+"/sitemap.xml\n")
}

// security follows RFC 9116.
func (h *Handlers) security(w http.ResponseWriter, _ *http.Request) error {
	var b strings.Builder
	if h.Exploitant.Contact != "" {
		b.WriteString("Contact: mailto:" + h.Exploitant.Contact + "\n")
	}
	b.WriteString("Expires: " + h.Clock().UTC().AddDate(0, 0, 180).Truncate(24*time.Hour).Format(time.RFC3339) + "\n")
	b.WriteString("Preferred-Languages: fr, en\nCanonical: " + h.Site.Origine + "/.well-known/security.txt\n")
	return plain(w, b.String())
}

// publiques are the pages for everybody, that search engines may show.
var publiques = []string{
	"/", web.CheminAideCode, "/verifier/", "/journal/", "/cgu/", "/charte-aidant/", "/charte-referent/", "/mentions-legales/", "/politique_confidentialite/",
	"/accessibilite/", "/plan-du-site/",
}

func (h *Handlers) sitemap(w http.ResponseWriter, _ *http.Request) error {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, p := range publiques {
		b.WriteString("<url><loc>" + html.EscapeString(h.Site.Origine+p) + "</loc></url>\n")
	}
	b.WriteString("</urlset>\n")
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, err := io.WriteString(w, b.String())
	return err
}

func plain(w http.ResponseWriter, s string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, s)
	return err
}
