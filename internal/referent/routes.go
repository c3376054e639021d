package referent

import (
	"strconv"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// The addresses.
const (
	Chemin          = demande.Chemin
	CheminAidants   = demande.CheminAidants
	CheminReferents = demande.CheminReferents
	CheminStructure = demande.CheminStructure
	cheminUn        = Chemin + "aidant/{aidant}/"
)

// CheminFiche is the page of a person of the structure.
func CheminFiche(id ident.AidantID) string { return Chemin + "aidant/" + id.String() + "/" }

// Handlers serves the space of the référents.
type Handlers struct {
	DB       *db.DB
	Journal  *journal.Journal
	Outbox   *outbox.Outbox
	Comptes  *compte.Actes
	Facteurs *facteur.Coffre
	Site     web.Site
}

// Mount puts the URLs of the package in their spaces. What changes a right, an
// account or a factor asks a fresh code (A-W75).
func (h *Handlers) Mount(m *web.Mux) {
	m.Referent("GET "+Chemin, h.showHome)
	m.Referent("GET "+Chemin+"chiffres.csv", h.exportFigures, web.CodeFrais)

	m.Referent("GET "+CheminAidants, h.showPeople)
	m.Referent("GET "+CheminAidants+"inviter/", h.askInviteAll, web.CodeFrais)
	m.Referent("POST "+CheminAidants+"inviter/", h.inviteAll, web.CodeFrais)
	m.Referent("GET "+CheminAidants+"departs/", h.askLot, web.CodeFrais)
	m.Referent("POST "+CheminAidants+"departs/", h.removeLot, web.CodeFrais)
	m.Referent("GET "+cheminUn, h.showFiche)
	for _, name := range []string{"desactiver", "reactiver", "designer", "demettre"} {
		m.Referent("GET "+cheminUn+name+"/", h.ask(name), web.CodeFrais)
		m.Referent("POST "+cheminUn+name+"/", h.do(name), web.CodeFrais)
	}
	m.Referent("GET "+cheminUn+"structures/", h.askPlaces, web.CodeFrais)
	m.Referent("POST "+cheminUn+"structures/", h.setPlaces, web.CodeFrais)
	m.Referent("GET "+cheminUn+"inviter/", h.askInvite, web.CodeFrais)
	m.Referent("POST "+cheminUn+"inviter/", h.invite, web.CodeFrais)
	m.Referent("GET "+cheminUn+"facteur/{facteur}/retirer/", h.askRetrait, web.CodeFrais)
	m.Referent("POST "+cheminUn+"facteur/{facteur}/retirer/", h.retire, web.CodeFrais)
	m.Referent("GET "+cheminUn+"carte/lier/", h.askCard(false), web.CodeFrais)
	m.Referent("POST "+cheminUn+"carte/lier/", h.linkCard, web.CodeFrais)
	m.Referent("GET "+cheminUn+"carte/valider/", h.askCard(true), web.CodeFrais)
	m.Referent("POST "+cheminUn+"carte/valider/", h.validateCard, web.CodeFrais)

	m.Referent("GET "+CheminReferents, h.showReferents)

	m.Referent("GET "+CheminStructure, h.showStructure)
	m.Referent("POST "+CheminStructure, h.setDemarches, web.CodeFrais)
}

// line is a line of the journal of what a référent does.
func line(a actor.Actor, f fait.Fait) journal.Entry {
	return journal.Entry{Initiateur: journal.Referent, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: f}
}

func number(n int) templ.Component { return dsfr.Text(strconv.Itoa(n)) }

func plural(n int, one, many string) string {
	if n > 1 {
		return strconv.Itoa(n) + " " + many
	}
	return strconv.Itoa(n) + " " + one
}
