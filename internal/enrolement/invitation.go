package enrolement

import (
	"net/http"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// cookieEnrolement ties an invitation to the browser where its activation code
// was given.
const cookieEnrolement = "ac_enrolement"

// invitationView is what the pages of an invitation show.
type invitationView struct {
	Site   web.Site
	Chemin string
	facteur.EtapeInvitation
	Champs fault.Fields
}

func visiteOf(r *http.Request) facteur.Visite {
	return facteur.Visite{Cle: secret.Text(r.PathValue("cle")), Navigateur: secret.Text(web.Cookie(r, cookieEnrolement))}
}

// showInvitation asks the activation code, or shows the secret to the browser
// that gave it. It changes nothing.
func (h *Handlers) showInvitation(w http.ResponseWriter, r *http.Request) error {
	return h.invitation(w, r, nil)
}

// invitation shows where the invitation stands, with what is wrong.
func (h *Handlers) invitation(w http.ResponseWriter, r *http.Request, why func(now time.Time) fault.Fields) error {
	web.NoReferrer(w)
	v := invitationView{Site: h.Site, Chemin: facteur.CheminInvitation + r.PathValue("cle") + "/"}
	var now time.Time
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now.Time()
		v.EtapeInvitation, err = h.Coffre.Visit(ctx, tx, visiteOf(r))
		return err
	})
	if fault.ReasonOf(err) == "invitation_perdue" {
		return web.Render(w, r, http.StatusGone, invitationPerduePage(h.Site))
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if why != nil {
		v.Champs, status = why(now), http.StatusUnprocessableEntity
	}
	switch {
	case v.Autre:
		return web.Render(w, r, http.StatusOK, autreNavigateurPage(h.Site))
	case v.Attente:
		return web.Render(w, r, status, activationPage(v))
	}
	return web.Render(w, r, status, enrolementPage(v))
}

func (h *Handlers) activateInvitation(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, formMax)
	if err != nil {
		return err
	}
	code, ok := facteur.NormalizeActivation(form.Get("code"))
	if !ok {
		return h.invitation(w, r, func(time.Time) fault.Fields {
			return fault.Fields{"code": "Saisissez les 8 chiffres du code d’activation."}
		})
	}
	temoin := secret.NewToken()
	var accepted bool
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		accepted, err = h.Coffre.Activate(ctx, tx, facteur.Visite{Cle: secret.Text(r.PathValue("cle")), Navigateur: temoin}, code)
		return err
	})
	switch {
	case fault.ReasonOf(err) == "invitation_perdue":
		return h.invitation(w, r, nil)
	case err != nil:
		return err
	case !accepted:
		return h.invitation(w, r, func(time.Time) fault.Fields {
			return fault.Fields{"code": "Ce code d’activation n’est pas le bon. Vérifiez-le avec votre référent."}
		})
	}
	web.SetCookie(w, cookieEnrolement, temoin.Reveal(), facteur.InvitationDuree)
	return web.Redirect(w, r, facteur.CheminInvitation+r.PathValue("cle")+"/")
}

func (h *Handlers) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, formMax)
	if err != nil {
		return err
	}
	code, ok := facteur.NormalizeTOTP(form.Get("otp_token"))
	if !ok {
		return h.invitation(w, r, func(time.Time) fault.Fields {
			return fault.Fields{"otp_token": "Saisissez les 6 chiffres affichés par l’application."}
		})
	}
	var res facteur.Resultat
	ctx := r.Context()
	err = h.act(ctx, func(tx *db.Tx) error {
		res, err = h.Coffre.Accept(ctx, tx, visiteOf(r), code)
		return err
	})
	switch {
	case fault.ReasonOf(err) == "invitation_perdue":
		return h.invitation(w, r, nil)
	case err != nil:
		return err
	case !res.Accepte:
		return h.invitation(w, r, func(now time.Time) fault.Fields { return fault.Fields{"otp_token": res.Avis(now)} })
	}
	web.NoReferrer(w)
	web.ClearCookie(w, cookieEnrolement)
	return web.Render(w, r, http.StatusOK, enrolePage(h.Site))
}
