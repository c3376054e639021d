package gestion_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
)

// refuseur is a sender that refuses for good.
type refuseur struct{}

func (refuseur) Envoyer(context.Context, outbox.Courriel) error {
	return &outbox.Echec{Nature: "destinataire_refuse", Definitif: true}
}

// The texts can be read before they leave.
func TestModeles(t *testing.T) {
	each(t, func(m *monde) {
		m.page("mona", gestion.CheminModeles, http.StatusOK, "E-45", "un rôle dans l’équipe")
		m.page("mona", gestion.CheminModeles+"E-45/", http.StatusOK, "Bonjour Camille,", "Administration métier", "Votre rôle dans l’équipe du service a été retiré")
		m.page("mona", gestion.CheminModeles+"E-99/", http.StatusNotFound)
		m.page("alix", gestion.CheminModeles, http.StatusNotFound)
	})
}

// A message given up is shown without what it says, and sent again with a
// reason (A-W57).
func TestMessages(t *testing.T) {
	each(t, func(m *monde) {
		link := "https://essais.example/code/secret-du-lien"
		queue := func(cle string, peremption time.Duration) {
			msg := outbox.Message{Cle: cle, Genre: "E-01", Destinataire: "alix@grandchaumet.example.org", Sujet: "Lien de connexion", Texte: link}
			m.update(func(tx *db.Tx) error {
				if peremption > 0 {
					msg.Peremption = tx.Now.Add(peremption)
				}
				return m.Outbox.Queue(t.Context(), tx, msg)
			})
			m.clock.Advance(time.Millisecond)
		}
		queue("E-01/1", 0)
		queue("E-01/2", time.Minute)
		good := m.Outbox.Expediteur
		m.Outbox.Expediteur = refuseur{}
		_, err := m.Outbox.Deliver(t.Context())
		ok(t, err)
		m.Outbox.Expediteur = good
		queue("E-01/3", 0)
		m.clock.Advance(time.Hour)
		m.page("mona", gestion.Chemin, http.StatusOK, "2 messages abandonnés", "Des messages attendent depuis 1 h")
		body := m.page("mona", gestion.CheminMessages+"?situation=mort", http.StatusOK, "…@grandchaumet.example.org", "Abandonné", "Les SMS ne sont pas configurés")
		if strings.Contains(body, "alix@") || strings.Contains(body, "secret-du-lien") || strings.Contains(body, "Lien de connexion") {
			t.Error("the page shows whom or what")
		}
		m.page("mona", gestion.CheminMessages+"?situation=envoye", http.StatusOK, "Aucun message.")
		m.page("mona", gestion.CheminMessages+"?situation=%3Cx&genre=E-01&apres=zut", http.StatusOK, "Modèle E-01 seulement")
		ids := map[string]string{}
		for _, cle := range []string{"E-01/1", "E-01/2", "E-01/3"} {
			ok(t, m.d.View(t.Context(), func(tx *db.Tx) error {
				var id ident.MessageID
				err := tx.QueryRow(t.Context(), `SELECT id FROM message WHERE cle = $1`, cle).Scan(&id)
				ids[cle] = gestion.CheminMessages + id.String() + "/"
				return err
			}))
		}
		body = m.page("mona", ids["E-01/1"], http.StatusOK, "l’adresse du destinataire est refusée", "Renvoyer ce message")
		if strings.Contains(body, "secret-du-lien") {
			t.Error("the text is shown")
		}
		if body := m.page("mona", ids["E-01/2"], http.StatusOK); strings.Contains(body, "Renvoyer ce message") {
			t.Error("a dead link is offered again")
		}
		send := func(cle, motif string, status int) {
			t.Helper()
			if w := m.do("mona", http.MethodPost, ids[cle], url.Values{"motif": {motif}}); w.Code != status {
				t.Errorf("%s: %d, want %d", cle, w.Code, status)
			}
		}
		send("E-01/1", "", http.StatusUnprocessableEntity)
		send("E-01/2", "demande", http.StatusConflict)
		send("E-01/3", "demande", http.StatusConflict)
		send("E-01/1", "demande", http.StatusSeeOther)
		send("E-01/1", "demande", http.StatusConflict)
		if n, err := m.Outbox.Deliver(t.Context()); err != nil || n != 2 {
			t.Errorf("%d delivered, %v", n, err)
		}
		if n := m.count(`SELECT count(*) FROM acte_gestion WHERE acte = 'relance' AND message_id IS NOT NULL`); n != 1 {
			t.Errorf("%d reasons kept", n)
		}
		m.page("mona", gestion.CheminMessages+ident.New[ident.MessageID]().String()+"/", http.StatusNotFound)
	})
}
