package simulateur

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// code is an authorization code: 30 s, single use (SIM-23). It is kept longer
// so that a second presentation revokes the token of the first.
type code struct {
	interaction
	authTime, fin time.Time
	utilise       bool
	jeton         string // given for it
}

// jeton is an access token, and the interaction it comes from.
type jeton struct{ interaction }

// erreurOP is a JSON error; error_uri has FC's shape, on our own host (SIM-22).
type erreurOP struct {
	statut               int
	erreur, detail, code string
}

func (s *Simulateur) erreurJSON(w http.ResponseWriter, e erreurOP) {
	if e.code == "" {
		e.code = codeMoteur(e.erreur)
	}
	id := alea(8)
	s.cfg.Log.Warn("simulation: protocol error", "error", e.erreur, "detail", e.detail, "code", e.code, "id", id)
	w.Header().Set("Cache-Control", "no-store")
	ecrireJSON(w, e.statut, map[string]string{
		"error": e.erreur, "error_description": e.detail + " (" + e.code + ")",
		"error_uri": ajouter(s.cfg.FC+"/fs/fs-technique/fs-technique-erreurs/", "code", e.code, "id", id),
	})
}

func mauvaiseMethode(w http.ResponseWriter, r *http.Request, permises ...string) bool {
	if slices.Contains(permises, r.Method) {
		return false
	}
	w.Header().Set("Allow", strings.Join(permises, ", "))
	ecrireJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "invalid_request", "error_description": "method not allowed"})
	return true
}

// clientAuthentifie checks client_secret_post, the only method open here.
func (s *Simulateur) clientAuthentifie(w http.ResponseWriter, r *http.Request) (entite, bool) {
	e, ok := s.entite(r.PostFormValue("client_id"))
	recu, attendu := sha256.Sum256([]byte(r.PostFormValue("client_secret"))), sha256.Sum256([]byte(e.ClientSecret))
	if !ok || e.ClientSecret == "" || subtle.ConstantTimeCompare(recu[:], attendu[:]) != 1 {
		s.erreurJSON(w, erreurOP{statut: http.StatusUnauthorized, erreur: "invalid_client", detail: "client authentication failed"})
		return e, false
	}
	return e, true
}

// serveToken exchanges a code.
func (s *Simulateur) serveToken(w http.ResponseWriter, r *http.Request) {
	if mauvaiseMethode(w, r, http.MethodPost) || s.fautesReseau(w, r, "") {
		return
	}
	e, ok := s.clientAuthentifie(w, r)
	if !ok {
		return
	}
	if r.PostFormValue("grant_type") != "authorization_code" {
		s.erreurJSON(w, erreurOP{statut: http.StatusBadRequest, erreur: "unsupported_grant_type", detail: "only authorization_code"})
		return
	}
	c, jetonAcces, ok := s.consommer(r.PostFormValue("code"), e.ClientID, r.PostFormValue("redirect_uri"))
	if !ok {
		s.erreurJSON(w, erreurOP{statut: http.StatusBadRequest, erreur: "invalid_grant", detail: "code unknown, used, expired or bound to something else"})
		return
	}
	now := s.cfg.Clock()
	// No identity in it, and no at_hash: FC's engine sends none here (SIM-24).
	claims := map[string]any{
		"iss": s.Issuer(), "aud": e.ClientID, "sub": c.connexion.personne.SubPour(e.ClientID), "acr": c.connexion.acr,
		"auth_time": c.authTime.Unix(), "nonce": c.nonce, "iat": now.Unix(), "exp": now.Add(dureeJeton).Unix(),
	}
	idToken, err := s.signer(claims, e, "")
	if err != nil {
		s.erreurJSON(w, erreurOP{statut: http.StatusInternalServerError, erreur: panne, detail: "signature failed", code: "Y000000"})
		return
	}
	ecrireJSON(w, http.StatusOK, map[string]any{
		"access_token": jetonAcces, "token_type": "Bearer", "expires_in": int(dureeJeton.Seconds()),
		"id_token": idToken, "scope": strings.Join(c.scopes, " "),
	})
}

// consommer consumes the code: exactly one caller wins, and whoever comes
// second revokes the first one's access token (RFC 6749 §4.1.2).
func (s *Simulateur) consommer(valeur, clientID, redirectURI string) (code, string, bool) {
	var lu code
	var revoque string
	acces := alea(32)
	ok := s.codes.update(valeur, func(c *code) bool {
		if c.clientID != clientID || c.redirectURI != redirectURI || !s.cfg.Clock().Before(c.fin) {
			return false
		}
		if c.utilise {
			revoque = c.jeton
			return false
		}
		c.utilise, c.jeton = true, acces
		lu = *c
		return true
	})
	if revoque != "" {
		s.jetons.take(revoque)
	}
	if !ok {
		return code{}, "", false
	}
	s.jetons.put(acces, jeton{lu.interaction})
	return lu, acces, true
}

// serveRevocation revokes an access token of the client that presents it. A
// token that is unknown, or of somebody else, gets the same answer (RFC 7009
// §2.2). Our app never calls it: it drops its token (FS-18).
func (s *Simulateur) serveRevocation(w http.ResponseWriter, r *http.Request) {
	if mauvaiseMethode(w, r, http.MethodPost) {
		return
	}
	e, ok := s.clientAuthentifie(w, r)
	if !ok {
		return
	}
	v := r.PostFormValue("token")
	if v == "" {
		s.erreurJSON(w, erreurOP{statut: http.StatusBadRequest, erreur: "invalid_request", detail: "token is required"})
		return
	}
	if t, known := s.jetons.get(v); known && t.clientID == e.ClientID {
		s.jetons.take(v)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

// serveUserinfo answers a signed JWT (SIM-25).
func (s *Simulateur) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	if mauvaiseMethode(w, r, http.MethodGet, http.MethodPost) || s.fautesReseau(w, r, prefixeUserinfo) {
		return
	}
	t, ok := s.jetons.get(jetonPorteur(r))
	e, connu := s.entite(t.clientID)
	if !ok || !connu {
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+s.Issuer()+`", error="invalid_token"`)
		s.erreurJSON(w, erreurOP{statut: http.StatusUnauthorized, erreur: "invalid_token", detail: "access token unknown, expired or revoked"})
		return
	}
	claims := claimsPour(t.scopes, t.connexion)
	now := s.cfg.Clock()
	maps.Copy(claims, map[string]any{
		"sub": t.connexion.personne.SubPour(e.ClientID), "iss": s.Issuer(), "aud": e.ClientID,
		"iat": now.Unix(), "exp": now.Add(dureeJeton).Unix(),
	})
	if s.faute(FauteJSON) {
		s.altere(claims, prefixeUserinfo)
		ecrireJSON(w, http.StatusOK, claims)
		return
	}
	corps, err := s.signer(claims, e, prefixeUserinfo)
	if err != nil {
		s.erreurJSON(w, erreurOP{statut: http.StatusInternalServerError, erreur: panne, detail: "signature failed", code: "Y000000"})
		return
	}
	// Parameters may follow the type (FS-15): clients that compare it whole
	// must be found out here.
	w.Header().Set("Content-Type", "application/jwt; charset=utf-8")
	_, _ = w.Write([]byte(corps))
}

// jetonPorteur reads the access token: header, or body of a POST.
func jetonPorteur(r *http.Request) string {
	if schema, v, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(schema, "Bearer") {
		return strings.TrimSpace(v)
	}
	if r.Method == http.MethodPost {
		return r.PostFormValue("access_token")
	}
	return ""
}

// serveDecouverte publishes the same fields as FC, over-promises included:
// PKCE, request objects and response modes that /authorize refuses (SIM-20).
func (s *Simulateur) serveDecouverte(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(bytes.ReplaceAll(decouverteFixe, []byte("{{ISSUER}}"), []byte(s.Issuer())))
}
