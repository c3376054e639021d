package suivi

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Handlers serves the pages where a structure finds the people it helps.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Champs  *secret.Box // seals the text of a search into the address
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Aidant("GET "+mandat.CheminUsagers, h.showList)
	m.Aidant("POST "+mandat.CheminUsagers, h.search)
	m.Aidant("GET "+mandat.CheminUsagers+"{usager}/", h.showFiche)
}
