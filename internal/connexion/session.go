package connexion

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Authenticate reads who makes this request, from the database, each time
// (A-W76). It notes the activity of the session at most once a minute, and
// never when a code is due: reading must not push the re-check away.
func (h *Handlers) Authenticate(r *http.Request) (actor.Actor, error) {
	jeton := web.Cookie(r, cookieSession)
	if len(jeton) != 43 {
		return actor.Actor{}, fault.New(fault.Unauthenticated, "sans_session")
	}
	ctx := r.Context()
	var a actor.Actor
	var now db.Time
	err := h.DB.ViewOne(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now
		a, err = readActor(ctx, tx, h.Textes, h.jetonDigest(jeton))
		return err
	})
	if err != nil {
		return actor.Actor{}, err
	}
	idle := now.Time().Sub(a.DateActivite)
	if idle >= h.Durees.Activite && !h.Durees.Stale(now.Time(), a.DateActivite) {
		err = h.DB.UpdateGated(ctx, func(tx *db.Tx) error { return touch(ctx, tx, a.Session) })
	}
	return a, err
}

// Renew changes the cookie of the session after an accepted code, inside the
// act that accepted it (comptes 4.1). The caller sets it after the commit with
// SetSession.
func (h *Handlers) Renew(ctx context.Context, tx *db.Tx, a actor.Actor) (secret.Text, error) {
	jeton := secret.NewToken()
	return jeton, renew(ctx, tx, a.Session, h.jetonDigest(jeton.Reveal()))
}

// RenewForRights changes the cookie of a session whose person got or lost a
// right since it was made (A-W77). The gate calls it on the pages people open,
// so that the cookie of a form or of a script in flight still serves; of two
// pages opened at once, one renews and the other comes back with the new cookie.
func (h *Handlers) RenewForRights(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx, jeton := r.Context(), secret.NewToken()
	var done bool
	err := h.DB.UpdateGated(ctx, func(tx *db.Tx) (err error) {
		done, err = renewForRights(ctx, tx, a, h.jetonDigest(web.Cookie(r, cookieSession)), h.jetonDigest(jeton.Reveal()))
		return err
	})
	if err == nil && done {
		h.SetSession(w, jeton)
	}
	return err
}

// SetSession sends the cookie that Renew made.
func (h *Handlers) SetSession(w http.ResponseWriter, jeton secret.Text) {
	web.SetCookie(w, cookieSession, jeton.Reveal(), h.Durees.Session)
}

// CountFailure adds a wrong code to the session, inside the act that refused
// it, journals it, and closes the session at the last one (comptes 5). The
// caller then answers with ShowClosed.
func (h *Handlers) CountFailure(ctx context.Context, tx *db.Tx, a actor.Actor, motif string) (closed bool, err error) {
	echecs, err := countFailure(ctx, tx, a.Session)
	if err != nil {
		return false, err
	}
	return echecs == 0 || echecs >= MaxEchecs, h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session,
		Fait: fait.LoginFailed{Motif: motif, Echecs: echecs},
	})
}

// ShowClosed tells that too many wrong codes closed the session.
func (h *Handlers) ShowClosed(w http.ResponseWriter, r *http.Request) error {
	web.ClearCookie(w, cookieSession)
	return web.Render(w, r, http.StatusForbidden, closedPage(h.Site))
}

// signOut closes the session, by POST only (A-W77).
func (h *Handlers) signOut(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	if err := h.DB.Update(ctx, func(tx *db.Tx) error { return closeSession(ctx, tx, a.Session) }); err != nil {
		return err
	}
	web.ClearCookie(w, cookieSession)
	return web.Redirect(w, r, h.afterSignOut(r))
}
