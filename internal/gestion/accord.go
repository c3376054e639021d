package gestion

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
)

type accordsView struct {
	page
	Accords []Accord
	Refus   string
}

// showAccords lists what waits for a second person.
func (h *Handlers) showAccords(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.renderAccords(w, r, a, nil)
}

func (h *Handlers) renderAccords(w http.ResponseWriter, r *http.Request, a actor.Actor, refused error) error {
	v := accordsView{page: h.page(w, r, a, "Demandes à deux")}
	status := http.StatusOK
	if refused != nil {
		status, v.Refus = http.StatusConflict, "Cette demande n’a pas pu être exécutée : le compte a changé, ou la demande n’attend plus."
		if s := fault.FieldsOf(refused)[""]; s != "" {
			v.Refus = s
		}
	}
	err := h.view(r.Context(), func(tx *db.Tx) (err error) {
		v.Accords, err = h.accords(r.Context(), tx, ident.AidantID{})
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, status, accordsPage(v))
}

// decide approves a request, and does its act, or refuses it. The gate takes
// the request once, and never from who asked nor for oneself.
func (h *Handlers) decide(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "accord")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	issue, word := "approuve", "gestion_approuve"
	switch form.Get("decision") {
	case "approuver":
	case "refuser":
		issue, word = "refuse", "gestion_refusee"
	default:
		return fault.New(fault.BadRequest, "decision_inconnue")
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		d, c, err := decideAccord(ctx, tx, id, a.Aidant, issue)
		if err != nil || issue == "refuse" {
			return err
		}
		still, err := isEquipe(ctx, tx, c.demandeur)
		if err != nil {
			return err
		}
		if !still {
			return refus("demandeur_parti", "La personne qui a demandé ne fait plus partie de l’équipe : refusez la demande.")
		}
		if d.Precision, err = h.open(c.precision, contextePrecision(id)); err != nil {
			return err
		}
		if d.Adresse, err = h.open(c.adresse, contexteAdresse(id)); err != nil {
			return err
		}
		e, err := h.etat(ctx, tx, a, d)
		if err != nil {
			return err
		}
		if err := d.Refus(e); err != nil {
			return err
		}
		_, err = h.do(ctx, tx, a, d)
		return err
	})
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		return h.renderAccords(w, r, a, err)
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	web.SetMessage(w, word)
	return web.Redirect(w, r, CheminAccords)
}

// mine tells whether who looks may not answer: they asked, or it is about them.
func (v accordsView) mine(x Accord) bool {
	return x.Demandeur == v.Actor.Aidant || x.Demande.Aidant == v.Actor.Aidant
}

func (x Accord) phrase() string {
	s := textes[x.Demande.Acte].Titre
	switch x.Demande.Acte {
	case DonRole:
		s += " : " + LibelleRole(x.Demande.Role)
	case Courriel:
		s += " : " + x.Demande.Adresse
	}
	return s
}

// accords lists the requests that wait, with what they hold sealed.
func (h *Handlers) accords(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Accord, error) {
	list, err := accords(ctx, tx, id)
	for i, x := range list {
		if err == nil {
			list[i].Demande.Adresse, err = h.open(x.adresse, contexteAdresse(x.ID))
		}
	}
	return list, err
}

// faits lists the acts on an account or a message, in words.
func (h *Handlers) faits(ctx context.Context, tx *db.Tx, id ident.AidantID, message ident.MessageID) ([]Fait, error) {
	list, err := faits(ctx, tx, id, message)
	for i, f := range list {
		if err == nil {
			list[i].Dit, err = h.open(f.precision, contextePrecision(f.id))
		}
		if err == nil && f.Auteur == "" {
			var who string
			who, err = h.open(f.operateur, contexteOperateur(f.id))
			list[i].Auteur = who + ", en ligne de commande"
		}
	}
	return list, err
}
