package oidc

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Refusal is the JSON error answer of a machine endpoint: RFC 6749 §5.2 for
// /token, RFC 6750 §3 for /userinfo. It never carries a page nor personal data.
type Refusal struct {
	Status      int
	Code        string // empty: a Bearer challenge without an error (RFC 6750 §3.1)
	Description string // ASCII
	Challenge   string // WWW-Authenticate
}

// Error implements error.
func (e *Refusal) Error() string { return "protocol refusal: " + e.Code + ": " + e.Description }

// Write answers with the refusal.
func (e *Refusal) Write(w http.ResponseWriter) {
	if e.Challenge != "" {
		w.Header().Set("WWW-Authenticate", e.Challenge)
	}
	WriteJSON(w, e.Status, struct {
		Code        string `json:"error,omitempty"`
		Description string `json:"error_description,omitempty"`
	}{e.Code, e.Description})
}

func badRequest(code, description string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: code, Description: description}
}

// InvalidGrant is the one answer for a code that cannot be redeemed, whatever
// the cause (FI-43).
func InvalidGrant() *Refusal {
	return badRequest("invalid_grant", "the code is unknown, used, expired or was issued otherwise")
}

// InvalidToken is the one answer for an access token that opens nothing (FI-51).
func InvalidToken() *Refusal {
	const d = "the access token is unknown, expired or revoked"
	return &Refusal{
		Status: http.StatusUnauthorized, Code: "invalid_token", Description: d,
		Challenge: `Bearer realm="aidantsconnect", error="invalid_token", error_description=` + strconv.Quote(d),
	}
}

// ServerError is the JSON answer to a failure of ours (FC-02).
func ServerError(status int) *Refusal {
	code := "server_error"
	if status == http.StatusServiceUnavailable {
		code = "temporarily_unavailable"
	}
	return &Refusal{Status: status, Code: code}
}

// TokenAnswer is the body of a successful /token. There is no refresh token
// (FI-45).
type TokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds, the true value
	IDToken     string `json:"id_token"`
}

// WriteJSON answers with a JSON body that nobody keeps (RFC 6749 §5.1).
func WriteJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil { // our own structs: cannot happen
		status, b = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	w.WriteHeader(status)
	_, _ = w.Write(b) // the client left: nobody to tell
}
