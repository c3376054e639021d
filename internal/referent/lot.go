package referent

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// lotView is the departure of several people at once: a team that leaves, the
// end of a season.
type lotView struct {
	Site    web.Site
	Actor   actor.Actor
	Membres []Membre // who may be chosen
	Choisis []string
	Motif   string
	Champs  fault.Fields
	Message string // why nothing was done
}

func (h *Handlers) loadLot(r *http.Request, a actor.Actor) (lotView, error) {
	ctx := r.Context()
	v := lotView{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		ms, err := membres(ctx, tx, a)
		for _, m := range ms {
			if !m.Referent && m.Permet(Desactiver, 0) {
				v.Membres = append(v.Membres, m)
			}
		}
		return err
	})
	return v, err
}

func (h *Handlers) askLot(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.loadLot(r, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, lotPage(v))
}

// removeLot ends the work of those who were ticked, together or not at all, each
// as on their own page.
func (h *Handlers) removeLot(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	var ids []ident.AidantID
	for _, s := range form["aidant"] {
		id, ok := ident.Parse[ident.AidantID](s)
		if !ok {
			return fault.New(fault.NotFound, "identifiant")
		}
		ids = append(ids, id)
	}
	champs := fault.Fields{}
	if len(ids) == 0 {
		champs["aidant"] = "Choisissez au moins une personne."
	}
	if compte.Motif(form.Get("motif")).Libelle() == "" {
		champs["motif"] = "Choisissez une raison dans la liste."
	}
	ctx := r.Context()
	var last Membre
	if len(champs) == 0 {
		err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
			last, err = h.removeAll(ctx, tx, a, lot{ids, compte.Motif(form.Get("motif"))})
			return err
		})
	}
	if len(champs) == 0 && err == nil {
		h.Outbox.Poke()
		return web.Redirect(w, r, CheminAidants+"?avis="+avisLot)
	}
	if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
		return err
	}
	v, loadErr := h.loadLot(r, a)
	if loadErr != nil {
		return loadErr
	}
	v.Choisis, v.Motif, v.Champs = form["aidant"], form.Get("motif"), champs
	status := http.StatusUnprocessableEntity
	if err != nil {
		status = fault.Status(fault.KindOf(err))
		v.Message = "Rien n’a été fait. " + last.NomComplet() + " : " + fault.FieldsOf(err)[""]
	}
	return web.Render(w, r, status, lotPage(v))
}

// lot is who leaves, and why.
type lot struct {
	ids   []ident.AidantID
	motif compte.Motif
}

// removeAll gives the last person tried: the one who is refused, if any.
func (h *Handlers) removeAll(ctx context.Context, tx *db.Tx, a actor.Actor, l lot) (m Membre, err error) {
	for _, id := range l.ids {
		if m, err = resolve(ctx, tx, a, id); err != nil {
			return m, err
		}
		if m.Equipe { // only the operator's team touches its own
			return m, fault.New(fault.NotFound, "hors_portee")
		}
		if _, err := h.Comptes.Remove(ctx, tx, compte.Par(a, journal.Referent), compte.Cible{Aidant: m.ID, Organisation: a.Organisation}, l.motif); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (v lotView) people() dsfr.Choix {
	c := dsfr.Choix{Nom: "aidant", Legende: "Qui ne travaille plus dans la structure ?", Erreur: v.Champs["aidant"], Valeurs: v.Choisis}
	for _, m := range v.Membres {
		aide := m.Email + ". Son compte sera désactivé."
		if m.Structures > 1 {
			aide = m.Email + ". Garde son compte dans ses autres structures."
		}
		c.Options = append(c.Options, dsfr.Option{Valeur: m.ID.String(), Libelle: m.NomComplet(), Aide: aide})
	}
	return c
}
