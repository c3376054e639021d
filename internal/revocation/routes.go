package revocation

import (
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// The addresses of the package.
const (
	Chemin       = "/gestion/revocations/"
	cheminMandat = Chemin + "mandat/"
)

const maxForm = 16 << 10

// champTicket carries what was found, sealed: it opens only in the web session
// that sealed it.
const champTicket = "q"

// regle slows down who would try names.
var regle = limite.Regle{Nom: "revocation_recherche", N: 30, Fenetre: time.Hour}

// Handlers serves the pages.
type Handlers struct {
	DB      *db.DB
	Fins    *fin.Actes
	Champs  *secret.Box
	Limites *limite.Compteurs
	Site    web.Site
}

// Mount puts the URLs of the package in their space.
func (h *Handlers) Mount(m *web.Mux) {
	m.Gestion("GET "+Chemin, equipe(h.showSearch))
	m.Gestion("POST "+Chemin, equipe(h.search)) // changes nothing: no fresh code
	m.Gestion("GET "+cheminMandat, equipe(h.showMandat))
	m.Gestion("POST "+cheminMandat, equipe(h.revoke), web.CodeFrais)
}

// equipe leaves the roles of the training bodies outside.
func equipe(f web.ActorHandler) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		if !a.Equipe() {
			return fault.New(fault.NotFound, "pas_equipe")
		}
		return f(w, r, a)
	}
}

var avis = map[string]string{
	"revocation_faite":     "C’est enregistré. La structure est prévenue par courriel, et la personne si elle a donné une adresse. Répondez-lui : le certificat de fin est chez la structure.",
	"revocation_trop_tard": "Rien n’a été fait : ce que vous arrêtiez est déjà terminé. Voici ce qu’il en est.",
	"revocation_perdue":    "Cherchez de nouveau le mandat : cette page ne s’ouvre que depuis une recherche.",
}
