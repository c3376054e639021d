package web

import (
	"net/http"
	"time"
)

// prefix makes the browser refuse the cookie unless it is Secure, for this
// host only, for every path (RFC 6265bis §4.1.3.2). Chromium and Go accept it
// over http on localhost and *.localhost.
const prefix = "__Host-"

// SetCookie gives a cookie that scripts cannot read and that other sites'
// forms do not send. Lax and not Strict, because the return from FranceConnect
// comes from another site (FC-06). age 0 keeps it until the browser closes.
func SetCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: prefix + name, Value: value, Path: "/", MaxAge: int(age / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Cookie reads a cookie given by SetCookie; "" when there is none.
func Cookie(r *http.Request, name string) string {
	c, err := r.Cookie(prefix + name)
	if err != nil {
		return ""
	}
	return c.Value
}

// messageCookie carries one word from an act to the page after its redirect.
const messageCookie = "message"

// SetMessage leaves a word ("mandat_cree") for the next page, which chooses
// its sentence from a closed list: the cookie never holds text to be shown.
func SetMessage(w http.ResponseWriter, word string) {
	SetCookie(w, messageCookie, word, time.Minute)
}

// TakeMessage reads the word and takes it back; "" when there is none.
func TakeMessage(w http.ResponseWriter, r *http.Request) string {
	word := Cookie(r, messageCookie)
	if word != "" {
		ClearCookie(w, messageCookie)
	}
	return word
}

// ClearCookie takes it back.
func ClearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{
		Name: prefix + name, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
