package importation

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Chemin is the list of the imports.
const Chemin = "/gestion/importations/"

const (
	cheminGestion = "/gestion/"
	maxForm       = 16 << 10
)

// Handlers serves the imports to the operator's team.
type Handlers struct {
	DB       *db.DB
	Journal  *journal.Journal
	Outbox   *outbox.Outbox
	Comptes  *compte.Actes
	Facteurs *facteur.Coffre
	Champs   *secret.Box // seals the files and the reports
	Site     web.Site
}

// Mount puts the URLs of the package in their space. A trial changes nothing; the
// confirmation asks a fresh code (A-W75).
func (h *Handlers) Mount(m *web.Mux) {
	m.Gestion("GET "+Chemin, equipe(h.showList))
	for _, g := range Genres() {
		path := Chemin + string(g) + "/"
		m.Gestion("GET "+path, equipe(h.showForm(g)))
		m.Gestion("POST "+path, equipe(h.test(g)))
		m.Gestion("GET "+path+"modele.csv", equipe(h.model(g)))
	}
	m.Gestion("GET "+Chemin+"{importation}/", equipe(h.showOne))
	m.Gestion("POST "+Chemin+"{importation}/", equipe(h.confirm), web.CodeFrais)
	m.Gestion("POST "+Chemin+"{importation}/abandonner/", equipe(h.abandon))
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
