package signature_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/testkit"
)

// The logout modules of the OpenID certification suite for clients (§18.3):
// the page that receives the return of the logout is here, so are its tests.

// deconnexion plays a leg up to FranceConnect's last page, and gives the
// request of the logout and the return that the browser is about to follow.
func (b *banc) deconnexion(n *navigateur) (demande url.Values, retour *url.URL) {
	b.t.Helper()
	n.c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		switch {
		case strings.HasSuffix(r.URL.Path, "/session/end"):
			demande = r.URL.Query()
		case r.URL.Path == signature.CheminDeconnexion:
			return http.ErrUseLastResponse
		}
		return nil
	}
	defer func() { n.c.CheckRedirect = nil }()
	p := n.identify(n.prepare("SHORT", "papiers"), "ordinaire")
	p = n.press(p, "", nil)
	retour, err := url.Parse(p.header.Get("Location"))
	if err != nil || retour.Path != signature.CheminDeconnexion {
		b.t.Fatalf("the logout does not come back: %d %s", p.status, p.url)
	}
	return demande, retour
}

// FranceConnect is logged out of with our own ID token, the registered address
// and a fresh state; the return that brings it back leads to the recap.
func TestOidcc_oidcc_client_test_rp_init_logout(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		demande, retour := b.deconnexion(n)
		if len(demande) != 3 || demande.Get("post_logout_redirect_uri") != b.origine+signature.CheminDeconnexion || len(demande.Get("state")) < 32 {
			t.Errorf("end-session parameters %v", len(demande))
		}
		var hint struct {
			Iss string `json:"iss"`
			Aud string `json:"aud"`
		}
		parts := strings.Split(demande.Get("id_token_hint"), ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
		if err != nil || json.Unmarshal(payload, &hint) != nil || hint.Iss != b.sim.Issuer() || hint.Aud != "fs" {
			t.Errorf("the hint is not the ID token: %v", err)
		}
		if retour.Query().Get("state") != demande.Get("state") {
			t.Error("another state came back")
		}
		p := n.do(http.MethodGet, retour.String(), nil).want(t, http.StatusOK, "Récapitulatif")
		if strings.Contains(p.text, ditDeconnexion) || strings.Contains(p.text, ditSession) {
			t.Error("a warning after a complete logout")
		}
	})
}

// FS-35: the recap is still shown, with the warning, and the event is logged.
func retourSuspect(t *testing.T, change func(url.Values)) {
	t.Helper()
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		log, lines := testkit.LogLines(t)
		b.h.Log = log
		_, retour := b.deconnexion(n)
		q := retour.Query()
		change(q)
		retour.RawQuery = q.Encode()
		n.do(http.MethodGet, retour.String(), nil).want(t, http.StatusOK, "Récapitulatif", ditDeconnexion, "Réessayer la déconnexion")
		if !strings.Contains(lines(), "franceconnect logout not confirmed") {
			t.Error("the event is not logged")
		}
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE statut = 'pret' AND id_token_chiffre IS NOT NULL`); k != 1 {
			t.Errorf("the hint is lost: the logout cannot be tried again (%d)", k)
		}
		if k := b.count(`SELECT count(*) FROM mandat`); k != 0 {
			t.Error("the return created something")
		}
	})
}

func TestOidcc_oidcc_client_test_rp_init_logout_other_state(t *testing.T) {
	retourSuspect(t, func(q url.Values) { q.Set("state", strings.Repeat("0", 64)) })
}

func TestOidcc_oidcc_client_test_rp_init_logout_no_state(t *testing.T) {
	retourSuspect(t, func(q url.Values) { q.Del("state") })
}
