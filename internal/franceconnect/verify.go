package franceconnect

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"aidantsconnect/internal/secret"
)

// leeway is how far FranceConnect's clock and ours may differ (FS-14).
const leeway = 30 * time.Second

func itoa(n int) string { return strconv.Itoa(n) }

// identite is what a verified ID token says.
type identite struct {
	sub, acr string
	authTime time.Time
}

// verifyIDToken does all of FS-14. go-oidc checks the algorithm and the
// signature; the rest is below, each check with its own words.
func (c *Client) verifyIDToken(ctx context.Context, p *provider, raw, access, nonce secret.Text) (identite, *Erreur) {
	tok, e := c.verify(ctx, p, raw.Reveal(), "id token")
	if e != nil {
		return identite{}, e
	}
	var x struct {
		Acr      string   `json:"acr"`
		AtHash   *string  `json:"at_hash"`
		AuthTime *float64 `json:"auth_time"`
	}
	if tok.Claims(&x) != nil {
		return identite{}, newErreur(CleVerification, "", "id token: a claim has a wrong type")
	}
	if tok.Nonce == "" || !secret.Equal([]byte(tok.Nonce), []byte(nonce.Reveal())) {
		return identite{}, newErreur(CleVerification, "", "id token: nonce")
	}
	if !c.cfg.Pro && !acrSuffices(x.Acr) { // ProConnect's level is judged by who signs in (PC-04)
		return identite{}, newErreur(CleVerification, "", "id token: acr")
	}
	// OpenID Connect Core §3.1.3.8: optional in the code flow, verified when present.
	if x.AtHash != nil && tok.VerifyAccessToken(access.Reveal()) != nil {
		return identite{}, newErreur(CleVerification, "", "id token: at_hash")
	}
	id := identite{sub: tok.Subject, acr: x.Acr}
	if x.AuthTime != nil {
		id.authTime = time.Unix(int64(*x.AuthTime), 0).UTC()
	}
	return id, nil
}

// verifyUserinfo does FS-15: the same checks, and the same person.
func (c *Client) verifyUserinfo(ctx context.Context, p *provider, raw, sub string) ([]byte, *Erreur) {
	tok, e := c.verify(ctx, p, raw, "userinfo")
	if e != nil {
		return nil, e
	}
	// OpenID Connect Core §5.3.2: sub MUST be verified to match exactly.
	if tok.Subject != sub {
		return nil, newErreur(CleVerification, "", "userinfo: sub of another person")
	}
	var payload rawJSON
	if tok.Claims(&payload) != nil {
		return nil, newErreur(CleVerification, "", errClaims.Error())
	}
	return payload, nil
}

// rawJSON receives a payload as it is.
type rawJSON []byte

// UnmarshalJSON implements json.Unmarshaler.
func (r *rawJSON) UnmarshalJSON(b []byte) error {
	*r = slices.Clone(b)
	return nil
}

// verify checks a JWT: compact form, pinned algorithm, signature by one of
// FranceConnect's current keys, iss, aud, azp, exp, nbf, iat, sub.
func (c *Client) verify(ctx context.Context, p *provider, raw, what string) (*oidc.IDToken, *Erreur) {
	bad := func(check string) *Erreur { return newErreur(CleVerification, "", what+": "+check) }
	// go-jose also reads the JSON serialization, which nobody may send here.
	if strings.Count(raw, ".") != 2 || strings.ContainsAny(raw, "{} \t\r\n") {
		return nil, bad("not a compact JWT")
	}
	keys := &keySet{inner: p.keys}
	tok, err := oidc.NewVerifier(c.cfg.Issuer, keys, &oidc.Config{
		ClientID:             c.cfg.ClientID,
		SupportedSigningAlgs: []string{c.cfg.Alg},
		// Done below: the library would quote the values in its error, and
		// has no leeway for exp and five minutes for nbf.
		SkipIssuerCheck: true, SkipClientIDCheck: true, SkipExpiryCheck: true,
	}).Verify(ctx, raw)
	switch {
	case err == nil:
	case keys.fetch != nil:
		e := transportError(ctx, keys.fetch)
		e.Err = errors.New("jwks: " + e.Err.Error())
		return nil, e
	case keys.refused:
		return nil, bad("signature or key")
	default:
		return nil, bad("format or algorithm")
	}
	var x struct {
		Azp *string  `json:"azp"`
		Nbf *float64 `json:"nbf"`
	}
	if tok.Claims(&x) != nil {
		return nil, bad("a claim has a wrong type")
	}
	now := c.cfg.Clock()
	switch {
	case tok.Issuer != c.cfg.Issuer:
		return nil, bad("iss")
	case !slices.Contains(tok.Audience, c.cfg.ClientID):
		return nil, bad("aud")
	case len(tok.Audience) > 1 && x.Azp == nil, x.Azp != nil && *x.Azp != c.cfg.ClientID:
		return nil, bad("azp") // OpenID Connect Core §3.1.3.7, 4 and 5
	case tok.Subject == "":
		return nil, bad("sub")
	case !tok.Expiry.Add(leeway).After(now): // absent: the zero time
		return nil, bad("exp")
	case tok.IssuedAt.IsZero(), tok.IssuedAt.After(now.Add(leeway)):
		return nil, bad("iat")
	case x.Nbf != nil && time.Unix(int64(*x.Nbf), 0).After(now.Add(leeway)):
		return nil, bad("nbf")
	}
	return tok, nil
}

// keySet tells a signature that no key verifies from keys that could not be
// read: the library gives both as text. One keySet serves one verification.
type keySet struct {
	inner   oidc.KeySet
	refused bool
	fetch   error
}

// VerifySignature implements oidc.KeySet. The inner set reads the keys again,
// once, when the kid is unknown (FS-14, FS-16).
func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.inner.VerifySignature(ctx, jwt)
	if err != nil {
		// The library wraps a cause only when reading the keys failed.
		if cause := errors.Unwrap(err); cause != nil {
			k.fetch = cause
		} else {
			k.refused = true
		}
	}
	return payload, err
}
