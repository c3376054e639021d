package franceconnect

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// The normal flow of a client: code, tokens, identity.
func TestOidcc_oidcc_client_test(t *testing.T) {
	o := newOP(t)
	r := o.acceptee(o.client())
	if r.Acr != "eidas1" || r.AuthTime.IsZero() {
		t.Errorf("acr %q, auth_time %v", r.Acr, r.AuthTime)
	}
	if o.count("token") != 1 || o.count("userinfo") != 1 {
		t.Errorf("token called %d times, userinfo %d", o.count("token"), o.count("userinfo"))
	}
}

// Each scope asked gives its claim, and the claim is read.
func TestOidcc_oidcc_client_test_scope_userinfo_claims(t *testing.T) {
	o := newOP(t)
	c := o.client()
	scopes := strings.Fields(depart(t, c).Get("scope"))
	o.editUserinfo = func(u claims) { u["preferred_username"] = "USAGE" }
	r := o.acceptee(c)
	got := map[string]string{
		"given_name": r.Claims.GivenName, "family_name": r.Claims.FamilyName, "birthdate": r.Claims.Birthdate, "gender": r.Claims.Gender,
		"birthplace": r.Claims.Birthplace, "birthcountry": r.Claims.Birthcountry, "email": r.Claims.Email, "preferred_username": r.Claims.PreferredUsername,
		"idp_birthdate": r.Claims.IdpBirthdate, "idp_id": r.Claims.IdpID, "openid": r.Claims.Sub,
	}
	for _, s := range scopes {
		if got[s] == "" {
			t.Errorf("the scope %s gives nothing", s)
		}
	}
	if len(scopes) != len(got) {
		t.Errorf("scopes asked: %v", scopes)
	}
	if d := cmp.Diff([]string{"Odile", "Simone"}, r.Claims.GivenNames); d != "" {
		t.Error(d)
	}
}

func TestOidcc_oidcc_client_test_invalid_iss(t *testing.T) {
	o := newOP(t)
	o.editID = func(c claims) { c["iss"] = "https://autre.example.org/api/v2" }
	o.refusee(o.client(), "iss")
}

func TestOidcc_oidcc_client_test_missing_sub(t *testing.T) {
	o := newOP(t)
	o.editID = func(c claims) { delete(c, "sub") }
	o.refusee(o.client(), "sub")
}

func TestOidcc_oidcc_client_test_invalid_aud(t *testing.T) {
	o := newOP(t)
	o.editID = func(c claims) { c["aud"] = "autre-client" }
	o.refusee(o.client(), "aud")
}

func TestOidcc_oidcc_client_test_missing_iat(t *testing.T) {
	o := newOP(t)
	o.editID = func(c claims) { delete(c, "iat") }
	o.refusee(o.client(), "iat")
}

func TestOidcc_oidcc_client_test_nonce_invalid(t *testing.T) {
	o := newOP(t)
	o.editID = func(c claims) { c["nonce"] = strings.Repeat("0", 64) }
	o.refusee(o.client(), "nonce")
}

// One key is published and the token does not name it.
func TestOidcc_oidcc_client_test_kid_absent_single_jwks(t *testing.T) {
	o := newOP(t)
	o.alg, o.key, o.kid = jose.RS256, rsaKey(), ""
	o.published = []jose.JSONWebKey{{Key: rsaKey().Public(), KeyID: "r1", Algorithm: "RS256", Use: "sig"}}
	o.acceptee(o.client(rs256))
}

// Several keys of the algorithm are published and the token names none: it is
// accepted if one of them verifies it, and refused otherwise.
func TestOidcc_oidcc_client_test_kid_absent_multiple_jwks(t *testing.T) {
	jwks := func(o *op) {
		o.alg, o.key, o.kid = jose.RS256, rsaKey(), ""
		o.published = []jose.JSONWebKey{
			{Key: rsaKey2().Public(), KeyID: "r2", Algorithm: "RS256", Use: "sig"},
			{Key: rsaKey().Public(), KeyID: "r1", Algorithm: "RS256", Use: "sig"},
		}
	}
	o := newOP(t)
	jwks(o)
	o.acceptee(o.client(rs256))

	o = newOP(t)
	jwks(o)
	o.published[1] = jose.JSONWebKey{Key: rsaKey3().Public(), KeyID: "r1", Algorithm: "RS256", Use: "sig"}
	o.refusee(o.client(rs256), "signature or key")
}

// RS256 is accepted when it is what we registered, and only then.
func TestOidcc_oidcc_client_test_idtoken_sig_rs256(t *testing.T) {
	sign := func(o *op) { o.alg, o.key, o.kid = jose.RS256, rsaKey(), "r1" }
	o := newOP(t)
	sign(o)
	o.acceptee(o.client(rs256))

	o = newOP(t)
	sign(o)
	o.refusee(o.client(), "format or algorithm")
}

// Both plans have this module, basic and configuration: no registration of
// ours takes an unsigned token, whatever discovery says.
func TestOidcc_oidcc_client_test_idtoken_sig_none(t *testing.T) {
	for _, alg := range []string{"ES256", "RS256"} {
		o := newOP(t)
		o.signID = unsigned
		o.editMeta = func(m claims) { m["id_token_signing_alg_values_supported"] = []string{"none", "RS256", "ES256"} }
		o.refusee(o.client(func(c *Config) { c.Alg = alg }), "format or algorithm")
	}
}

func TestOidcc_oidcc_client_test_invalid_sig_rs256(t *testing.T) {
	o := newOP(t)
	o.alg, o.key, o.kid = jose.RS256, rsaKey2(), "r1" // r1 is published with another key
	o.refusee(o.client(rs256), "signature or key")

	o = newOP(t)
	o.alg, o.key, o.kid = jose.RS256, rsaKey(), "r1"
	o.signID = func(c claims) string {
		parts := strings.Split(o.sign(c), ".")
		sig, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		sig[0] ^= 1
		return parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(sig)
	}
	o.refusee(o.client(rs256), "signature or key")
}

// The access token is in the header, and nowhere else.
func TestOidcc_oidcc_client_test_userinfo_bearer_header(t *testing.T) {
	o := newOP(t)
	var seen *http.Request
	o.userinfo = func(w http.ResponseWriter, r *http.Request) {
		seen = r.Clone(context.Background())
		o.serveUserinfo(w, r)
	}
	o.acceptee(o.client())
	if seen.Method != http.MethodGet || seen.Header.Get("Authorization") != "Bearer "+testAccess || seen.URL.RawQuery != "" || seen.ContentLength > 0 {
		t.Errorf("%s %s, Authorization %v, body of %d", seen.Method, seen.URL, seen.Header["Authorization"] != nil, seen.ContentLength)
	}
}

// Not for us: we always use the header. A provider that takes the token in a
// body alone is refused, the identity is not asked in another way.
func TestOidcc_oidcc_client_test_userinfo_bearer_body(t *testing.T) {
	o := newOP(t)
	o.userinfo = func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.PostFormValue("access_token") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		t.Error("the token was sent in a body")
	}
	r, err := o.connexion(o.client())
	wantErreur(t, err, CleDelai, "userinfo")
	if o.count("userinfo") != 1 || r.Claims.Sub != "" {
		t.Errorf("userinfo called %d times", o.count("userinfo"))
	}
}

// The provider wants Basic: our registration says so, and nothing of the
// secret is in the body.
func TestOidcc_oidcc_client_test_client_secret_basic(t *testing.T) {
	o := newOP(t)
	o.token = func(w http.ResponseWriter, r *http.Request) {
		id, sec, ok := r.BasicAuth()
		if !ok || id != testClient || sec != testSecret {
			w.Header().Set("WWW-Authenticate", `Basic realm="op"`)
			writeJSON(w, http.StatusUnauthorized, claims{"error": "invalid_client"})
			return
		}
		o.serveToken(w, r)
	}
	o.acceptee(o.client(func(c *Config) { c.Auth = AuthBasic }))
	if o.lastForm.Has("client_secret") || o.lastForm.Has("client_id") {
		t.Error("the client is told in the body too: RFC 6749 §2.3 wants one method")
	}
	_, err := o.connexion(o.client())
	wantErreur(t, err, CleConfig, "invalid_client")
}

func TestOidcc_oidcc_client_test_userinfo_invalid_sub(t *testing.T) {
	o := newOP(t)
	o.editUserinfo = func(c claims) { c["sub"] = "autre" }
	r, err := o.connexion(o.client())
	wantErreur(t, err, CleVerification, "userinfo: sub of another person")
	if d := cmp.Diff(Resultat{IDToken: r.IDToken}, r); d != "" || r.IDToken == "" {
		t.Errorf("an identity came with the refusal: %s", d)
	}
}
