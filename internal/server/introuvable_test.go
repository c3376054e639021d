package server_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"aidantsconnect/internal/testkit"
)

// Whoever asks for one address after another that does not exist waits some
// minutes, whatever node answers; pages that exist still open (A-W7).
func TestGuessedAddresses(t *testing.T) {
	t.Setenv("AC_INTROUVABLES", "5")
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		for range 6 { // early is not wrong: a part of the journal that is not published yet
			for _, path := range []string{"/journal/tile/0/000", "/journal/tile/entries/x999/999.p/3", "/journal/preuve/inclusion?rang=9999999", "/journal/preuve/coherence?de=9999999"} {
				ok(t, p.Ouvrir(m.Adresses.App+path))
				if p.Statut != http.StatusNotFound {
					t.Fatalf("%s: %d", path, p.Statut)
				}
			}
		}
		for i := range 5 {
			ok(t, p.Ouvrir(fmt.Sprintf("%s/rien/%d", m.Adresses.App, i)))
			if p.Statut != http.StatusNotFound {
				t.Fatalf("address %d: %d", i, p.Statut)
			}
		}
		for _, path := range []string{"/rien/5", "/espace-aidant/rien"} {
			ok(t, p.Ouvrir(m.Adresses.App+path))
			if p.Statut != http.StatusTooManyRequests {
				t.Errorf("%s: %d", path, p.Statut)
			}
		}
		ok(t, p.Ouvrir(m.Adresses.App+"/actifs/absent.css"))
		if p.Statut != http.StatusNotFound {
			t.Errorf("a former asset: %d", p.Statut)
		}
		if p = m.Connecte(t, "nadia"); p.URL.Path != "/espace-aidant/" {
			t.Errorf("the neighbours cannot sign in: %s", p.URL)
		}
		m.Horloge.Avancer(3 * time.Minute) // a fifth of the window
		ok(t, p.Ouvrir(m.Adresses.App+"/rien/6"))
		if p.Statut != http.StatusNotFound {
			t.Errorf("after a while: %d", p.Statut)
		}
	})
}
