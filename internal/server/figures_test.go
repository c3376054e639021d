package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/testkit"
)

// read gives the figures as the operator's tool would.
func read(t *testing.T, m *testkit.Monde) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Server.Metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	b, err := io.ReadAll(w.Body)
	ok(t, err)
	return string(b)
}

// A mandat signed, used and refused moves the figures; none names anybody.
func TestFigures(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	testkit.Says(t, read(t, m), `aidantsconnect_utilisations_total{issue="servie",motif=""} 0`, `aidantsconnect_cle_age_secondes{etat="active",usage="fi_es256"}`)

	p := m.Connecte(t, "nadia")
	_, err := p.Conclure(projet)
	ok(t, err)
	_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
	ok(t, err)
	ok(t, demo.NewNavigateur(p.Transport()).Poster(m.Adresses.App+"/token/", url.Values{
		"grant_type": {"authorization_code"}, "code": {"inconnu"}, "client_id": {"franceconnect-demo"}, "redirect_uri": {"http://x.localhost/"}, "client_secret": {"faux"},
	}))
	out := read(t, m)
	for _, step := range []string{"discovery", "token", "jwks", "userinfo"} {
		testkit.Says(t, out, `aidantsconnect_franceconnect_appel_secondes_count{etape="`+step+`",issue="2xx"} 1`)
	}
	testkit.Says(t, out, `aidantsconnect_utilisations_total{issue="servie",motif=""} 1`, "aidantsconnect_franceconnect_ecart_secondes ")
	for _, line := range strings.Split(out, "\n") {
		if strings.HasPrefix(line, "aidantsconnect_") && regexp.MustCompile(`(?i)vasselin|odile|nadia|famille|papiers|@`).MatchString(line) {
			t.Errorf("a figure names somebody or something: %s", line)
		}
	}
}

// The queue of the messages is told at each reading, and each try is counted.
func TestMessageFigures(t *testing.T) {
	m := testkit.NewMondeSansTaches(t, db.SQLite)
	testkit.Says(t, read(t, m), `aidantsconnect_messages_file{etat="en_file"} 0`, `aidantsconnect_messages_file{etat="abandonne"} 0`,
		"aidantsconnect_message_attente_secondes 0", `aidantsconnect_messages_essais_total{canal="sms",issue="echec"} 0`)
	ok(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		return m.Server.Outbox.Queue(t.Context(), tx, outbox.Message{Cle: "E-01/figures", Genre: "E-01", Destinataire: "a@example.org", Sujet: "Essai", Texte: "Essai.\n"})
	}))
	m.Horloge.Avancer(90 * time.Second)
	testkit.Says(t, read(t, m), `aidantsconnect_messages_file{etat="en_file"} 1`, "aidantsconnect_message_attente_secondes 90")
	_, err := m.Server.Outbox.Deliver(t.Context())
	ok(t, err)
	testkit.Says(t, read(t, m), `aidantsconnect_messages_essais_total{canal="courriel",issue="envoye"} 1`, "aidantsconnect_message_attente_secondes 0")
}
