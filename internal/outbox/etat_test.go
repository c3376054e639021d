package outbox_test

import (
	"errors"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/testkit"
)

// The team sees where messages stand, and neither what they say nor to whom.
func TestSituations(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		p := &postman{then: func(c outbox.Courriel) error {
			switch c.A {
			case "rolande.soft@example.org":
				return &outbox.Echec{Nature: "connexion"}
			case "rolande.hard@example.org":
				return &outbox.Echec{Nature: "destinataire_refuse", Definitif: true}
			}
			return nil
		}}
		o := openSMS(t, d, &operator{}, 5)
		o.Expediteur = p
		for _, cle := range []string{"sent", "soft", "hard"} {
			queue(t, d, o, message(cle))
			clock.Advance(time.Millisecond)
		}
		queue(t, d, o, textMessage("1"))
		deliver(t, o, 2)
		queue(t, d, o, message("waits"))
		var dead outbox.Etat
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			for s, want := range map[outbox.Situation]string{outbox.EnAttente: "…@example.org", outbox.EnEchec: "…@example.org", outbox.Mort: "…@example.org", "": ""} {
				list, more, err := o.List(t.Context(), tx, outbox.Filtre{Situation: s})
				if err != nil {
					return err
				}
				if n := len(list); more || s != "" && (n != 1 || list[0].Vers != want || list[0].Situation != s) || s == "" && n != 5 {
					t.Errorf("%q: %+v", s, list)
				}
				if s == outbox.Mort && len(list) == 1 {
					dead = list[0]
				}
			}
			list, _, err := o.List(t.Context(), tx, outbox.Filtre{Genre: "S-01"})
			if err != nil || len(list) != 1 || list[0].Vers != "…71" || list[0].Canal != "sms" {
				t.Errorf("text messages: %+v, %v", list, err)
			}
			first, more, err := o.List(t.Context(), tx, outbox.Filtre{Limite: 3})
			if err != nil || len(first) != 3 || !more {
				t.Errorf("first page: %d, %v, %v", len(first), more, err)
			}
			rest, more, err := o.List(t.Context(), tx, outbox.Filtre{Limite: 3, Avant: first[2].ID})
			if err != nil || len(rest) != 2 || more || rest[0].ID == first[2].ID {
				t.Errorf("second page: %d, %v, %v", len(rest), more, err)
			}
			one, err := o.Read(t.Context(), tx, dead.ID)
			if err != nil || one.Erreur != "destinataire_refuse" || !one.Replayable(tx.Now) {
				t.Errorf("%+v, %v", one, err)
			}
			if _, err := o.Read(t.Context(), tx, ident.New[ident.MessageID]()); !fault.Is(err, fault.NotFound) {
				t.Errorf("an unknown message: %v", err)
			}
			return errors.Join(o.Replay(t.Context(), tx, dead.ID))
		})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := o.Status(t.Context()); err != nil || f.Echecs != 0 {
			t.Errorf("%+v, %v", f, err)
		}
	})
}
