package fin

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
)

// Handlers serves the pages of the ends.
type Handlers struct {
	DB    *db.DB
	Site  web.Site
	Actes *Actes
}

const maxForm = 4 << 10

// Mount puts the URLs of the package in their space: the same handlers for a
// mandat and for one of its démarches, told apart by the address.
func (h *Handlers) Mount(m *web.Mux) {
	const une = mandat.CheminUsagers + "{usager}/autorisations/{autorisation}/"
	const entier = mandat.CheminMandats + "{mandat}/"
	for _, base := range []string{une, entier} {
		m.Aidant("GET "+base+"cancel_confirm", h.askEnd)
		m.Aidant("POST "+base+"cancel_confirm", h.end)
		m.Aidant("GET "+base+"cancel_success", h.showEnded)
	}
	const personne = mandat.CheminUsagers + "{usager}/evenement"
	m.Aidant("GET "+personne, h.showEvenement)
	m.Aidant("POST "+personne, h.note)
	m.Aidant("POST "+personne+"/retrait", h.takeBack)
	m.Gestion("GET "+CheminGestion, h.showPending)
	m.Gestion("POST "+CheminGestion+"{evenement}/", h.decide, web.CodeFrais)
	m.Aidant("GET "+une+"cancel_attestation", h.showAttestationFin)
	m.Aidant("GET "+entier+"attestation_de_revocation", h.showAttestationFin)
	for _, genre := range []string{".pdf", ".json"} {
		m.Aidant("GET "+une+"cancel_attestation"+genre, h.giveFile)
		m.Aidant("GET "+entier+"attestation_de_revocation"+genre, h.giveFile)
	}
}
