package diagnostic

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"aidantsconnect/internal/proconnect"
	"aidantsconnect/internal/secret"
)

// decouvertePro is what ProConnect publishes of itself, and we compare.
type decouvertePro struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	IDTokenAlgs   []string `json:"id_token_signing_alg_values_supported"`
	UserinfoAlgs  []string `json:"userinfo_signing_alg_values_supported"`
	PKCE          []string `json:"code_challenge_methods_supported"`
	Scopes        []string `json:"scopes_supported"`
}

// examineProConnect checks the sign-in of professionals, when it is configured
// (PC-01).
func (e *examen) examineProConnect(ctx context.Context) {
	e.chapter("ProConnect, connexion des professionnels")
	if e.cfg.ProConnectEmetteur == "" {
		e.ok("Réglage", "aucun : la page de connexion ne montre pas son bouton")
		return
	}
	var d decouvertePro
	s := e.sonderJSON(ctx, e.cfg.ProConnectEmetteur+"/.well-known/openid-configuration", &d)
	if s.panne != "" {
		e.mend("Découverte de ProConnect", s.panne, "Vérifiez AC_PROCONNECT_EMETTEUR, la résolution des noms, et que le réseau laisse joindre "+hostOf(e.cfg.ProConnectEmetteur)+".")
		return
	}
	if d.Issuer != e.cfg.ProConnectEmetteur {
		e.mend("Émetteur de ProConnect", "le document se dit d'un autre émetteur que AC_PROCONNECT_EMETTEUR", "Mettez dans AC_PROCONNECT_EMETTEUR exactement la valeur « issuer » du document.")
		return
	}
	e.ok("Découverte de ProConnect", "lue, émetteur %s", d.Issuer)
	e.listeePro("Signature du jeton de ProConnect", d.IDTokenAlgs, e.cfg.ProConnectAlg, "AC_PROCONNECT_ALG doit être l'algorithme déclaré à ProConnect pour notre service.")
	if e.cfg.ProConnectUserinfo == "jwt" {
		e.listeePro("Signature des données de ProConnect", d.UserinfoAlgs, e.cfg.ProConnectAlg, "Mettez AC_PROCONNECT_USERINFO à json, ou faites déclarer la signature des données.")
	}
	if len(d.PKCE) > 0 { // announced or not, we always send a challenge
		e.listeePro("PKCE", d.PKCE, "S256", "Cet émetteur ne prend pas notre façon de lier le code au navigateur : ce n'est pas ProConnect.")
	}
	e.examineDemandePro(ctx, d)
	e.examineSecretPro(ctx, d)
	e.unseen("Adresses déclarées à ProConnect", e.cfg.Origine+proconnect.CheminRetour+" et "+e.cfg.Origine+proconnect.CheminFin, "La seconde, celle du retour de déconnexion, ne se vérifie que par un essai complet : se déconnecter doit aussi fermer ProConnect.")
}

func (e *examen) listeePro(sujet string, offered []string, v, remede string) {
	if slices.Contains(offered, v) {
		e.ok(sujet, "%s", v)
	} else {
		e.mend(sujet, v+" : non proposé par cet émetteur", remede)
	}
}

// examineDemandePro asks as a browser would, and goes no further than the first
// answer.
func (e *examen) examineDemandePro(ctx context.Context, d decouvertePro) {
	const sujet = "Demande à ProConnect"
	u, err := url.Parse(d.Authorization)
	if err != nil || u.Host == "" {
		e.mend(sujet, "le document ne donne pas d'adresse", "Vérifiez AC_PROCONNECT_EMETTEUR.")
		return
	}
	challenge := sha256.Sum256([]byte(hex.EncodeToString(secret.Random(32))))
	q := u.Query()
	for k, v := range map[string]string{
		"client_id": e.cfg.ProConnectClientID, "redirect_uri": e.cfg.Origine + proconnect.CheminRetour, "response_type": "code", "scope": "openid",
		"state": hex.EncodeToString(secret.Random(32)), "nonce": hex.EncodeToString(secret.Random(32)),
		"code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "code_challenge_method": "S256",
	} {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	switch s := e.sonder(ctx, u.String(), nil); {
	case s.panne != "":
		e.mend(sujet, s.panne, "Vérifiez que le réseau laisse joindre "+u.Host+".")
	case s.statut >= http.StatusInternalServerError:
		e.unseen(sujet, "statut "+strconv.Itoa(s.statut), "ProConnect est en panne : réessayez plus tard.")
	case s.statut >= http.StatusBadRequest:
		e.mend(sujet, "page d'erreur, statut "+strconv.Itoa(s.statut), "AC_PROCONNECT_CLIENT_ID n'est pas connu de cette plateforme, ou l'adresse de retour n'y est pas déclarée : "+e.cfg.Origine+proconnect.CheminRetour)
	default:
		e.ok(sujet, "client_id et adresse de retour acceptés")
	}
}

// examineSecretPro tries a code that cannot exist, as examineSecret does.
func (e *examen) examineSecretPro(ctx context.Context, d decouvertePro) {
	const sujet = "Secret donné par ProConnect"
	s := e.sonder(ctx, d.Token, url.Values{
		"grant_type": {"authorization_code"}, "code": {hex.EncodeToString(secret.Random(32))}, "redirect_uri": {e.cfg.Origine + proconnect.CheminRetour},
		"client_id": {e.cfg.ProConnectClientID}, "client_secret": {e.cfg.ProConnectSecret.Reveal()}, "code_verifier": {hex.EncodeToString(secret.Random(32))},
	})
	switch word := s.erreurOAuth(); {
	case s.panne != "":
		e.mend(sujet, s.panne, "Vérifiez que le réseau laisse joindre "+hostOf(d.Token)+".")
	case word == "invalid_grant":
		e.ok(sujet, "accepté : un faux code est refusé pour lui-même")
	case word == "invalid_client" || s.statut == http.StatusUnauthorized:
		e.mend(sujet, "refusé (invalid_client)", "AC_PROCONNECT_CLIENT_SECRET n'est pas celui de AC_PROCONNECT_CLIENT_ID sur cette plateforme.")
	default:
		e.unseen(sujet, "statut "+strconv.Itoa(s.statut), "Faites un essai complet dans un navigateur.")
	}
}
