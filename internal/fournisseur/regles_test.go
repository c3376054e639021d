package fournisseur_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/testkit"
)

// FI-25: every page of ours says whose it is, where help is, and offers to go
// back to who asked; none shows a mark of FranceConnect.
func TestEveryPageLeadsBack(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		id := n.demande()
		pages := map[string]string{"person": n.get("/select_usager/?demande=" + id).Body.String()}
		pages["démarche"] = n.get(n.expect(n.choose(id, m.odile.ID), 303)).Body.String()
		pages["refusal"] = n.act(id, demarche.Justice).Body.String()
		other := n.demande("claims", `{"id_token":{"rep_scope":{"values":["Justice"]}}}`)
		pages["no démarche"] = n.get(n.expect(n.choose(other, m.odile.ID), 303)).Body.String()
		for name, body := range pages {
			for _, want := range []string{"Aidants Connect", "aide@aidants.example", "Revenir à FranceConnect", `name="viewport"`} {
				if !strings.Contains(body, want) {
					t.Errorf("%s lacks %q", name, want)
				}
			}
			if regexp.MustCompile(`(?i)<img[^>]*franceconnect`).MatchString(body) {
				t.Errorf("%s shows a mark of FranceConnect", name)
			}
		}
	})
}

// FI-47: the sub is printable, the same in both answers and at each use, ours
// alone; a person known by another one keeps it.
func TestSubIsOursAndStays(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		use := func() string {
			t.Helper()
			tokens := m.tokens(m.browser("claire").code(demarche.Papiers))
			sub, _ := m.claims(tokens.IDToken)["sub"].(string)
			if got := m.claims(m.userinfo(tokens.AccessToken).Body.String())["sub"]; got != sub {
				t.Errorf("two different sub: %v, %s", got, sub)
			}
			return sub
		}
		first := use()
		if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(first) || first != use() {
			t.Errorf("sub %q", first)
		}
		m.exec(`UPDATE usager SET sub = 'importe-42' WHERE id = $1`, m.odile.ID)
		if got := use(); got != "importe-42" {
			t.Errorf("an imported sub became %q", got)
		}
	})
}

// FI-56: what is asserted is the snapshot of the mandat, not what the person
// became since; a new mandat asserts the new identity.
func TestTheSnapshotIsAsserted(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		changed := ordinaire
		changed.FamilyName, changed.Email = "CHASTELLOR", "autre@example.org"
		family := func(k demarche.Demarche) any {
			t.Helper()
			return m.claims(m.userinfo(m.tokens(m.browser("claire").code(k)).AccessToken).Body.String())["family_name"]
		}
		u := m.odile
		u.Identite = changed
		clock.Advance(time.Minute)
		m.a.DateOTP = clock.Now()
		m.sign(m.a, u, demarche.Justice)
		if old, now := family(demarche.Papiers), family(demarche.Justice); old != "VASSELIN" || now != "CHASTELLOR" {
			t.Errorf("asserted %v, then %v", old, now)
		}
	})
}

// FI-65: the public documents need no database and have no rate limit; FI-66:
// they say where each other is.
func TestPublicDocumentsNeedNothing(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	h := *m.h
	h.DB = nil
	m.mux = m.serve(&h)
	for range 500 {
		for _, path := range []string{"/jwks", "/.well-known/openid-configuration"} {
			w := m.fc().get(path)
			if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=60" {
				t.Fatalf("%s: %d %v", path, w.Code, w.Header())
			}
		}
	}
}
