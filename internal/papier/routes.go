package papier

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Handlers serves the pages that follow the paper.
type Handlers struct {
	DB     *db.DB
	Site   web.Site
	Greffe *mandat.Greffe
	Champs *secret.Box // seals the proofs
}

// cheminSuivi lists the mandats on paper whose signed copy is missing.
const cheminSuivi = "/espace-aidant/accords/"

// cheminReferent is the référent's follow-up of the paper: no name of a person
// helped, the code printed on the paper instead.
const cheminReferent = "/espace-referent/accords/"

const maxForm = 8 << 10

// maxCopies bounds one sending of copies, all files together.
const maxCopies = 40 << 20

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	const un = mandat.CheminMandats + "{mandat}/accord"
	m.Aidant("POST "+mandat.CheminMandats+"{mandat}/papier", h.record)
	m.Aidant("GET "+un, h.showAccord)
	m.Aidant("POST "+un, h.joinCopies)
	m.Aidant("POST "+un+"/certification", h.certify)
	m.Aidant("POST "+un+"/annulation", h.undo)
	m.Aidant("GET "+un+"/copies/{piece}", h.showCopy)
	m.Aidant("GET "+cheminSuivi, h.showSuivi)
	m.Referent("GET "+cheminReferent, h.showReferent)
	m.Referent("POST "+cheminReferent+"delai", h.setGrace, web.CodeFrais)
	m.Referent("POST "+cheminReferent+"certification", h.certifyByCode, web.CodeFrais)
}

// faults puts the messages of a form in the order of its fields.
func faults(f fault.Fields, order ...string) []dsfr.Faute {
	var out []dsfr.Faute
	for _, name := range order {
		if f[name] != "" {
			out = append(out, dsfr.Faute{ID: name, Texte: f[name]})
		}
	}
	return out
}
