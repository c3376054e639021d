package signature

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// Handlers serves the pages that lead to a signature.
type Handlers struct {
	DB         *db.DB
	Site       web.Site
	FC         *franceconnect.Client
	Simulation bool // FC's issuer is the simulation: said in what is signed (SIM-03)
	Usagers    *usager.Registre
	Facteurs   *facteur.Coffre
	Connexion  *connexion.Handlers
	Greffe     *mandat.Greffe
	Champs     *secret.Box // seals the ID token (FS-18)
	Empreintes secret.Key  // digests of states and nonces (FS-03)
	Delais     Delais
	Log        *slog.Logger

	// Renouvellements is how many renewals may follow each other before the
	// person connects with FranceConnect again; 0: none.
	Renouvellements int

	// RecentUse tells whether this aidant, or this web session, used a mandat of this person
	// since that instant: their identity may still be open at FranceConnect
	// (FS-33). Those rows belong to a higher package; nil: not known.
	RecentUse func(ctx context.Context, tx *db.Tx, a actor.Actor, u ident.UsagerID, since db.Time) (bool, error)

	// Distance asks the people who are not in the room; nil: only those who are
	// can agree.
	Distance Distance

	// Pending gives the request of FranceConnect that this web session has still
	// to answer: an aidant who came from the choice of the person to sign a new
	// mandat finds the way back. Those rows belong to a higher package; nil: none.
	Pending func(ctx context.Context, tx *db.Tx, s ident.SessionID) (a Attente, ok bool, err error)
}

// Attente is a request of FranceConnect that waits.
type Attente struct {
	URL       string    // of the choice
	Jusque    time.Time // it is lost then
	Demarches []demarche.Demarche
}

// The addresses of the flow.
const (
	cheminCreation    = "/espace-aidant/creation_mandat/"
	cheminAller       = "/fc_authorizev2/"
	cheminRetour      = "/callbackv2/"
	cheminDeconnexion = "/logout-callback/"
	cheminRecap       = "/espace-aidant/creation_mandat/recapitulatif/"
	cheminRelance     = "/espace-aidant/creation_mandat/deconnexion/"
	cheminRenouveler  = "/espace-aidant/renew_mandat/{usager}"
)

// Mount puts the URLs of the package in their spaces. The callback is public
// because a code of 30 s cannot wait for a re-check: it finds the web session
// by its cookie and does nothing without it (FS-10).
func (h *Handlers) Mount(m *web.Mux) {
	h.Delais = h.Delais.WithDefaults()
	m.Aidant("GET "+cheminCreation, h.showCreation)
	m.Aidant("POST "+cheminCreation, h.create)
	m.Aidant("GET "+cheminRenouveler, h.showRenewal)
	m.Aidant("POST "+cheminRenouveler, h.renew)
	m.Aidant("GET "+cheminAller, h.showLeg)
	m.Aidant("POST "+cheminAller, h.startLeg)
	m.Public("GET "+cheminRetour, h.callback)
	m.Public("GET "+cheminDeconnexion, h.logoutReturn)
	m.Aidant("GET "+cheminRelance, h.loggedOut)
	m.Aidant("POST "+cheminRelance, h.retryLogout)
	m.Aidant("GET "+cheminRecap, h.showRecap)
	m.Aidant("POST "+cheminRecap, h.sign)
	m.Aidant("GET "+cheminProjet, h.showProjet)
	m.Aidant("GET "+cheminProjetPDF, h.giveProjet)
	h.mountFiches(m)
}

// dossierOf reads the dossier named in the address or the form, for this
// actor. Its error, if any, is one that restart answers.
func (h *Handlers) dossierOf(ctx context.Context, a actor.Actor, name string) (d Dossier, err error) {
	id, _ := ident.Parse[ident.DossierID](name)
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		if d, err = loadDossier(ctx, tx, id); err != nil {
			return err
		}
		return d.check(a, tx.Now.Time())
	})
	return d, err
}

// restart answers a lost, ended or foreign dossier: a page that offers to
// start again, the form filled in when it may be; nobody is signed out
// (mandats.md 6.4, M-W32). A dossier already signed shows its mandat. Any
// other error goes up.
func (h *Handlers) restart(w http.ResponseWriter, r *http.Request, a actor.Actor, d Dossier, err error) error {
	switch fault.ReasonOf(err) {
	case raisonSigne:
		return h.alreadySigned(w, r, a, d)
	case raisonAutreStructure:
		return web.Render(w, r, http.StatusConflict, otherStructurePage(h.Site, a))
	case raisonPerdu, raisonFini:
		p := restartView{}
		if d.Aidant == a.Aidant && d.Session == a.Session && d.Organisation == a.Organisation {
			p.Dossier = d.ID.String()
		}
		return web.Render(w, r, http.StatusGone, restartPage(h.Site, &a, p))
	}
	return err
}

func (h *Handlers) alreadySigned(w http.ResponseWriter, r *http.Request, a actor.Actor, d Dossier) error {
	var id ident.MandatID
	err := h.DB.View(r.Context(), func(tx *db.Tx) (err error) {
		id, err = mandat.OfDossier(r.Context(), tx, a.Organisation, d.ID)
		return err
	})
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return web.Render(w, r, http.StatusGone, restartPage(h.Site, &a, restartView{}))
		}
		return err
	}
	return web.Render(w, r, http.StatusConflict, signedPage(h.Site, a, mandat.CheminFinal+id.String()))
}
