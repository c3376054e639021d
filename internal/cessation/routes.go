package cessation

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Chemin is the page of the closures and the transfers.
const Chemin = "/gestion/cessations/"

const maxForm = 8 << 10

// Handlers serves the pages and runs what was approved.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Greffe  *mandat.Greffe
	Fins    *fin.Actes
	Champs  *secret.Box // seals what proves a request
	Site    web.Site
}

// Mount puts the URLs of the package in their space.
func (h *Handlers) Mount(m *web.Mux) {
	m.Gestion("GET "+Chemin, equipe(h.showList))
	m.Gestion("POST "+Chemin, equipe(h.ask), web.CodeFrais)
	m.Gestion("GET "+Chemin+"{cessation}/", equipe(h.showOne))
	m.Gestion("POST "+Chemin+"{cessation}/", equipe(h.decide), web.CodeFrais)
}

// equipe leaves the roles of the training bodies outside.
func equipe(f web.ActorHandler) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		if !a.Equipe() {
			return fault.New(fault.NotFound, "pas_equipe")
		}
		return f(w, r, a)
	}
}

var avis = map[string]string{
	"cessation_demande":  "La demande attend une autre personne de l’équipe, pendant trois jours. Relisez l’aperçu avec elle.",
	"cessation_approuve": "C’est approuvé. Les mandats sont traités par lots : rechargez cette page pour voir où cela en est.",
	"cessation_refuse":   "La demande est refusée : rien n’a changé.",
	"cessation_perdue":   "Rien n’a été fait : la demande n’attend plus, qui l’a faite a quitté l’équipe, ou c’est à une autre personne d’y répondre.",
}

// listView is the page of all of them, with the form of a new one.
type listView struct {
	Site       web.Site
	Actor      actor.Actor
	Now        time.Time
	Avis       string
	Operations []Operation
	Noms       map[ident.OrganisationID]organisation.Organisation
	Demande    Demande
	Champs     fault.Fields
}

func (h *Handlers) showList(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.renderList(w, r, listView{Actor: a, Avis: avis[web.TakeMessage(w, r)]})
}

func (h *Handlers) renderList(w http.ResponseWriter, r *http.Request, v listView) error {
	ctx := r.Context()
	v.Site = h.Site
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now.Time()
		if v.Operations, err = recent(ctx, tx); err != nil {
			return err
		}
		v.Noms, err = names(ctx, tx, v.Operations...)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, listPage(v))
}

func names(ctx context.Context, tx *db.Tx, list ...Operation) (map[ident.OrganisationID]organisation.Organisation, error) {
	out := map[ident.OrganisationID]organisation.Organisation{}
	for _, o := range list {
		for _, id := range []ident.OrganisationID{o.Organisation, o.Cible} {
			if _, known := out[id]; known || id.IsZero() {
				continue
			}
			x, err := organisation.Load(ctx, tx, id)
			if err != nil {
				return nil, err
			}
			out[id] = x
		}
	}
	return out, nil
}

// oneView is the page of one: what it would do, or what it did.
type oneView struct {
	Site   web.Site
	Actor  actor.Actor
	Now    time.Time
	Avis   string
	Op     Operation
	Noms   map[ident.OrganisationID]organisation.Organisation
	Apercu Apercu
	Echecs []Echec
}

func (h *Handlers) showOne(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "cessation")
	if err != nil {
		return err
	}
	ctx := r.Context()
	v := oneView{Site: h.Site, Actor: a, Avis: avis[web.TakeMessage(w, r)]}
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now.Time()
		if v.Op, err = load(ctx, tx, id); err != nil {
			return err
		}
		if v.Noms, err = names(ctx, tx, v.Op); err != nil {
			return err
		}
		if v.Apercu, err = preview(ctx, tx, v.Op); err != nil {
			return err
		}
		v.Echecs, err = echecs(ctx, tx, id)
		return err
	})
	if err != nil {
		return err
	}
	b, err := h.Champs.Open(v.Op.reference, contexte(v.Op.ID))
	if err != nil {
		return fmt.Errorf("open what proves a request: %w", err)
	}
	v.Op.Reference = string(b)
	return web.Render(w, r, http.StatusOK, onePage(v))
}

func preview(ctx context.Context, tx *db.Tx, o Operation) (Apercu, error) {
	a, err := figures(ctx, tx, o)
	if err == nil && o.Genre == Transfert {
		a.Refus, err = left(ctx, tx, o)
	}
	return a, err
}

func contexte(id ident.OperationID) string { return "cessation/" + id.String() }
