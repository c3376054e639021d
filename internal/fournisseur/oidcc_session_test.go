package fournisseur_test

import (
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"aidantsconnect/internal/secret"
)

// The second request asks the code again when it is too old, its auth_time is
// later, and the person is asked each time (walk fails otherwise).
func TestOidcc_oidcc_prompt_login(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.a.DateOTP = c.clock.Now()
		first := c.succeeds()
		c.clock.Advance(time.Second)
		same := c.succeeds("prompt", "login")
		if c.codes != 0 || same.claims["auth_time"] != first.claims["auth_time"] {
			t.Error("a code a second old was asked again")
		}
		c.clock.Advance(20 * time.Minute)
		second := c.succeeds("prompt", "login")
		if c.codes != 1 || second.claims["auth_time"].(float64) <= first.claims["auth_time"].(float64) {
			t.Errorf("%d codes asked, auth_time %v then %v", c.codes, first.claims["auth_time"], second.claims["auth_time"])
		}
	})
}

func TestOidcc_oidcc_prompt_none_not_logged_in(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.n = c.browser("")
		c.refusedWith("login_required", "prompt", "none")
	})
}

// Our choice: never silent, because the person is always chosen (FI-07).
func TestOidcc_oidcc_prompt_none_logged_in(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		c.succeeds()
		c.refusedWith("interaction_required", "prompt", "none")
		c.refusedWith("invalid_request", "prompt", "none login")
	})
}

// Our choice: a hint does not make it silent either; without prompt=none it is
// ignored.
func TestOidcc_oidcc_id_token_hint(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		j := c.succeeds()
		c.refusedWith("interaction_required", "prompt", "none", "id_token_hint", j.IDToken)
		c.succeeds("id_token_hint", j.IDToken)
	})
}

func TestOidcc_oidcc_max_age_1(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.a.DateOTP = c.clock.Now()
		first := c.succeeds()
		c.clock.Advance(2 * time.Second)
		second := c.succeeds("max_age", "1")
		if c.codes != 1 || second.claims["auth_time"].(float64) <= first.claims["auth_time"].(float64) {
			t.Errorf("%d codes asked, auth_time %v then %v", c.codes, first.claims["auth_time"], second.claims["auth_time"])
		}
	})
}

// Our choice: no code, the same auth_time; the person and the démarche are
// asked all the same.
func TestOidcc_oidcc_max_age_10000(t *testing.T) {
	oidcc(t, func(t *testing.T, c *conformite) {
		c.a.DateOTP = c.clock.Now()
		first := c.succeeds()
		c.clock.Advance(40 * time.Minute)
		second := c.succeeds("max_age", "10000")
		if c.codes != 0 || second.claims["auth_time"] != first.claims["auth_time"] {
			t.Errorf("%d codes asked, auth_time %v then %v", c.codes, first.claims["auth_time"], second.claims["auth_time"])
		}
	})
}

// reused is a code presented again after a while, before and after its identity
// was read: refused, and what the first exchange gave is revoked (FI-44).
func reused(t *testing.T, after time.Duration) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		for _, read := range []bool{false, true} {
			code := c.code()
			j := c.redeem(code)
			if read {
				c.identity(c.userinfo(j.AccessToken))
			}
			c.clock.Advance(after)
			c.refused(c.post(code), 400, "invalid_grant")
			c.refused(c.userinfo(j.AccessToken), 401, "invalid_token")
			c.refused(c.post(code), 400, "invalid_grant")
		}
	})
}

func TestOidcc_oidcc_codereuse(t *testing.T) { reused(t, 0) }

func TestOidcc_oidcc_codereuse_30seconds(t *testing.T) { reused(t, 30*time.Second) }

// PKCE is verified; a wrong verifier, or none, gives nothing and spends nothing.
func TestOidcc_oidcc_ensure_request_with_valid_pkce_succeeds(t *testing.T) {
	oidcc(t, func(_ *testing.T, c *conformite) {
		verifier := secret.NewToken().Reveal()
		d := sha256.Sum256([]byte(verifier))
		challenge := base64.RawURLEncoding.EncodeToString(d[:])
		code := c.code("code_challenge", challenge, "code_challenge_method", "S256")
		c.refused(c.post(code), 400, "invalid_grant")
		c.refused(c.post(code, "code_verifier", verifier+"x"), 400, "invalid_grant")
		c.refused(c.post(code, "code_verifier", challenge), 400, "invalid_grant")
		c.delivers(c.redeem(code, "code_verifier", verifier), "profile", "email", "birth")
		c.refusedWith("invalid_request", "code_challenge", verifier, "code_challenge_method", "plain")
		c.refusedWith("invalid_request", "code_challenge", challenge)
	})
}
