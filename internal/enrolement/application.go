package enrolement

import (
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
)

// applicationView shows the secret of an application to its holder.
type applicationView struct {
	Site   web.Site
	Actor  actor.Actor
	Graine facteur.Graine
	Nom    string
	Champs fault.Fields
}

// beginApplication draws a secret; the page that shows it comes by GET and
// writes nothing.
func (h *Handlers) beginApplication(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) error { return h.Coffre.BeginApplication(ctx, tx, a.Aidant) })
	if err != nil {
		return orBack(w, r, err)
	}
	return web.Redirect(w, r, cheminApplication)
}

func (h *Handlers) pending(r *http.Request, a actor.Actor) (v applicationView, now time.Time, err error) {
	v = applicationView{Site: h.Site, Actor: a}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		now = tx.Now.Time()
		v.Graine, err = h.Coffre.PendingApplication(ctx, tx, a.Aidant)
		return err
	})
	return v, now, err
}

func (h *Handlers) showApplication(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, _, err := h.pending(r, a)
	if err != nil {
		return orBack(w, r, err)
	}
	return web.Render(w, r, http.StatusOK, applicationPage(v))
}

// confirmApplication stores the factor if the application shows the right code.
func (h *Handlers) confirmApplication(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, formMax)
	if err != nil {
		return err
	}
	id, _ := ident.Parse[ident.FacteurID](form.Get("attente")) // anything else is no pending secret
	n := facteur.ApplicationNouvelle{Attente: id, Nom: form.Get("nom")}
	var ok bool
	if n.Code, ok = facteur.NormalizeTOTP(form.Get("otp_token")); !ok {
		return h.againApplication(w, r, a, n, func(time.Time) fault.Fields {
			return fault.Fields{"otp_token": "Saisissez les 6 chiffres affichés par l’application."}
		})
	}
	var res facteur.Resultat
	ctx := r.Context()
	err = h.act(ctx, func(tx *db.Tx) error {
		res, err = h.Coffre.ConfirmApplication(ctx, tx, facteur.BySelf(a), n)
		return err
	})
	if f := fault.FieldsOf(err); len(f) > 0 {
		return h.againApplication(w, r, a, n, func(time.Time) fault.Fields { return f })
	}
	if err != nil {
		return orBack(w, r, err)
	}
	if !res.Accepte {
		return h.againApplication(w, r, a, n, func(now time.Time) fault.Fields { return fault.Fields{"otp_token": res.Avis(now)} })
	}
	return back(w, r, "application_ajoutee")
}

// againApplication shows the form again, with what was typed but the code.
func (h *Handlers) againApplication(w http.ResponseWriter, r *http.Request, a actor.Actor, n facteur.ApplicationNouvelle, why func(now time.Time) fault.Fields) error {
	v, now, err := h.pending(r, a)
	if err != nil {
		return orBack(w, r, err)
	}
	if v.Graine.Attente != n.Attente { // another tab began again: its secret must not pass for this one's
		return back(w, r, "attente_perdue")
	}
	v.Nom, v.Champs = n.Nom, why(now)
	return web.Render(w, r, http.StatusUnprocessableEntity, applicationPage(v))
}
