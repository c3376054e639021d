package cessation

import (
	"context"
	"fmt"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/web"
)

// ask records a request. Nothing happens to anybody before it is approved.
func (h *Handlers) ask(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	typed := Demande{Genre: Genre(form.Get("genre")), Siret: form.Get("siret"), Cible: form.Get("cible"), Code: form.Get("code"), Motif: form.Get("motif"), Reference: form.Get("reference")}
	ctx := r.Context()
	var id ident.OperationID
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		id, err = h.Ask(ctx, tx, a.Aidant, typed)
		return err
	})
	if f := fault.FieldsOf(err); len(f) > 0 {
		return h.renderList(w, r, listView{Actor: a, Demande: typed, Champs: f})
	}
	if err != nil {
		return err
	}
	web.SetMessage(w, "cessation_demande")
	return web.Redirect(w, r, Chemin+id.String()+"/")
}

// Ask checks a request against what is there today, and records it.
func (h *Handlers) Ask(ctx context.Context, tx *db.Tx, par ident.AidantID, d Demande) (ident.OperationID, error) {
	o := Operation{ID: ident.New[ident.OperationID](), Demandeur: par}
	d, err := d.Check()
	if err != nil {
		return o.ID, err
	}
	o.Genre, o.Code, o.Motif = d.Genre, d.Code, d.Motif
	if o.Organisation, err = structureOf(ctx, tx, d.Siret); err != nil {
		return o.ID, err
	}
	if o.Organisation.IsZero() {
		return o.ID, fault.Form(fault.Fields{"siret": "Aucune structure n’a ce SIRET."})
	}
	if o.Genre == Transfert {
		if o.Cible, err = structureOf(ctx, tx, d.Cible); err != nil {
			return o.ID, err
		}
	}
	if err := check(ctx, tx, o); err != nil {
		return o.ID, err
	}
	if o.reference, err = h.Champs.Seal([]byte(d.Reference), contexte(o.ID)); err != nil {
		return o.ID, fmt.Errorf("seal what proves a request: %w", err)
	}
	return o.ID, insert(ctx, tx, o)
}

// check refuses what cannot be done today: asked when it is requested, and
// again when it is approved, before any effect (M-W1).
func check(ctx context.Context, tx *db.Tx, o Operation) error {
	from, err := organisation.Load(ctx, tx, o.Organisation)
	if err != nil {
		return err
	}
	if o.Genre == Fermeture {
		switch {
		case !from.Active:
			return fault.Form(fault.Fields{"siret": "Cette structure est déjà fermée."})
		case from.Interne:
			return fault.Form(fault.Fields{"siret": "C’est la structure de l’équipe du service : elle ne se ferme pas ici."})
		}
		return nil
	}
	if o.Cible.IsZero() {
		return fault.Form(fault.Fields{"cible": "Aucune structure n’a ce SIRET : elle doit d’abord être habilitée."})
	}
	to, err := organisation.Load(ctx, tx, o.Cible)
	if err != nil {
		return err
	}
	if !to.Active {
		return fault.Form(fault.Fields{"cible": "Cette structure est fermée : elle ne peut continuer aucun mandat."})
	}
	n, err := figures(ctx, tx, o)
	switch {
	case err != nil:
		return err
	case n.Mandats == 0 && o.Code != "":
		return fault.Form(fault.Fields{"code": "Aucun mandat en cours de cette structure n’a ce code."})
	case n.Mandats == 0:
		return fault.Form(fault.Fields{"siret": "Cette structure n’a aucun mandat en cours."})
	}
	return nil
}

// decide approves a request, or refuses it. A closure has effect at once, for
// every use and every act; the mandats follow, by batches.
func (h *Handlers) decide(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "cessation")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	issue, ok := map[string]string{"approuver": "approuve", "refuser": "refuse"}[form.Get("decision")]
	if !ok {
		return fault.New(fault.BadRequest, "decision_inconnue")
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := load(ctx, tx, id); err != nil {
			return err
		}
		return h.Decide(ctx, tx, a, id, issue)
	})
	word := "cessation_" + issue
	if fault.Is(err, fault.Conflict) || len(fault.FieldsOf(err)) > 0 {
		word = "cessation_perdue"
	} else if err != nil {
		return err
	}
	h.Fins.Outbox.Poke()
	web.SetMessage(w, word)
	return web.Redirect(w, r, Chemin+id.String()+"/")
}

// Decide writes the answer of the second person ("approuve", "refuse").
func (h *Handlers) Decide(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.OperationID, issue string) error {
	o, err := decide(ctx, tx, id, a.Aidant, issue)
	if err != nil || issue != "approuve" {
		return err
	}
	if err := check(ctx, tx, o); err != nil {
		return err
	}
	if err := h.avertir(ctx, tx, o); err != nil {
		return err
	}
	if o.Genre == Transfert {
		return nil
	}
	n, err := figures(ctx, tx, o)
	if err != nil {
		return err
	}
	already, err := transferred(ctx, tx, o.Organisation)
	if err != nil {
		return err
	}
	if err := organisation.SetActive(ctx, tx, o.Organisation, false); err != nil {
		return err
	}
	return h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session, Organisation: o.Organisation, Operation: o.ID,
		Fait: fait.CloseOrganisation{Motif: o.Motif, MandatsTermines: n.Mandats, MandatsTransferes: already},
	})
}
