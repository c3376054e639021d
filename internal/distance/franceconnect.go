package distance

import (
	"context"
	"encoding/hex"
	"log/slog"
	"net/http"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// nonceOf derives the nonce from the state, as signature does: FranceConnect
// brings the state back.
func (h *Handlers) nonceOf(state secret.Text) secret.Text {
	return secret.Text(hex.EncodeToString(h.digest("nonce", state)))
}

func (h *Handlers) legOf(state secret.Text) leg {
	return leg{state: h.digest("state", state), nonce: h.digest("nonce_recu", h.nonceOf(state))}
}

// startLeg sends the person to FranceConnect, once they say they have read.
func (h *Handlers) startLeg(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v, err := h.load(r)
	if err != nil {
		return h.finished(w, r, err)
	}
	if v.Statut != Ouverte && v.Statut != Identifiee {
		return web.Redirect(w, r, cheminLire)
	}
	if form.Get("lu") == "" && v.Statut == Ouverte {
		v.Champs = fault.Fields{"lu": "Lisez le mandat, ou faites-le lire, puis cochez la case."}
		return h.show(w, r, http.StatusUnprocessableEntity, v)
	}
	state := secret.NewToken()
	to, err := h.Signatures.FC.AuthorizeURL(ctx, state, h.nonceOf(state))
	if e := franceconnect.ErreurDe(err); e != nil {
		v.Demande.Avis, v.Statut = e, Ouverte
		return h.show(w, r, http.StatusServiceUnavailable, v)
	}
	if err != nil {
		return err
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		l := h.legOf(state)
		l.limite = tx.Now.Add(delaiLeg)
		_, err := startLeg(ctx, tx, v.Demande.Navigateur, l)
		return err
	})
	if err != nil {
		return h.finished(w, r, err)
	}
	return web.Redirect(w, r, to)
}

// Callback receives what FranceConnect answers to the person's own device. It
// is not done for another browser: the state alone opens nothing (M-W13).
func (h *Handlers) Callback(w http.ResponseWriter, r *http.Request) (done bool, err error) {
	ctx, q, mine := r.Context(), r.URL.Query(), h.browser(r)
	state := secret.Text(q.Get("state"))
	if mine == nil || state == "" {
		return false, nil
	}
	var d Demande
	var late bool
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		d, late, err = takeState(ctx, tx, mine, h.legOf(state))
		return err
	})
	if fault.Is(err, fault.Gone) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	out := h.Signatures.Identify(ctx, q, h.nonceOf(state), late)
	to, err := h.record(ctx, d, out)
	if err != nil { // logged out all the same; the page says what is lost
		if to == "" {
			return true, h.finished(w, r, err)
		}
		h.Log.ErrorContext(ctx, "franceconnect answer not recorded", slog.String("requete", web.RequestID(ctx)), slog.String("erreur", err.Error()))
	}
	if to == "" {
		to = cheminLire
	}
	return true, web.Redirect(w, r, to)
}

// record writes the outcome, in one transaction, and tells where the browser
// goes: FranceConnect's logout as soon as there is an ID token.
func (h *Handlers) record(ctx context.Context, d Demande, out signature.Answer) (to string, err error) {
	ret := retour{erreur: out.Erreur}
	logout := secret.NewToken()
	if out.Jeton != "" {
		ret.authentification = sha(out.Jeton)
		if to, err = h.Signatures.FC.LogoutURL(ctx, out.Jeton, logout); err == nil {
			ret.deconnexion, ret.logout = "demandee", h.digest("logout", logout)
		} else {
			to, ret.deconnexion = "", "impossible"
		}
	} else if out.Ouverte {
		ret.deconnexion = "impossible"
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		ret := ret
		if ret.erreur != nil {
			return endLeg(ctx, tx, d, ret)
		}
		u, err := h.Signatures.Usagers.Receive(ctx, tx, out.Recue, usager.Acte{Aidant: d.Aidant, Organisation: d.Organisation, Operation: ident.New[ident.OperationID]()})
		if err != nil {
			return err
		}
		if !d.Attendu.IsZero() && u.ID != d.Attendu {
			return fault.New(fault.Conflict, raisonAutre)
		}
		ret.usager, ret.identite = u.ID, u.IdentiteID
		return endLeg(ctx, tx, d, ret)
	})
	if fault.ReasonOf(err) == raisonAutre { // nothing of a stranger is kept
		ret.erreur, ret.authentification = &franceconnect.Erreur{Cle: raisonAutre}, nil
		err = h.DB.Update(ctx, func(tx *db.Tx) error { return endLeg(ctx, tx, d, ret) })
	}
	return to, err
}

// LoggedOut is the return of FranceConnect's logout on the person's device.
func (h *Handlers) LoggedOut(w http.ResponseWriter, r *http.Request) (done bool, err error) {
	mine, state := h.browser(r), r.URL.Query().Get("state")
	if mine == nil || state == "" {
		return false, nil
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
		done, err = loggedOut(r.Context(), tx, mine, h.digest("logout", secret.Text(state)))
		return err
	})
	if err != nil || !done {
		return false, err
	}
	return true, web.Redirect(w, r, cheminLire)
}
