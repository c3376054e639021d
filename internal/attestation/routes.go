package attestation

import (
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
)

// Handlers serves the public verification.
type Handlers struct {
	DB     *db.DB
	Site   web.Site
	Greffe *mandat.Greffe

	Limites *limite.Compteurs
}

// Nobody tries codes, of which there are 2^60, nor names: a network reads so
// many pages, and a code answers so many questions, whether it exists or not.
var (
	regleLecture = limite.Regle{Nom: "verification", N: 60, Fenetre: 2 * time.Minute}
	regleReseau  = limite.Regle{Nom: "verification_nom_reseau", N: 30, Fenetre: time.Hour}
	regleCode    = limite.Regle{Nom: "verification_nom", N: 6, Fenetre: time.Hour}
)

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Public("GET "+mandat.CheminVerifier, h.showForm)
	m.Public("GET "+mandat.CheminVerifier+"{code}", h.Limites.Limit(h.showState, regleLecture))
	m.Public("POST "+mandat.CheminVerifier+"{code}/nom", h.Limites.Limit(h.confirmName, regleLecture))
	m.Public("GET "+CheminCles, h.publishKeys)
	m.Aidant("GET "+mandat.CheminMandats+"{mandat}/attestation.pdf", h.showPDF)
	m.Aidant("GET "+mandat.CheminMandats+"{mandat}/attestation.json", h.showRecord)
}
