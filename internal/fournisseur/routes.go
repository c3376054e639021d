package fournisseur

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Handlers serves the provider: the aidant's pages and FranceConnect's calls.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Cles    *cle.Trousseau
	Clients oidc.Registrations
	// ClesClients keeps the keys of the clients that want encrypted answers;
	// nil when there is none.
	ClesClients *ClesClients
	Issuer      string      // without a slash at the end; never derived from a request
	Empreintes  secret.Key  // digests of codes and tokens
	Temoins     *secret.Box // seals the cookies that hold a request or a search
	Site        web.Site
	Clock       func() time.Time
	Durees      Durees

	// Courriel is a mailbox owned by the service, asserted for the people who
	// have none (FI-55); "" refuses their use instead.
	Courriel string
	// Mesure counts how uses end, once each, after the transaction; nil: not
	// counted. Issue and Motif are of closed lists: nothing is personal.
	Mesure func(Issue, Motif)
	Log    *slog.Logger // nil: silent
	// Authenticate tells who is signed in, for /authorize, which is public.
	Authenticate func(r *http.Request) (actor.Actor, error)
}

// Prepare makes the signing keys that the registrations need.
func (h *Handlers) Prepare(ctx context.Context) error {
	if h.Clients.Uses(oidc.RS256) {
		return h.Cles.Ensure(ctx, cle.FiRS256)
	}
	return nil
}

// Mount puts the URLs of the package in their spaces. The paths are those that
// FranceConnect knows (§2.3): machine endpoints answer with and without the
// final slash, every method of theirs by JSON.
func (h *Handlers) Mount(m *web.Mux) {
	m.Public("GET "+oidc.PathAuthorize, h.authorize)
	m.Public("GET /authorize", h.authorize)
	m.PublicOpenID("POST "+oidc.PathAuthorize, h.authorizePost)
	m.PublicOpenID("POST /authorize", h.authorizePost)
	m.Public("GET "+cheminReprise, h.resume)
	m.Compte("POST "+cheminRetour, h.giveBack)
	m.Aidant("GET "+cheminUsager, h.showUsagers)
	m.Aidant("POST "+cheminUsager, h.chooseUsager)
	m.Aidant("GET "+cheminDemarche, h.showDemarches)
	m.Aidant("POST "+cheminDemarche, h.chooseDemarche)

	m.Machine(oidc.PathToken, h.token)
	m.Machine(oidc.PathUserinfo, h.userinfo)
	m.Machine("GET "+oidc.PathJWKS, h.jwks)
	m.Machine("GET "+oidc.PathDiscovery, h.discovery)
	m.Public("GET "+oidc.PathLogout, h.endSession)
	m.Public("GET /logout", h.endSession)
	// FranceConnect's logout pages send their forms by themselves (FI-74).
	m.PublicOpenID("POST "+oidc.PathLogout, h.endSession)
	m.PublicOpenID("POST /logout", h.endSession)
}

const (
	cheminReprise  = "/authorize/reprise/"
	cheminRetour   = "/authorize/retour/"
	cheminUsager   = "/select_usager/"
	cheminDemarche = "/select_demarche/"
	champDemande   = "demande"
	champUsager    = "usager"
	cheminMandat   = "/espace-aidant/creation_mandat/" // of signature
)
