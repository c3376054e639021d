package franceconnect

import (
	"context"
	"net/url"
	"strings"
	"testing"
)

// The modules of the OpenID certification suite for clients, each expressed
// again in process, without network (§18.3). A module is one top-level test:
// TestOidcc_ and its id, dashes written as underscores; docs/conformite.csv
// lists them with the result expected of us. The three of the logout need the
// page that receives its return: internal/signature has them.

// depart is what the browser carries to the provider.
func depart(t *testing.T, c *Client) url.Values {
	t.Helper()
	to, err := c.AuthorizeURL(context.Background(), testState, testNonce)
	if err != nil {
		t.Fatalf("no authorization request: %v", err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// autoriser answers an authorization request as an honest provider does.
func (o *op) autoriser(q url.Values) url.Values {
	o.t.Helper()
	want := map[string]string{"client_id": testClient, "redirect_uri": o.config().RedirectURI, "response_type": "code", "acr_values": "eidas1"}
	for name, v := range want {
		if q.Get(name) != v {
			o.t.Errorf("authorization request: %s = %q", name, q.Get(name))
		}
	}
	if !strings.Contains(" "+q.Get("scope")+" ", " openid ") || q.Get("nonce") == "" || q.Get("state") == "" {
		o.t.Errorf("authorization request: %v", q)
	}
	return url.Values{"code": {testCode}, "state": {q.Get("state")}, "iss": {o.issuer}}
}

// connexion plays a whole sign-in: authorization request, its answer, code,
// tokens, identity.
func (o *op) connexion(c *Client) (Resultat, error) {
	o.t.Helper()
	q := depart(o.t, c)
	code, err := c.CheckCallback(o.autoriser(q))
	if err != nil {
		return Resultat{}, err
	}
	return c.Identify(context.Background(), code, testNonce)
}

// acceptee fails unless the sign-in gives the person.
func (o *op) acceptee(c *Client) Resultat {
	o.t.Helper()
	r, err := o.connexion(c)
	if err != nil {
		o.t.Fatalf("refused: %v", err)
	}
	if r.Claims.Sub != testSub || r.Claims.FamilyName != "VASSELIN" || r.IDToken == "" {
		o.t.Errorf("accepted without the person: ID token %v", r.IDToken != "")
	}
	return r
}

// refusee fails unless the ID token is refused for that cause, the identity
// not read, and the ID token kept for the logout (FS-14, FS-17).
func (o *op) refusee(c *Client, cause string) {
	o.t.Helper()
	r, err := o.connexion(c)
	wantErreur(o.t, err, CleVerification, "id token: "+cause)
	if o.count("userinfo") != 0 {
		o.t.Error("the userinfo endpoint was called")
	}
	if r.IDToken == "" || r.Claims.Sub != "" {
		o.t.Errorf("after a refusal: ID token %v, sub %v", r.IDToken != "", r.Claims.Sub != "")
	}
}

func rs256(c *Config) { c.Alg = "RS256" }
