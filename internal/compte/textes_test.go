package compte_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// A new version of the terms: told by mail once, by a band until the delay
// ends, then asked before anything else (A-W14, E-49).
func TestNewVersion(t *testing.T) {
	publication, blocage := testkit.Start.Add(24*time.Hour), testkit.Start.Add(15*24*time.Hour)
	textes := append(aidant.Recueil{}, aidant.Textes...)
	textes = append(textes, aidant.Texte{Document: aidant.DocumentCGU, Version: "9.0", HTML: "<p>Nouvelles conditions d'essai.</p>", Date: publication, Blocage: blocage})
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			m := testkit.NewMondeTextes(t, dialect, textes)
			p := m.Connecte(t, "nadia")
			announce := func() (n int) {
				for range 2 { // a task may run twice
					_, err := m.Server.Comptes.AnnounceTexts(t.Context(), m.Server.DB)
					ok(t, err)
				}
				ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
					return tx.QueryRow(t.Context(), `SELECT count(*) FROM message WHERE genre = 'E-49'`).Scan(&n)
				}))
				return n
			}
			if n := announce(); n != 0 {
				t.Errorf("%d mails before the publication", n)
			}
			open := func(path string) {
				t.Helper()
				ok(t, p.Ouvrir(m.Adresses.App+path))
			}
			m.Horloge.Fixer(publication)
			if n := announce(); n != 1 {
				t.Errorf("%d mails for one person who signed", n)
			}
			ok(t, p.SeConnecterSansSigner())
			open("/espace-aidant/creation_mandat/")
			if p.Statut != http.StatusOK || !p.Contient("a changé") || !p.Contient("avant le 17 mars 2026") {
				t.Errorf("no band: %d %q", p.Statut, p.Titre())
			}
			m.Horloge.Fixer(blocage)
			ok(t, p.SeConnecterSansSigner())
			open("/espace-aidant/creation_mandat/")
			if !p.Contient("Nouvelles conditions d'essai.") {
				t.Errorf("the delay ended and the space is open: %q", p.Titre())
			}
			ok(t, p.Envoyer(demo.Avec("document"), url.Values{"cgu": {"oui"}}))
			if p.URL.Path != "/espace-aidant/creation_mandat/" || p.Contient("a changé") {
				t.Errorf("after the signature: %q at %s", p.Titre(), p.URL.Path)
			}
			open("/cgu/?version=1.0")
			if !p.Contient("n’est plus celle en vigueur") {
				t.Error("the former version is not readable")
			}
		})
	}
}
