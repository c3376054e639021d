package connexion

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const (
	cheminCle        = "/accounts/login/cle/"
	cheminCleReprise = "/activity_check/cle/"
	maxReponse       = 32 << 10
)

// vueCle is a page that asks the browser for a key.
type vueCle struct {
	Site    web.Site
	Actor   *actor.Actor   // nil before sign-in
	Compte  ident.AidantID // whose key, when it is known; zero: the key says
	Action  string
	Options string // the challenge
	Caches  []dsfr.Cache
	Erreur  string
	Retour  string // the other way
}

// showKey puts a challenge that any key of the service may answer: the key says
// who it is. Alone it replaces the code and the link, because it proves the
// device and the person, at this address and no other.
func (h *Handlers) showKey(w http.ResponseWriter, r *http.Request) error {
	suite, err := next(r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	web.AllowFormAction(w)
	if _, err := h.Authenticate(r); err == nil {
		return web.Redirect(w, r, landing(suite))
	}
	return h.challenge(w, r, http.StatusOK, vueCle{Action: cheminCle, Caches: nextField(suite), Retour: "/accounts/login/" + nextQuery(suite)})
}

func (h *Handlers) challenge(w http.ResponseWriter, r *http.Request, status int, v vueCle) error {
	ctx, compte := r.Context(), v.Compte
	if v.Actor != nil {
		compte = v.Actor.Aidant
	}
	var d facteur.Defi
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		d, err = h.Facteurs.BeginAssertion(ctx, tx, compte)
		return err
	})
	if err != nil {
		return err
	}
	v.Site, v.Options = h.Site, d.Options
	v.Caches = append(v.Caches, dsfr.Cache{Nom: "defi", Valeur: d.ID.String()}, dsfr.Cache{Nom: "reponse"})
	return web.Render(w, r, status, keyPage(v))
}

const cleRefusee = "La clé n’a pas pu être reconnue, ou la demande a plus de cinq minutes. Réessayez, ou choisissez l’autre façon de vous connecter."

// signInByKey opens the session of the account whose key answers.
func (h *Handlers) signInByKey(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, maxReponse)
	if err != nil {
		return err
	}
	suite, err := next(form.Get("next"))
	if err != nil {
		return err
	}
	web.AllowFormAction(w)
	wait, err := h.Limites.Allow(r.Context(), keysPerAddress.From(r))
	if err != nil {
		return err
	}
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	id, _ := ident.Parse[ident.DefiID](form.Get("defi")) // anything else is no challenge
	ctx, v := r.Context(), h.visitor(r)
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := h.Facteurs.FinishAssertion(ctx, tx, id, []byte(form.Get("reponse")))
		if err != nil {
			return err
		}
		if err := voidLink(ctx, tx, p.Aidant); err != nil {
			return err
		}
		_, err = h.enter(ctx, tx, entree{aidant: p.Aidant, moyen: moyenCle, dateOTP: tx.Now}, v)
		return err
	})
	if fault.ReasonOf(err) == "cle_refusee" {
		return h.challenge(w, r, http.StatusUnprocessableEntity, vueCle{
			Action: cheminCle, Caches: nextField(suite), Retour: "/accounts/login/" + nextQuery(suite), Erreur: cleRefusee,
		})
	}
	return h.answerEntry(w, r, entered{v, suite}, err)
}

// recheckByKey is the re-check by a key of the account: without an answer yet,
// it puts the challenge, and carries the interrupted form along.
func (h *Handlers) recheckByKey(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 128<<10)
	if err != nil {
		return err
	}
	rep, err := readReprise(form)
	if err != nil {
		return err
	}
	web.AllowFormAction(w)
	v := vueCle{Actor: &a, Action: cheminCleReprise, Caches: rep.caches(), Retour: web.CheminReprise + nextQuery(rep.Suite)}
	reponse := form.Get("reponse")
	if reponse == "" {
		err := h.challenge(w, r, http.StatusOK, v)
		if fault.ReasonOf(err) == "aucune_cle" {
			rep.Erreur = "Aucune clé d’accès n’est associée à votre compte. Saisissez un code."
			return h.renderRecheck(w, r, a, rep)
		}
		return err
	}
	id, _ := ident.Parse[ident.DefiID](form.Get("defi"))
	ctx := r.Context()
	var out outcome
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		p, err := h.Facteurs.FinishAssertion(ctx, tx, id, []byte(reponse))
		if err != nil {
			return err
		}
		if p.Aidant != a.Aidant {
			return fault.New(fault.Invalid, "cle_refusee")
		}
		out.jeton, err = h.passed(ctx, tx, a)
		if err != nil {
			return err
		}
		return raise(ctx, tx, a.Session)
	})
	if fault.ReasonOf(err) == "cle_refusee" {
		v.Erreur = cleRefusee
		return h.challenge(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.resume(w, r, a, out.jeton, rep)
}

// passed renews the session after an accepted proof, and journals it.
func (h *Handlers) passed(ctx context.Context, tx *db.Tx, a actor.Actor) (jeton secret.Text, err error) {
	if jeton, err = h.Renew(ctx, tx, a); err != nil {
		return jeton, err
	}
	return jeton, h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: fait.ActivityCheckAidant{},
	})
}
