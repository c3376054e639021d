package simulateur

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"math"
	"regexp"
	"slices"
	"time"
)

// attente is what a client expects of the tokens it receives.
type attente struct {
	issuer, clientID, nonce, acr string
	jeton                        string // the access token, for at_hash
	now                          func() time.Time
}

var formeAcr = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// idToken applies the table of §5: a wrong type is Y020030, a failed check
// Y020026. It gives rep_scope.
func (a attente) idToken(claims map[string]any) ([]string, error) {
	for _, nom := range []string{"iss", "sub", "nonce", "at_hash", "iat", "exp", "nbf", "auth_time", "amr"} {
		if v, present := claims[nom]; present && !bonType(nom, v) {
			return nil, refuse("Y020030", "id_token : %s n'est pas du type attendu", nom)
		}
	}
	repScope, err := lireRepScope(claims)
	if err != nil {
		return nil, err
	}
	acr, _ := claims["acr"].(string)
	sub, _ := claims["sub"].(string)
	nonce, _ := claims["nonce"].(string)
	hash, hashDonne := claims["at_hash"]
	motif := a.commun(claims, true)
	return repScope, exiger(
		regle{formeAcr.MatchString(acr), "Y020030", "id_token : acr absent ou mal formé"},
		regle{motif == "", "Y020026", "id_token : " + motif},
		regle{sub != "", "Y020026", "id_token : sub absent"},
		regle{subtle.ConstantTimeCompare([]byte(nonce), []byte(a.nonce)) == 1, "Y020026", "id_token : nonce différent de celui envoyé"},
		regle{!hashDonne || hash == atHash(a.jeton), "Y020026", "id_token : at_hash ne correspond pas au jeton"},
		regle{niveau(acr) >= max(0, niveau(a.acr)), "Y100001", "acr inconnu, ou inférieur à celui demandé"},
		regle{niveau(acr) <= niveau(eidas1), "Y100018", "acr au-dessus de celui permis à ce fournisseur d'identité"},
	)
}

func bonType(nom string, v any) (ok bool) {
	switch nom {
	case "iat", "exp", "nbf", "auth_time":
		_, ok = v.(float64)
	case "amr":
		_, ok = textes(v)
	default:
		_, ok = v.(string)
	}
	return ok
}

// userinfo applies §6: iss, aud, iat and exp are checked only when present; the
// two sub are not compared, as at FC.
func (a attente) userinfo(claims map[string]any) error {
	sub, _ := claims["sub"].(string)
	motif := a.commun(claims, false)
	return exiger(
		regle{asciiImprimable(sub), "Y020029", "sub absent ou hors ASCII"},
		regle{motif == "", "Y020027", "/userinfo : " + motif},
	)
}

// commun checks issuer, audience and dates; it answers why not, in French.
// exige: the claims must be there. Dates are in whole seconds and the tolerance
// is zero (FC-05).
func (a attente) commun(claims map[string]any, exige bool) string {
	now := math.Floor(float64(a.now().UnixMilli()) / 1000)
	if v, present := claims["iss"]; (present || exige) && v != a.issuer {
		return "iss différent de l'émetteur enregistré"
	}
	if v, present := claims["aud"]; (present || exige) && !a.audience(v, claims["azp"]) {
		return "aud ne désigne pas ce client"
	}
	for _, nom := range []string{"iat", "exp"} {
		v, present := claims[nom]
		n, ok := v.(float64)
		if (present || exige) && !ok {
			return nom + " absent ou d'un autre type"
		}
		if nom == "exp" && ok && n <= now {
			return "jeton expiré"
		}
	}
	if n, ok := claims["nbf"].(float64); ok && n > now {
		return "nbf dans le futur"
	}
	return ""
}

// audience: a string, or a list that holds the client; several need azp.
func (a attente) audience(aud, azp any) bool {
	if v, ok := aud.(string); ok {
		return v == a.clientID
	}
	liste, _ := textes(aud)
	return slices.Contains(liste, a.clientID) && (len(liste) == 1 || azp == a.clientID)
}

// lireRepScope: a bare string makes FC fail with Y000000 (REP-9); any other
// type is Y020030; absent is nil.
func lireRepScope(claims map[string]any) ([]string, error) {
	v, present := claims["rep_scope"]
	_, texte := v.(string)
	liste, ok := textes(v)
	return liste, exiger(
		regle{!texte, "Y000000", "rep_scope est un texte et non une liste (REP-9)"},
		regle{ok || !present, "Y020030", "id_token : rep_scope n'est pas une liste de textes"},
	)
}

func textes(v any) ([]string, bool) {
	liste, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, 0, len(liste))
	for _, x := range liste {
		t, ok := x.(string)
		if !ok {
			return nil, false
		}
		out = append(out, t)
	}
	return out, true
}

// atHash is the left half of SHA-256, for the three algorithms here.
func atHash(jeton string) string {
	h := sha256.Sum256([]byte(jeton))
	return base64.RawURLEncoding.EncodeToString(h[:16])
}

func asciiImprimable(s string) bool {
	for _, c := range []byte(s) {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return s != ""
}
