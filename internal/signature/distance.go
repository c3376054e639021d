package signature

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/usager"
)

// CheminDistance is the waiting page of a person who is not in the room: where
// their agreement is asked, and how it comes.
const CheminDistance = "/espace-aidant/creation_mandat/a_distance/"

// Distance is what a higher package does for the people who are not in the
// room: it asks them, on their own device, and keeps their answer.
type Distance interface {
	// Moyens gives the ways that are open, for a renewal or for a creation.
	Moyens(renews bool) []consentement.Moyen
	// Preuves gives the sealed agreement of a dossier to this very object, and
	// the request it answers; none while there is none.
	Preuves(ctx context.Context, tx *db.Tx, id ident.DossierID, o consentement.Objet) (ident.DemandeID, []consentement.Piece, error)
	// Conclude marks the agreement as used by a mandat: once.
	Conclude(ctx context.Context, tx *db.Tx, id ident.DossierID, m ident.MandatID) error
	// Refusals tells what a person refused before, with this structure.
	Refusals(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]string, error)
	// Callback and LoggedOut answer what FranceConnect sends back to the
	// person's own device; done is false for any other browser.
	Callback(w http.ResponseWriter, r *http.Request) (done bool, err error)
	LoggedOut(w http.ResponseWriter, r *http.Request) (done bool, err error)
}

// distant tells whether the person answers from elsewhere.
func distant(c consentement.Choix) bool {
	return c.Moyen == consentement.Distance || c.Moyen == consentement.SMS || c.Moyen == consentement.Courrier
}

func (h *Handlers) refusals(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]string, error) {
	if h.Distance == nil || u.IsZero() {
		return nil, nil
	}
	return h.Distance.Refusals(ctx, tx, org, u)
}

// Awaiting reads a dossier whose person answers from elsewhere, for the aidant
// who opened it, from any of their web sessions (mandats.md 3.4). Any other is
// the same fault.NotFound.
func Awaiting(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID) (Dossier, error) {
	d, err := loadDossier(ctx, tx, id)
	if err == nil && (d.ID.IsZero() || d.Aidant != a.Aidant || d.Organisation != a.Organisation || !distant(d.Choix)) {
		err = fault.New(fault.NotFound, raisonPerdu)
	}
	return d, err
}

// OfDossier reads a dossier, for the page of the person who was asked.
func OfDossier(ctx context.Context, tx *db.Tx, id ident.DossierID) (Dossier, error) {
	return loadDossier(ctx, tx, id)
}

// Waits tells whether the answer of the person can still serve.
func (d Dossier) Waits() bool { return d.Statut == AttenteConsentement }

// Projet gathers what a dossier would sign, named by this identity; zero: it
// names nobody.
func (h *Handlers) Projet(ctx context.Context, tx *db.Tx, d Dossier, u usager.Usager) (mandat.Projet, error) {
	d.Usager, d.IdentiteID = u.ID, u.IdentiteID
	return h.projet(ctx, tx, d)
}

// Hold keeps a dossier waiting until an instant: the gate of whoever asks or
// answers. No row: it ended meanwhile.
func Hold(ctx context.Context, tx *db.Tx, id ident.DossierID, until db.Time) error {
	return held(ctx, tx, id, until)
}

// Resume gives a dossier its agreed identity and binds it to the aidant's web
// session of the moment: the récapitulatif is next.
func Resume(ctx context.Context, tx *db.Tx, a actor.Actor, r Reprise) error {
	return resume(ctx, tx, a, r)
}

// Reprise is what an agreement gives back to its dossier.
type Reprise struct {
	Dossier          ident.DossierID
	Usager           ident.UsagerID
	Identite         ident.IdentiteID
	Authentification []byte
	Limite           db.Time
}

// Abandon ends a dossier that its aidant gives up.
func Abandon(ctx context.Context, tx *db.Tx, id ident.DossierID, a actor.Actor) error {
	return abandonDossier(ctx, tx, id, a)
}

// RecapURL is where a dossier is signed.
func RecapURL(id ident.DossierID) string { return cheminRecap + "?dossier=" + id.String() }

// ModifyURL is where its choices are changed, which abandons it.
func ModifyURL(id ident.DossierID) string { return creationURL(id.String()) }
