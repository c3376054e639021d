package oidc

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AuthRequest is an authorization request that passed every check. It is kept
// server side (M-W47): its JSON form is what a held request stores.
type AuthRequest struct {
	ClientID      string   `json:"client_id"`
	RedirectURI   string   `json:"redirect_uri"`
	Scope         []string `json:"scope"` // known scopes, as sent
	State         string   `json:"state,omitempty"`
	Nonce         string   `json:"nonce,omitempty"`
	PromptNone    bool     `json:"prompt_none,omitempty"`
	PromptLogin   bool     `json:"prompt_login,omitempty"` // login, consent or select_account (FI-07)
	MaxAge        *int     `json:"max_age,omitempty"`      // seconds
	CodeChallenge string   `json:"code_challenge,omitempty"`
	RepScope      RepScope `json:"rep_scope"`
}

// AuthError says why an authorization request is refused. Without RedirectURI
// the answer is a page of ours: the address cannot be trusted (FI-01).
type AuthError struct {
	Code        string // RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6
	Description string // ASCII, no personal data
	RedirectURI string
	State       string
}

// Error implements error.
func (e *AuthError) Error() string { return "authorization request: " + e.Code + ": " + e.Description }

// Redirects tells whether the client may be told.
func (e *AuthError) Redirects() bool { return e.RedirectURI != "" }

// URL is where the browser goes with the error.
func (e *AuthError) URL(issuer string) string {
	return ErrorURL(AuthRequest{RedirectURI: e.RedirectURI, State: e.State}, issuer, e.Code, e.Description)
}

// The parameters we act on. One of these given twice is an error (RFC 6749
// §3.1); every other parameter is ignored, even malformed (FI-13, M-W44).
var known = []string{
	"response_type", "scope", "state", "nonce", "acr_values", "prompt", "max_age", "claims",
	"code_challenge", "code_challenge_method", "request", "request_uri", "registration", "response_mode",
}

// ParseAuthRequest checks the parameters in the order that decides who may be
// told: first the client and its address, then the rest.
func ParseAuthRequest(q url.Values, clients Registrations) (AuthRequest, *AuthError) {
	page := func(d string) (AuthRequest, *AuthError) {
		return AuthRequest{}, &AuthError{Code: "invalid_request", Description: d}
	}
	id, _ := single(q, "client_id")
	client, found := clients.Find(id)
	if !found {
		return page("unknown client_id")
	}
	// Byte-equal: RFC 9700 §4.1.3, no pattern, no normalisation.
	uri, given := single(q, "redirect_uri")
	if !given || !slices.Contains(client.RedirectURIs, uri) {
		return page("redirect_uri is not registered")
	}
	r := AuthRequest{ClientID: id, RedirectURI: uri}
	if state, ok := single(q, "state"); ok && wellFormed(state) {
		r.State = state
	}
	refuse := func(code, d string) (AuthRequest, *AuthError) {
		return AuthRequest{}, &AuthError{Code: code, Description: d, RedirectURI: uri, State: r.State}
	}
	for _, k := range known {
		if len(q[k]) > 1 {
			return refuse("invalid_request", k+" is given twice")
		}
	}
	if code, d := r.read(q); code != "" {
		return refuse(code, d)
	}
	return r, nil
}

// read fills the request from parameters each given at most once; a code means
// refusal. A parameter without a value counts as absent (RFC 6749 §3.1).
func (r *AuthRequest) read(q url.Values) (code, description string) {
	for _, c := range []struct {
		bad               bool
		code, description string
	}{
		{!oneOf(q.Get("response_mode"), "", "query"), "invalid_request", "response_mode is not supported"},
		{q.Get("response_type") == "", "invalid_request", "response_type is missing"},
		{q.Get("response_type") != "code", "unsupported_response_type", "only code is supported"},
		{q.Get("request") != "", "request_not_supported", "request objects are not supported"},
		{q.Get("request_uri") != "", "request_uri_not_supported", "request_uri is not supported"},
		{q.Get("registration") != "", "registration_not_supported", "registration is not supported"},
		{!wellFormed(q.Get("state")), "invalid_request", "state is too long or unreadable"},
		{!wellFormed(q.Get("nonce")), "invalid_request", "nonce is too long or unreadable"},
	} {
		if c.bad {
			return c.code, c.description
		}
	}
	scopes := strings.Fields(q.Get("scope"))
	if !slices.Contains(scopes, ScopeOpenID) {
		return "invalid_scope", "scope must contain openid"
	}
	for _, s := range scopes {
		if oneOf(s, ScopeOpenID, ScopeProfile, ScopeEmail, ScopeBirth) && !slices.Contains(r.Scope, s) {
			r.Scope = append(r.Scope, s)
		}
	}
	r.Nonce = q.Get("nonce")
	if d := r.readPrompt(q); d != "" {
		return "invalid_request", d
	}
	if d := r.readChallenge(q); d != "" {
		return "invalid_request", d
	}
	if c := q.Get("claims"); c != "" {
		rep, err := ParseClaims(c)
		if err != nil {
			return "invalid_request", "claims cannot be read"
		}
		r.RepScope = rep
	}
	return "", ""
}

func (r *AuthRequest) readPrompt(q url.Values) string {
	prompts := strings.Fields(q.Get("prompt"))
	for _, p := range prompts {
		switch p {
		case "none":
			r.PromptNone = true
		case "login", "consent", "select_account":
			r.PromptLogin = true
		}
	}
	if r.PromptNone && len(prompts) > 1 {
		return "prompt none stands alone"
	}
	if s := q.Get("max_age"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return "max_age is not a number of seconds"
		}
		n = min(n, 1<<30) // so that seconds always fit a duration
		r.MaxAge = &n
	}
	return ""
}

// readChallenge accepts PKCE with S256 only (FI-10): plain protects nothing.
func (r *AuthRequest) readChallenge(q url.Values) string {
	challenge, method := q.Get("code_challenge"), q.Get("code_challenge_method")
	if challenge == "" && method == "" {
		return ""
	}
	if method != "S256" {
		return "only the S256 code_challenge_method is supported"
	}
	if b, err := base64.RawURLEncoding.Strict().DecodeString(challenge); err != nil || len(b) != 32 {
		return "code_challenge is not an S256 digest"
	}
	r.CodeChallenge = challenge
	return ""
}

// single gives the value of a parameter present exactly once and not empty.
func single(q url.Values, key string) (string, bool) {
	v := q[key]
	if len(v) != 1 || v[0] == "" {
		return "", false
	}
	return v[0], true
}

// wellFormed accepts what can be stored and returned unchanged: at most 512
// characters of UTF-8 without control characters.
func wellFormed(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxParam && !strings.ContainsFunc(s, unicode.IsControl)
}

func oneOf(s string, list ...string) bool { return slices.Contains(list, s) }
