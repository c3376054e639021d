package proconnect

import (
	"log/slog"
	"net/http"
	"time"

	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Handlers serves the sign-in by ProConnect.
type Handlers struct {
	DB         *db.DB
	PC         *franceconnect.Client // nil: ProConnect is not configured, and nothing is mounted
	Connexion  *connexion.Handlers
	Facteurs   *facteur.Coffre
	Journal    *journal.Journal
	Outbox     *outbox.Outbox
	Limites    *limite.Compteurs
	Empreintes secret.Key  // digests
	Temoins    *secret.Box // seals the cookies of a sign-in in progress
	Champs     *secret.Box // seals the ID token kept for the logout
	Site       web.Site
	Clock      func() time.Time
	Log        *slog.Logger
}

// The addresses; the last two are registered at ProConnect.
const (
	CheminDepart      = "/proconnect/"
	CheminRetour      = "/proconnect/retour/"
	CheminFin         = "/proconnect/fin/"
	CheminDeconnexion = "/proconnect/deconnexion/"
	CheminLien        = web.CheminLienProConnect
	cheminCode        = "/proconnect/code/"
	cheminCle         = "/proconnect/cle/"
	cheminEcart       = "/proconnect/structure/"
)

// parReseau slows down who tries codes on the way back of ProConnect (comptes 5).
var parReseau = limite.Regle{Nom: "proconnect.adresse", N: 30, Fenetre: time.Minute}

// Mount puts the URLs of the package in their spaces, when ProConnect is
// configured. All but the link of one's own account is before a session: public.
func (h *Handlers) Mount(m *web.Mux) {
	if h.PC == nil {
		return
	}
	m.Public("POST "+CheminDepart, h.start)
	m.Public("GET "+CheminRetour, h.back)
	m.Public("GET "+cheminCode, h.showCode)
	m.Public("POST "+cheminCode, h.Limites.Limit(h.proveCode, parReseau))
	m.Public("POST "+cheminCle, h.Limites.Limit(h.proveKey, parReseau))
	m.Compte("GET "+cheminEcart, h.showGap)
	m.Public("GET "+CheminDeconnexion, h.showLogout)
	m.Public("POST "+CheminDeconnexion, h.logout)
	m.Public("GET "+CheminFin, h.loggedOut)
	m.Compte("GET "+CheminLien, h.showLink)
	m.Compte("POST "+CheminLien, h.unlink, web.CodeFrais)
}

// sealed keeps a value in a cookie that only we can read or make.
func (h *Handlers) sealed(w http.ResponseWriter, name string, v any, life time.Duration) error {
	value, err := seal(h.Temoins, name, v)
	if err == nil {
		web.SetCookie(w, name, value, life)
	}
	return err
}
