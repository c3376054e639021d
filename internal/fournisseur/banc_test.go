package fournisseur_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// BenchmarkUse measures full uses, from /authorize to /userinfo, by eight
// aidants at once. Each answer must be good: a transaction given up would show.
func BenchmarkUse(b *testing.B) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		b.Run(string(dialect), func(b *testing.B) {
			clock := testkit.NewClock(testkit.Start)
			m := newMonde(b, testkit.OpenDB(b, dialect, clock), clock)
			org := m.newOrganisation("France Services")
			var us []usager.Usager
			for i := range 8 {
				a := m.newAidant(fmt.Sprint("aidant", i), org)
				u := m.newUsager(fmt.Sprint("sub-", i), ordinaire)
				m.sign(a, u, demarche.Papiers)
				us = append(us, u)
			}
			m.a = m.acteurs["aidant0"]
			var next atomic.Int64
			b.SetParallelism(4) // with two cores: eight goroutines
			b.RunParallel(func(pb *testing.PB) {
				i := int(next.Add(1)-1) % 8
				n := m.browser(fmt.Sprint("aidant", i))
				for pb.Next() {
					id := n.demande()
					n.expect(n.choose(id, us[i].ID), 303)
					tokens := m.tokens(n.codeOf(n.act(id, demarche.Papiers)))
					m.fc().expect(m.userinfo(tokens.AccessToken), 200)
				}
			})
		})
	}
}
