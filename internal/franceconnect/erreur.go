package franceconnect

import (
	"encoding/hex"
	"errors"
	"log/slog"
	"net/url"
	"regexp"
	"strings"

	"aidantsconnect/internal/secret"
)

// The keys of §16.1.
const (
	CleAbandon      = "fc.abandon"
	CleIndisponible = "fc.indisponible"
	ClePanne        = "fc.panne"
	CleConfig       = "fc.config"
	CleReprise      = "fc.reprise"
	CleDelai        = "fc.delai"
	CleVerification = "fc.verification"
	CleIncomplete   = "fc.incomplete"
	CleMineur       = "fc.mineur"
	CleBoucle       = "fc.boucle"
	CleSession      = "fc.session"
	CleDeconnexion  = "fc.deconnexion"
)

// avis holds the messages of §16.1, word for word.
var avis = map[string]string{
	CleAbandon:      "La connexion FranceConnect n'a pas abouti : elle a été abandonnée ou l'identité n'a pas été reconnue. Vous pouvez recommencer avec la personne, en utilisant un autre de ses comptes.",
	CleIndisponible: "FranceConnect ne répond pas. Votre saisie est conservée : réessayez dans quelques minutes.",
	ClePanne:        "FranceConnect a rencontré une erreur. Réessayez ; si cela continue, donnez au support le code {code} et le numéro {id}.",
	CleConfig:       "Notre service est mal réglé pour FranceConnect. Vous n'y êtes pour rien : prévenez le support (code {code}).",
	CleReprise:      "Cette page ne correspond plus à une connexion en cours. Reprenez la création du mandat depuis ce navigateur.",
	CleDelai:        "La connexion a pris trop de temps. Votre saisie est conservée : relancez FranceConnect.",
	CleVerification: "La réponse de FranceConnect n'a pas pu être vérifiée. Par sécurité, rien n'a été enregistré. Prévenez le support (référence {id}).",
	CleIncomplete:   "FranceConnect n'a pas transmis : {champs}. Le mandat ne peut pas être créé avec cette identité.",
	CleMineur:       "Cette personne est mineure : le service ne permet pas de signer un mandat pour elle.",
	CleBoucle:       "Cette identité vient d'un mandat Aidants Connect, pas de la personne elle-même. Déconnectez-vous du service ouvert, puis demandez à la personne de se connecter avec son propre compte.",
	CleSession:      "Nous n'avons pas pu fermer la connexion FranceConnect. Fermez le navigateur avant d'accompagner une autre personne.",
	CleDeconnexion:  "La déconnexion de FranceConnect n'est pas confirmée. Cliquez sur « Réessayer la déconnexion » avant de continuer.",
}

// champs gives the words for a claim that is missing (FS-28).
var champs = map[string]string{
	"sub":          "l'identifiant de la personne",
	"given_name":   "le prénom",
	"family_name":  "le nom de naissance",
	"birthdate":    "la date de naissance",
	"birthplace":   "le lieu de naissance",
	"birthcountry": "le pays de naissance",
	"email":        "l'adresse e-mail",
	"gender":       "le sexe",
	// Received, and longer than what FranceConnect itself accepts (FS-26).
	"given_name_long":         "un prénom de 256 caractères au plus",
	"family_name_long":        "un nom de naissance de 256 caractères au plus",
	"preferred_username_long": "un nom d'usage de 256 caractères au plus",
}

// Avis gives the message of a key of §16.1 with its placeholders {code}, {id}
// and {champs} as they are; "" for an unknown key.
func Avis(cle string) string { return avis[cle] }

// Erreur is a failure of the FranceConnect leg. Nothing in it is personal.
type Erreur struct {
	Cle    string   // one of the keys above
	Code   string   // FranceConnect's Y code, else the OAuth error or a word of ours
	ID     string   // FranceConnect's id, else a reference of ours, in the log too
	Champs []string // claim names that are missing (CleIncomplete)
	Err    error    // the cause, in fixed words
}

// Error implements error, for logs.
func (e *Erreur) Error() string {
	s := "franceconnect: " + e.Cle
	if e.Code != "" {
		s += " code=" + e.Code
	}
	if e.ID != "" {
		s += " id=" + e.ID
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Erreur) Unwrap() error { return e.Err }

// Avis is the French message for the aidant, placeholders filled.
func (e *Erreur) Avis() string {
	or := func(s string) string {
		if s == "" {
			return "non communiqué"
		}
		return s
	}
	noms := make([]string, len(e.Champs))
	for i, c := range e.Champs {
		noms[i] = c
		if n, ok := champs[c]; ok {
			noms[i] = n
		}
	}
	return strings.NewReplacer(
		"{code}", or(e.Code),
		"{id}", or(e.ID),
		"{champs}", or(strings.Join(noms, ", ")),
	).Replace(avis[e.Cle])
}

// LogValue gives the fields support asks for (FC-03: code and id are logged).
func (e *Erreur) LogValue() slog.Value {
	a := []slog.Attr{slog.String("cle", e.Cle), slog.String("code", e.Code), slog.String("id", e.ID)}
	if len(e.Champs) > 0 {
		a = append(a, slog.String("champs", strings.Join(e.Champs, ",")))
	}
	if e.Err != nil {
		a = append(a, slog.String("cause", e.Err.Error()))
	}
	return slog.GroupValue(a...)
}

// ErreurDe finds the Erreur in any error; nil when there is none.
func ErreurDe(err error) *Erreur {
	e, _ := errors.AsType[*Erreur](err)
	return e
}

// newErreur makes an Erreur with a cause in fixed words.
func newErreur(cle, code, cause string) *Erreur {
	return &Erreur{Cle: cle, Code: code, Err: errors.New(cause)}
}

// reference makes the number an aidant reads to the support and the support
// finds in the log.
func reference() string { return strings.ToUpper(hex.EncodeToString(secret.Random(5))) }

// oauthErrors maps the error words FranceConnect may answer to a key (§16.1).
// Errors of the token endpoint are in it too (RFC 6749 §5.2).
var oauthErrors = map[string]string{
	"access_denied":             CleAbandon,
	"temporarily_unavailable":   CleIndisponible,
	"server_error":              ClePanne,
	"invalid_scope":             CleConfig,
	"invalid_acr":               CleConfig,
	"invalid_request":           CleConfig,
	"unauthorized_client":       CleConfig,
	"unsupported_response_type": CleConfig,
	"unsupported_grant_type":    CleConfig,
	"invalid_client":            CleConfig,
	"invalid_idp_hint":          CleConfig,
	// The code is older than FranceConnect's 30 s, or was used already.
	"invalid_grant": CleDelai,
	// The access token is older than its 60 s (RFC 6750 §3.1).
	"invalid_token": CleDelai,
}

// oauthError types an error answer. What is not one of the known words is not
// repeated: it is text from outside.
func oauthError(word, description, uri string) *Erreur {
	cle, known := oauthErrors[word]
	if !known {
		cle, word = ClePanne, "erreur_inconnue"
	}
	code, id := parseErrorURI(uri)
	if code == "" {
		code = codeInText.FindString(description)
	}
	e := newErreur(cle, code, "FranceConnect answered "+word)
	e.ID = id
	if e.Code == "" {
		e.Code = word
	}
	return e
}

// A code is Y, two digits of domain and four of error; those of the OIDC engine
// (Y04) end in six hexadecimal digits. An id is a UUID in practice.
const codePattern = `Y[0-9]{2}(?:[0-9]{4}|[0-9A-Fa-f]{6})`

var (
	codeInText = regexp.MustCompile(`\b` + codePattern + `\b`)
	codeWhole  = regexp.MustCompile(`^` + codePattern + `$`)
	idWhole    = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)
)

// parseErrorURI reads FranceConnect's code and id from an error_uri; "" for
// what does not look like one, since both are shown and logged.
func parseErrorURI(s string) (code, id string) {
	if s == "" || len(s) > 2048 {
		return "", ""
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", ""
	}
	q := u.Query()
	if c := q.Get("code"); codeWhole.MatchString(c) {
		code = c
	}
	if i := q.Get("id"); idWhole.MatchString(i) {
		id = i
	}
	return code, id
}
