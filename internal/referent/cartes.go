package referent

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/web"
)

// carteView is the two steps of a card: its number, then a code it shows.
type carteView struct {
	Site   web.Site
	Actor  actor.Actor
	Membre Membre
	Serie  string // as typed
	Champs fault.Fields
}

// askCard shows one of the two forms, valider telling which.
func (h *Handlers) askCard(valider bool) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		return h.showCard(w, r, carteView{Actor: a}, valider)
	}
}

func (h *Handlers) showCard(w http.ResponseWriter, r *http.Request, v carteView, valider bool) error {
	ctx := r.Context()
	v.Site = h.Site
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Membre, err = person(ctx, tx, r, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if valider {
		return web.Render(w, r, status, validateCardPage(v))
	}
	return web.Render(w, r, status, linkCardPage(v))
}

// linkCard gives a card of the stock to the person.
func (h *Handlers) linkCard(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var m Membre
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if m, err = person(ctx, tx, r, a); err != nil {
			return err
		}
		return h.Facteurs.LinkCard(ctx, tx, facteur.ByReferent(a), m.ID, form.Get("numero_serie"))
	})
	v := carteView{Actor: a, Serie: form.Get("numero_serie"), Champs: fault.FieldsOf(err)}
	switch {
	case fault.Is(err, fault.Conflict):
		v.Champs = fault.Fields{"numero_serie": "Cette personne a déjà une carte, ou son compte est désactivé. Reprenez depuis sa fiche."}
		return h.showCard(w, r, v, false)
	case fault.Is(err, fault.Invalid):
		return h.showCard(w, r, v, false)
	case err != nil:
		return err
	}
	return web.Redirect(w, r, CheminFiche(m.ID)+"carte/valider/?avis="+avisCarte)
}

// validateCard accepts the card by the code it shows. A wrong code is counted.
func (h *Handlers) validateCard(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := carteView{Actor: a, Champs: fault.Fields{}}
	first, ok := facteur.NormalizeCode(form.Get("otp_token"))
	if !ok {
		v.Champs["otp_token"] = "Saisissez les 6 chiffres affichés par la carte."
	}
	second, ok := facteur.NormalizeCode(form.Get("otp_token_2"))
	if !ok && form.Get("otp_token_2") != "" {
		v.Champs["otp_token_2"] = "Saisissez les 6 chiffres du code suivant, ou laissez vide."
	}
	if len(v.Champs) > 0 {
		return h.showCard(w, r, v, true)
	}
	ctx := r.Context()
	var m Membre
	var res facteur.Resultat
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if m, err = person(ctx, tx, r, a); err != nil {
			return err
		}
		res, err = h.Facteurs.ValidateCard(ctx, tx, facteur.ByReferent(a), m.ID, [2]string{first, second})
		return err
	})
	switch {
	case fault.Is(err, fault.Conflict): // validated already, or unlinked
		return web.Redirect(w, r, CheminFiche(m.ID))
	case err != nil:
		return err
	case !res.Accepte:
		v.Champs["otp_token"] = "Ce code n’est pas le bon. Attendez le code suivant de la carte ; s’il est refusé aussi, saisissez deux codes qui se suivent."
		return h.showCard(w, r, v, true)
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, backTo(m.ID, avisValidee))
}
