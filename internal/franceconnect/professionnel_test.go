package franceconnect

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/secret"
)

// professionnel is what ProConnect says of somebody.
func (o *op) professionnel() claims {
	return claims{"sub": testSub, "given_name": "Claire", "usual_name": "AUBIER", "email": "claire.aubier@example.org", "siret": "11000101300017", "idp_id": "fi-pro"}
}

func pro(c *Config) { c.Pro, c.PKCE, c.UserinfoJSON, c.FIUid = true, true, true, "" }

// newPro is a ProConnect that answers userinfo in JSON.
func newPro(t *testing.T) *op {
	o := newOP(t)
	o.editID = func(c claims) { c["acr"] = "eidas1-mfa" }
	o.userinfo = func(w http.ResponseWriter, r *http.Request) { writeJSON(w, http.StatusOK, o.professionnel()) }
	return o
}

// PC-01: ProConnect is another registration of the same client.
func TestProConnect(t *testing.T) {
	o := newPro(t)
	c := o.client(pro)
	s, err := c.AuthorizeURL(context.Background(), testState, testNonce)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	want := url.Values{
		"claims": {`{"id_token":{"acr":null,"amr":null,"auth_time":null}}`}, "client_id": {testClient}, "nonce": {testNonce}, "state": {testState},
		"redirect_uri": {"http://localhost:3000/callbackv2/"}, "response_type": {"code"}, "scope": {"openid given_name usual_name email siret idp_id"},
		"code_challenge": q["code_challenge"], "code_challenge_method": {"S256"},
	}
	if d := cmp.Diff(want, q); d != "" || len(q.Get("code_challenge")) != 43 {
		t.Error(d)
	}
	var raw string
	o.signID = func(c claims) string { raw = o.sign(c); return raw }
	r, err := c.IdentifyPro(context.Background(), testCode, testNonce)
	if err != nil {
		t.Fatal(err)
	}
	wantR := ResultatPro{
		Resultat:      Resultat{IDToken: secret.Text(raw), Acr: "eidas1-mfa", AuthTime: o.now.Add(-2 * time.Second)},
		Professionnel: Professionnel{Sub: testSub, GivenName: "Claire", UsualName: "AUBIER", Email: "claire.aubier@example.org", Siret: "11000101300017", IdpID: "fi-pro"},
	}
	if d := cmp.Diff(wantR, r); d != "" {
		t.Error(d)
	}
	if v := o.lastForm.Get("code_verifier"); challenge(v) != q.Get("code_challenge") {
		t.Error("the verifier is not the challenge's")
	}
	if s := printed(r) + printed(r.Professionnel); strings.Contains(s, "AUBIER") || strings.Contains(s, testSub) {
		t.Errorf("it prints: %s", s)
	}
	// Signed, as registered, it is verified like FranceConnect's.
	o.userinfo, o.editUserinfo = nil, func(c claims) {
		for k, v := range o.professionnel() {
			c[k] = v
		}
	}
	signed := o.client(pro, func(c *Config) { c.UserinfoJSON = false })
	if r, err := signed.IdentifyPro(context.Background(), testCode, testNonce); err != nil || r.Professionnel.Siret != "11000101300017" {
		t.Errorf("signed userinfo: %v", err)
	}
	_, err = c.IdentifyPro(context.Background(), testCode, testNonce)
	wantErreur(t, err, CleVerification, "content type")
}

// PC-04: any level comes through, to be judged by who signs in; only exact
// names say two factors.
func TestProConnectLevels(t *testing.T) {
	for acr, two := range map[string]bool{
		"eidas0": false, "eidas0-mfa": true, "eidas1": false, "eidas1-mfa": true, "eidas2": true, "eidas3": true, "eidas4": false, "": false,
		"EIDAS2": false, "eidas2 ": false, "eidas2-mfa": false,
		"https://proconnect.gouv.fr/assurance/self-asserted": false, "https://proconnect.gouv.fr/assurance/self-asserted-2fa": true,
		"https://proconnect.gouv.fr/assurance/consistency-checked": false, "https://proconnect.gouv.fr/assurance/consistency-checked-2fa": true,
		"https://exemple.test/assurance/self-asserted-2fa": false, "https://proconnect.gouv.fr/assurance/certification-dirigeant": false,
	} {
		if DeuxFacteurs(acr) != two {
			t.Errorf("%q counts for two factors: %v", acr, !two)
		}
		o := newPro(t)
		o.editID = func(c claims) {
			if c["acr"] = acr; acr == "" {
				delete(c, "acr")
			}
		}
		if r, err := o.client(pro).IdentifyPro(context.Background(), testCode, testNonce); err != nil || r.Acr != acr {
			t.Errorf("%q: %q, %v", acr, r.Acr, err)
		}
	}
}

// What is not the level is as strict as with FranceConnect.
func TestProConnectRefused(t *testing.T) {
	for name, edit := range map[string]func(o *op){
		"nonce":        func(o *op) { o.editID = func(c claims) { c["nonce"] = "autre" } },
		"iss":          func(o *op) { o.editID = func(c claims) { c["iss"] = "https://fc.example.org" } },
		"aud":          func(o *op) { o.editID = func(c claims) { c["aud"] = "autre" } },
		"alg none":     func(o *op) { o.signID = unsigned },
		"other person": func(o *op) { o.editID = func(c claims) { c["sub"] = "autre" } },
		"not JSON": func(o *op) {
			o.userinfo = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, "CORPS") }
		},
		"wrong type": func(o *op) {
			o.userinfo = func(w http.ResponseWriter, _ *http.Request) {
				p := o.professionnel()
				p["email"] = []string{"claire.aubier@example.org"}
				writeJSON(w, 200, p)
			}
		},
	} {
		o := newPro(t)
		edit(o)
		r, err := o.client(pro).IdentifyPro(context.Background(), testCode, testNonce)
		if e := ErreurDe(err); e == nil || e.Cle != CleVerification || r.Professionnel != (Professionnel{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := newPro(t).client(pro)
	if code, err := c.CheckCallback(url.Values{"code": {testCode}, "state": {testState}}); err != nil || code != testCode {
		t.Errorf("no iss: %v", err) // it is announced by FranceConnect, not by ProConnect
	}
	if _, err := c.CheckCallback(url.Values{"code": {testCode}, "iss": {"https://fc.example.org"}}); err == nil {
		t.Error("the answer of another issuer is accepted")
	}
	cfg := newOP(t).config()
	cfg.UserinfoJSON = true
	if _, err := New(cfg); err == nil {
		t.Error("FranceConnect's userinfo is accepted in plain JSON")
	}
}
