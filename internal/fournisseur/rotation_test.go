package fournisseur_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/testkit"

	"github.com/go-jose/go-jose/v4"
)

// noeud is another process on the same database: its own keys in memory.
type noeud struct {
	cles *cle.Trousseau
	mux  http.Handler
}

func (m *monde) node() noeud {
	m.t.Helper()
	h := *m.h
	keys, err := cle.Open(m.t.Context(), m.d, h.Temoins)
	check(m.t, err)
	h.Cles = keys
	return noeud{keys, m.serve(&h)}
}

// FI-62: over a whole rotation, with uses going on through two nodes that learn
// of it at different times, whoever keeps our /jwks for less than 15 min always
// finds there the key that signed, and every token is still a good hint.
func TestNothingBreaksDuringARotation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		nodes := []noeud{m.node(), m.node()}
		n := m.browser("claire")
		type reading struct {
			at  time.Time
			set jose.JSONWebKeySet
		}
		var kept []reading // what clients hold, the oldest 15 min old
		kids := map[string]int{}
		var hints []string
		use := func(node noeud) {
			t.Helper()
			m.a.DateOTP = clock.Now()
			m.mux = node.mux
			tokens := m.tokens(n.code(demarche.Papiers))
			body := m.userinfo(tokens.AccessToken).Body.String()
			for _, raw := range []string{tokens.IDToken, body} {
				jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.ES256})
				check(t, err)
				kid := jws.Signatures[0].Protected.KeyID
				kids[kid]++
				for _, r := range kept {
					keys := r.set.Key(kid)
					if len(keys) != 1 || keys[0].Use != "sig" || keys[0].Algorithm != "ES256" {
						t.Fatalf("%v: signed by a key that /jwks did not give at %v", clock.Now(), r.at)
					}
					if _, err := jws.Verify(keys[0]); err != nil {
						t.Fatal(err)
					}
				}
			}
			hints = append(hints, tokens.IDToken)
		}
		minute := func(i int) {
			clock.Advance(time.Minute)
			// The second node is as late as it may be: it reloads after the
			// first has promoted and used the new key.
			if _, err := nodes[0].cles.Promote(t.Context()); err != nil {
				t.Fatal(err)
			}
			use(nodes[i%2])
			check(t, nodes[1].cles.Reload(t.Context()))
			for _, node := range nodes {
				m.mux = node.mux
				var set jose.JSONWebKeySet
				check(t, json.Unmarshal(m.fc().get("/jwks").Body.Bytes(), &set))
				kept = append(kept, reading{clock.Now(), set})
			}
			for clock.Now().Sub(kept[0].at) >= 15*time.Minute {
				kept = kept[1:]
			}
		}
		for i := range 16 {
			minute(i)
		}
		operator := m.node()
		_, _, err := operator.cles.Rotate(t.Context(), cle.FiES256)
		check(t, err)
		for i := range 40 {
			minute(i)
		}
		if len(kids) != 2 {
			t.Errorf("%d keys signed, want 2: %v", len(kids), kids)
		}
		if got := len(kept[len(kept)-1].set.Keys); got != 2 {
			t.Errorf("%d keys published after the change, want 2", got)
		}
		clock.Advance(24 * time.Hour)
		minute(0)
		if got := len(kept[len(kept)-1].set.Keys); got != 1 {
			t.Errorf("%d keys published a day later, want 1", got)
		}
		// FI-70: the token of a former key ends its connection all the same.
		q := url.Values{"id_token_hint": {hints[0]}, "post_logout_redirect_uri": {goodbye}}
		if to := n.expect(n.get("/logout/?"+q.Encode()), 303); to != goodbye {
			t.Errorf("an old token led to %q", to)
		}
	})
}
