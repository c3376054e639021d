package signature_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
)

// The right to make mandats is lost while the usager is at FranceConnect: the
// session there is closed all the same, and nothing of the person is kept.
func TestRightsLostAtFranceConnect(t *testing.T) {
	for name, lose := range map[string]func(ctx context.Context, tx *db.Tx, b *banc) error{
		"structure closed": func(ctx context.Context, tx *db.Tx, b *banc) error {
			return organisation.SetActive(ctx, tx, b.orgs[0].ID, false)
		},
		"no longer a member": func(ctx context.Context, tx *db.Tx, b *banc) error {
			return aidant.Leave(ctx, tx, b.aidant(ctx, tx, alix), b.orgs[0].ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b *banc, n *navigateur) {
				p := n.press(n.prepare("SHORT", "papiers"), "FranceConnect", nil)
				p = n.press(n.press(p, "Compte de démonstration", nil), "Se connecter", url.Values{"personne": {"ordinaire"}})
				b.act(func(ctx context.Context, tx *db.Tx) error { return lose(ctx, tx, b) })
				n.logout(n.press(p, "Continuer", nil)).want(t, http.StatusForbidden)
				if k := b.count(`SELECT count(*) FROM usager`); k != 0 {
					t.Error("an identity was received")
				}
				if k := b.count(`SELECT count(*) FROM dossier_signature WHERE deconnexion <> 'demandee' OR statut <> 'ouvert'`); k != 0 {
					t.Error("FranceConnect's session was not left")
				}
			})
		})
	}
}

// A membership ended between the gate and the act: the act reads it again.
func TestMembershipEndedUnderTheAct(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		id, _ := ident.Parse[ident.DossierID](n.recap("ordinaire", "SHORT", "papiers").url.Query().Get("dossier"))
		var a actor.Actor
		b.act(func(ctx context.Context, tx *db.Tx) error {
			err := tx.QueryRow(ctx, `SELECT id, aidant_id, organisation_id FROM session_web`).Scan(&a.Session, &a.Aidant, &a.Organisation)
			if err != nil {
				return err
			}
			return aidant.Leave(ctx, tx, a.Aidant, a.Organisation)
		})
		if err := b.h.Conclude(t.Context(), a, id, b.nextCode(alix)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("concluded for a structure left meanwhile: %v", err)
		}
	})
}
