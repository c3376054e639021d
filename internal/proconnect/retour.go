package proconnect

import (
	"context"
	"net/http"
	"net/url"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// attente is somebody proved by ProConnect, whose code is waited for. It lives
// in a sealed cookie of the browser that came back, ten minutes.
type attente struct {
	Aidant ident.AidantID `json:"a"`
	Cle    bool           `json:"c,omitempty"` // the account has an access key
	Code   bool           `json:"o,omitempty"` // and something that gives codes
	Sub    []byte         `json:"s,omitempty"` // digest, to be tied; empty when it is already
	Suite  string         `json:"n,omitempty"`
	Ecart  bool           `json:"e,omitempty"` // the SIRET chosen there is none of the account's
	Fin    db.Time        `json:"f"`
}

// bouton says what the code does.
func (a attente) bouton() string {
	if len(a.Sub) > 0 {
		return "Relier mon compte et me connecter"
	}
	return "Me connecter"
}

// back receives ProConnect's answer: the request is taken from the cookie and
// spent, then come the calls, then one transaction.
func (h *Handlers) back(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	var t tentative
	q := r.URL.Query()
	state := secret.Text(q.Get("state"))
	known := unseal(h.Temoins, r, temoinDemande, &t) && secret.Equal(t.State, h.stateDigest(state))
	if !known {
		return h.fail(w, r, &franceconnect.Erreur{Cle: franceconnect.CleReprise})
	}
	web.ClearCookie(w, temoinDemande)
	if !db.At(h.Clock()).Before(t.Arrivee.Add(vieDemande)) {
		return h.fail(w, r, &franceconnect.Erreur{Cle: franceconnect.CleDelai})
	}
	ctx := r.Context()
	var res franceconnect.ResultatPro
	code, err := h.PC.CheckCallback(q)
	if err == nil {
		res, err = h.PC.IdentifyPro(ctx, code, h.nonceOf(state))
	}
	// PC-06: whatever comes next, its session can be closed.
	if kept := h.keepToken(ctx, w, res.IDToken); kept != nil {
		return kept
	}
	if e := franceconnect.ErreurDe(err); e != nil {
		return h.fail(w, r, e)
	}
	if err != nil {
		return err
	}
	return h.decide(w, r, t.Suite, res)
}

// decide enters, asks the code, or says that no account is open.
func (h *Handlers) decide(w http.ResponseWriter, r *http.Request, suite string, res franceconnect.ResultatPro) error {
	ctx := r.Context()
	v := h.Connexion.Visitor(r)
	var out suiteDe
	var who attente
	err := h.DB.Update(ctx, func(tx *db.Tx) error {
		who = attente{Suite: suite, Fin: tx.Now.Add(vieAttente)}
		a, tied, err := h.account(ctx, tx, res.Professionnel)
		if err != nil {
			return err
		}
		out = juge(tied, a.Actif, res.Acr)
		if !a.Actif {
			out = inconnu
			return nil
		}
		who.Aidant = a.ID
		if who.Cle, who.Code, err = ways(ctx, tx, a.ID); err != nil {
			return err
		}
		sirets, err := siretsOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		who.Ecart = !memeStructure(res.Professionnel.Siret, sirets)
		if !tied {
			who.Sub = h.subDigest(res.Professionnel.Sub)
		}
		if out != entrer {
			return nil
		}
		_, err = h.Connexion.EnterProConnect(ctx, tx, a.ID, connexion.PreuvePro{OTP: db.At(preuve(res.AuthTime, tx.Now.Time()))}, v)
		return err
	})
	switch {
	case err != nil:
		return h.Connexion.AnswerProConnect(w, r, v, suite, err)
	case out == inconnu:
		return web.Render(w, r, http.StatusForbidden, echecPage(h.Site, "Aucun compte Aidants Connect n’est ouvert avec l’adresse que ProConnect nous donne. Un compte s’ouvre par l’habilitation de votre structure : adressez-vous à votre référent.", true))
	case out == entrer && who.Ecart: // told before going on
		return h.Connexion.AnswerProConnect(w, r, v, cheminEcart+"?next="+url.QueryEscape(connexion.Landing(suite)), nil)
	case out == entrer:
		return h.Connexion.AnswerProConnect(w, r, v, suite, nil)
	}
	if err := h.sealed(w, temoinAttente, who, vieAttente); err != nil {
		return err
	}
	return web.Redirect(w, r, cheminCode)
}

// ways tells what the account can prove itself with.
func ways(ctx context.Context, tx *db.Tx, id ident.AidantID) (cle, code bool, err error) {
	m, err := facteur.Load(ctx, tx, id)
	for _, f := range m.Facteurs {
		cle = cle || f.Genre == facteur.Passkey
		code = code || f.Genre != facteur.Passkey && f.Confirme
	}
	return cle, code || m.Secours > 0 || !cle, err
}

// account finds the account of a person at ProConnect: tied, else by e-mail. A
// zero account when there is none.
func (h *Handlers) account(ctx context.Context, tx *db.Tx, p franceconnect.Professionnel) (a aidant.Aidant, tied bool, err error) {
	id, tied, err := tiedTo(ctx, tx, h.PC.Issuer(), h.subDigest(p.Sub))
	if err != nil {
		return a, false, err
	}
	if tied {
		a, err = aidant.Load(ctx, tx, id)
		return a, true, err
	}
	email, ok := aidant.NormalizeEmail(p.Email)
	if !ok {
		return a, false, nil
	}
	a, err = aidant.LoadByEmail(ctx, tx, email)
	if fault.Is(err, fault.NotFound) {
		return aidant.Aidant{}, false, nil
	}
	return a, false, err
}

func (h *Handlers) subDigest(sub string) []byte { return h.Empreintes.Digest("proconnect.sub", sub) }
