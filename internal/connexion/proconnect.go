package connexion

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
)

// What package proconnect, above this one, needs of a sign-in, and the two
// places where a sign-in speaks of it.
const (
	moyenProConnect = "proconnect"

	cheminProConnect     = "/proconnect/"
	cheminFinProConnect  = "/proconnect/deconnexion/"
	temoinProConnect     = "pc-session" // ProConnect may still have a session in this browser
	apresDeconnexionSeul = "/?deconnexion=1"
)

// Visiteur is a browser that signs in.
type Visiteur struct{ visiteur }

// Visitor reads the browser of a request.
func (h *Handlers) Visitor(r *http.Request) Visiteur { return Visiteur{h.visitor(r)} }

// PreuvePro is what proves the person besides ProConnect.
type PreuvePro struct {
	OTP db.Time // when a second factor was last checked, here or there
	Cle bool    // a key answered here: the session resists phishing
}

// EnterProConnect opens the session of an account that ProConnect proved, in
// the caller's act. A sign-in link that still waits is void.
func (h *Handlers) EnterProConnect(ctx context.Context, tx *db.Tx, id ident.AidantID, p PreuvePro, v Visiteur) (actor.Actor, error) {
	if err := voidLink(ctx, tx, id); err != nil {
		return actor.Actor{}, err
	}
	e := entree{aidant: id, moyen: moyenProConnect, dateOTP: p.OTP}
	if p.Cle {
		e.moyen = moyenCle
	}
	return h.enter(ctx, tx, e, v.visiteur)
}

// VerifyProConnect judges a code as the sign-in does: on the counter of this
// browser if the account knows it, on the account's otherwise (A-W8).
func (h *Handlers) VerifyProConnect(ctx context.Context, tx *db.Tx, compte aidant.Aidant, v Visiteur, code string) (facteur.Resultat, error) {
	connu, err := appareilOf(ctx, tx, compte.Email, h.appareilDigest(v.appareil.Reveal()))
	if err != nil {
		return facteur.Resultat{}, err
	}
	return h.verify(ctx, tx, compte.ID, connu, code)
}

// DemandeCle is a page that asks a key of one account, before its session.
type DemandeCle struct {
	Compte         ident.AidantID
	Action, Retour string
	Refusee        bool // the last answer was not recognised
}

// AskKey shows the page; the form it holds posts "defi" and "reponse" to Action.
func (h *Handlers) AskKey(w http.ResponseWriter, r *http.Request, d DemandeCle) error {
	v, status := vueCle{Compte: d.Compte, Action: d.Action, Retour: d.Retour}, http.StatusOK
	if d.Refusee {
		v.Erreur, status = cleRefusee, http.StatusUnprocessableEntity
	}
	return h.challenge(w, r, status, v)
}

// AnswerProConnect sends the cookies after the commit and leads where the
// person wanted; err is what the act gave.
func (h *Handlers) AnswerProConnect(w http.ResponseWriter, r *http.Request, v Visiteur, suite string, err error) error {
	return h.answerEntry(w, r, entered{v.visiteur, suite}, err)
}

// Landing is where a sign-in leads.
func Landing(suite string) string { return landing(suite) }

// afterSignOut offers to close ProConnect too, when this browser may still have
// its session (PC-06).
func (h *Handlers) afterSignOut(r *http.Request) string {
	if h.ProConnect && web.Cookie(r, temoinProConnect) != "" {
		return cheminFinProConnect
	}
	return apresDeconnexionSeul
}
