package fournisseur_test

import (
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/testkit"
)

// Somebody who takes the challenge out of the request must not turn PKCE off
// for a client that sends its verifier (RFC 9700 §2.1.1, §4.8.2).
func TestVerifierWithoutChallenge(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		code := m.browser("claire").code(demarche.Papiers)
		m.refused(m.exchange(code, "code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), 400, "invalid_grant")
		m.tokens(code)
	})
}
