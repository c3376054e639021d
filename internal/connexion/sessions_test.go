package connexion_test

import (
	"context"
	"testing"
	"time"

	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// seesHome tells whether the browser is still signed in.
func seesHome(t *testing.T, p *demo.Parcours) bool {
	t.Helper()
	ok(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/"))
	return p.URL.Path == "/espace-aidant/"
}

func sessionsOf(t *testing.T, m *testkit.Monde, p *demo.Parcours) (ids []ident.SessionID) {
	t.Helper()
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		rows, err := tx.Query(t.Context(), `SELECT s.id FROM session_web s JOIN aidant a ON a.id = s.aidant_id WHERE a.email = $1 ORDER BY s.id`, p.Compte.Courriel)
		ids, err = db.Collect(rows, err, func(s db.Scanner) (id ident.SessionID, err error) { return id, s.Scan(&id) })
		return err
	}))
	return ids
}

func idOf(t *testing.T, m *testkit.Monde, p *demo.Parcours) (id ident.AidantID) {
	t.Helper()
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id FROM aidant WHERE email = $1`, p.Compte.Courriel).Scan(&id)
	}))
	return id
}

// The events of comptes 4.1 close the sessions at once, and void a link on its way.
func TestCloseAllAndOthers(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		first := m.Connecte(t, "nadia")
		m.Horloge.Avancer(time.Minute)
		second, claire := m.Connecte(t, "nadia"), m.Connecte(t, "claire")
		id, keep := idOf(t, m, first), sessionsOf(t, m, first)
		act := func(f func(context.Context, *db.Tx) error) {
			ok(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx) }))
		}
		m.Horloge.Avancer(time.Minute)
		waiting := m.Aidant(t, "nadia")
		link := askLink(t, waiting)
		act(func(ctx context.Context, tx *db.Tx) error { return connexion.CloseOthers(ctx, tx, id, keep[1]) })
		if seesHome(t, first) || !seesHome(t, second) || !seesHome(t, claire) {
			t.Error("not the other sessions of the account, and they alone, were closed")
		}
		ok(t, waiting.Ouvrir(link))
		shows(t, waiting, 410, "Ce lien de connexion ne fonctionne plus")
		act(func(ctx context.Context, tx *db.Tx) error { return connexion.CloseAll(ctx, tx, id) })
		if seesHome(t, second) || !seesHome(t, claire) {
			t.Error("not every session of the account, and they alone, was closed")
		}
	})
}
