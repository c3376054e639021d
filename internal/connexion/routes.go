package connexion

import (
	"log/slog"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Handlers serves sign-in, the re-check and sign-out.
type Handlers struct {
	DB         *db.DB
	Facteurs   *facteur.Coffre
	Journal    *journal.Journal
	Outbox     *outbox.Outbox
	Limites    *limite.Compteurs
	Empreintes secret.Key
	Durees     Durees
	Textes     aidant.Recueil // what people sign
	ProConnect bool           // its button is on the sign-in page
	Site       web.Site
	Clock      func() time.Time
	Log        *slog.Logger
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Public("GET /accounts/login/", h.showSignIn)
	m.Public("POST /accounts/login/", h.signIn)
	m.Public("GET /login/", h.oldSignIn)
	m.Public("GET "+cheminCle, h.Limites.Limit(h.showKey, keysPerAddress))
	m.Public("POST "+cheminCle, h.signInByKey)
	m.Public("GET "+cheminPremiere, h.showFirst)
	m.Public("POST "+cheminPremiere, h.askFirst)
	m.Public("GET "+cheminPremiereCode+"{cle}/", h.showFirstCode)
	m.Public("POST "+cheminPremiereCode+"{cle}/", h.Limites.Limit(h.useFirstCode, firstCodes))
	m.Public("GET "+facteur.CheminResync, h.showResync)
	m.Public("POST "+facteur.CheminResync, h.resync)
	m.Public("GET /email-envoye/", h.showSent)
	m.Public("POST /email-envoye/", h.Limites.Limit(h.useCode, codesPerAddress))
	m.Public("POST /email-envoye/renvoyer/", h.Limites.Limit(h.resend, codesPerAddress))
	m.Public("GET /code/{cle}/", h.showLink)
	m.Public("POST /code/{cle}/", h.useLink)
	m.Public("GET "+cheminAlerte+"{cle}/", h.showAlert)
	m.Public("POST "+cheminAlerte+"{cle}/", h.Limites.Limit(h.denounce, alertsPerAddress))
	m.Compte("GET /activity_check/", h.showRecheck)
	m.Compte("POST /activity_check/", h.recheck)
	m.Compte("POST "+cheminCleReprise, h.recheckByKey)
	m.Compte("GET "+web.CheminTunnel, h.showTunnel)
	m.Compte("POST "+web.CheminTunnel+"plus-tard/", h.postponeTunnel)
	m.Compte("POST /logout-session/", h.signOut)
	m.Compte("GET "+cheminSessions, h.showSessions)
	m.Compte("POST "+cheminSessions+"fermer-autres/", h.closeOthers)
	m.Compte("POST "+cheminSessions+"{session}/fermer/", h.closeSession)
	m.Compte("POST "+cheminSessions+"navigateurs/{appareil}/oublier/", h.forget)
	m.Compte("GET "+web.CheminOrganisations, h.showOrganisations)
	m.Compte("POST "+web.CheminOrganisations+"switch_main", h.switchOrganisation)
}
