package demande

import (
	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// The addresses of the espace référent.
const (
	Chemin          = "/espace-referent/"
	CheminAidants   = Chemin + "aidants/"
	CheminReferents = Chemin + "referents/"
	CheminStructure = Chemin + "organisation/"
	CheminAjout     = Chemin + "aidant/ajouter/" // profile, addresses, confirmation
)

// The words by which the pages of the espace référent tell what was done here.
const (
	AvisAjout      = "ajout"
	AvisAnnulee    = "annulee"
	AvisCoreferent = "coreferent"
	AvisCorrection = "correction"
)

const (
	maxForm    = 16 << 10
	maxFichier = 128 << 10 // a list of addresses
)

// Handlers serves the pages where things are asked and answered.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Comptes *compte.Actes
	Limites *limite.Compteurs
	Champs  *secret.Box // seals the drafts
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces. What changes a place or a
// role asks a fresh code (A-W75).
func (h *Handlers) Mount(m *web.Mux) {
	m.Referent("GET "+CheminAjout+"profil/", h.showProfil)
	m.Referent("POST "+CheminAjout+"profil/", h.chooseProfil)
	m.Referent("GET "+CheminAjout+"aidants-formes/", h.showAdresses)
	m.Referent("POST "+CheminAjout+"aidants-formes/", h.checkAdresses)
	m.Referent("GET "+CheminAjout+"aidants-non-formes/", h.showNonFormes)
	m.Referent("GET "+CheminAjout+"confirmation/", h.showConfirmation, web.CodeFrais)
	m.Referent("POST "+CheminAjout+"confirmation/", h.confirmAjout, web.CodeFrais)
	m.Referent("POST "+Chemin+"demande-changement-structure/{demande}/annuler/", h.cancelRattachement)
	m.Referent("GET "+CheminReferents+"demander/", h.askCoreferent)
	m.Referent("POST "+CheminReferents+"demander/", h.requestCoreferent, web.CodeFrais)
	m.Referent("POST "+CheminReferents+"demande/{coreferent}/annuler/", h.cancelCoreferent)
	m.Referent("GET "+CheminStructure+"correction/", h.askCorrection)
	m.Referent("POST "+CheminStructure+"correction/", h.proposeCorrection)
	m.Referent("POST "+CheminStructure+"correction/annuler/", h.cancelCorrection)

	m.Compte("GET "+cheminRattachements+"{demande}/", h.askAnswer)
	m.Compte("POST "+cheminRattachements+"{demande}/", h.answer, web.CodeFrais)
}

// line is a line of the journal of what a référent does.
func line(a actor.Actor, f fait.Fait) journal.Entry {
	return journal.Entry{Initiateur: journal.Referent, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: f}
}

// place is a structure of the one who is signed in.
type place struct {
	ID  ident.OrganisationID
	Nom string
}

// State draws the state of a request.
func State(e Etat) templ.Component {
	p := dsfr.Pastille{Ton: dsfr.Info, Libelle: e.Libelle(), Petite: true, SansIcon: true}
	switch e {
	case Validee:
		p.Ton = dsfr.Succes
	case Refusee, Annulee:
		p.Ton = dsfr.Neutre
	}
	return dsfr.Badge(p)
}
