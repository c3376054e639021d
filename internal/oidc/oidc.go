// Package oidc holds the words of OpenID Connect as an OpenID provider of one
// flow speaks them (spec franceconnect.md §3–9): the authorization request and
// its claims parameter, the redirects, the ID token, userinfo, the token form,
// JWKS, discovery, the id_token_hint, and the JSON error bodies. It decides what
// is well formed and what each answer looks like; it knows no database, no page
// and no aidant.
//
// Sources: OpenID Connect Core 1.0, RFC 6749, 6750, 7636 (PKCE), 9207 (iss),
// RP-Initiated Logout 1.0. Errors follow those texts, hence English.
//
// It fetches nothing: the public keys of a client that wants encrypted answers
// (RFC 7516, 7518) are given to it.
package oidc

import "aidantsconnect/internal/secret"

// The signature algorithms a registration may name (FI-60, FI-61).
const (
	HS256 = "HS256"
	ES256 = "ES256"
	RS256 = "RS256"
)

// ACR is the only level we assert, whatever is asked (FI-06).
const ACR = "eidas1"

// The scopes we know; any other is ignored (FI-03).
const (
	ScopeOpenID  = "openid"
	ScopeProfile = "profile"
	ScopeEmail   = "email"
	ScopeBirth   = "birth"
)

// Paths of the endpoints under the issuer. The final slash is that of the
// addresses registered at FranceConnect (§2.3); each is also served without it.
const (
	PathAuthorize = "/authorize/"
	PathToken     = "/token/"
	PathUserinfo  = "/userinfo/"
	PathLogout    = "/logout/"
	PathJWKS      = "/jwks"
	PathDiscovery = "/.well-known/openid-configuration"
)

// Sizes beyond which a value is refused.
const (
	maxParam  = 512  // state, nonce (FI-04, FI-05)
	maxClaims = 4096 // the claims parameter, bytes (FI-09)
	maxToken  = 8192 // an id_token_hint, bytes
)

// text is a shorthand for values that must not print.
type text = secret.Text
