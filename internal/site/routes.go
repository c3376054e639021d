package site

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/web"
)

// Handlers serves the public pages. Ready tells, without detail, whether the
// program can work.
type Handlers struct {
	Site       web.Site
	Exploitant Exploitant
	Ready      func(context.Context) error
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
	return plain(w, "User-agent: *\nDisallow: /espace-aidant/\nDisallow: /espace-referent/\nDisallow: /accounts/\nDisallow: /code/\n")
}

// security follows RFC 9116.
func (h *Handlers) security(w http.ResponseWriter, _ *http.Request) error {
	var b strings.Builder
	if h.Exploitant.Contact != "" {
		b.WriteString("Contact: mailto:" + h.Exploitant.Contact + "\n")
	}
	b.WriteString("Preferred-Languages: fr, en\nCanonical: " + h.Site.Origine + "/.well-known/security.txt\n")
	return plain(w, b.String())
}

func plain(w http.ResponseWriter, s string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, s)
	return err
}
