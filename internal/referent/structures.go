package referent

import (
	"context"
	"net/http"
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// placesView is the form that chooses the structures of a person, among those
// the référent manages. The others are not shown and not touched.
type placesView struct {
	Site       web.Site
	Actor      actor.Actor
	Membre     Membre
	Structures []structure
	Choisies   []string
	Motif      string
	Champs     fault.Fields
	Message    string
}

func (h *Handlers) askPlaces(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.loadPlaces(r, a)
	if err != nil {
		return err
	}
	for _, s := range v.Structures {
		if s.Membre {
			v.Choisies = append(v.Choisies, s.ID.String())
		}
	}
	return web.Render(w, r, http.StatusOK, placesPage(v))
}

func (h *Handlers) loadPlaces(r *http.Request, a actor.Actor) (placesView, error) {
	ctx := r.Context()
	v := placesView{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Membre, err = person(ctx, tx, r, a); err != nil {
			return err
		}
		v.Structures, err = enCommun(ctx, tx, a, v.Membre.ID)
		return err
	})
	return v, err
}

// setPlaces changes them together: joins first, so that nobody is ever without
// a structure.
func (h *Handlers) setPlaces(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var m Membre
	var here bool
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if m, err = person(ctx, tx, r, a); err != nil {
			return err
		}
		all, err := enCommun(ctx, tx, a, m.ID)
		if err != nil {
			return err
		}
		ch, err := parsePlaces(form["organisation"], all, m.Structures)
		if err != nil {
			return err
		}
		here = !slices.Contains(ch.quitte, a.Organisation)
		return h.changePlaces(ctx, tx, demandeActe{par: compte.Par(a, journal.Referent), cible: compte.Cible{Aidant: m.ID}, motif: compte.Motif(form.Get("motif"))}, ch)
	})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		v, loadErr := h.loadPlaces(r, a)
		if loadErr != nil {
			return loadErr
		}
		v.Choisies, v.Motif, v.Champs = form["organisation"], form.Get("motif"), fault.FieldsOf(err)
		v.Message = v.Champs[""]
		return web.Render(w, r, fault.Status(fault.KindOf(err)), placesPage(v))
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	if !here {
		return web.Redirect(w, r, CheminAidants+"?avis="+avisStructures)
	}
	return web.Redirect(w, r, backTo(m.ID, avisStructures))
}

func (h *Handlers) changePlaces(ctx context.Context, tx *db.Tx, d demandeActe, ch places) error {
	for _, o := range ch.rejoint {
		d.cible.Organisation = o
		if err := h.Comptes.AddMembership(ctx, tx, d.par, d.cible); err != nil {
			return err
		}
	}
	for _, o := range ch.quitte {
		d.cible.Organisation = o
		if err := h.Comptes.EndMembership(ctx, tx, d.par, d.cible, d.motif); err != nil {
			return err
		}
	}
	return nil
}

// places is what a form changes.
type places struct{ rejoint, quitte []ident.OrganisationID }

// parsePlaces compares what is ticked with what is; a structure that the
// référent does not manage is not found. structures is how many the person has
// in all: those that are not managed stay.
func parsePlaces(ticked []string, all []structure, structures int) (ch places, err error) {
	known := 0
	for _, s := range all {
		in := slices.Contains(ticked, s.ID.String())
		if in {
			known++
		}
		switch {
		case in && !s.Membre:
			ch.rejoint = append(ch.rejoint, s.ID)
		case !in && s.Membre:
			ch.quitte = append(ch.quitte, s.ID)
		}
	}
	switch {
	case known != len(ticked):
		return ch, fault.New(fault.NotFound, "structure_non_geree")
	case structures+len(ch.rejoint)-len(ch.quitte) < 1:
		return ch, fault.Form(fault.Fields{"organisation": "Vous devez rattacher l’aidant à au moins une organisation."})
	}
	return ch, nil
}

func (v placesView) choices() dsfr.Choix {
	c := dsfr.Choix{Nom: "organisation", Legende: "Structures de la personne, parmi les vôtres", Erreur: v.Champs["organisation"], Valeurs: v.Choisies}
	for _, s := range v.Structures {
		c.Options = append(c.Options, dsfr.Option{Valeur: s.ID.String(), Libelle: s.Nom})
	}
	return c
}

func (v placesView) reasons() dsfr.Choix {
	c := reasons(v.Motif, v.Champs["motif"])
	c.Legende, c.Facultatif = "Si vous retirez une structure, pour quelle raison ?", true
	return c
}
