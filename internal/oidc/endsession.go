package oidc

import (
	"net/url"
	"slices"
)

// EndSession is what a request to end a connection comes to, once checked
// (OpenID Connect RP-Initiated Logout 1.0 §2–3; FI-70 to FI-74).
type EndSession struct {
	// Hint is the token presented; Verified tells that it is one of ours.
	Hint     Hint
	Verified bool
	// Redirect is where the browser goes by itself; "" shows a page.
	Redirect string
	// Offer is where a button of the page may lead; "" for no button.
	Offer string
}

// ParseEndSession checks the parameters. A bad hint is never told from none,
// and neither leads away: only a token of ours, with an address that its client
// registered byte for byte, does (FI-73).
func ParseEndSession(q url.Values, issuer string, clients Registrations, keys Keys) EndSession {
	var e EndSession
	uri, given := single(q, "post_logout_redirect_uri")
	state := q.Get("state")
	given = given && wellFormed(state) // what cannot be returned unchanged leads nowhere
	next := LogoutURL(uri, state)
	raw, _ := single(q, "id_token_hint")
	hint, err := VerifyHint(raw, issuer, clients, keys)
	id := q.Get("client_id")
	// §2: the two MUST name the same client.
	if err == nil && (id == "" || id == hint.Client.ClientID) {
		e.Hint, e.Verified = hint, true
		if given && hint.Client.PostLogout(uri) {
			e.Redirect = next
		}
		return e
	}
	known := clients.PostLogout(uri)
	if id != "" {
		client, _ := clients.Find(id)
		known = client.PostLogout(uri)
	}
	if given && known {
		e.Offer = next
	}
	return e
}

// PostLogout tells whether this client registered the address, byte for byte.
func (r Registration) PostLogout(uri string) bool {
	return slices.Contains(r.PostLogoutRedirectURIs, uri)
}
