package oidc

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// onTheWire is how an error answer looks to the client.
func onTheWire(t *testing.T, r *Refusal) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	r.Write(w)
	out := map[string]any{
		"status": w.Code, "content_type": w.Header().Get("Content-Type"), "cache_control": w.Header().Get("Cache-Control"),
		"body": json.RawMessage(w.Body.Bytes()),
	}
	if c := w.Header().Get("WWW-Authenticate"); c != "" {
		out["www_authenticate"] = c
	}
	return out
}

// Every error, as the client receives it; the same whatever the algorithms of
// its registration.
func TestErrorsGolden(t *testing.T) {
	for _, alg := range []string{ES256, HS256, RS256} {
		r := client(alg, alg)
		r.UserinfoEncAlg = ECDHES
		clients := Registrations{r}
		out := map[string]any{}
		for name, change := range map[string]url.Values{
			"response_type absent": {"response_type": nil}, "response_type token": {"response_type": {"token"}}, "sans openid": {"scope": {"profile"}},
			"state deux fois": {"state": {"a", "b"}}, "sans state": {"state": nil, "scope": nil}, "prompt none login": {"prompt": {"none login"}},
			"max_age": {"max_age": {"x"}}, "claims": {"claims": {"{"}}, "pkce plain": {"code_challenge": {challenge}, "code_challenge_method": {"plain"}},
			"request": {"request": {"x"}}, "request_uri": {"request_uri": {"x"}}, "registration": {"registration": {"x"}},
			"response_mode": {"response_mode": {"fragment"}}, "nonce trop long": {"nonce": {strings.Repeat("n", 513)}},
		} {
			q := params()
			maps.Copy(q, change)
			_, e := ParseAuthRequest(q, clients)
			if e == nil {
				t.Fatalf("%s: accepted", name)
			}
			out["authorize, "+name] = e.URL(issuer)
		}
		good := url.Values{"client_id": {"fc"}, "client_secret": {secret1}, "grant_type": {"authorization_code"}, "code": {"c"}, "redirect_uri": {callback}}
		for name, change := range map[string]url.Values{
			"secret faux": {"client_secret": {"x"}}, "client inconnu": {"client_id": {"x"}}, "grant_type absent": {"grant_type": nil},
			"grant_type refresh_token": {"grant_type": {"refresh_token"}}, "code absent": {"code": nil}, "redirect_uri absent": {"redirect_uri": nil},
			"code deux fois": {"code": {"a", "b"}},
		} {
			form := maps.Clone(good)
			maps.Copy(form, change)
			_, refusal := ParseTokenRequest(form, "", clients)
			out["token, "+name] = onTheWire(t, refusal)
		}
		_, basicOnly := ParseTokenRequest(url.Values{}, basic("fc", "x"), clients)
		_, two := ParseTokenRequest(good, basic("fc", secret1), clients)
		out["token, Basic faux"], out["token, deux méthodes"] = onTheWire(t, basicOnly), onTheWire(t, two)
		out["token, code refusé"] = onTheWire(t, InvalidGrant())
		_, none := BearerToken(nil, nil)
		_, twice := BearerToken([]string{"Bearer a"}, url.Values{"access_token": {"a"}})
		_, odd := BearerToken([]string{"Bearer a b"}, nil)
		out["userinfo, sans jeton"], out["userinfo, deux jetons"] = onTheWire(t, none), onTheWire(t, twice)
		out["userinfo, jeton illisible"], out["userinfo, jeton refusé"] = onTheWire(t, odd), onTheWire(t, InvalidToken())
		out["panne"], out["indisponible"] = onTheWire(t, ServerError(500)), onTheWire(t, ServerError(503))
		b, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "erreurs.json", indent(t, b))
	}
}

// Whatever the header and the body, a token is one, whole and printable.
func FuzzBearerToken(f *testing.F) {
	f.Add("Bearer abc", "")
	f.Add("bearer  ", "access_token=a&access_token=b")
	f.Add("Basic Bearer x", "access_token=é")
	f.Fuzz(func(t *testing.T, header, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		token, refusal := BearerToken([]string{header}, form)
		if (refusal == nil) == (token == "") {
			t.Errorf("%q, %q: token %q, refusal %v", header, body, token.Reveal(), refusal)
		}
		if refusal == nil && (!visible(token.Reveal()) || len(token.Reveal()) > maxParam) {
			t.Errorf("accepted %q", token.Reveal())
		}
		if refusal != nil && (refusal.Challenge == "" || refusal.Status != 400 && refusal.Status != 401) {
			t.Errorf("%q: %+v", header, refusal)
		}
	})
}

// Whatever an operator writes, the list is usable or its mistakes are told, and
// no secret is in them.
func FuzzParseRegistrations(f *testing.F) {
	f.Add(`[{"client_id":"fc","client_secrets":["` + secret1 + `"],"redirect_uris":["` + callback + `"]}]`)
	f.Add(`[{"client_id":"fc","client_secrets":["court"],"redirect_uris":["http://x"],"jwks_uri":"x","userinfo_encrypted_response_alg":"ECDH-ES"}]`)
	f.Fuzz(func(t *testing.T, doc string) {
		rs, faults := ParseRegistrations([]byte(doc))
		if len(faults) > 0 {
			return
		}
		if _, err := Discovery(issuer, rs); err != nil {
			t.Error(err)
		}
		for _, r := range rs {
			if len(r.Secrets) == 0 || len(r.RedirectURIs) == 0 || !signs(r.IDTokenAlg) || r.Encrypts() && r.JWKSURI == "" {
				t.Errorf("accepted %+v", r)
			}
			for _, s := range r.Secrets {
				if len(s.Reveal()) < 32 {
					t.Error("accepted a short secret")
				}
			}
		}
	})
}
