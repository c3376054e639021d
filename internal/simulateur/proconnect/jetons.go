package proconnect

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"aidantsconnect/internal/secret"
)

func (s *Simulateur) discovery(w http.ResponseWriter, _ *http.Request) {
	i := s.Issuer()
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": i, "authorization_endpoint": i + "/authorize", "token_endpoint": i + "/token", "userinfo_endpoint": i + "/userinfo",
		"jwks_uri": i + "/jwks", "end_session_endpoint": i + "/session/end", "response_types_supported": []string{"code"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		"userinfo_signing_alg_values_supported": []string{"ES256"}, "token_endpoint_auth_methods_supported": []string{"client_secret_post"},
		"scopes_supported": portees, "claims_parameter_supported": true, "code_challenge_methods_supported": []string{"S256"},
	})
}

func (s *Simulateur) jwks(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.Public(), KeyID: s.kid, Use: "sig", Algorithm: "ES256"}}})
}

// token exchanges a code, once.
func (s *Simulateur) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 32<<10)
	if err := r.ParseForm(); err != nil {
		fail(w, http.StatusBadRequest, "invalid_request")
		return
	}
	f, now := r.PostForm, s.cfg.Clock()
	if f.Get("client_id") != s.cfg.ClientID || !secret.Equal([]byte(f.Get("client_secret")), []byte(s.cfg.ClientSecret)) {
		fail(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	s.mu.Lock()
	c, ok := s.codes[f.Get("code")]
	delete(s.codes, f.Get("code"))
	s.mu.Unlock()
	switch {
	case f.Get("grant_type") != "authorization_code":
		fail(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	case !ok || !now.Before(c.fin) || f.Get("redirect_uri") != c.redirect || challengeOf(f.Get("code_verifier")) != c.challenge:
		fail(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	claims := map[string]any{
		"iss": s.Issuer(), "aud": s.cfg.ClientID, "sub": s.sub(c.personne), "iat": now.Unix(), "exp": now.Add(vieCode).Unix(),
		"auth_time": c.date.Unix(), "nonce": c.nonce, "acr": c.acr,
	}
	if c.amr {
		claims["amr"] = []string{"pwd"}
		if strings.HasSuffix(c.acr, "mfa") || strings.HasSuffix(c.acr, "2fa") || c.acr == "eidas2" {
			claims["amr"] = []string{"pwd", "otp", "mfa"}
		}
	}
	id, err := s.sign(claims)
	if err != nil {
		fail(w, http.StatusInternalServerError, "server_error")
		return
	}
	c.fin = now.Add(vieJeton)
	s.mu.Lock()
	access := keep(s.jetons, c, func(c connexion) bool { return !now.Before(c.fin) })
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": int(vieJeton.Seconds()), "id_token": id, "scope": "openid"})
}

func challengeOf(verifier string) string {
	if verifier == "" {
		return ""
	}
	h := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

func (s *Simulateur) userinfo(w http.ResponseWriter, r *http.Request) {
	jeton, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	now := s.cfg.Clock()
	s.mu.Lock()
	c, found := s.jetons[jeton]
	s.mu.Unlock()
	if !ok || !found || !now.Before(c.fin) {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		fail(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	claims := map[string]any{
		"sub": s.sub(c.personne), "given_name": c.Prenom, "usual_name": c.Nom, "email": c.Email, "siret": c.Siret, "idp_id": "fi-de-simulation",
		"uid": s.sub(c.personne)[:16],
	}
	if !s.cfg.UserinfoSigne {
		writeJSON(w, http.StatusOK, claims)
		return
	}
	claims["iss"], claims["aud"], claims["iat"], claims["exp"] = s.Issuer(), s.cfg.ClientID, now.Unix(), now.Add(vieCode).Unix()
	jwt, err := s.sign(claims)
	if err != nil {
		fail(w, http.StatusInternalServerError, "server_error")
		return
	}
	w.Header().Set("Content-Type", "application/jwt")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(jwt))
}

// end closes the session of this browser and sends it back (PC-06).
func (s *Simulateur) end(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !s.ours(q.Get("id_token_hint")) && q.Get("client_id") != s.cfg.ClientID || q.Get("state") == "" || q.Get("post_logout_redirect_uri") != s.cfg.PostLogoutRedirectURI {
		s.refuse(w, r, "déconnexion refusée : jeton, state ou adresse")
		return
	}
	if c, err := r.Cookie(temoin); err == nil {
		s.mu.Lock()
		delete(s.sessions, c.Value)
		s.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{Name: temoin, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	http.Redirect(w, r, s.cfg.PostLogoutRedirectURI+"?state="+url.QueryEscape(q.Get("state")), http.StatusSeeOther)
}

// ours tells whether a hint is a token we signed; expired is accepted.
func (s *Simulateur) ours(hint string) bool {
	jws, err := jose.ParseSignedCompact(hint, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return false
	}
	_, err = jws.Verify(s.key.Public())
	return err == nil
}

func (s *Simulateur) sign(claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: s.key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", s.kid))
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	jws, err := signer.Sign(b)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

func fail(w http.ResponseWriter, status int, word string) {
	writeJSON(w, status, map[string]string{"error": word})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client left: nobody to tell
}
