package franceconnect

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"aidantsconnect/internal/secret"
)

// minRandom is the shortest state or nonce accepted: ProConnect asks 32
// characters, FranceConnect 22 for the nonce (§12, §23.5). M-W49: never empty.
const minRandom = 32

// maxCode bounds an authorization code; theirs are about 43 characters.
const maxCode = 1024

var errWeakRandom = errors.New("franceconnect: state or nonce shorter than 32 characters")

// AuthorizeURL is where the browser goes: exactly the parameters of §12, since
// FranceConnect answers any other one by its error page Y030007 (FS-01).
func (c *Client) AuthorizeURL(ctx context.Context, state, nonce secret.Text) (string, error) {
	if len(state) < minRandom || len(nonce) < minRandom {
		return "", errWeakRandom
	}
	p, e := c.provider(ctx)
	if e != nil {
		return "", c.fail(ctx, "discovery", e)
	}
	opts := []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("nonce", nonce.Reveal()),
		c.level(),
	}
	if c.cfg.PKCE {
		opts = append(opts, oauth2.S256ChallengeOption(c.verifier(nonce)))
	}
	return c.oauth(p).AuthCodeURL(state.Reveal(), opts...), nil
}

func (c *Client) oauth(p *provider) *oauth2.Config {
	// Unset, the library tries Basic first and the refusal may burn the code.
	style := oauth2.AuthStyleInParams
	if c.cfg.Auth == AuthBasic {
		style = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID:     c.cfg.ClientID,
		ClientSecret: c.cfg.ClientSecret.Reveal(),
		RedirectURL:  c.cfg.RedirectURI,
		Scopes:       c.cfg.Scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL:   p.Authorization,
			TokenURL:  p.Token,
			AuthStyle: style,
		},
	}
}

// verifier is the PKCE code_verifier of a request (RFC 7636 §4.1), derived so
// that the caller has nothing more to keep. The nonce travels through the
// browser; the client secret does not.
func (c *Client) verifier(nonce secret.Text) string {
	m := hmac.New(sha256.New, []byte(c.cfg.ClientSecret.Reveal()))
	m.Write([]byte("pkce\x00" + nonce.Reveal()))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// CheckCallback reads the callback's query, after the caller has consumed the
// state (FS-10), and gives the code. Unknown parameters are ignored.
func (c *Client) CheckCallback(q url.Values) (secret.Text, error) {
	code, e := c.checkCallback(q)
	if e != nil {
		return "", c.fail(context.Background(), "callback", e)
	}
	return code, nil
}

func (c *Client) checkCallback(q url.Values) (secret.Text, *Erreur) {
	for _, name := range []string{"code", "state", "iss", "error", "error_description", "error_uri"} {
		if len(q[name]) > 1 { // RFC 6749 §3.1: MUST NOT be included more than once
			return "", newErreur(CleVerification, "", "callback: "+name+" given twice")
		}
	}
	// FS-11, RFC 9207 §2.4: before anything else of the answer is believed,
	// errors included. FranceConnect advertises that it always sends iss.
	if iss := q.Get("iss"); iss == "" && !c.cfg.Pro {
		return "", newErreur(CleVerification, "", "callback: iss missing")
	} else if iss != "" && iss != c.cfg.Issuer {
		return "", newErreur(CleVerification, "", "callback: iss of another issuer")
	}
	code := q.Get("code")
	if q.Has("error") {
		if code != "" {
			return "", newErreur(CleVerification, "", "callback: both code and error")
		}
		return "", oauthError(q.Get("error"), q.Get("error_description"), q.Get("error_uri"))
	}
	if code == "" {
		return "", newErreur(CleReprise, "", "callback: neither code nor error")
	}
	// RFC 6749 appendix A.11: a code is made of visible ASCII characters.
	if len(code) > maxCode || strings.ContainsFunc(code, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		return "", newErreur(CleVerification, "", "callback: code is not one")
	}
	return secret.Text(code), nil
}

// LogoutURL is where the browser goes right after the callback (FS-30). The
// hint is the ID token as received, expired or not; without one FranceConnect
// refuses (Y000400), and the caller shows CleSession (FS-36).
func (c *Client) LogoutURL(ctx context.Context, idToken, state secret.Text) (string, error) {
	if len(state) < minRandom {
		return "", errWeakRandom
	}
	if idToken == "" {
		return "", c.fail(ctx, "logout", newErreur(CleSession, "", "no ID token to log out with"))
	}
	p, e := c.providerForLogout(ctx)
	if e != nil {
		return "", c.fail(ctx, "logout", e)
	}
	u, err := url.Parse(p.EndSession)
	if err != nil { // checked when discovery was read
		return "", c.fail(ctx, "logout", newErreur(CleConfig, "end_session_endpoint", "end_session_endpoint unusable"))
	}
	q := u.Query() // added to, never replaced: a registered query is kept
	q.Set("id_token_hint", idToken.Reveal())
	q.Set("post_logout_redirect_uri", c.cfg.PostLogoutRedirectURI)
	q.Set("state", state.Reveal())
	u.RawQuery = q.Encode()
	return u.String(), nil
}
