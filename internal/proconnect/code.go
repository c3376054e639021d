package proconnect

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
)

// waiting reads who is waited for in this browser.
func (h *Handlers) waiting(r *http.Request) (attente, bool) {
	var a attente
	ok := unseal(h.Temoins, r, temoinAttente, &a)
	return a, ok && db.At(h.Clock()).Before(a.Fin)
}

// showCode asks the second factor, and the first time the confirmation that the
// account is theirs (PC-02, PC-04).
func (h *Handlers) showCode(w http.ResponseWriter, r *http.Request) error {
	a, ok := h.waiting(r)
	if !ok {
		return h.fail(w, r, &franceconnect.Erreur{Cle: franceconnect.CleReprise})
	}
	web.AllowFormAction(w) // the way may lead back to FranceConnect
	return web.Render(w, r, http.StatusOK, codePage(h.Site, a, ""))
}

// proveCode is the act: the code is consumed, the account tied if it must be,
// and the session opened, together.
func (h *Handlers) proveCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	a, ok := h.waiting(r)
	if !ok {
		return h.fail(w, r, &franceconnect.Erreur{Cle: franceconnect.CleReprise})
	}
	web.AllowFormAction(w)
	again := func(text string) error {
		return web.Render(w, r, http.StatusUnprocessableEntity, codePage(h.Site, a, text))
	}
	code, ok := facteur.NormalizeCode(form.Get("otp_token"))
	if !ok {
		return again("Saisissez les 6 chiffres du code.")
	}
	v := h.Connexion.Visitor(r)
	res, open, err := h.enter(r.Context(), a, code, v)
	switch {
	case err != nil:
		return h.Connexion.AnswerProConnect(w, r, v, a.Suite, err)
	case !open: // closed meanwhile
		web.ClearCookie(w, temoinAttente)
		return h.fail(w, r, &franceconnect.Erreur{Cle: franceconnect.CleReprise})
	case !res.Accepte:
		return again(res.Avis(h.Clock()))
	}
	web.ClearCookie(w, temoinAttente)
	return h.Connexion.AnswerProConnect(w, r, v, a.Suite, nil)
}

func (h *Handlers) enter(ctx context.Context, a attente, code string, v connexion.Visiteur) (res facteur.Resultat, open bool, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		res, open = facteur.Resultat{}, false
		compte, err := aidant.Load(ctx, tx, a.Aidant)
		if err != nil || !compte.Actif {
			return err
		}
		open = true
		if res, err = h.Facteurs.Verify(ctx, tx, a.Aidant, code); err != nil || !res.Judged() {
			return err
		}
		if !res.Accepte {
			return h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Aidant, Aidant: a.Aidant, Fait: fait.LoginFailed{Motif: res.Motif}})
		}
		if len(a.Sub) > 0 {
			if err := tie(ctx, tx, h.PC.Issuer(), a.Sub, a.Aidant); err != nil {
				return err
			}
		}
		_, err = h.Connexion.EnterProConnect(ctx, tx, a.Aidant, tx.Now, v)
		return err
	})
	return res, open, err
}

// showGap tells, once signed in, that the structure chosen at ProConnect is
// none of the account's (PC-05).
func (h *Handlers) showGap(w http.ResponseWriter, r *http.Request, _ actor.Actor) error {
	next, ok := web.NextPath(r.URL.Query().Get("next"))
	if !ok {
		next = connexion.Landing("")
	}
	return web.Render(w, r, http.StatusOK, ecartPage(h.Site, next))
}
