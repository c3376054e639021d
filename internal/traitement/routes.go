package traitement

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Chemin is the list of the requests.
const Chemin = "/gestion/demandes/"

const (
	cheminGestion = "/gestion/"
	cheminCompte  = "/gestion/comptes/"
	maxForm       = 16 << 10
)

// Handlers serves the requests to the operator's team.
type Handlers struct {
	DB        *db.DB
	Journal   *journal.Journal
	Outbox    *outbox.Outbox
	Decisions *demande.Decisions
	Champs    *secret.Box // seals a search into the address
	Site      web.Site
}

// Mount puts the URLs of the package in their space. An answer changes rights:
// it asks a fresh code (A-W75).
func (h *Handlers) Mount(m *web.Mux) {
	m.Gestion("GET "+Chemin, equipe(h.showList))
	m.Gestion("POST "+Chemin, equipe(h.search)) // changes nothing: no fresh code
	m.Gestion("GET "+Chemin+"{genre}/{demande}/", equipe(h.showRequest))
	m.Gestion("POST "+Chemin+"{genre}/{demande}/", equipe(h.decide), web.CodeFrais)
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
