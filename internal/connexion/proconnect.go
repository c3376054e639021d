package connexion

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
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

// EnterProConnect opens the session of an account that ProConnect proved, in
// the caller's act. otp is when a second factor was last checked, here or there.
func (h *Handlers) EnterProConnect(ctx context.Context, tx *db.Tx, id ident.AidantID, otp db.Time, v Visiteur) (actor.Actor, error) {
	return h.enter(ctx, tx, entree{aidant: id, moyen: moyenProConnect, dateOTP: otp}, v.visiteur)
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
