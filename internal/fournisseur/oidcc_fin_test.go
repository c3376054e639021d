package fournisseur_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// What OpenID Connect Discovery §3 requires is there, is true, and leads to
// endpoints that answer.
func TestOidcc_oidcc_discovery_endpoint_verification(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		w := c.fc().get("/.well-known/openid-configuration")
		c.fc().expect(w, 200)
		var doc map[string]any
		check(t, json.Unmarshal(w.Body.Bytes(), &doc))
		if doc["issuer"] != issuer || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("issuer %v, %v", doc["issuer"], w.Header())
		}
		for name, without := range map[string]int{
			"authorization_endpoint": 400, "token_endpoint": 405, "userinfo_endpoint": 401, "jwks_uri": 200, "end_session_endpoint": 200,
		} {
			at, _ := doc[name].(string)
			path, ours := strings.CutPrefix(at, issuer)
			if !ours || c.fc().get(path).Code != without {
				t.Errorf("%s: %q does not answer %d", name, at, without)
			}
		}
		for name, value := range map[string]string{
			"response_types_supported": "code", "subject_types_supported": "public", "scopes_supported": "openid", "grant_types_supported": "authorization_code",
			"response_modes_supported": "query", "code_challenge_methods_supported": "S256", "acr_values_supported": "eidas1",
			"id_token_signing_alg_values_supported": c.r.IDTokenAlg, "userinfo_signing_alg_values_supported": c.r.UserinfoAlg,
			"id_token_encryption_alg_values_supported": c.r.IDTokenEncAlg, "userinfo_encryption_alg_values_supported": c.r.UserinfoEncAlg,
			"id_token_encryption_enc_values_supported": c.r.IDTokenEncEnc, "userinfo_encryption_enc_values_supported": c.r.UserinfoEncEnc,
			"token_endpoint_auth_methods_supported": c.r.TokenAuthMethods[0], "claims_supported": "rep_scope",
		} {
			list, _ := doc[name].([]any)
			if value != "" && !slices.Contains(list, any(value)) || slices.Contains(list, any("")) {
				t.Errorf("%s: %v lacks %q", name, list, value)
			}
		}
		for name, value := range map[string]bool{
			"claims_parameter_supported": true, "request_parameter_supported": false, "request_uri_parameter_supported": false,
			"authorization_response_iss_parameter_supported": true,
		} {
			if doc[name] != value {
				t.Errorf("%s: %v", name, doc[name])
			}
		}
		var set jose.JSONWebKeySet
		check(t, json.Unmarshal(c.fc().get("/jwks").Body.Bytes(), &set))
		for _, k := range set.Keys {
			if !k.Valid() || !k.IsPublic() || k.KeyID == "" || k.Use != "sig" || k.Algorithm == "" {
				t.Errorf("key %q: use %q, alg %q", k.KeyID, k.Use, k.Algorithm)
			}
		}
	})
}

func TestOidcc_oidcc_rp_initiated_logout_discovery_endpoint_verification(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		var doc map[string]any
		check(t, json.Unmarshal(c.fc().get("/.well-known/openid-configuration").Body.Bytes(), &doc))
		if doc["end_session_endpoint"] != issuer+"/logout/" {
			t.Errorf("end_session_endpoint %v", doc["end_session_endpoint"])
		}
	})
}

// hint is the token that the client presents: FranceConnect sends the decrypted
// one back.
func (c *conformite) hint(j jeton) string {
	if c.r.IDTokenEncAlg == "" {
		return j.IDToken
	}
	return c.decrypt(j.IDToken, c.r.IDTokenEncAlg, true)
}

func (c *conformite) goodbye() string { return c.r.PostLogoutRedirectURIs[0] }

// page asks for the end of session by GET and POST, and expects a page, with or
// without the button that leads on; it gives whether the use is closed.
func (c *conformite) page(button bool, q url.Values) {
	c.t.Helper()
	for range 2 {
		for _, w := range []func() (string, string){
			func() (string, string) {
				w := c.n.get("/logout/?" + q.Encode())
				return c.n.expect(w, 200), w.Body.String()
			},
			func() (string, string) {
				w := c.n.do("POST", "/logout/", q, "Origin", "https://fc.example", "Sec-Fetch-Site", "cross-site")
				return c.n.expect(w, 200), w.Body.String()
			},
		} {
			to, body := w()
			if to != "" || !strings.Contains(plain(body), "La connexion est terminée.") || strings.Contains(plain(body), "Continuer vers FranceConnect") != button {
				c.t.Errorf("sent to %q: %s", to, plain(body))
			}
		}
	}
}

func (c *conformite) statut() string {
	return c.text(`SELECT statut FROM dossier_utilisation WHERE aidant_id = $1 ORDER BY date_creation DESC, id LIMIT 1`, c.a.Aidant)
}

// Then prompt=none: the person is not silently signed in again; the aidant is
// still signed in to our service (FI-72).
func TestOidcc_oidcc_rp_initiated_logout(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		q := url.Values{"id_token_hint": {c.hint(c.succeeds())}, "post_logout_redirect_uri": {c.goodbye()}, "state": {"é&="}}
		if to := c.n.expect(c.n.get("/logout/?"+q.Encode()), 303); to != c.goodbye()+"?state="+url.QueryEscape("é&=") {
			t.Errorf("sent to %s", to)
		}
		if c.statut() != "clos" {
			t.Errorf("the use is %s", c.statut())
		}
		c.refusedWith("interaction_required", "prompt", "none")
	})
}

func TestOidcc_oidcc_rp_initiated_logout_no_state(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		q := url.Values{"id_token_hint": {c.hint(c.succeeds())}, "post_logout_redirect_uri": {c.goodbye()}}
		if to := c.n.expect(c.n.get("/logout/?"+q.Encode()), 303); to != c.goodbye() {
			t.Errorf("sent to %s", to)
		}
	})
}

func TestOidcc_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.page(false, url.Values{"id_token_hint": {c.hint(c.succeeds())}, "post_logout_redirect_uri": {"https://evil.example/fin"}, "state": {"s"}})
	})
}

func TestOidcc_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.page(false, url.Values{"id_token_hint": {c.hint(c.succeeds())}, "post_logout_redirect_uri": {c.goodbye() + "?foo=bar"}, "state": {"s"}})
	})
}

// A hint whose signature is taken away closes nothing and leads nowhere.
func TestOidcc_oidcc_rp_initiated_logout_modified_id_token_hint(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		payload := strings.Split(c.hint(c.succeeds()), ".")[1]
		unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + payload + "."
		c.page(true, url.Values{"id_token_hint": {unsigned}, "post_logout_redirect_uri": {c.goodbye()}})
		if c.statut() != "servi" {
			t.Errorf("the use is %s", c.statut())
		}
	})
}

// A hint signed by another key, under our kid and with the registered algorithm.
func TestOidcc_oidcc_rp_initiated_logout_bad_id_token_hint(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		j := c.succeeds()
		payload, err := json.Marshal(j.claims)
		check(t, err)
		keys := map[string]any{"ES256": c.dest.private["ec"], "RS256": c.dest.private["rsa"], "HS256": []byte(strings.Repeat("autre-secret-", 4))}
		for alg, key := range keys {
			s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: key}, (&jose.SignerOptions{}).WithHeader("kid", j.header.KeyID))
			check(t, err)
			jws, err := s.Sign(payload)
			check(t, err)
			forged, err := jws.CompactSerialize()
			check(t, err)
			c.page(true, url.Values{"id_token_hint": {forged}, "post_logout_redirect_uri": {c.goodbye()}})
		}
		if c.statut() != "servi" {
			t.Errorf("the use is %s", c.statut())
		}
	})
}

func TestOidcc_oidcc_rp_initiated_logout_no_id_token_hint(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.succeeds()
		c.page(true, url.Values{"post_logout_redirect_uri": {c.goodbye()}, "state": {"s"}})
		c.page(true, url.Values{"post_logout_redirect_uri": {c.goodbye()}, "client_id": {c.r.ClientID}})
	})
}

func TestOidcc_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.page(false, url.Values{"id_token_hint": {c.hint(c.succeeds())}})
		if c.statut() != "clos" {
			t.Errorf("the use is %s", c.statut())
		}
	})
}

func TestOidcc_oidcc_rp_initiated_logout_no_params(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.succeeds()
		c.page(false, url.Values{})
		if c.statut() != "servi" {
			t.Errorf("the use is %s", c.statut())
		}
	})
}

func TestOidcc_oidcc_rp_initiated_logout_only_state(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.succeeds()
		c.page(false, url.Values{"state": {"s"}})
	})
}
