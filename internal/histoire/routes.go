package histoire

import (
	"context"

	"github.com/a-h/templ"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
)

// Handlers tells the story of the people a structure helps.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Site    web.Site
	// Preuve draws what proves the line of a mandat, for paper.
	Preuve func(context.Context, *db.Tx, ident.MandatID) (templ.Component, error)
}

// Mount puts the URLs of the package in their spaces. A copy leaves the
// program: it asks a fresh code (comptes 11.3).
func (h *Handlers) Mount(m *web.Mux) {
	const one = mandat.CheminUsagers + "{usager}/"
	m.Aidant("GET "+one+"histoire/", h.show)
	m.Aidant("GET "+one+"histoire.csv", h.export(writeCSV), web.CodeFrais)
	m.Aidant("GET "+one+"histoire.json", h.export(writeJSON), web.CodeFrais)
	m.Aidant("GET "+one+"releve/", h.showReleve)
}

// Chemin is the story of a person.
func Chemin(u ident.UsagerID) string { return mandat.CheminFiche(u) + "histoire/" }

// CheminReleve is their account, to print.
func CheminReleve(u ident.UsagerID) string { return mandat.CheminFiche(u) + "releve/" }
