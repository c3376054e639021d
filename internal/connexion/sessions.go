package connexion

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
)

const cheminSessions = web.CheminSessions

// vueSessions is what a person sees of their own sign-ins, and nobody else does.
type vueSessions struct {
	Site      web.Site
	Actor     actor.Actor
	Sessions  []Ouverte
	Appareils []Appareil
	Passages  []Passage
	Message   string
}

// messagesSessions are what an act on this page leaves to say.
var messagesSessions = map[string]string{
	"session_fermee": "La session a été fermée : ce navigateur devra se connecter de nouveau.",
	"autres_fermees": "Vos autres sessions ont été fermées. Vous restez connecté ici.",
	"appareil_oubli": "Ce navigateur n’est plus reconnu, et ses sessions ont été fermées.",
}

func (h *Handlers) showSessions(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := vueSessions{Site: h.Site, Actor: a, Message: messagesSessions[web.TakeMessage(w, r)]}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Sessions, err = openSessions(ctx, tx, a.Aidant); err != nil {
			return err
		}
		if v.Appareils, err = appareils(ctx, tx, a.Aidant); err != nil {
			return err
		}
		v.Passages, err = history(ctx, tx, a.Aidant)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, sessionsPage(v))
}

func (h *Handlers) closeSession(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.SessionID](r, "session")
	if err != nil {
		return err
	}
	return h.ownAct(w, r, acte{a, "session_fermee", func(ctx context.Context, tx *db.Tx) error { return closeOne(ctx, tx, a.Aidant, id) }})
}

func (h *Handlers) closeOthers(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.ownAct(w, r, acte{a, "autres_fermees", func(ctx context.Context, tx *db.Tx) error { return CloseOthers(ctx, tx, a.Aidant, a.Session) }})
}

func (h *Handlers) forget(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.AppareilID](r, "appareil")
	if err != nil {
		return err
	}
	return h.ownAct(w, r, acte{a, "appareil_oubli", func(ctx context.Context, tx *db.Tx) error { return forgetAppareil(ctx, tx, a.Aidant, id) }})
}

// acte is something a person does to their own sessions; message is what the
// journal and the next page call it.
type acte struct {
	actor   actor.Actor
	message string
	do      func(context.Context, *db.Tx) error
}

func (h *Handlers) ownAct(w http.ResponseWriter, r *http.Request, c acte) error {
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) error {
		if err := c.do(ctx, tx); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: c.actor.Aidant, Concerne: c.actor.Aidant, Organisation: c.actor.Organisation, Session: c.actor.Session,
			Fait: fait.CloseSession{Motif: c.message},
		})
	})
	if err != nil {
		return err
	}
	web.SetMessage(w, c.message)
	return web.Redirect(w, r, cheminSessions)
}

// moyens says how a past sign-in was proved.
var moyens = map[string]string{
	moyenCode: "code et lien par courriel", moyenSecours: "code de secours et lien par courriel", moyenCle: "clé d’accès",
	moyenPremiere: "première connexion par SMS", "proconnect": "ProConnect",
}
