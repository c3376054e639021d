package mandat

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/web"
)

// Handlers serves the pages of signed mandats.
type Handlers struct {
	DB     *db.DB
	Site   web.Site
	Greffe *Greffe
}

// CheminFinal leads to a mandat just signed, CheminMandats to the others.
const (
	CheminFinal   = "/espace-aidant/creation_mandat/visualisation/final/"
	CheminMandats = "/espace-aidant/mandats/"
)

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Aidant("GET "+CheminFinal+"{mandat}", h.showFinal)
	m.Aidant("GET "+CheminMandats+"{mandat}/visualisation", h.showMandat)
	h.mountEnds(m)
}
