package franceconnect

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// The endpoints are those that discovery names, wherever they are.
func TestOidcc_oidcc_client_test_discovery_openid_config(t *testing.T) {
	o := newOP(t)
	o.mux.HandleFunc("POST /ailleurs/jeton", o.handle("jeton ailleurs", &o.token, o.serveToken))
	o.mux.HandleFunc("GET /ailleurs/identite", o.handle("identite ailleurs", &o.userinfo, o.serveUserinfo))
	host := strings.TrimSuffix(o.issuer, "/api/v2")
	o.editMeta = func(m claims) {
		m["authorization_endpoint"], m["token_endpoint"], m["userinfo_endpoint"] = host+"/ailleurs/aller", host+"/ailleurs/jeton", host+"/ailleurs/identite"
	}
	c := o.client()
	to, err := c.AuthorizeURL(context.Background(), testState, testNonce)
	if err != nil || !strings.HasPrefix(to, host+"/ailleurs/aller?") {
		t.Errorf("authorization at %.60s, %v", to, err)
	}
	o.acceptee(c)
	if o.count("discovery") != 1 || o.count("jeton ailleurs") != 1 || o.count("identite ailleurs") != 1 || o.count("token") != 0 {
		t.Errorf("calls: %v", o.calls)
	}
}

// The keys are read where jwks_uri says.
func TestOidcc_oidcc_client_test_discovery_jwks_uri_keys(t *testing.T) {
	o := newOP(t)
	o.mux.HandleFunc("GET /ailleurs/cles", o.handle("cles", &o.jwks, o.serveJWKS))
	o.editMeta = func(m claims) { m["jwks_uri"] = strings.TrimSuffix(o.issuer, "/api/v2") + "/ailleurs/cles" }
	o.acceptee(o.client())
	if o.count("cles") != 1 || o.count("jwks") != 0 {
		t.Errorf("keys read %d times there, %d elsewhere", o.count("cles"), o.count("jwks"))
	}
}

// Discovery names another issuer than the configured one: nothing starts.
func TestOidcc_oidcc_client_test_discovery_issuer_mismatch(t *testing.T) {
	o := newOP(t)
	o.editMeta = func(m claims) { m["issuer"] = "https://autre.example.org/api/v2" }
	c := o.client()
	to, err := c.AuthorizeURL(context.Background(), testState, testNonce)
	if e := wantErreur(t, err, CleConfig, "another issuer"); e.Code != "issuer" || to != "" {
		t.Errorf("code %q, address %q", e.Code, to)
	}
	r, err := c.Identify(context.Background(), testCode, testNonce)
	wantErreur(t, err, CleConfig, "another issuer")
	if o.count("token") != 0 || r.IDToken != "" {
		t.Error("the code was sent to a provider that is not ours")
	}
}

// turn makes another key the only one, as a provider that rotates without
// overlap would.
func (o *op) turn(key *jose.JSONWebKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.key, o.kid = key.Key, key.KeyID
	o.published = []jose.JSONWebKey{key.Public()}
}

// The key changes between the answer of /authorize and the token: accepted
// after one refetch.
func TestOidcc_oidcc_client_test_signing_key_rotation_just_before_signing(t *testing.T) {
	o := newOP(t)
	c := o.client()
	o.acceptee(c)
	o.beforeSign = func() { o.turn(&jose.JSONWebKey{Key: ecKey2(), KeyID: "k2", Algorithm: "ES256", Use: "sig"}) }
	o.acceptee(c)
	if n := o.count("jwks"); n != 2 {
		t.Errorf("keys read %d times, want one refetch", n)
	}
}

// The key changes between two sign-ins.
func TestOidcc_oidcc_client_test_signing_key_rotation(t *testing.T) {
	o := newOP(t)
	c := o.client()
	o.acceptee(c)
	o.turn(&jose.JSONWebKey{Key: ecKey2(), KeyID: "k2", Algorithm: "ES256", Use: "sig"})
	o.acceptee(c)
	if n := o.count("jwks"); n != 2 {
		t.Errorf("keys read %d times, want one refetch", n)
	}
	// The withdrawn key is withdrawn: what it signs is refused, once refetched.
	o.key, o.kid = ecKey(), "k1"
	_, err := o.connexion(c)
	wantErreur(t, err, CleVerification, "signature or key")
	// A provider whose keys are gone is one whose token cannot be verified.
	o.jwks = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CORPS", http.StatusServiceUnavailable) }
	_, err = o.connexion(o.client())
	wantErreur(t, err, ClePanne, "jwks")
}
