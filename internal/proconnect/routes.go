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
	cheminCode        = "/proconnect/code/"
	cheminEcart       = "/proconnect/structure/"
)

// Mount puts the URLs of the package in their spaces, when ProConnect is
// configured. Everything is before a session: public.
func (h *Handlers) Mount(m *web.Mux) {
	if h.PC == nil {
		return
	}
	m.Public("POST "+CheminDepart, h.start)
	m.Public("GET "+CheminRetour, h.back)
	m.Public("GET "+cheminCode, h.showCode)
	m.Public("POST "+cheminCode, h.proveCode)
	m.Compte("GET "+cheminEcart, h.showGap)
	m.Public("GET "+CheminDeconnexion, h.showLogout)
	m.Public("POST "+CheminDeconnexion, h.logout)
	m.Public("GET "+CheminFin, h.loggedOut)
}

// sealed keeps a value in a cookie that only we can read or make.
func (h *Handlers) sealed(w http.ResponseWriter, name string, v any, life time.Duration) error {
	value, err := seal(h.Temoins, name, v)
	if err == nil {
		web.SetCookie(w, name, value, life)
	}
	return err
}
