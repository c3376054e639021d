package fournisseur

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/web"
)

// Before the aidant signs in, a request waits in a sealed cookie of its own: it
// is never in a page, and two tabs never take each other's (FI-15). The browser
// keeps at most maxTenues of them.
const (
	temoinDemande = "demande-"
	maxTemoin     = 3600 // bytes; a browser refuses a cookie above 4,096
	maxTemoins    = 4400 // bytes of all of them: a front refuses a request whose cookies pass 8 KiB
	maxParametres = 32 << 10
)

// authorize receives FranceConnect's request by GET. It inserts no dossier
// (M-W51).
func (h *Handlers) authorize(w http.ResponseWriter, r *http.Request) error {
	t, done, err := h.receive(w, r, r.URL.Query())
	if done || err != nil {
		return err
	}
	return h.orFail(w, r, t, h.proceed(w, r, t))
}

// orFail tells FranceConnect of a failure of ours (§9): its page of choice is a
// way on, which a page of ours would not be. The failure is logged here, since
// the answer is no error page.
func (h *Handlers) orFail(w http.ResponseWriter, r *http.Request, t Tenue, err error) error {
	if err == nil {
		return nil
	}
	code := "server_error"
	switch fault.KindOf(err) {
	case fault.Internal:
	case fault.Unavailable:
		code = "temporarily_unavailable"
	default:
		return err
	}
	if h.Log != nil {
		h.Log.ErrorContext(r.Context(), "request of a client not held", "requete", web.RequestID(r.Context()), "erreur", err.Error())
	}
	return web.Redirect(w, r, oidc.ErrorURL(t.Requete, h.Issuer, code, ""))
}

// authorizePost receives it by POST. Coming from another site, a POST carries
// no session cookie: the request goes on by a GET of ours (FI-14).
func (h *Handlers) authorizePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, maxParametres)
	if err != nil {
		return err
	}
	t, done, err := h.receive(w, r, form)
	if done || err != nil {
		return err
	}
	return h.keepInCookie(w, r, t, cheminReprise)
}

// receive validates; done tells that a refusal was answered.
func (h *Handlers) receive(w http.ResponseWriter, r *http.Request, q url.Values) (Tenue, bool, error) {
	req, refusal := oidc.ParseAuthRequest(q, h.Clients)
	switch {
	case refusal == nil:
		return Tenue{ID: ident.NewRandom[ident.DossierID](), Arrivee: db.At(h.Clock()), Requete: req}, false, nil
	case refusal.Redirects():
		return Tenue{}, true, web.Redirect(w, r, refusal.URL(h.Issuer))
	}
	return Tenue{}, true, web.WithPage(fault.Wrap(fault.BadRequest, "client_inconnu", refusal), web.ErrorPage{
		Titre: "Cette demande de connexion n'est pas reconnue",
		Texte: []string{
			"Elle ne vient pas d'un service que nous connaissons, ou elle a été modifiée. Par sécurité, nous ne renvoyons pas vers son adresse.",
			"Fermez cette page et recommencez depuis le service public que vous vouliez ouvrir.",
		},
	})
}

// proceed holds the request for whoever is signed in, or sends to the sign-in.
func (h *Handlers) proceed(w http.ResponseWriter, r *http.Request, t Tenue) error {
	a, err := h.Authenticate(r)
	if err != nil && !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	signedIn := err == nil
	if t.Requete.PromptNone {
		// Never silent: the person is always chosen (FI-07).
		code := "login_required"
		if signedIn {
			code = "interaction_required"
		}
		h.forget(w, t.ID)
		return web.Redirect(w, r, oidc.ErrorURL(t.Requete, h.Issuer, code, ""))
	}
	if !signedIn {
		return h.keepInCookie(w, r, t, web.CheminConnexion)
	}
	ctx := r.Context()
	if err := h.DB.UpdateGated(ctx, func(tx *db.Tx) error { return hold(ctx, tx, a.Session, t, h.Durees.Demande) }); err != nil {
		return err
	}
	h.forget(w, t.ID)
	if !a.IsAidant() {
		return h.showRefusal(w, r, a, refusal{Tenue: t, Motif: motifOf(a)})
	}
	return web.Redirect(w, r, withDemande(cheminUsager, t.ID))
}

// motifOf says why somebody signed in may not use mandats (FI-21).
func motifOf(a actor.Actor) Motif {
	switch {
	case !a.OrganisationActive:
		return OrganisationInactive
	case !a.MembreActif:
		return AidantNonMembre
	}
	return AidantNonHabilite
}

// resume goes on with a request kept in a cookie.
func (h *Handlers) resume(w http.ResponseWriter, r *http.Request) error {
	id, ok := ident.Parse[ident.DossierID](r.URL.Query().Get(champDemande))
	if !ok {
		return lost()
	}
	t, ok := h.openCookie(web.Cookie(r, temoinDemande+id.String()), id)
	if !ok || !db.At(h.Clock()).Before(t.Arrivee.Add(h.Durees.Demande)) {
		h.forget(w, id)
		return lost()
	}
	return h.orFail(w, r, t, h.proceed(w, r, t))
}

// keepInCookie seals the request and goes to a page that comes back to resume.
func (h *Handlers) keepInCookie(w http.ResponseWriter, r *http.Request, t Tenue, next string) error {
	plain, err := json.Marshal(t)
	if err != nil {
		return err
	}
	value, err := h.Temoins.SealText(plain, temoinDemande+t.ID.String())
	if err != nil {
		return err
	}
	if len(value) > maxTemoin {
		return web.Redirect(w, r, oidc.ErrorURL(t.Requete, h.Issuer, "invalid_request", "state and nonce are too long together"))
	}
	h.makeRoom(w, r, len(value))
	web.SetCookie(w, temoinDemande+t.ID.String(), value, h.Durees.Demande)
	back := withDemande(cheminReprise, t.ID)
	if next == cheminReprise {
		return web.Redirect(w, r, back)
	}
	return web.Redirect(w, r, next+"?next="+url.QueryEscape(back))
}

func (h *Handlers) openCookie(value string, id ident.DossierID) (Tenue, bool) {
	plain, ok := h.Temoins.OpenText(value, temoinDemande+id.String())
	if !ok {
		return Tenue{}, false
	}
	var t Tenue
	err := json.Unmarshal(plain, &t)
	return t, err == nil && t.ID == id
}

// makeRoom takes back the oldest requests of this browser, so that one more
// makes five at most and their cookies stay small, and those that cannot be
// read: a page elsewhere may open as many as it likes.
func (h *Handlers) makeRoom(w http.ResponseWriter, r *http.Request, size int) {
	type temoin struct {
		Tenue
		size int
	}
	var kept []temoin
	for _, c := range r.Cookies() {
		_, name, ok := strings.Cut(c.Name, temoinDemande)
		if !ok {
			continue
		}
		id, ok := ident.Parse[ident.DossierID](name)
		if !ok {
			continue
		}
		if t, ok := h.openCookie(c.Value, id); ok {
			kept = append(kept, temoin{t, len(c.Value)})
		} else {
			h.forget(w, id)
		}
	}
	slices.SortFunc(kept, func(a, b temoin) int { return b.Arrivee.Compare(a.Arrivee) })
	for i, t := range kept {
		if size += t.size; i >= maxTenues-1 || size > maxTemoins {
			h.forget(w, t.ID)
		}
	}
}

func (h *Handlers) forget(w http.ResponseWriter, id ident.DossierID) {
	web.ClearCookie(w, temoinDemande+id.String())
}

func withDemande(path string, id ident.DossierID) string {
	return path + "?" + champDemande + "=" + id.String()
}

// lost is the answer for a request that is unknown, late, answered, or another
// session's: never told apart. The aidant stays signed in (FI-24).
func lost() error {
	return web.WithPage(fault.New(fault.Gone, "demande_perdue"), web.ErrorPage{
		Titre: "Cette demande de connexion n'est plus en cours",
		Texte: []string{
			"Elle a déjà reçu sa réponse, elle a dépassé son délai, ou elle appartient à un autre navigateur. Rien n'a été transmis.",
			"Fermez cet onglet, puis recommencez depuis le service public que vous vouliez ouvrir.",
		},
		Actions: []web.Lien{{Libelle: "Mon espace", URL: "/espace-aidant/"}},
	})
}

// orLost gives the page of lost to what the store did not find, and a way on to
// any other mishap: FranceConnect still waits for an answer (FI-24).
func orLost(id ident.DossierID, err error) error {
	if fault.Is(err, fault.Gone) {
		return lost()
	}
	titre := "Cette page n’a pas pu s’afficher"
	if fault.Is(err, fault.NotFound) {
		titre = "Page introuvable ou inaccessible"
	}
	return web.WithPage(err, web.ErrorPage{
		Titre: titre,
		Texte: []string{
			"Rien n’a été transmis à FranceConnect, qui attend encore votre réponse.",
			"Recommencez : la page suivante permet aussi de revenir à FranceConnect.",
		},
		Actions: []web.Lien{{Libelle: "Recommencer", URL: withDemande(cheminUsager, id)}, {Libelle: "Mon espace", URL: "/espace-aidant/"}},
	})
}
