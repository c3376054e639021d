package consultation

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/transparence"
	"aidantsconnect/internal/web"
)

// The addresses.
const (
	CheminReferent = "/espace-referent/journal/"
	CheminGestion  = "/gestion/journal/"
)

// Handlers shows the journal.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Publie  *transparence.Handlers
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	structure, service := vueJournal{chemin: CheminReferent}, vueJournal{chemin: CheminGestion, tout: true}
	m.Referent("GET "+CheminReferent, h.list(structure))
	m.Referent("GET "+CheminReferent+"ligne/{ligne}/", h.show(structure))
	m.Referent("GET "+CheminReferent+"ligne/{ligne}/recu.json", h.receipt(structure))
	m.Referent("GET "+CheminReferent+"export.csv", h.export(structure, csvFile), web.CodeFrais)
	m.Referent("GET "+CheminReferent+"export.xlsx", h.export(structure, xlsxFile), web.CodeFrais)
	m.Gestion("GET "+CheminGestion, equipe(h.list(service)))
	m.Gestion("GET "+CheminGestion+"ligne/{ligne}/", equipe(h.show(service)))
	m.Gestion("GET "+CheminGestion+"ligne/{ligne}/recu.json", equipe(h.receipt(service)))
}

// equipe leaves the roles of the training bodies outside, as in the rest of the
// back-office: the journal of the service is not theirs to read.
func equipe(f web.ActorHandler) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		if !a.Equipe() {
			return fault.New(fault.NotFound, "pas_equipe")
		}
		return f(w, r, a)
	}
}
