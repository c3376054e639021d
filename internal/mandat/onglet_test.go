package mandat_test

import (
	"fmt"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

// The tab in SQL is the tab of the rules, to the millisecond, and the seuils
// are those of the rules.
func TestOngletInSQL(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		now := clock.Now()
		for i, s := range mandat.Situations {
			m := b.Load(0, b.stored(s, b.Usager(fmt.Sprint("sub", i), "VASSELIN"), now).ID)
			var onglet string
			var remplace, bientot bool
			err := d.View(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(t.Context(), `SELECT `+mandat.OngletSQL+`, `+mandat.RemplaceSQL+`, m.date_expiration < $4 FROM mandat m WHERE m.organisation_id = $1 AND m.id = $5`,
					b.Orgs[0].ID, tx.Now, mandat.SeuilVisible(tx.Now), mandat.SeuilBientot(tx.Now), m.ID).Scan(&onglet, &remplace, &bientot)
			})
			if err != nil {
				t.Fatal(err)
			}
			if onglet != string(m.Onglet(now)) || remplace != m.Replaced() || m.Active(now) && bientot != m.ExpiresSoon(now) {
				t.Errorf("%s: tab %q, want %q; replaced %v, soon %v", s.Nom, onglet, m.Onglet(now), remplace, bientot)
			}
		}
	})
}
