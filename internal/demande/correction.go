package demande

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/web"
)

// correctionView is the form that proposes a correction of the structure.
type correctionView struct {
	Site   web.Site
	Actor  actor.Actor
	Saisie organisation.Coordonnees
	Champs fault.Fields
}

func (v correctionView) trail() []web.Lien {
	return []web.Lien{{Libelle: "Espace référent", URL: Chemin}, {Libelle: "Structure", URL: CheminStructure}, {Libelle: "Proposer une correction"}}
}

func (h *Handlers) askCorrection(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := correctionView{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		o, err := organisation.Load(ctx, tx, a.Organisation)
		v.Saisie = o.Coordonnees()
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, correctionPage(v))
}

// proposeCorrection records what gestion will accept or refuse.
func (h *Handlers) proposeCorrection(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := correctionView{Site: h.Site, Actor: a, Saisie: organisation.Coordonnees{
		Nom: form.Get("nom"), Adresse: form.Get("adresse"), CodePostal: form.Get("code_postal"), Ville: form.Get("ville"),
	}}
	c, err := v.Saisie.Check()
	if err == nil {
		ctx := r.Context()
		err = h.DB.Update(ctx, func(tx *db.Tx) error {
			if err := StillReferent(ctx, tx, a); err != nil {
				return err
			}
			o, err := organisation.Load(ctx, tx, a.Organisation)
			if err != nil {
				return err
			}
			if o.Coordonnees() == c {
				return fault.Form(fault.Fields{"nom": "Rien ne change : corrigez au moins un champ."})
			}
			id := ident.New[ident.CorrectionID]()
			if err := insertCorrection(ctx, tx, a, Correction{ID: id, Coordonnees: c}); err != nil {
				return err
			}
			return h.Journal.Append(ctx, tx, line(a, fait.ChangeCorrection{Demande: id.String(), Etape: fait.EtapeDemandee}))
		})
	}
	if fault.Is(err, fault.Invalid) {
		v.Champs = fault.FieldsOf(err)
		return web.Render(w, r, http.StatusUnprocessableEntity, correctionPage(v))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, CheminStructure+"?avis="+AvisCorrection)
}

func (h *Handlers) cancelCorrection(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.FormID[ident.CorrectionID](form, "correction")
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if err := StillReferent(ctx, tx, a); err != nil {
			return err
		}
		if err := cancelCorrection(ctx, tx, a, id); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, line(a, fait.ChangeCorrection{Demande: id.String(), Etape: fait.EtapeAnnulee}))
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, CheminStructure+"?avis="+AvisAnnulee)
}
