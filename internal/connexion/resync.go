package connexion

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/web"
)

// formResync is what « Mon code est refusé » shows again: never the codes.
type formResync struct {
	Email  string
	Champs fault.Fields
}

func (h *Handlers) showResync(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, resyncPage(h.Site, formResync{}))
}

// resync sets the clock of a card or of an application by two consecutive codes.
// It opens nothing, and answers alike whatever happened (A-W9, A-W73).
func (h *Handlers) resync(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	f := formResync{Email: form.Get("email"), Champs: fault.Fields{}}
	email, ok := aidant.NormalizeEmail(f.Email)
	if !ok {
		f.Champs["email"] = "Saisissez une adresse électronique. Format attendu : prenom-nom@exemple.fr."
	}
	un, ok := facteur.NormalizeTOTP(form.Get("code_un"))
	if !ok {
		f.Champs["code_un"] = "Saisissez les 6 chiffres du premier code."
	}
	deux, ok := facteur.NormalizeTOTP(form.Get("code_deux"))
	if !ok {
		f.Champs["code_deux"] = "Saisissez les 6 chiffres du code suivant."
	} else if un == deux {
		f.Champs["code_deux"] = "C’est le même code. Attendez que le code change, puis saisissez le nouveau."
	}
	if len(f.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, resyncPage(h.Site, f))
	}
	beat := time.NewTicker(Battement)
	defer beat.Stop()
	sujet := string(h.Empreintes.Digest("connexion.resync", email)) // counted whether the account exists or not
	wait, err := h.Limites.Allow(r.Context(), resyncPerAccount.By(sujet), resyncPerAddress.From(r))
	if err != nil {
		return err
	}
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	if err := h.setClock(r.Context(), email, un, deux); err != nil {
		return err
	}
	await(r.Context(), beat)
	h.Outbox.Poke()
	return web.Render(w, r, http.StatusOK, resyncDonePage(h.Site))
}

func (h *Handlers) setClock(ctx context.Context, email, un, deux string) error {
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := aidant.LoadByEmail(ctx, tx, email)
		if fault.Is(err, fault.NotFound) || err == nil && !a.Actif {
			return noteRefused(ctx, tx, h.Empreintes.Digest("connexion.adresse", email))
		}
		if err != nil {
			return err
		}
		res, err := h.Facteurs.Resynchronise(ctx, tx, a.ID, un, deux)
		if err != nil || res.Judged() {
			return err
		}
		return noteRefused(ctx, tx, h.Empreintes.Digest("connexion.adresse", email))
	})
}
