package fournisseur_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/secret"

	"github.com/google/go-cmp/cmp"
)

func TestOidcc_oidcc_server(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) { c.succeeds() })
}

// The parameters in reverse order, the scopes too.
func TestOidcc_oidcc_alternate_happy_flow(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		q := c.params("scope", "birth email profile openid")
		var raw []string
		for _, k := range []string{"nonce", "state", "scope", "response_type", "redirect_uri", "client_id"} {
			raw = append(raw, k+"="+url.QueryEscape(q.Get(k)))
		}
		answer := c.walk(c.n.expect(c.n.get("/authorize?"+strings.Join(raw, "&")), 303))
		c.delivers(c.redeem(answer.Get("code")), "birth", "email", "profile")
	})
}

func TestOidcc_oidcc_response_type_missing(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.refusedWith("invalid_request", "response_type", "-")
		c.refusedWith("invalid_request", "response_type", "")
	})
}

// The key and the algorithm are those of the registration: RS256, ES256, HS256.
func TestOidcc_oidcc_idtoken_signature(t *testing.T) {
	seen := map[string]bool{}
	oidcc(t, func(t *testing.T, c *conformite) {
		j := c.redeem(c.code())
		if j.header.Algorithm != c.r.IDTokenAlg || (j.header.KeyID == "") != (c.r.IDTokenAlg == oidc.HS256) {
			t.Errorf("header %+v", j.header)
		}
		seen[j.header.Algorithm] = true
	})
	if len(seen) != 3 {
		t.Errorf("algorithms seen: %v", seen)
	}
}

// No registration can ask for alg none, and none is ever signed so.
func TestOidcc_oidcc_idtoken_unsigned(t *testing.T) {
	doc := `[{"client_id":"x","client_secrets":["` + password + `"],"redirect_uris":["https://x.example/"],"id_token_signed_response_alg":"none"}]`
	if _, faults := oidc.ParseRegistrations([]byte(doc)); len(faults) != 1 || !strings.Contains(faults[0], `"none"`) {
		t.Errorf("registered: %v", faults)
	}
	oidcc(t, func(t *testing.T, c *conformite) {
		code := c.code()
		for i := range c.h.Clients {
			c.h.Clients[i].IDTokenAlg = "none"
		}
		defer func() { c.h.Clients, _ = c.dest.clients() }()
		w := c.post(code)
		c.fc().expect(w, 500)
		if strings.Contains(w.Body.String(), "id_token") {
			t.Errorf("gave %s", w.Body)
		}
	})
}

func TestOidcc_oidcc_userinfo_get(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		j := c.redeem(c.code())
		for range 2 { // repeated while the token lives: the same answer
			if diff := cmp.Diff(c.odileClaims("profile", "email", "birth"), c.identity(c.userinfo(j.AccessToken))); diff != "" {
				t.Error(diff)
			}
		}
	})
}

func TestOidcc_oidcc_userinfo_post_header(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		j := c.redeem(c.code())
		w := c.fc().do("POST", "/userinfo/", nil, "Authorization", "Bearer "+j.AccessToken)
		if diff := cmp.Diff(c.odileClaims("profile", "email", "birth"), c.identity(w)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOidcc_oidcc_userinfo_post_body(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		j := c.redeem(c.code())
		w := c.fc().do("POST", "/userinfo", url.Values{"access_token": {j.AccessToken}})
		if diff := cmp.Diff(c.odileClaims("profile", "email", "birth"), c.identity(w)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOidcc_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		for _, none := range []string{"-", ""} {
			j := c.succeeds("nonce", none)
			if v, ok := j.claims["nonce"]; ok {
				t.Errorf("a nonce nobody sent: %v", v)
			}
		}
	})
}

// scopes is a module about the claims that scopes give.
func scopes(t *testing.T, scope string) {
	oidcc(t, func(_ *testing.T, c *conformite) { c.succeeds("scope", scope) })
}

func TestOidcc_oidcc_scope_profile(t *testing.T) { scopes(t, "openid profile") }

func TestOidcc_oidcc_scope_email(t *testing.T) { scopes(t, "openid email") }

// Nothing is returned for address and phone, which we do not have.
func TestOidcc_oidcc_scope_address(t *testing.T) { scopes(t, "openid address") }

func TestOidcc_oidcc_scope_phone(t *testing.T) { scopes(t, "openid phone") }

func TestOidcc_oidcc_scope_all(t *testing.T) { scopes(t, "openid profile email address phone") }

// The claim name does not exist here: the request succeeds without it.
func TestOidcc_oidcc_claims_essential(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.succeeds("claims", `{"userinfo":{"name":{"essential":true}}}`)
	})
}

// Credentials in the body, for every algorithm; with either of two secrets.
// HS256 is signed with the first one. One method a request.
func TestOidcc_oidcc_server_client_secret_post(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.basic = false
		c.succeeds()
		for _, s := range c.r.Secrets {
			c.redeem(c.code(), "client_secret", s.Reveal())
		}
		code := c.code()
		c.refused(c.post(code, "client_secret", c.r.Secrets[0].Reveal()+"x"), 401, "invalid_client")
		c.refused(c.post(code, "client_id", "autre"), 401, "invalid_client")
		c.basic = true
		c.refused(c.post(code, "client_secret", c.r.Secrets[0].Reveal()), 400, "invalid_request")
		if w := c.post(code); c.r.TokenAuthMethods[0] == oidc.SecretPost { // not registered for it
			c.refused(w, 401, "invalid_client")
			if !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic realm=") {
				t.Errorf("challenge %q", w.Header().Get("WWW-Authenticate"))
			}
		} else {
			c.fc().expect(w, 200)
		}
	})
}

// Nothing to refresh: no refresh token is ever given, nor taken.
func TestOidcc_oidcc_refresh_token(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		w := c.post(c.code("scope", "openid offline_access", "prompt", "consent"))
		c.fc().expect(w, 200)
		var a map[string]any
		check(t, json.Unmarshal(w.Body.Bytes(), &a))
		if _, given := a["refresh_token"]; given || len(a) != 4 {
			t.Errorf("answered %v", a)
		}
		c.refused(c.post("", "grant_type", "refresh_token", "refresh_token", secret.NewToken().Reveal()), 400, "unsupported_grant_type")
	})
}
