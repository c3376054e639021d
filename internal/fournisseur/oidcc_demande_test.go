package fournisseur_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// ignored is a module about a parameter that changes nothing (FI-13).
func ignored(t *testing.T, changes ...string) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.succeeds(changes...)
		if c.codes > 0 {
			t.Error("a code was asked")
		}
	})
}

func TestOidcc_oidcc_display_page(t *testing.T) { ignored(t, "display", "page") }

func TestOidcc_oidcc_display_popup(t *testing.T) { ignored(t, "display", "popup") }

func TestOidcc_oidcc_login_hint(t *testing.T) { ignored(t, "login_hint", "bob@example.com") }

func TestOidcc_oidcc_ui_locales(t *testing.T) { ignored(t, "ui_locales", "se") }

func TestOidcc_oidcc_claims_locales(t *testing.T) { ignored(t, "claims_locales", "se") }

func TestOidcc_oidcc_ensure_request_with_unknown_parameter_succeeds(t *testing.T) {
	ignored(t, "extra", "foobar")
}

// Whatever level is asked, eidas1 is what we assert: checkIDToken compares it.
func TestOidcc_oidcc_ensure_request_with_acr_values_succeeds(t *testing.T) {
	var doc struct {
		ACR []string `json:"acr_values_supported"`
	}
	oidcc(t, func(t *testing.T, c *conformite) {
		check(t, json.Unmarshal(c.fc().get("/.well-known/openid-configuration").Body.Bytes(), &doc))
		for _, acr := range append(doc.ACR, "eidas3 1 2") {
			c.succeeds("acr_values", acr)
		}
	})
}

// An address nobody registered receives nothing, not even an error.
func TestOidcc_oidcc_ensure_registered_redirect_uri(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		registered := c.r.RedirectURIs[0]
		other := c.h.Clients[0].RedirectURIs[0]
		if c.r.ClientID == c.h.Clients[0].ClientID {
			other = c.h.Clients[1].RedirectURIs[0] // registered, by another client
		}
		for _, uri := range []string{registered + "/faux", registered + "&a=b", "https://evil.example/", other, "-", ""} {
			w := c.n.get("/authorize/?" + c.params("redirect_uri", uri).Encode())
			if to := c.n.expect(w, 400); to != "" || !strings.Contains(plain(w.Body.String()), "n'est pas reconnue") {
				t.Errorf("%s: sent to %q", uri, to)
			}
		}
	})
}

// The same request by POST from the client's site, without cookie, goes on by
// a GET of ours that has it (FI-14).
func TestOidcc_oidcc_ensure_post_request_succeeds(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		session := c.n.cookies["__Host-session"]
		delete(c.n.cookies, "__Host-session") // SameSite=Lax
		to := c.n.expect(c.n.do("POST", "/authorize/", c.params(), "Origin", "https://fc.example", "Sec-Fetch-Site", "cross-site"), 303)
		if strings.Contains(to, "nonce") || strings.Contains(to, "state") {
			t.Errorf("the request is in the address: %s", to)
		}
		c.n.cookies["__Host-session"] = session
		c.delivers(c.redeem(c.walk(c.n.expect(c.n.get(to), 303)).Get("code")), "profile", "email", "birth")
	})
}

func TestOidcc_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.refusedWith("request_uri_not_supported", "request_uri", "https://essai.example/objet.jwt#x")
	})
}

// objet is an unsigned request object.
func objet(claims string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(`{"alg":"none"}`)) + "." + e([]byte(claims)) + "."
}

func TestOidcc_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.refusedWith("request_not_supported", "request", objet(`{"state":"autre"}`))
	})
}

// The answer goes to the address of the request, never to that of the object.
func TestOidcc_oidcc_ensure_request_object_with_redirect_uri(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.refusedWith("request_not_supported", "request", objet(`{"redirect_uri":"https://evil.example/"}`))
		inside := objet(`{"redirect_uri":"` + c.r.RedirectURIs[0] + `"}`)
		w := c.n.get("/authorize/?" + c.params("redirect_uri", "https://evil.example/", "request", inside).Encode())
		if to := c.n.expect(w, 400); to != "" {
			t.Errorf("sent to %s", to)
		}
	})
}
