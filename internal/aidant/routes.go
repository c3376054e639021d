package aidant

import (
	"context"
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"
)

// Handlers serves the terms of use and their acceptance.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Visiteur("GET /cgu/", h.showTerms)
	m.Compte("GET /espace-aidant/valider-cgu", h.showAccept)
	m.Compte("POST /espace-aidant/valider-cgu", h.accept)
}

func (h *Handlers) showTerms(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	return web.Render(w, r, http.StatusOK, termsPage(h.Site, a, CGU))
}

func (h *Handlers) showAccept(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	web.AllowFormAction(w)
	suite := safeNext(r.URL.Query())
	if a.CGUAcceptee {
		return web.Redirect(w, r, suite)
	}
	return web.Render(w, r, http.StatusOK, acceptPage(h.Site, a, suite, ""))
}

// accept records that the person accepted this very text (A-W14).
func (h *Handlers) accept(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	suite := safeNext(form)
	if form.Get("cgu") == "" {
		return web.Render(w, r, http.StatusUnprocessableEntity, acceptPage(h.Site, a, suite, "Cochez la case pour accepter les conditions d'utilisation."))
	}
	if shown := form.Get("version"); shown != "" && shown != CGU.Version {
		return web.Render(w, r, http.StatusUnprocessableEntity, acceptPage(h.Site, a, suite, "Les conditions d'utilisation ont changé pendant votre lecture. Lisez-les, puis cochez la case."))
	}
	if err := h.record(r.Context(), a); err != nil {
		return err
	}
	return web.Redirect(w, r, suite)
}

func (h *Handlers) record(ctx context.Context, a actor.Actor) error {
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		first, err := accept(ctx, tx, a.Aidant, CGU)
		if err != nil || !first {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session,
			Fait: journal.AcceptCGU{Document: CGU.Document, Version: CGU.Version, Empreinte: CGU.Empreinte()},
		})
	})
}

// safeNext reads where to go afterwards; anything but a path of this site is
// the home.
func safeNext(v url.Values) string {
	if p, ok := web.NextPath(v.Get("next")); ok {
		return p
	}
	return "/espace-aidant/"
}
