package referent

import (
	"strconv"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// The addresses.
const (
	Chemin          = "/espace-referent/"
	CheminAidants   = Chemin + "aidants/"
	CheminReferents = Chemin + "referents/"
	CheminStructure = Chemin + "organisation/"
	cheminUn        = Chemin + "aidant/{aidant}/"
)

// CheminFiche is the page of a person of the structure.
func CheminFiche(id ident.AidantID) string { return Chemin + "aidant/" + id.String() + "/" }

// Handlers serves the space of the référents.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Referent("GET "+Chemin, h.showHome)
	m.Referent("GET "+Chemin+"chiffres.csv", h.exportFigures, web.CodeFrais)
	m.Referent("GET "+CheminAidants, h.showPeople)
	m.Referent("GET "+CheminReferents, h.showReferents)
	m.Referent("GET "+cheminUn, h.showFiche)
}

// line is a line of the journal of what a référent does.
func line(a actor.Actor, f journal.Fait) journal.Entry {
	return journal.Entry{Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: f}
}

func number(n int) templ.Component { return dsfr.Text(strconv.Itoa(n)) }

func plural(n int, one, many string) string {
	if n > 1 {
		return strconv.Itoa(n) + " " + many
	}
	return strconv.Itoa(n) + " " + one
}
