package aidant

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
)

// Handlers serves the texts that people sign, and their acceptance.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Textes  Recueil
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	for _, d := range []Document{DocumentCGU, DocumentCharteAidant, DocumentCharteReferent} {
		m.Visiteur("GET "+d.Chemin(), func(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
			return h.showText(w, r, a, d)
		})
	}
	m.Compte("GET /espace-aidant/valider-cgu", h.showAccept)
	m.Compte("POST /espace-aidant/valider-cgu", h.accept)
}

// showText shows a version of a document, the one in force when none is asked:
// all of them stay readable.
func (h *Handlers) showText(w http.ResponseWriter, r *http.Request, a *actor.Actor, d Document) error {
	all := h.Textes.Versions(d, h.DB.Now().Time())
	shown := all[0]
	if i := slices.IndexFunc(all, func(t Texte) bool { return t.Version == r.URL.Query().Get("version") }); i >= 0 {
		shown = all[i]
	}
	return web.Render(w, r, http.StatusOK, textPage(textView{h.Site, a, shown, all}))
}

// textView is a document to read.
type textView struct {
	Site  web.Site
	Actor *actor.Actor
	Texte
	Versions []Texte
}

// acceptView is a document to sign.
type acceptView struct {
	Site  web.Site
	Actor actor.Actor
	Texte
	Rang, Total int
	Suivant     Document // "" for the last
	Suite       string
	Erreur      string
}

// next is what is left for somebody to sign, first of all what blocks; nil for
// nothing.
func (h *Handlers) next(ctx context.Context, a actor.Actor) (v *acceptView, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		done, err := signed(ctx, tx, a.Aidant)
		if err != nil {
			return err
		}
		all := Requis(a)
		var left []Document
		for _, d := range all {
			if e := h.Textes.Etat(d, done, tx.Now.Time()); e.Due || !e.Avant.IsZero() {
				left = append(left, d)
			}
		}
		if len(left) == 0 {
			return nil
		}
		v = &acceptView{Site: h.Site, Actor: a, Texte: h.Textes.EnVigueur(left[0], tx.Now.Time()), Rang: len(all) - len(left) + 1, Total: len(all)}
		if len(left) > 1 {
			v.Suivant = left[1]
		}
		return nil
	})
	return v, err
}

func (h *Handlers) showAccept(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.show(w, r, a, safeNext(r.URL.Query()), "")
}

// show presents the next text to sign, or leads to where the person was going.
func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor, suite, erreur string) error {
	web.AllowFormAction(w)
	v, err := h.next(r.Context(), a)
	if err != nil {
		return err
	}
	if v == nil {
		return web.Redirect(w, r, suite)
	}
	v.Suite, v.Erreur = suite, erreur
	status := http.StatusOK
	if erreur != "" {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, acceptPage(*v))
}

// accept records that the person accepted this very text (A-W14), then shows
// the next one.
func (h *Handlers) accept(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	suite, d := safeNext(form), Document(form.Get("document"))
	if !slices.Contains(Requis(a), d) {
		return h.show(w, r, a, suite, "Lisez ce texte, puis cochez la case.")
	}
	t := h.Textes.EnVigueur(d, h.DB.Now().Time())
	if form.Get("version") != t.Version {
		return h.show(w, r, a, suite, "Ce texte a changé pendant votre lecture. Lisez-le, puis cochez la case.")
	}
	if form.Get(string(d)) == "" {
		return h.show(w, r, a, suite, "Cochez la case pour accepter ce texte.")
	}
	if err := h.record(r.Context(), a, t); err != nil {
		return err
	}
	v, err := h.next(r.Context(), a)
	if err != nil || v == nil {
		return orRedirect(w, r, err, suite)
	}
	return web.Redirect(w, r, web.CheminCGU+"?next="+url.QueryEscape(suite))
}

func orRedirect(w http.ResponseWriter, r *http.Request, err error, to string) error {
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

func (h *Handlers) record(ctx context.Context, a actor.Actor, t Texte) error {
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		first, err := Accept(ctx, tx, a.Aidant, t)
		if err != nil || !first {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session,
			Fait: fait.AcceptCGU{Document: string(t.Document), Version: t.Version, Empreinte: t.Empreinte()},
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
