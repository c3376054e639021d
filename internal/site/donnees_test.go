package site_test

import (
	"slices"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/site"
	"aidantsconnect/internal/testkit"
)

// The page on personal data says everything that the database holds of an
// account: each column of aidant, each table that names one (A-W83).
func TestPrivacyPageFollowsTheSchema(t *testing.T) {
	d := testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
	var told []string
	for _, line := range site.DonneesComptes {
		told = append(told, line.Lieux...)
		if line.Quoi == "" || line.Pourquoi == "" || line.Duree == "" {
			t.Errorf("%+v says nothing", line)
		}
	}
	type column struct{ table, name string }
	var all []column
	err := d.View(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid`)
		all, err = db.Collect(rows, err, func(s db.Scanner) (c column, err error) { return c, s.Scan(&c.table, &c.name) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, c := range all {
		exists[c.table], exists[c.table+"."+c.name] = true, true
		switch {
		case c.table == "aidant" && c.name != "id" && !slices.Contains(told, "aidant."+c.name):
			t.Errorf("the page does not tell of aidant.%s: add it to DonneesComptes, with its purpose and its duration", c.name)
		case c.name == "aidant_id" && !slices.Contains(told, c.table):
			t.Errorf("the page does not tell of the table %s, which names accounts: add it to DonneesComptes, with its purpose and its duration", c.table)
		}
	}
	for _, place := range told {
		if !exists[place] {
			t.Errorf("the page tells of %s, which does not exist", place)
		}
	}
}
