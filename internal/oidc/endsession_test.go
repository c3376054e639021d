package oidc

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FI-70, FI-71, FI-73, FI-74: what leads away by itself, what is offered, what is a page.
func TestParseEndSession(t *testing.T) {
	keys := ring{ecKey(t, "ec-1")}
	fc, other := client(ES256, ES256), client(ES256, "")
	other.ClientID, other.PostLogoutRedirectURIs = "autre", []string{"https://autre.example/fin"}
	clients := Registrations{fc, other}
	token, err := fc.signIDToken(idToken(), keys)
	if err != nil {
		t.Fatal(err)
	}
	hint := token.Reveal()
	bad := hint[:len(hint)-4] + "AAAA"
	type want struct {
		verified        bool
		redirect, offer string
	}
	for name, tt := range map[string]struct {
		q    url.Values
		want want
	}{
		"all four":                {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}, "state": {"a b&c"}, "client_id": {"fc"}}, want{true, goodbye + "?state=a+b%26c", ""}},
		"no state":                {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}}, want{true, goodbye, ""}},
		"state of 513":            {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}, "state": {strings.Repeat("s", 513)}}, want{true, "", ""}},
		"state unreadable":        {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}, "state": {"\xff"}}, want{true, "", ""}},
		"hint only":               {url.Values{"id_token_hint": {hint}}, want{true, "", ""}},
		"query added":             {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye + "?foo=bar"}}, want{true, "", ""}},
		"unregistered":            {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {"https://evil.example/"}}, want{true, "", ""}},
		"address of another":      {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {"https://autre.example/fin"}}, want{true, "", ""}},
		"address twice":           {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye, goodbye}}, want{true, "", ""}},
		"another client_id":       {url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}, "client_id": {"autre"}}, want{false, "", ""}},
		"bad hint":                {url.Values{"id_token_hint": {bad}, "post_logout_redirect_uri": {goodbye}}, want{false, "", goodbye}},
		"hint twice":              {url.Values{"id_token_hint": {hint, hint}, "post_logout_redirect_uri": {goodbye}}, want{false, "", goodbye}},
		"no hint":                 {url.Values{"post_logout_redirect_uri": {goodbye}, "state": {"s"}}, want{false, "", goodbye + "?state=s"}},
		"no hint, its client":     {url.Values{"post_logout_redirect_uri": {goodbye}, "client_id": {"fc"}}, want{false, "", goodbye}},
		"no hint, other client":   {url.Values{"post_logout_redirect_uri": {goodbye}, "client_id": {"autre"}}, want{false, "", ""}},
		"no hint, unknown client": {url.Values{"post_logout_redirect_uri": {goodbye}, "client_id": {"x"}}, want{false, "", ""}},
		"no hint, unregistered":   {url.Values{"post_logout_redirect_uri": {"https://evil.example/"}}, want{false, "", ""}},
		"only state":              {url.Values{"state": {"s"}}, want{false, "", ""}},
		"nothing":                 {url.Values{}, want{false, "", ""}},
	} {
		e := ParseEndSession(tt.q, issuer, clients, keys)
		got := want{e.Verified, e.Redirect, e.Offer}
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(want{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if e.Verified && (e.Hint.Client.ClientID != "fc" || e.Hint.AtHash == "") {
			t.Errorf("%s: hint %+v", name, e.Hint)
		}
	}
}

func FuzzParseEndSession(f *testing.F) {
	keys := ring{ecKey(f, "ec-1")}
	clients := Registrations{client(ES256, "")}
	token, err := client(ES256, "").signIDToken(idToken(), keys)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(url.Values{"id_token_hint": {token.Reveal()}, "post_logout_redirect_uri": {goodbye}, "state": {"é&="}}.Encode())
	f.Add("id_token_hint=e30.e30.&client_id=fc&state=%00")
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		e := ParseEndSession(q, issuer, clients, keys)
		for _, to := range []string{e.Redirect, e.Offer} {
			if to == "" {
				continue
			}
			u, err := url.Parse(to)
			if err != nil || !strings.HasPrefix(to, goodbye) || u.Host != "fc.example" || u.Query().Get("state") != q.Get("state") {
				t.Errorf("leads to %q, %v", to, err)
			}
		}
		if e.Redirect != "" && (!e.Verified || e.Hint.Sub != "5f1c") {
			t.Errorf("leads away without a token of ours: %q", raw)
		}
	})
}
