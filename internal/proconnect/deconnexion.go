package proconnect

import (
	"context"
	"net/http"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// keepToken seals the ID token for the logout (PC-06); the browser holds what
// finds it. It gives an error only when nothing could be kept.
func (h *Handlers) keepToken(ctx context.Context, w http.ResponseWriter, jeton secret.Text) error {
	if jeton == "" {
		return nil
	}
	temoin := secret.NewToken()
	sealed, err := h.Champs.Seal([]byte(jeton.Reveal()), contexteJeton)
	if err != nil {
		return err
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error { return keepSession(ctx, tx, h.temoinDigest(temoin), sealed) })
	if err == nil {
		web.SetCookie(w, TemoinSession, temoin.Reveal(), vieSession)
	}
	return err
}

const contexteJeton = "proconnect_session/id_token"

func (h *Handlers) temoinDigest(t secret.Text) []byte {
	return h.Empreintes.Digest("proconnect.temoin", t.Reveal())
}

// showLogout offers to close ProConnect too: its session of 12 hours would sign
// the next person of a shared machine in.
func (h *Handlers) showLogout(w http.ResponseWriter, r *http.Request) error {
	if web.Cookie(r, TemoinSession) == "" {
		return web.Redirect(w, r, "/?deconnexion=1")
	}
	web.AllowFormAction(w)
	return web.Render(w, r, http.StatusOK, deconnexionPage(h.Site))
}

// logout takes the token out and sends the browser to ProConnect's end of
// session. Without a token only ProConnect's own pages can close it: it is said.
func (h *Handlers) logout(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var sealed []byte
	temoin := secret.Text(web.Cookie(r, TemoinSession))
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		sealed, err = sessionOf(ctx, tx, h.temoinDigest(temoin))
		return err
	})
	if err != nil {
		return err
	}
	raw, err := h.Champs.Open(sealed, contexteJeton)
	if len(sealed) == 0 || err != nil {
		web.ClearCookie(w, TemoinSession)
		return web.Render(w, r, http.StatusOK, echecPage(h.Site, "Nous ne pouvons plus fermer ProConnect d’ici. Fermez le navigateur avant de laisser ce poste.", false))
	}
	state := secret.NewToken()
	to, err := h.PC.LogoutURL(ctx, secret.Text(raw), state)
	if e := franceconnect.ErreurDe(err); e != nil {
		return h.fail(w, r, e) // the button is still there to try again
	}
	if err != nil {
		return err
	}
	if err := h.sealed(w, temoinFin, h.stateDigest(state), vieDemande); err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

// loggedOut is the return of that logout. Only the state that we sent says that
// it is done.
func (h *Handlers) loggedOut(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	var want []byte
	done := unseal(h.Temoins, r, temoinFin, &want) && secret.Equal(want, h.stateDigest(secret.Text(r.URL.Query().Get("state"))))
	if !done {
		return web.Redirect(w, r, CheminDeconnexion) // offered again, or nothing to close
	}
	ctx, temoin := r.Context(), secret.Text(web.Cookie(r, TemoinSession))
	if err := h.DB.Update(ctx, func(tx *db.Tx) error { return dropSession(ctx, tx, h.temoinDigest(temoin)) }); err != nil {
		return err
	}
	web.ClearCookie(w, temoinFin)
	web.ClearCookie(w, TemoinSession)
	return web.Redirect(w, r, "/?deconnexion=1")
}
