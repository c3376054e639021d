package signature

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// restartView is the restart page (mandats.md 6.4): the sentence to show, and
// the dossier whose answers may fill the form again.
// Session is fc.session: a person may still be signed in at FranceConnect.
type restartView struct{ Avis, Session, Dossier string }

// legView is the page that hands the screen to the usager.
type legView struct {
	Dossier     string
	Faits       []dsfr.Fait
	Avis        string // why the last attempt failed
	Code        string // FranceConnect's own, when it is explained
	Deconnexion string // fc.deconnexion or fc.session
	Relance     bool   // the logout can be tried again
	Bouton      string
}

func dossierField(id string) []dsfr.Cache {
	if id == "" {
		return nil
	}
	return []dsfr.Cache{{Nom: "dossier", Valeur: id}}
}

func creationURL(dossier string) string {
	if dossier == "" {
		return cheminCreation
	}
	return cheminCreation + "?dossier=" + url.QueryEscape(dossier)
}

// logoutAvis is the warning of a FranceConnect session that may remain.
func logoutAvis(d Dossier) (avis string, relance bool) {
	switch d.Deconnexion {
	case deconnexionDemandee, deconnexionNonConfirmee:
		if d.Jeton == nil { // kept 30 min at most: no hint is left to log out with
			return franceconnect.Avis(franceconnect.CleSession), false
		}
		return franceconnect.Avis(franceconnect.CleDeconnexion), true
	case deconnexionImpossible:
		return franceconnect.Avis(franceconnect.CleSession), false
	}
	return "", false
}

func legViewOf(d Dossier, e *franceconnect.Erreur) legView {
	v := legView{Dossier: d.ID.String(), Bouton: "Se connecter avec FranceConnect", Faits: []dsfr.Fait{
		{Nom: "Démarches", Valeur: titres(d.Demarches)}, {Nom: "Durée", Valeur: d.Duree.Choix()},
	}}
	v.Deconnexion, v.Relance = logoutAvis(d)
	if e != nil {
		v.Avis, v.Bouton = e.Avis(), "Relancer FranceConnect"
		if _, ok := franceconnect.LookupCode(e.Code); ok {
			v.Code = e.Code
		}
	}
	return v
}

func (h *Handlers) showLeg(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	d, err := h.dossierOf(r.Context(), a, r.URL.Query().Get("dossier"))
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	if d.Statut == Pret || distant(d.Choix) {
		return web.Redirect(w, r, resumeURL(d))
	}
	web.AllowFormAction(w)
	return web.Render(w, r, http.StatusOK, legPage(h.Site, a, legViewOf(d, d.Avis)))
}

// nonceOf derives the nonce from the state, so that neither is stored: only
// their digests are (FS-03), and FranceConnect's answer brings the state back.
func (h *Handlers) nonceOf(state secret.Text) secret.Text {
	return secret.Text(hex.EncodeToString(h.Empreintes.Digest("signature.nonce", state.Reveal())))
}

func (h *Handlers) digest(purpose string, v secret.Text) []byte {
	return h.Empreintes.Digest("signature."+purpose, v.Reveal())
}

// startLeg sends the browser to FranceConnect with new one-time values (FS-01
// to FS-03). Discovery may be read first, outside any transaction.
func (h *Handlers) startLeg(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	d, err := h.dossierOf(ctx, a, form.Get("dossier"))
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	// A second tab: the identity is there. At a distance, the person connects on
	// their own device, never on this one (M-W13).
	if d.Statut == Pret && form.Get("recommencer") == "" || distant(d.Choix) {
		return web.Redirect(w, r, resumeURL(d))
	}
	state := secret.NewToken()
	nonce := h.nonceOf(state)
	to, err := h.FC.AuthorizeURL(ctx, state, nonce)
	if e := franceconnect.ErreurDe(err); e != nil {
		web.AllowFormAction(w)
		return web.Render(w, r, http.StatusServiceUnavailable, legPage(h.Site, a, legViewOf(d, e)))
	}
	if err != nil {
		return err
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		return startLeg(ctx, tx, d.ID, a, leg{
			state: h.digest("state", state), nonce: h.digest("nonce", nonce), limite: tx.Now.Add(h.Delais.Franceconnect),
		})
	})
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	return web.Redirect(w, r, to)
}

// callback receives FranceConnect's answer: the state is consumed first, then
// come the calls, outside any transaction, then one transaction (FS-10 to
// FS-18, FS-30). It leads to FranceConnect's logout as soon as an ID token
// exists, even when everything else failed.
func (h *Handlers) callback(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	if h.Distance != nil {
		if done, err := h.Distance.Callback(w, r); done || err != nil {
			return err
		}
	}
	a, err := h.Connexion.Authenticate(r)
	if fault.Is(err, fault.Unauthenticated) {
		return web.Render(w, r, http.StatusGone, restartPage(h.Site, nil, strayView(r.URL.Query())))
	}
	if err != nil {
		return err
	}
	ctx, q := r.Context(), r.URL.Query()
	state := secret.Text(q.Get("state"))
	d, late, err := h.takeState(ctx, a, state)
	if fault.Is(err, fault.Gone) {
		return web.Render(w, r, http.StatusGone, restartPage(h.Site, &a, strayView(q)))
	}
	if err != nil {
		return err
	}
	out := h.Identify(ctx, q, h.nonceOf(state), late)
	if out.Erreur == nil && !(a.IsAidant() && a.Engage()) {
		// The right was lost meanwhile: only the logout is left to do.
		out.Erreur = &franceconnect.Erreur{Cle: franceconnect.CleReprise}
	}
	to, err := h.record(ctx, a, d, out)
	if err != nil && out.Jeton == "" {
		return h.restart(w, r, a, d, err)
	}
	if err != nil { // FS-17: log out all the same; the return page says what is lost
		h.Log.ErrorContext(ctx, "franceconnect answer not recorded", slog.String("requete", web.RequestID(ctx)), slog.String("erreur", err.Error()))
	}
	return web.Redirect(w, r, to)
}

// strayView answers a return that is nobody's here. Nothing of it is believed;
// but one that brings a code says that a person has just signed in at
// FranceConnect, and nobody can sign them out without an ID token (FS-36).
func strayView(q url.Values) restartView {
	v := restartView{Avis: franceconnect.Avis(franceconnect.CleReprise)}
	if q.Get("code") != "" {
		v.Session = franceconnect.Avis(franceconnect.CleSession)
	}
	return v
}

// takeState finds the dossier of this web session whose state came back and
// consumes it, before anything else of the answer is read (M-W13).
func (h *Handlers) takeState(ctx context.Context, a actor.Actor, state secret.Text) (d Dossier, late bool, err error) {
	want := h.digest("state", state)
	nonce := h.digest("nonce", h.nonceOf(state))
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		cs, err := waiting(ctx, tx, a)
		if err != nil {
			return err
		}
		for _, c := range cs {
			if secret.Equal(c.state, want) && secret.Equal(c.nonce, nonce) {
				late = !tx.Now.Before(c.limite)
				d, err = consumeState(ctx, tx, c, tx.Now.Add(h.Delais.Ouvert))
				return err
			}
		}
		return fault.New(fault.Gone, raisonPerdu)
	})
	return d, late, err
}

// Answer is what FranceConnect's leg gave: an identity or an error, and the ID
// token as soon as there is one.
type Answer struct {
	Recue   usager.Recue
	Jeton   secret.Text
	Erreur  *franceconnect.Erreur
	Ouverte bool // a code came: the person signed in, FranceConnect holds a session
}

// Identify runs the calls and the checks of the identity (FS-11 to FS-28), on
// the aidant's screen or on the person's own device.
func (h *Handlers) Identify(ctx context.Context, q url.Values, nonce secret.Text, late bool) Answer {
	// FS-36: whatever keeps us from exchanging the code, the session is there
	// and cannot be closed without an ID token.
	out := Answer{Ouverte: q.Get("code") != ""}
	if late {
		out.Erreur = &franceconnect.Erreur{Cle: franceconnect.CleDelai}
		return out
	}
	code, err := h.FC.CheckCallback(q)
	if err != nil {
		out.Erreur = erreurOf(err)
		return out
	}
	res, err := h.FC.Identify(ctx, code, nonce)
	out.Jeton = res.IDToken
	if err == nil {
		out.Recue, err = usager.FromFranceConnect(res.Claims)
	}
	if err == nil && !out.Recue.Majeur(h.DB.Now().Time(), mandat.Paris) { // FS-25
		err = &franceconnect.Erreur{Cle: franceconnect.CleMineur}
	}
	if err != nil {
		out.Erreur = erreurOf(err)
	}
	return out
}

// erreurOf types any failure of the leg.
func erreurOf(err error) *franceconnect.Erreur {
	if e := franceconnect.ErreurDe(err); e != nil {
		return e
	}
	return &franceconnect.Erreur{Cle: franceconnect.ClePanne, Err: err}
}

// record writes the outcome in one transaction and tells where the browser
// goes: FranceConnect's logout if it can, else the next page of the flow.
func (h *Handlers) record(ctx context.Context, a actor.Actor, d Dossier, out Answer) (to string, err error) {
	var ret retour
	ret.erreur = out.Erreur
	logout := secret.NewToken()
	if out.Jeton != "" {
		if to, err = h.FC.LogoutURL(ctx, out.Jeton, logout); err == nil {
			ret.deconnexion, ret.logout = deconnexionDemandee, h.digest("logout", logout)
		} else { // FS-36: kept, and tried again from the next page
			to, ret.deconnexion = "", deconnexionNonConfirmee
		}
		if ret.jeton, err = h.Champs.Seal([]byte(out.Jeton.Reveal()), sealContext(d.ID)); err != nil {
			return to, err
		}
		sum := sha256.Sum256([]byte(out.Jeton.Reveal()))
		ret.jetonSHA = sum[:]
	} else if out.Ouverte {
		ret.deconnexion = deconnexionImpossible
	}
	next := cheminAller
	if out.Erreur == nil {
		next = cheminRecap
	}
	if to == "" {
		to = next + "?dossier=" + d.ID.String()
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		ret := ret // run again from the same point
		ret.limite = tx.Now.Add(h.Delais.Ouvert)
		if ret.erreur == nil {
			ret.limite = tx.Now.Add(h.Delais.Pret)
			var err error
			ret.usager, err = h.Usagers.Receive(ctx, tx, out.Recue, usager.Acte{
				Aidant: a.Aidant, Organisation: d.Organisation, Session: a.Session, Operation: ident.New[ident.OperationID](),
			})
			if err != nil {
				return err
			}
		}
		return endLeg(ctx, tx, d.ID, ret)
	})
	return to, err
}

func sealContext(id ident.DossierID) string { return "dossier_signature/" + id.String() + "/id_token" }

// logoutReturn is the one address that FranceConnect knows for the return of
// its logout: it tells the person's own device from the aidant's browser.
func (h *Handlers) logoutReturn(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	if h.Distance != nil {
		if done, err := h.Distance.LoggedOut(w, r); done || err != nil {
			return err
		}
	}
	return web.Redirect(w, r, cheminRelance+"?"+url.Values{"state": {r.URL.Query().Get("state")}}.Encode())
}

// loggedOut is the return of FranceConnect's logout. It creates nothing; a
// wrong or missing state leaves a warning on the next page (FS-35).
func (h *Handlers) loggedOut(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	web.NoReferrer(w)
	ctx := r.Context()
	var d Dossier
	var confirmed bool
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		d, confirmed, err = logoutDossier(ctx, tx, a, h.digest("logout", secret.Text(r.URL.Query().Get("state"))))
		return err
	})
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	if !confirmed && d.Deconnexion != deconnexionConfirmee {
		h.Log.WarnContext(ctx, "franceconnect logout not confirmed", slog.String("requete", web.RequestID(ctx)), slog.String("dossier", d.ID.String()))
	}
	return web.Redirect(w, r, resumeURL(d))
}

// retryLogout sends the browser to FranceConnect's logout once more, with the
// sealed ID token (FS-36).
func (h *Handlers) retryLogout(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	d, err := h.dossierOf(ctx, a, form.Get("dossier"))
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	if d.Jeton == nil {
		return web.Redirect(w, r, resumeURL(d))
	}
	raw, err := h.Champs.Open(d.Jeton, sealContext(d.ID))
	if err != nil {
		return err
	}
	state := secret.NewToken()
	to, err := h.FC.LogoutURL(ctx, secret.Text(raw), state)
	if err != nil {
		if _, ok := errors.AsType[*franceconnect.Erreur](err); ok {
			return web.Redirect(w, r, resumeURL(d)) // the warning stays there
		}
		return err
	}
	if err := h.DB.Update(ctx, func(tx *db.Tx) error { return retryLogout(ctx, tx, d.ID, h.digest("logout", state)) }); err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}
