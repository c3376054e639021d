package simulateur

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// sortie is a logout being done: FC closes the FI's session first, then its
// own, then returns to the FS (SIM-29).
type sortie struct {
	session, clientID, retour, state string
}

// finSession receives the logout of a FS. The hint is mandatory, may have
// expired, and must be one of our own tokens.
func (s *Simulateur) finSession(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	claims, err := s.cles.verifier(q.Get("id_token_hint"))
	aud, _ := claims["aud"].(string)
	e, connu := s.entite(aud)
	retour, client, sid := q.Get("post_logout_redirect_uri"), q.Get("client_id"), s.sessionDe(r)
	const code = "Y000400"
	if err := exiger(
		regle{q.Get("id_token_hint") != "", code, "id_token_hint absent"},
		regle{err == nil && claims["iss"] == s.Issuer(), code, "id_token_hint n'est pas un jeton de cette simulation, sans modification"},
		regle{connu && (client == "" || client == aud), code, "id_token_hint d'un autre client"},
		regle{retour == "" || slices.Contains(e.PostLogoutRedirectURIs, retour), code, "post_logout_redirect_uri n'est pas enregistrée à l'identique"},
		regle{sid != "", "Y100019", "aucune session dans ce navigateur"},
	); err != nil {
		return err
	}
	id := s.sorties.add(sortie{session: sid, clientID: aud, retour: retour, state: q.Get("state")})
	sess, _ := s.sessions.get(sid)
	v := vueSortie{Action: s.Issuer() + "/session/end/" + id, Etape: "La déconnexion va commencer."}
	if c := sess.connexion; c != nil && c.fi == s.cfg.ClientFI.UID {
		v.Etape = "La déconnexion va passer par Aidants Connect, puis revenir ici."
		v.Exception = strings.HasPrefix(s.cfg.ClientFI.EndSessionURL, "http://")
	}
	page := s.vue(r, "Déconnexion en cours")
	page.Auto = true
	return s.rendre(w, r, http.StatusOK, pageSortie(page, v))
}

// sortieEnCours reads the logout of the address, in the browser that opened it.
func (s *Simulateur) sortieEnCours(r *http.Request) (string, sortie, error) {
	id := r.PathValue("sortie")
	so, ok := s.sorties.get(id)
	if sid := s.sessionDe(r); !ok || sid == "" || so.session != sid {
		return "", so, refuse("Y100019", "déconnexion inconnue dans ce navigateur")
	}
	return id, so, nil
}

// quitterFI ends the SSO, then sends the browser to the FI's end-session.
func (s *Simulateur) quitterFI(w http.ResponseWriter, r *http.Request) error {
	id, so, err := s.sortieEnCours(r)
	if err != nil {
		return err
	}
	sess, _ := s.sessions.get(so.session)
	s.sessions.put(so.session, session{sortie: id})
	c := sess.connexion
	if c == nil || c.fi != s.cfg.ClientFI.UID || c.idToken == "" {
		return s.terminer(w, r, id)
	}
	meta, err := s.metaFI(r.Context())
	if err != nil {
		return refuse("Y020028", "adresses du fournisseur d'identité illisibles")
	}
	u, err := url.Parse(meta.EndSession)
	if err != nil {
		return refuse("Y020028", "adresse de déconnexion illisible")
	}
	// SIM-16: FC skips the FI's logout unless it is https; the simulation also
	// accepts localhost, and says so.
	local := u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost")
	if u.Host == "" || (u.Scheme != "https" && !local) {
		return s.terminer(w, r, id)
	}
	return suivre(w, ajouter(meta.EndSession, "id_token_hint", c.idToken, "post_logout_redirect_uri", s.Issuer()+"/client/logout-callback",
		"state", alea(32), "client_id", s.cfg.ClientFI.ClientID))
}

// retourDeconnexionFI is where the FI sends the browser back. FC does not check
// the state there (§8).
func (s *Simulateur) retourDeconnexionFI(w http.ResponseWriter, r *http.Request) error {
	sess, _ := s.sessions.get(s.sessionDe(r))
	if sess.sortie == "" {
		return refuse("Y100019", "aucune déconnexion en cours dans ce navigateur")
	}
	page := s.vue(r, "Déconnexion en cours")
	page.Auto = true
	s.rendre(w, r, http.StatusOK, pageSortie(page, vueSortie{
		Action: s.Issuer() + "/session/end/" + sess.sortie + "/retour", Etape: "Aidants Connect a terminé la connexion. Il reste à revenir au service.",
	}))
	return nil
}

// retourFS ends the session and returns to the FS.
func (s *Simulateur) retourFS(w http.ResponseWriter, r *http.Request) error {
	id, _, err := s.sortieEnCours(r)
	if err != nil {
		return err
	}
	return s.terminer(w, r, id)
}

func (s *Simulateur) terminer(w http.ResponseWriter, r *http.Request, id string) error {
	so, ok := s.sorties.take(id)
	if !ok {
		return refuse("Y100019", "déconnexion déjà terminée")
	}
	s.sessions.take(so.session)
	poserCookie(w, cookieFC, "")
	if so.retour == "" || s.faute(FauteDeconnexion) {
		return s.rendre(w, r, http.StatusOK, pageDeconnecte(s.vue(r, "Déconnexion terminée")))
	}
	return suivre(w, ajouter(so.retour, "state", so.state))
}
