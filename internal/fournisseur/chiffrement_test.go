package fournisseur_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/testkit"
)

// FI-64: when the client's keys cannot be had, nothing leaves in clear, no code
// is spent and no use is counted; the same call succeeds once they can.
func TestNoKeyNoAnswer(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		dest := newDestinataire(t)
		m.h.Clients[0].IDTokenEncAlg, m.h.Clients[0].UserinfoEncAlg = oidc.ECDHES, oidc.RSAOAEP256
		m.h.Clients[0].JWKSURI = dest.URL
		newNode := func() http.Handler {
			h := *m.h
			h.ClesClients = fournisseur.NewClesClients(clock.Now, testkit.Log(t))
			return m.serve(&h)
		}
		down := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		m.mux = newNode()
		code := m.browser("claire").code(demarche.Papiers)
		unavailable := func(w *httptest.ResponseRecorder) {
			t.Helper()
			m.refused(w, 503, "temporarily_unavailable")
		}
		dest.does(down)
		unavailable(m.exchange(code))
		dest.does(nil)
		tokens := m.tokens(code)
		dest.open(t, tokens.IDToken)
		// Another node, which has no key in memory.
		m.mux = newNode()
		dest.does(down)
		before := dest.reads.Load()
		m.refused(m.userinfo("inconnu"), 401, "invalid_token")
		if dest.reads.Load() != before {
			t.Error("a token nobody issued makes us read outside")
		}
		unavailable(m.userinfo(tokens.AccessToken))
		if m.lines("use_autorisation") != 0 {
			t.Error("an identity that was not delivered counts as a use")
		}
		dest.does(nil)
		w := m.userinfo(tokens.AccessToken)
		m.fc().expect(w, 200)
		if plain, h := dest.open(t, w.Body.String()); h.Algorithm != oidc.RSAOAEP256 || m.claims(string(plain))["family_name"] != "VASSELIN" {
			t.Errorf("got %s", plain)
		}
		if m.lines("use_autorisation") != 1 {
			t.Error("the use is not counted")
		}
	})
}
