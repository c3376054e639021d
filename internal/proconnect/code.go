package proconnect

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
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

// proveCode takes a code of the account: application, card, or recovery code,
// judged as at the sign-in.
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
		return again("Saisissez les 6 chiffres du code, ou un code de secours.")
	}
	v := h.Connexion.Visitor(r)
	var res facteur.Resultat
	err = h.enter(r.Context(), a, v, func(ctx context.Context, tx *db.Tx, compte aidant.Aidant) (connexion.PreuvePro, bool, error) {
		var err error
		if res, err = h.Connexion.VerifyProConnect(ctx, tx, compte, v, code); err != nil || !res.Judged() {
			return connexion.PreuvePro{}, false, err
		}
		if !res.Accepte {
			return connexion.PreuvePro{}, false, h.Journal.Append(ctx, tx, journal.Entry{
				Initiateur: journal.Aidant, Aidant: compte.ID, Fait: fait.LoginFailed{Motif: res.Motif, Echecs: int(res.Echecs)},
			})
		}
		return connexion.PreuvePro{OTP: tx.Now}, true, nil
	})
	if err == nil && !res.Accepte {
		return again(res.Avis(h.Clock()))
	}
	return h.entered(w, r, v, a, err)
}

// proveKey is the same with an access key of the account: it puts the
// challenge, then takes the answer.
func (h *Handlers) proveKey(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 32<<10)
	if err != nil {
		return err
	}
	a, ok := h.waiting(r)
	if !ok {
		return h.fail(w, r, &franceconnect.Erreur{Cle: franceconnect.CleReprise})
	}
	web.AllowFormAction(w)
	ask := connexion.DemandeCle{Compte: a.Aidant, Action: cheminCle, Retour: cheminCode}
	reponse := form.Get("reponse")
	if reponse == "" {
		err := h.Connexion.AskKey(w, r, ask)
		if fault.ReasonOf(err) == "aucune_cle" {
			return web.Redirect(w, r, cheminCode)
		}
		return err
	}
	id, _ := ident.Parse[ident.DefiID](form.Get("defi")) // anything else is no challenge
	v := h.Connexion.Visitor(r)
	err = h.enter(r.Context(), a, v, func(ctx context.Context, tx *db.Tx, compte aidant.Aidant) (connexion.PreuvePro, bool, error) {
		p, err := h.Facteurs.FinishAssertion(ctx, tx, id, []byte(reponse))
		if err == nil && p.Aidant != compte.ID {
			err = fault.New(fault.Invalid, "cle_refusee")
		}
		return connexion.PreuvePro{OTP: tx.Now, Cle: true}, err == nil, err
	})
	if fault.ReasonOf(err) == "cle_refusee" {
		ask.Refusee = true
		return h.Connexion.AskKey(w, r, ask)
	}
	return h.entered(w, r, v, a, err)
}

// proof is how the account is proved, in the act; false when it is not.
type proof func(ctx context.Context, tx *db.Tx, compte aidant.Aidant) (connexion.PreuvePro, bool, error)

// errFermee: the account was closed, or untied, since ProConnect answered.
var errFermee = fault.New(fault.Forbidden, "compte_ferme")

// enter is the act: the proof is consumed, the account tied if it must be, and
// the session opened, together.
func (h *Handlers) enter(ctx context.Context, a attente, v connexion.Visiteur, prove proof) error {
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		compte, err := aidant.Load(ctx, tx, a.Aidant)
		if err != nil {
			return err
		}
		if !compte.Actif {
			return errFermee
		}
		if len(a.Sub) == 0 { // the tie that brought them here may be undone since
			if depuis, err := tiedSince(ctx, tx, a.Aidant); err != nil || depuis.IsZero() {
				return cmp.Or(err, error(errFermee))
			}
		}
		p, ok, err := prove(ctx, tx, compte)
		if err != nil || !ok {
			return err
		}
		if len(a.Sub) > 0 {
			if err := h.link(ctx, tx, compte, a.Sub); err != nil {
				return err
			}
		}
		_, err = h.Connexion.EnterProConnect(ctx, tx, a.Aidant, p, v)
		return err
	})
}

// entered answers once the act is done, or says why it is not.
func (h *Handlers) entered(w http.ResponseWriter, r *http.Request, v connexion.Visiteur, a attente, err error) error {
	if errors.Is(err, errFermee) {
		web.ClearCookie(w, temoinAttente)
		return h.fail(w, r, &franceconnect.Erreur{Cle: franceconnect.CleReprise})
	}
	if err == nil {
		web.ClearCookie(w, temoinAttente)
	}
	return h.Connexion.AnswerProConnect(w, r, v, a.Suite, err)
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
