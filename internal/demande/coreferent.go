package demande

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
)

// coreferentView is the form that asks for a référent who will not be an
// aidant.
type coreferentView struct {
	Site   web.Site
	Actor  actor.Actor
	Saisie Coreferent
	Champs fault.Fields
}

func (v coreferentView) trail() []web.Lien {
	return []web.Lien{{Libelle: "Espace référent", URL: Chemin}, {Libelle: "Référents", URL: CheminReferents}, {Libelle: "Demander un co-référent"}}
}

func (h *Handlers) askCoreferent(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return web.Render(w, r, http.StatusOK, coreferentPage(coreferentView{Site: h.Site, Actor: a}))
}

// requestCoreferent records what the operator's team will decide.
func (h *Handlers) requestCoreferent(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	typed := Coreferent{
		ID: ident.New[ident.CoreferentID](), Organisation: a.Organisation, Referent: a.Aidant,
		Prenom: form.Get("prenom"), Nom: form.Get("nom"), Profession: form.Get("profession"), Email: form.Get("email"), Telephone: form.Get("telephone"),
	}
	c, err := typed.Check()
	if err == nil {
		ctx := r.Context()
		err = h.DB.Update(ctx, func(tx *db.Tx) error {
			if err := StillReferent(ctx, tx, a); err != nil {
				return err
			}
			if err := insertCoreferent(ctx, tx, c); err != nil {
				return err
			}
			return h.Journal.Append(ctx, tx, line(a, fait.ChangeCoreferent{Demande: c.ID.String(), Etape: fait.EtapeDemandee}))
		})
	}
	if fault.Is(err, fault.Invalid) {
		return web.Render(w, r, http.StatusUnprocessableEntity, coreferentPage(coreferentView{Site: h.Site, Actor: a, Saisie: typed, Champs: fault.FieldsOf(err)}))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, CheminReferents+"?avis="+AvisCoreferent)
}

func (h *Handlers) cancelCoreferent(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.CoreferentID](r, "coreferent")
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if err := StillReferent(ctx, tx, a); err != nil {
			return err
		}
		if err := cancelCoreferent(ctx, tx, a, id); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, line(a, fait.ChangeCoreferent{Demande: id.String(), Etape: fait.EtapeAnnulee}))
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, CheminReferents+"?avis="+AvisAnnulee)
}
