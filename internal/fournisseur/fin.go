package fournisseur

import (
	"net/http"
	"net/url"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/web"
)

// endSession ends the connection of one usager, when the public service logs
// out of FranceConnect (§8). The aidant stays signed in to our service (FI-72).
func (h *Handlers) endSession(w http.ResponseWriter, r *http.Request) error {
	q, err := parameters(r)
	if err != nil {
		return err
	}
	e := oidc.ParseEndSession(q, h.Issuer, h.Clients, h.keys())
	if e.Verified && e.Hint.AtHash != "" {
		ctx := r.Context()
		err := h.DB.UpdateGated(ctx, func(tx *db.Tx) error { return closeUse(ctx, tx, e.Hint.Client.ClientID, e.Hint.AtHash) })
		if err != nil {
			return err
		}
	}
	if e.Redirect != "" {
		return web.Redirect(w, r, e.Redirect)
	}
	return web.Render(w, r, http.StatusOK, endPage(h.Site, e.Offer))
}

func parameters(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		return web.Form(r, maxParametres)
	}
	return r.URL.Query(), nil
}
