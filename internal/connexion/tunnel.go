package connexion

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/web"
)

// The tunnel leads a person without a confirmed factor to add an application.
// Its steps are those of the page of one's factors; here is its door, and « Faire
// plus tard » (comptes 2.4, A-W42).

func (h *Handlers) showTunnel(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if !a.SansFacteur {
		return web.Redirect(w, r, "/espace-referent/")
	}
	return web.Render(w, r, http.StatusOK, tunnelPage(h.Site, a, false))
}

func (h *Handlers) postponeTunnel(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	if err := h.DB.Update(ctx, func(tx *db.Tx) error { return postpone(ctx, tx, a.Session) }); err != nil {
		return err
	}
	return web.Redirect(w, r, "/espace-referent/")
}
