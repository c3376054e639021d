package fournisseur

import (
	"net/http"
	"net/url"
	"slices"

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
	uri, state := q.Get("post_logout_redirect_uri"), q.Get("state")
	hint, err := oidc.VerifyHint(q.Get("id_token_hint"), h.Issuer, h.Clients, h.keys())
	if err != nil {
		// A bad hint is never told from none, and never leads away (FI-73).
		return h.showEnd(w, r, uri, state)
	}
	ctx := r.Context()
	if hint.AtHash != "" {
		err := h.DB.UpdateGated(ctx, func(tx *db.Tx) error { return closeUse(ctx, tx, hint.Client.ClientID, hint.AtHash) })
		if err != nil {
			return err
		}
	}
	if slices.Contains(hint.Client.PostLogoutRedirectURIs, uri) {
		return web.Redirect(w, r, oidc.LogoutURL(uri, state))
	}
	return h.showEnd(w, r, uri, state)
}

func parameters(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		return web.Form(r, maxParametres)
	}
	return r.URL.Query(), nil
}

// showEnd says that the connection is over; a registered address is offered as
// a button, never followed by itself.
func (h *Handlers) showEnd(w http.ResponseWriter, r *http.Request, uri, state string) error {
	next := ""
	if h.Clients.PostLogout(uri) {
		next = oidc.LogoutURL(uri, state)
	}
	return web.Render(w, r, http.StatusOK, endPage(h.Site, next))
}
