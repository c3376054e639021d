package signature_test

import (
	"net/http"
	"net/url"
	"testing"

	"aidantsconnect/internal/demarche"
)

// The récapitulatif names a person; a connection started again in another tab
// brings another one. What was certified for the first is not signed for the
// second (FS-33).
func TestIdentityChangedInAnotherTab(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		first := n.recap("nom_usage", "MONTH", demarche.Papiers)
		second := n.press(first, "Ce n’est pas cette personne", nil)
		for _, step := range []struct {
			button string
			typed  url.Values
		}{{"Compte de démonstration", nil}, {"Se connecter", url.Values{"personne": {"ordinaire"}}}, {"Continuer", nil}} {
			second = n.press(second, step.button, step.typed)
		}
		n.logout(second).want(t, http.StatusOK, "Récapitulatif du mandat")
		certified := url.Values{"identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {b.nextCode(alix)}}
		again := n.press(first, "Signer", certified).want(t, http.StatusUnprocessableEntity, "Une autre personne s’est connectée")
		if k := b.count(`SELECT count(*) FROM mandat`); k != 0 {
			t.Fatal("a mandat was signed for somebody the page did not name")
		}
		n.press(again, "Signer", certified).want(t, http.StatusOK, "Le mandat est enregistré")
	})
}
