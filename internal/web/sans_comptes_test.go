package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A site without accounts (the demo's mailbox) answers strangers who send
// cookies: nobody is signed in, and nothing fails.
func TestMuxWithoutAccounts(t *testing.T) {
	m := NewMux(Config{Now: time.Now})
	r := httptest.NewRequest(http.MethodGet, "/inconnue", nil)
	r.AddCookie(&http.Cookie{Name: "a", Value: "b"})
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}
