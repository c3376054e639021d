package aidant_test

import (
	"net/http"
	"net/url"
	"testing"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The terms change while somebody reads them: what is recorded is what was
// shown, so the new ones are shown first (A-W14).
func TestTermsChangedWhileRead(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Aidant(t, "nadia")
	link, err := p.DemanderLien()
	ok(t, err)
	ok(t, p.Ouvrir(link))
	ok(t, p.Envoyer(demo.Vers("/code/"), nil))
	ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/valider-cgu"))
	ok(t, p.Envoyer(demo.Avec("cgu"), url.Values{"cgu": {"oui"}, "version": {"0.1"}}))
	if p.Statut != http.StatusUnprocessableEntity || !p.Contient("a changé pendant votre lecture") {
		t.Errorf("%d %q", p.Statut, p.Titre())
	}
	accepted := func() (n int) {
		ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM acceptation WHERE document = $1`, string(aidant.DocumentCGU)).Scan(&n)
		}))
		return n
	}
	if accepted() != 0 {
		t.Error("terms that were not shown are recorded as accepted")
	}
	ok(t, p.Envoyer(demo.Avec("cgu"), url.Values{"cgu": {"oui"}}))
	if accepted() != 1 {
		t.Error("the terms shown are not recorded")
	}
}
