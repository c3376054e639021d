package diagnostic

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/secret"
)

// decouverte is what a provider publishes of itself.
type decouverte struct {
	lue           bool
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Userinfo      string   `json:"userinfo_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	IDTokenAlgs   []string `json:"id_token_signing_alg_values_supported"`
	UserinfoAlgs  []string `json:"userinfo_signing_alg_values_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	ResponseTypes []string `json:"response_types_supported"`
	Acrs          []string `json:"acr_values_supported"`
	Scopes        []string `json:"scopes_supported"`
	IssParameter  bool     `json:"authorization_response_iss_parameter_supported"`
}

// ecartMax is how far clocks may differ before it is said: FranceConnect
// tolerates nothing on our tokens (FC-05), and the Date header tells seconds.
const ecartMax = 5 * time.Second

func (e *examen) examineDecouverte(ctx context.Context) {
	e.chapter("FranceConnect, signature des mandats (nous sommes fournisseur de service)")
	var d decouverte
	s := e.sonderJSON(ctx, e.cfg.FCEmetteur+"/.well-known/openid-configuration", &d)
	if s.panne != "" {
		e.mend("Découverte", s.panne, "Vérifiez AC_FC_EMETTEUR, la résolution des noms, et que le réseau laisse sortir le programme vers "+hostOf(e.cfg.FCEmetteur)+". Le programme n'utilise aucun mandataire (proxy).")
		return
	}
	if d.Issuer != e.cfg.FCEmetteur {
		e.mend("Émetteur", "le document se dit d'un autre émetteur que AC_FC_EMETTEUR", "Mettez dans AC_FC_EMETTEUR exactement la valeur « issuer » du document, sans barre finale en plus.")
		return
	}
	d.lue = true
	e.decouv = d
	e.ok("Découverte", "lue, émetteur %s", d.Issuer)
	e.examineHorloge(s)
	e.examineAdresses(d)
	for _, c := range []struct{ sujet, voulu, remede string }{
		{"Signature du jeton d'identité", listed(d.IDTokenAlgs, e.cfg.FCAlg), "AC_FC_ALG doit être l'algorithme enregistré par FranceConnect pour notre service : ES256 ou RS256."},
		{"Signature des données", listed(d.UserinfoAlgs, e.cfg.FCAlg), "Faites enregistrer le même algorithme pour les données que pour le jeton."},
		{"Authentification du service", listed(d.AuthMethods, cmpAuth(e.cfg.FCAuth)), "AC_FC_AUTHENTIFICATION doit être une méthode que FranceConnect propose."},
		{"Réponse par code", listed(d.ResponseTypes, "code"), "Cet émetteur n'est pas une plateforme FranceConnect utilisable."},
		{"Niveau de garantie", listed(d.Acrs, "eidas1"), "Il faut la plateforme FranceConnect (eidas1), et non FranceConnect+."},
	} {
		if c.voulu == "" {
			e.mend(c.sujet, "non proposé par cet émetteur", c.remede)
		} else {
			e.ok(c.sujet, "%s", c.voulu)
		}
	}
	if !d.IssParameter { // FS-11: we refuse an answer that does not say whose it is
		e.mend("Émetteur dans les réponses", "non annoncé (RFC 9207), alors que nous l'exigeons", "Demandez à FranceConnect si ses réponses portent « iss ». Sans lui, aucune signature n'aboutira.")
	} else {
		e.ok("Émetteur dans les réponses", "annoncé (RFC 9207)")
	}
	if e.cfg.FCFIUid == "" {
		e.mend("Boucle par notre propre fournisseur d'identité", "non détectée : AC_FC_FI_UID est vide", "Demandez à FranceConnect l'identifiant (uid) de notre fournisseur d'identité et mettez-le dans AC_FC_FI_UID.")
	} else {
		e.ok("Boucle par notre propre fournisseur d'identité", "refusée quand idp_id vaut %s", e.cfg.FCFIUid)
	}
}

func cmpAuth(v string) string {
	if v == "" {
		return franceconnect.AuthPost
	}
	return v
}

// listed gives v when the list offers it.
func listed(offered []string, v string) string {
	if slices.Contains(offered, v) {
		return v
	}
	return ""
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// examineHorloge compares our clock with FranceConnect's (FC-05).
func (e *examen) examineHorloge(s sonde) {
	d, ok := s.ecart()
	switch {
	case !ok:
		e.unseen("Heure", "la réponse ne dit pas l'heure, ou vient d'un cache", "Vérifiez que cette machine suit l'heure par NTP.")
	case d.Abs() > ecartMax:
		e.mend("Heure", fmt.Sprintf("notre horloge a %s", ecartDit(d)), "Réglez l'heure par NTP sur chaque nœud : FranceConnect n'accorde aucune tolérance à nos jetons.")
	default:
		e.ok("Heure", "à moins de %d s de celle de FranceConnect", int(d.Abs().Seconds())+1)
	}
}

func ecartDit(d time.Duration) string {
	if d > 0 {
		return d.Round(time.Second).String() + " d'avance"
	}
	return (-d).Round(time.Second).String() + " de retard"
}

func (e *examen) examineAdresses(d decouverte) {
	var bad []string
	local := strings.HasPrefix(d.Issuer, "http://")
	for _, a := range []struct{ name, address string }{
		{"authorization_endpoint", d.Authorization},
		{"token_endpoint", d.Token},
		{"userinfo_endpoint", d.Userinfo},
		{"end_session_endpoint", d.EndSession},
		{"jwks_uri", d.JWKS},
	} {
		u, err := url.Parse(a.address)
		if err != nil || !outgoing.SecureURL(u) || !local && u.Scheme != "https" {
			bad = append(bad, a.name)
		}
	}
	if len(bad) > 0 {
		e.mend("Adresses", "absentes ou sans https : "+strings.Join(bad, ", "), "Cet émetteur ne peut pas servir ainsi : signalez-le à FranceConnect.")
		e.decouv.lue = false
		return
	}
	e.ok("Adresses", "les cinq sont là, en sûreté")
}

// jwk is what a diagnostic looks at in a published key.
type jwk struct {
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Use string `json:"use"`
	Alg string `json:"alg"`
	Crv string `json:"crv"`
	N   string `json:"n"`
	D   string `json:"d"` // a private key that somebody publishes
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

// bits is the size of an RSA key.
func (k jwk) bits() int {
	n, err := base64.RawURLEncoding.DecodeString(k.N)
	if err != nil {
		return 0
	}
	return len(n) * 8
}

func (e *examen) examineClesFC(ctx context.Context) {
	if !e.decouv.lue {
		return
	}
	var set jwks
	if s := e.sonderJSON(ctx, e.decouv.JWKS, &set); s.panne != "" {
		e.mend("Clés de FranceConnect", s.panne, "Sans elles aucune réponse ne se vérifie : réessayez, puis signalez-le à FranceConnect.")
		return
	}
	var kids []string
	for _, k := range set.Keys {
		if (k.Use == "sig" || k.Use == "") && (k.Alg == e.cfg.FCAlg || k.Alg == "") && k.Kid != "" && (k.Kty == "EC") == (e.cfg.FCAlg == "ES256") {
			if k.Kty == "RSA" && k.bits() < 2048 {
				continue
			}
			kids = append(kids, k.Kid)
		}
	}
	if len(kids) == 0 {
		e.mend("Clés de FranceConnect", "aucune clé "+e.cfg.FCAlg+" avec un identifiant, parmi "+strconv.Itoa(len(set.Keys)), "AC_FC_ALG ne correspond pas à ce que FranceConnect publie.")
		return
	}
	e.ok("Clés de FranceConnect", "%d clé(s) %s : %s", len(kids), e.cfg.FCAlg, strings.Join(kids, ", "))
}

// demande is our authorization request with these scopes (FS-01).
func (e *examen) demande(clientID string, scopes []string) string {
	u, err := url.Parse(e.decouv.Authorization)
	if err != nil {
		return ""
	}
	q := u.Query()
	for k, v := range map[string]string{
		"client_id": clientID, "redirect_uri": e.cfg.Origine + "/callbackv2/", "response_type": "code", "acr_values": "eidas1",
		"scope": strings.Join(scopes, " "), "state": hex.EncodeToString(secret.Random(32)), "nonce": hex.EncodeToString(secret.Random(32)),
	} {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// retourErreur is the error that FranceConnect sends back to our callback.
func (e *examen) retourErreur(s sonde) (word string, back bool) {
	if s.location == nil || !strings.HasPrefix(s.location.String(), e.cfg.Origine+"/callbackv2/") {
		return "", false
	}
	return s.location.Query().Get("error"), true
}

// examineAutorisation asks as a browser would, and goes no further than the
// first answer: nobody is signed in.
func (e *examen) examineAutorisation(ctx context.Context) {
	if !e.decouv.lue {
		return
	}
	const sujet = "Demande d'autorisation"
	scopes := franceconnect.DefaultScopes()
	s := e.sonder(ctx, e.demande(e.cfg.FCClientID, scopes), nil)
	word, back := e.retourErreur(s)
	switch {
	case s.panne != "":
		e.mend(sujet, s.panne, "Vérifiez que le réseau laisse joindre "+hostOf(e.decouv.Authorization)+".")
	case back && word == "invalid_scope":
		e.examinePortees(ctx, scopes)
	case back && mot.MatchString(word):
		e.mend(sujet, "FranceConnect répond "+word, "Notre enregistrement ne permet pas cette demande : donnez ce mot au support de FranceConnect.")
	case back:
		e.unseen(sujet, "une réponse immédiate, sans page ni erreur", "Faites un essai complet dans un navigateur.")
	case s.statut >= http.StatusBadRequest:
		e.jugerPage(ctx, s)
	default:
		e.ok(sujet, "client_id et adresse de retour acceptés (%s/callbackv2/)", e.cfg.Origine)
		e.ok("Portées", "les %d demandées sont accordées", len(scopes))
	}
}

// jugerPage reads an error page: asked again for a client that cannot exist,
// FranceConnect shows the same code only if ours does not exist either.
func (e *examen) jugerPage(ctx context.Context, s sonde) {
	const sujet = "Demande d'autorisation"
	code := s.code()
	detail := "page d'erreur, statut " + strconv.Itoa(s.statut)
	if code != "" {
		detail += ", code " + code
	}
	switch other := e.sonder(ctx, e.demande("inconnu-"+hex.EncodeToString(secret.Random(8)), franceconnect.DefaultScopes()), nil); {
	case s.statut >= http.StatusInternalServerError:
		e.unseen(sujet, detail, "FranceConnect est en panne : réessayez plus tard.")
	case code == "Y030007":
		e.mend(sujet, detail, "FranceConnect refuse un paramètre de notre demande : signalez-le au support de ce logiciel.")
	case other.panne == "" && other.statut == s.statut && other.code() == code:
		e.mend(sujet, detail+" : la même que pour un client qui n'existe pas", "AC_FC_CLIENT_ID n'est pas connu de cette plateforme. Est-ce celui de l'autre (intégration, production) ?")
	default:
		e.mend(sujet, detail+" : le client est connu, l'adresse de retour non", "Faites déclarer à FranceConnect, à la barre près : "+e.cfg.Origine+"/callbackv2/")
	}
}

// examinePortees finds which scopes are not granted, one by one.
func (e *examen) examinePortees(ctx context.Context, scopes []string) {
	e.ok("Demande d'autorisation", "client_id et adresse de retour acceptés (%s/callbackv2/)", e.cfg.Origine)
	var refused []string
	for _, sc := range scopes {
		if sc == "openid" {
			continue
		}
		if word, _ := e.retourErreur(e.sonder(ctx, e.demande(e.cfg.FCClientID, []string{"openid", sc}), nil)); word == "invalid_scope" {
			refused = append(refused, sc)
		}
	}
	e.mend("Portées", "non accordées à notre service : "+strings.Join(refused, ", "), "Demandez-les à FranceConnect. Tant qu'il en manque une, aucune signature n'aboutit.")
}

// examineSecret tries a code that cannot exist: the refusal tells whether the
// secret was right. RFC 6749 §5.2: invalid_client comes before invalid_grant.
func (e *examen) examineSecret(ctx context.Context) {
	if !e.decouv.lue {
		return
	}
	const sujet = "Secret du client"
	form := url.Values{"grant_type": {"authorization_code"}, "code": {hex.EncodeToString(secret.Random(32))}, "redirect_uri": {e.cfg.Origine + "/callbackv2/"}}
	method := cmpAuth(e.cfg.FCAuth)
	var basic *url.Userinfo
	if method == franceconnect.AuthBasic { // RFC 6749 §2.3.1: each half form-encoded
		basic = url.UserPassword(url.QueryEscape(e.cfg.FCClientID), url.QueryEscape(e.cfg.FCClientSecret.Reveal()))
	} else {
		form.Set("client_id", e.cfg.FCClientID)
		form.Set("client_secret", e.cfg.FCClientSecret.Reveal())
	}
	s := e.sonderAvec(ctx, e.decouv.Token, form, basic)
	switch word := s.erreurOAuth(); {
	case s.panne != "":
		e.mend(sujet, s.panne, "Vérifiez que le réseau laisse joindre "+hostOf(e.decouv.Token)+".")
	case word == "invalid_grant":
		e.ok(sujet, "accepté par %s : un faux code est refusé pour lui-même (invalid_grant)", method)
	case word == "invalid_client" || s.statut == http.StatusUnauthorized:
		e.mend(sujet, "refusé (invalid_client), envoyé par "+method, "AC_FC_CLIENT_SECRET n'est pas celui de AC_FC_CLIENT_ID sur cette plateforme (un retour à la ligne en trop dans un fichier de secret suffit), ou AC_FC_AUTHENTIFICATION n'est pas la méthode enregistrée : d'ici, les deux se ressemblent.")
	case word != "":
		e.unseen(sujet, "FranceConnect répond "+word, "Faites un essai complet dans un navigateur.")
	default:
		e.unseen(sujet, "statut "+strconv.Itoa(s.statut)+", sans mot d'erreur", "Faites un essai complet dans un navigateur.")
	}
}
