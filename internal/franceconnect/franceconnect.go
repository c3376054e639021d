// Package franceconnect is our client of FranceConnect: we are a fournisseur
// de service (FS) that receives an usager's identity when a mandat is signed
// (spec franceconnect.md §12 to §16).
//
// It builds the authorization request, checks the callback, exchanges the code,
// verifies the ID token and the userinfo, and builds the logout that must
// follow (FS-30). Every failure is an *Erreur whose key is one of §16.1 and
// whose Avis is the French message for the aidant. It also holds the table of
// the codes that FranceConnect shows on its own pages (§16.2).
//
// It owns no table, serves no URL, writes no journal line. State, nonce and
// their deadline belong to the caller's dossier (FS-03, FS-10), and so does the
// intake of the identity: presumed dates, age, missing fields (FS-20 to FS-28).
// It keeps no token: the access token is dropped after userinfo (FS-18), the ID
// token is handed to the caller, who needs it to log out.
//
// It logs each failure once, with its key, FranceConnect's code and id, and a
// cause made of fixed words: never a body, a token, a code or a claim (FC-03,
// M-W36, M-W41). Callers show Avis and need not log again.
package franceconnect

import (
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"aidantsconnect/internal/secret"
)

// acrDemande is the level we ask: the "low" FranceConnect platform knows no
// other one.
const acrDemande = "eidas1"

// acrOrdre is the order in which levels are compared (FS-14). A test on the
// prefix "eidas" would accept eidas0 and eidas-anything.
var acrOrdre = []string{"eidas1", "eidas2", "eidas3"}

// acrSuffices tells whether the level received is at least the level asked. An
// unknown level has index -1, under all others.
func acrSuffices(got string) bool {
	return slices.Index(acrOrdre, got) >= slices.Index(acrOrdre, acrDemande)
}

// DefaultScopes is the list to obtain at registration (§2.2). Asking for one
// that was not granted makes FranceConnect answer invalid_scope.
func DefaultScopes() []string {
	return []string{
		"openid", "given_name", "family_name", "birthdate", "gender",
		"birthplace", "birthcountry", "email", "preferred_username",
		"idp_birthdate", "idp_id",
	}
}

// Claims is the identity as FranceConnect sent it, untouched: dates may be
// presumed, any field but Sub may be empty (absent, null and "" are one).
type Claims struct {
	Sub               string   `json:"sub"` // 64 hex characters + "v1", pairwise
	GivenName         string   `json:"given_name"`
	GivenNames        []string `json:"given_name_array"` // one first name may hold a space
	FamilyName        string   `json:"family_name"`
	PreferredUsername string   `json:"preferred_username"`
	Gender            string   `json:"gender"`        // male, female, unspecified
	Birthdate         string   `json:"birthdate"`     // of the RNIPP, completed with 01
	IdpBirthdate      string   `json:"idp_birthdate"` // of the FI, with its zeros
	Birthplace        string   `json:"birthplace"`
	Birthcountry      string   `json:"birthcountry"`
	Email             string   `json:"email"`
	IdpID             string   `json:"idp_id"`
}

// String hides the identity from fmt.
func (Claims) String() string { return "[identité]" }

// GoString hides the identity from %#v.
func (Claims) GoString() string { return "[identité]" }

// LogValue hides the identity from slog.
func (Claims) LogValue() slog.Value { return slog.StringValue("[identité]") }

// errClaims says that a claim has another type than FranceConnect's contract.
// The decoder's own error may quote the value: it is not kept.
var errClaims = errors.New("userinfo: a claim has a wrong type")

// decodeClaims reads the payload of a verified userinfo.
func decodeClaims(payload []byte) (Claims, error) {
	var c Claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return Claims{}, errClaims
	}
	return c, nil
}

// Resultat is what a completed leg gives. After a failure it holds the raw ID
// token alone, when one was received, so that the caller can log out (FS-17).
type Resultat struct {
	Claims   Claims
	IDToken  secret.Text // unmodified: it is the id_token_hint of the logout
	Acr      string
	AuthTime time.Time // end of FranceConnect's interaction, also under SSO; zero if absent
}

// String hides the identity from fmt.
func (Resultat) String() string { return "[identité]" }

// GoString hides the identity from %#v.
func (Resultat) GoString() string { return "[identité]" }

// LogValue hides the identity from slog.
func (Resultat) LogValue() slog.Value { return slog.StringValue("[identité]") }
