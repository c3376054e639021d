package connexion

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
)

// vueOrganisations offers the organisations of the person; Choisie is the one
// they work for, or the one a refused form was opened for.
type vueOrganisations struct {
	Site    web.Site
	Actor   actor.Actor
	Choix   []Structure
	Choisie ident.OrganisationID
	Suite   string
	Erreur  string
}

// Structure is an organisation the person is a member of.
type Structure struct {
	ID     ident.OrganisationID
	Nom    string
	Ville  string
	Active bool
}

func (h *Handlers) showOrganisations(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	suite, err := next(r.URL.Query().Get("next_url"))
	if err != nil {
		return err
	}
	v := vueOrganisations{Site: h.Site, Actor: a, Choisie: a.Organisation, Suite: suite}
	if id, ok := ident.Parse[ident.OrganisationID](r.URL.Query().Get("organisation")); ok {
		v.Choisie = id // a choice of the page: the POST checks the membership
	}
	return h.renderOrganisations(w, r, http.StatusOK, v)
}

func (h *Handlers) renderOrganisations(w http.ResponseWriter, r *http.Request, status int, v vueOrganisations) error {
	err := h.DB.ViewOne(r.Context(), func(tx *db.Tx) (err error) {
		v.Choix, err = memberships(r.Context(), tx, v.Actor.Aidant)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, status, organisationsPage(v))
}

// switchOrganisation changes the organisation this session works for; the other
// sessions of the person keep theirs (comptes 4.4, A-W34).
func (h *Handlers) switchOrganisation(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 8<<10)
	if err != nil {
		return err
	}
	suite, err := next(form.Get("next_url"))
	if err != nil {
		return err
	}
	if form.Get("organisation") == "" {
		return h.renderOrganisations(w, r, http.StatusUnprocessableEntity, vueOrganisations{
			Site: h.Site, Actor: a, Suite: suite, Erreur: "Choisissez la structure pour laquelle vous allez travailler.",
		})
	}
	org, err := web.FormID[ident.OrganisationID](form, "organisation")
	if err != nil {
		return err
	}
	if err := h.switchTo(r.Context(), a, org); err != nil {
		return err
	}
	return web.Redirect(w, r, landing(suite))
}

func (h *Handlers) switchTo(ctx context.Context, a actor.Actor, org ident.OrganisationID) error {
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		member, err := isMember(ctx, tx, a.Aidant, org)
		if err != nil {
			return err
		}
		if !member {
			return fault.New(fault.NotFound, "pas_membre")
		}
		avant, err := setOrganisation(ctx, tx, a.Session, org)
		if err != nil || avant == org {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: org, Session: a.Session,
			Fait: fait.SwitchOrganisation{Avant: avant, Apres: org},
		})
	})
}
