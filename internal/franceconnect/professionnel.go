package franceconnect

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"

	"golang.org/x/oauth2"

	"aidantsconnect/internal/secret"
)

// ProConnect is the same protocol under another registration (PC-01): PKCE on,
// the level asked by the claims parameter and judged by the caller, userinfo in
// JSON or signed, and iss checked when it is sent.

// acrForts are the levels that say two factors were checked at ProConnect, the
// older names among them (PC-04).
var acrForts = []string{
	"eidas0-mfa", "eidas1-mfa", "eidas2", "eidas3",
	"https://proconnect.gouv.fr/assurance/self-asserted-2fa",
	"https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
}

// DeuxFacteurs tells whether a level of ProConnect counts for two factors:
// exactly one of the list, never what looks like one.
func DeuxFacteurs(acr string) bool { return slices.Contains(acrForts, acr) }

// scopesPro is what to obtain at ProConnect: who, where, and nothing more.
func scopesPro() []string {
	return []string{"openid", "given_name", "usual_name", "email", "siret", "idp_id"}
}

// claimsPro asks how the person was proved. The level is a wish: not essential,
// so that those without a second factor at ProConnect come with ours.
const claimsPro = `{"id_token":{"acr":null,"amr":null,"auth_time":null}}`

// level is the parameter that speaks of the level, one or the other's.
func (c *Client) level() oauth2.AuthCodeOption {
	if c.cfg.Pro {
		return oauth2.SetAuthURLParam("claims", claimsPro)
	}
	return oauth2.SetAuthURLParam("acr_values", acrDemande)
}

// Professionnel is who signed in at ProConnect, as it says.
type Professionnel struct {
	Sub       string `json:"sub"` // stable for our registration
	GivenName string `json:"given_name"`
	UsualName string `json:"usual_name"`
	Email     string `json:"email"`
	Siret     string `json:"siret"` // the structure chosen at sign-in
	IdpID     string `json:"idp_id"`
}

// String hides the identity from fmt.
func (Professionnel) String() string { return "[identité]" }

// GoString hides the identity from %#v.
func (Professionnel) GoString() string { return "[identité]" }

// LogValue hides the identity from slog.
func (Professionnel) LogValue() slog.Value { return slog.StringValue("[identité]") }

// ResultatPro is what a completed leg of ProConnect gives; Claims is empty.
type ResultatPro struct {
	Resultat
	Professionnel Professionnel
}

// IdentifyPro is Identify at a ProConnect: same calls, same checks.
func (c *Client) IdentifyPro(ctx context.Context, code, nonce secret.Text) (ResultatPro, error) {
	return c.prove(ctx, code, nonce)
}

func decodeProfessionnel(payload []byte) (Professionnel, error) {
	var p Professionnel
	if err := json.Unmarshal(payload, &p); err != nil {
		return Professionnel{}, errClaims
	}
	return p, nil
}

// checkSub gives back a plain userinfo of the same person (OpenID Connect Core
// §5.3.2); TLS alone vouches for it, as registered.
func checkSub(body []byte, sub string) ([]byte, *Erreur) {
	var x struct {
		Sub string `json:"sub"`
	}
	if json.Unmarshal(body, &x) != nil {
		return nil, newErreur(CleVerification, "", errClaims.Error())
	}
	if x.Sub != sub {
		return nil, newErreur(CleVerification, "", "userinfo: sub of another person")
	}
	return body, nil
}
