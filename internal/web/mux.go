package web

import (
	"net/http"
	"slices"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
)

// Espace is a space of comptes 1.2.
type Espace string

// The spaces.
const (
	Public       Espace = "public"
	PublicOpenID Espace = "public_openid" // public, and open to other sites' POST
	Compte       Espace = "compte"
	Aidant       Espace = "aidant"
	Referent     Espace = "referent"
	Gestion      Espace = "gestion"
	Machine      Espace = "machine"
)

// Route is one line of the table of routes, which a test walks (A-W70).
type Route struct {
	Pattern   string // "GET /espace-aidant/usagers/"
	Espace    Espace
	CodeFrais bool // a condition asks a fresh code (A-W75)
}

// Mux routes requests to the handlers of the spaces.
type Mux struct {
	c       Config
	inner   *http.ServeMux
	cop     *http.CrossOriginProtection
	routes  []Route
	espaces map[string]Espace // by pattern as ServeMux knows it
	csp     [2]string         // without and with the origins of Config.FormAction
	hsts    bool

	introuvables *limiter
}

// NewMux makes a Mux that serves the assets and nothing else yet.
func NewMux(c Config) *Mux {
	c.complete()
	m := &Mux{
		c: c, inner: http.NewServeMux(), cop: http.NewCrossOriginProtection(), espaces: map[string]Espace{},
		csp:  [2]string{contentPolicy(nil), contentPolicy(c.FormAction)},
		hsts: strings.HasPrefix(c.Site.Origine, "https://"), introuvables: newLimiter(introuvablesParMinute),
	}
	m.Public("GET "+cheminActifs+"{fichier}", serveAsset)
	m.Public("GET "+cheminMarques+"{fichier}", c.Site.Marques.serve)
	return m
}

// Routes gives the table of routes, in the order of mounting.
func (m *Mux) Routes() []Route { return m.routes }

// Site gives what pages say of the service.
func (m *Mux) Site() Site { return m.c.Site }

// Public mounts a route open to everybody.
func (m *Mux) Public(pattern string, h Handler) { m.mount(pattern, Public, h) }

// Visiteur mounts a public page that shows who is signed in, if anybody is.
func (m *Mux) Visiteur(pattern string, h func(w http.ResponseWriter, r *http.Request, a *actor.Actor) error) {
	m.mount(pattern, Public, func(w http.ResponseWriter, r *http.Request) error {
		a, err := m.authenticate(w, r)
		if fault.Is(err, fault.Unauthenticated) {
			return h(w, r, nil)
		}
		if err != nil {
			return err
		}
		return h(w, r, &a)
	})
}

// PublicOpenID mounts a page that another site may reach by POST, as OpenID
// Connect Core §3.1.2.1 wants of /authorize. Its handler must do nothing on the
// strength of a cookie before the browser comes back by GET.
func (m *Mux) PublicOpenID(pattern string, h Handler) { m.mount(pattern, PublicOpenID, h) }

// Machine mounts a route for programs, which authenticates its caller itself.
// It is served with and without a slash at the end, never by a redirect.
func (m *Mux) Machine(pattern string, h Handler) { m.mount(pattern, Machine, h) }

// Condition is what a route asks besides its space.
type Condition int

// CodeFrais asks a second factor accepted in this session less than
// DelaiCodeFrais ago: for the acts of comptes 4.3 (A-W75). A GET leads to the
// code page and comes back; a POST is carried by it.
const CodeFrais Condition = 1

// CodeFraisOuPremier is CodeFrais, but for an account without any confirmed
// factor, which adds its first one: it has no code to give (comptes 2.4).
const CodeFraisOuPremier Condition = 2

// Compte mounts a route for anybody who is signed in.
func (m *Mux) Compte(pattern string, h ActorHandler, cs ...Condition) {
	m.gated(pattern, Compte, h, cs)
}

// Aidant mounts a route for aidants who may act for their current organisation.
func (m *Mux) Aidant(pattern string, h ActorHandler, cs ...Condition) {
	m.gated(pattern, Aidant, h, cs)
}

// Referent mounts a route for the référents of the current organisation.
func (m *Mux) Referent(pattern string, h ActorHandler, cs ...Condition) {
	m.gated(pattern, Referent, h, cs)
}

// Gestion mounts a route for the operator's team, signed in with a factor that
// resists phishing (A-W5). For anybody else it does not exist.
func (m *Mux) Gestion(pattern string, h ActorHandler, cs ...Condition) {
	m.gated(pattern, Gestion, h, cs)
}

func (m *Mux) gated(pattern string, e Espace, h ActorHandler, cs []Condition) {
	m.mount(pattern, e, func(w http.ResponseWriter, r *http.Request) error {
		a, err := m.authenticate(w, r)
		if fault.Is(err, fault.Unauthenticated) {
			return askSignIn(w, r)
		}
		if err != nil {
			return err
		}
		if a.DroitsChanges && m.c.RenewSession != nil && r.Method == http.MethodGet && !wantsJSON(r) {
			if err := m.c.RenewSession(w, r, a); err != nil {
				return err
			}
		}
		done, err := m.gate(w, r, a, e)
		if done || err != nil {
			return err
		}
		asked := slices.Contains(cs, CodeFrais) || slices.Contains(cs, CodeFraisOuPremier) && !a.SansFacteur
		if asked && m.c.Now().Sub(a.DateOTP) >= DelaiCodeFrais {
			return m.askCode(w, r, a)
		}
		return h(w, r, a)
	})
	m.routes[len(m.routes)-1].CodeFrais = len(cs) > 0
}

// authenticate tells who is signed in and keeps it for the error page.
func (m *Mux) authenticate(w http.ResponseWriter, r *http.Request) (actor.Actor, error) {
	a, err := m.c.Authenticate(r)
	if rw := responseOf(w); err == nil && rw != nil {
		rw.acteur = &a
	}
	return a, err
}

func (m *Mux) mount(pattern string, e Espace, h Handler) {
	m.routes = append(m.routes, Route{Pattern: pattern, Espace: e})
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.handle(w, r, Route{Pattern: pattern, Espace: e}, h) })
	exact, slash := strings.CutSuffix(pattern, "/")
	root := strings.HasSuffix(exact, " ") // "GET /"
	served := []string{pattern}
	switch {
	case e == Machine && !root:
		served = []string{exact, exact + "/{$}"}
	case slash:
		served = []string{pattern + "{$}"}
	}
	for _, p := range served {
		m.espaces[p] = e
		m.inner.Handle(p, serve)
	}
}

// handle runs one handler within its space.
func (m *Mux) handle(w http.ResponseWriter, r *http.Request, route Route, h Handler) {
	q := requestOf(r)
	q.espace, q.pattern = route.Espace, route.Pattern
	if route.Espace != Machine && route.Espace != PublicOpenID {
		if err := m.cop.Check(r); err != nil {
			m.fail(w, r, fault.Wrap(fault.Forbidden, "autre_site", err))
			return
		}
	}
	q.corps = r.Body
	r.Body = http.MaxBytesReader(w, r.Body, m.c.MaxBody)
	if err := h(w, r); err != nil {
		m.fail(w, r, err)
	}
}
