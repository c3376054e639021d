// Package fault names the kinds of refusal the program knows and is the only
// place where a kind becomes an HTTP status. Every error that is not a *Error
// is opaque: the edge answers 500 with a correlation identifier.
//
// It owns no table and serves no URL.
package fault

import (
	"errors"
	"net/http"
)

// Kind classifies a refusal. The zero Kind is an unexpected failure.
type Kind int

// The kinds, from the most to the least common.
const (
	Internal        Kind = iota // unexpected: 500
	Invalid                     // what was sent is wrong: 422, the form is shown again
	NotFound                    // unknown or not yours, never told apart (M-W31): 404
	Forbidden                   // known to be refused whoever asks again: 403
	Unauthenticated             // nobody is signed in: 401
	Conflict                    // somebody else did it first: 409
	Gone                        // it was there and has ended: 410
	TooMany                     // slow down: 429
	Unavailable                 // try again later: 503
	BadRequest                  // a protocol request that cannot be read: 400
	TooLarge                    // more than the size limit: 413
)

var statuses = map[Kind]int{
	Internal:        http.StatusInternalServerError,
	Invalid:         http.StatusUnprocessableEntity,
	NotFound:        http.StatusNotFound,
	Forbidden:       http.StatusForbidden,
	Unauthenticated: http.StatusUnauthorized,
	Conflict:        http.StatusConflict,
	Gone:            http.StatusGone,
	TooMany:         http.StatusTooManyRequests,
	Unavailable:     http.StatusServiceUnavailable,
	BadRequest:      http.StatusBadRequest,
	TooLarge:        http.StatusRequestEntityTooLarge,
}

// Fields holds one French message per form field, keyed by the field's name
// as written in the form ("duree", "otp_token"). These are shown as they are.
type Fields map[string]string

// Error is a refusal with a reason. Reason is a stable lower-case word for
// logs, metrics and tests ("deja_signe"); it is never shown. Fields are shown.
type Error struct {
	Kind   Kind
	Reason string
	Fields Fields
	Err    error // what was underneath, for the log
}

// New makes a refusal of the given kind.
func New(k Kind, reason string) *Error { return &Error{Kind: k, Reason: reason} }

// Wrap makes a refusal that keeps its cause for the log.
func Wrap(k Kind, reason string, err error) *Error { return &Error{Kind: k, Reason: reason, Err: err} }

// Form makes an Invalid refusal that carries one message per field.
func Form(f Fields) *Error { return &Error{Kind: Invalid, Reason: "formulaire", Fields: f} }

// Error implements error, in English, for logs only.
func (e *Error) Error() string {
	s := "refused: " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf finds the kind of any error; Internal when it has none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// ReasonOf finds the reason of any error; "" when it has none.
func ReasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ""
}

// Is tells whether err is a refusal of this kind.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// FieldsOf gives the field messages of a refusal, nil when there are none.
func FieldsOf(err error) Fields {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

// Status gives the HTTP status of a kind.
func Status(k Kind) int { return statuses[k] }
