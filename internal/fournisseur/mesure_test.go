package fournisseur_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/testkit"
)

// Each use is counted once, with how it ended and why.
func TestUsesAreCounted(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		got := map[string]int{}
		m.h.Mesure = func(i fournisseur.Issue, why fournisseur.Motif) { got[string(i)+" "+string(why)]++ }
		code := m.browser("claire").code(demarche.Papiers)
		tokens := m.tokens(code)
		m.fc().expect(m.userinfo(tokens.AccessToken), 200)
		m.fc().expect(m.userinfo(tokens.AccessToken), 200) // repeated: the same use
		m.refused(m.exchange("inconnu"), 400, "invalid_grant")
		m.refused(m.exchange(code), 400, "invalid_grant") // replayed: it ends the use
		m.refused(m.userinfo(tokens.AccessToken), 401, "invalid_token")

		code = m.browser("claire").code(demarche.Papiers)
		m.exec(`UPDATE aidant SET actif = false`)
		m.refused(m.exchange(code), 400, "invalid_grant")
		want := map[string]int{
			"servie ": 1, "refusee_code ": 1, "refusee_code code_rejoue": 1, "refusee_jeton ": 1, "refusee_code aidant_inactif": 1,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
