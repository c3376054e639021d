// Package web is the floor every page stands on: spaces and their gates,
// headers, layout, errors, forms, assets, limits, the request log and metrics.
//
// A route is mounted in a space, which decides access before any handler code
// runs (comptes 1.2): Public, Compte (signed in), Aidant, Referent, Machine.
// A handler of the last three kinds of people receives the actor.Actor as a
// parameter, so it cannot be mounted without its gate (A-W70, A-W76). Handlers
// return errors; one table maps fault.Kind to a French page, or to JSON in the
// Machine space. Pages are drawn in memory first.
//
// Every unsafe request is refused when it comes from another site (403),
// except in Machine and PublicOpenID, which change nothing on the strength of
// a cookie (comptes 12). Every answer is no-store unless its handler says
// otherwise, and carries the headers of comptes 12.
//
// It owns no table and appends nothing to the journal. URLs: /actifs/… . It
// does not read the database: who is signed in comes from Config.Authenticate,
// and the re-check page from Config.Recheck.
//
// A page has exactly one h1, written by the page, never by Layout.
package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/web/dsfr"
)

// Site is what every page says of the service.
type Site struct {
	Nom        string   // « Aidants Connect » when empty
	Origine    string   // scheme://host[:port], no slash at the end
	Simulation bool     // the people are fictitious: said on every page
	MarqueEtat bool     // the operator is entitled to the marks of the State
	Contact    string   // mail address of help, in the footer and on error pages
	Marques    *Marques // what the operator brought; nil: none
}

// Lien is a place to go.
type Lien = dsfr.Lien

// Handler answers a request of a public or machine route.
type Handler = func(w http.ResponseWriter, r *http.Request) error

// ActorHandler answers a request of somebody who is signed in.
type ActorHandler = func(w http.ResponseWriter, r *http.Request, a actor.Actor) error

// Config is what the floor needs from the rest of the program.
type Config struct {
	Site Site
	Log  *slog.Logger
	Now  func() time.Time

	// Authenticate tells who is signed in; fault.Unauthenticated when nobody is.
	// nil: nobody ever is.
	Authenticate func(r *http.Request) (actor.Actor, error)
	// Recheck shows the code form that carries the fields of a POST which met
	// the re-check, so that nothing typed is lost (comptes 4.2).
	Recheck func(w http.ResponseWriter, r *http.Request, a actor.Actor, form url.Values) error
	// RenewSession changes the cookie of a session whose rights changed since it
	// was made (A-W77); nil: nobody does.
	RenewSession func(w http.ResponseWriter, r *http.Request, a actor.Actor) error
	// Introuvable counts an address that does not exist, asked by this request's
	// network, with those that the other nodes saw, and tells how long to wait
	// once they are too many; nil: nobody counts (comptes 5).
	Introuvable func(r *http.Request) (wait time.Duration, err error)
	// DelaiReprise is the age of the last activity at which the code is asked
	// again; 15 min when zero, brought back to 30 min when longer.
	DelaiReprise time.Duration

	// FormAction lists the origins (FranceConnect's registrations) to which a
	// form's answer may lead, on the pages that call AllowFormAction (FC-07).
	FormAction []string
	// ProxysDeConfiance is how many of our own proxies stand in front: the
	// address is read from X-Forwarded-For only then.
	ProxysDeConfiance int
	// MaxBody bounds every request body; 1 MiB when zero.
	MaxBody int64
	Metrics *Metrics // nil: none
}

// Addresses the gates lead to; their pages belong to connexion.
const (
	CheminConnexion     = "/accounts/login/"
	CheminReprise       = "/activity_check/"
	CheminCGU           = "/espace-aidant/valider-cgu"
	CheminProfil        = "/espace-aidant/profil"
	CheminNotifications = "/espace-aidant/notifications/"
	CheminAideCode      = "/aide/code-franceconnect/" // what FranceConnect's codes mean; ?code=Y010008
	CheminDeconnexion   = "/logout-session/"
	CheminSessions      = "/espace-aidant/sessions/"
	// CheminLienProConnect is where the tie of one's account to ProConnect is seen
	// and undone; it exists when ProConnect is configured.
	CheminLienProConnect = "/espace-aidant/profil/proconnect"
	// CheminTunnel is where a person without a confirmed factor is led to add one.
	CheminTunnel = "/espace-referent/configurer-otp/"
	// CheminOrganisations is where a person of several organisations chooses the
	// one this session works for; ?organisation= preselects, ?next_url= continues.
	CheminOrganisations = "/espace-aidant/organisations/"
)

const (
	delaiDefaut = 15 * time.Minute
	delaiMax    = 30 * time.Minute
	maxForm     = 64 << 10
	maxBody     = 1 << 20
)

func (c *Config) complete() {
	if c.Site.Nom == "" {
		c.Site.Nom = "Aidants Connect"
	}
	if c.DelaiReprise <= 0 {
		c.DelaiReprise = delaiDefaut
	}
	c.DelaiReprise = min(c.DelaiReprise, delaiMax)
	if c.MaxBody <= 0 {
		c.MaxBody = maxBody
	}
	if c.Authenticate == nil {
		c.Authenticate = func(*http.Request) (actor.Actor, error) {
			return actor.Actor{}, fault.New(fault.Unauthenticated, "sans_comptes")
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}
