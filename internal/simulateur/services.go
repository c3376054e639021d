package simulateur

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"github.com/go-jose/go-jose/v4"
)

// visite is what one browser does on one demo service. claims is never altered
// once stored.
type visite struct {
	state, nonce string // a connection being made
	sortie       string // state of a logout being made
	claims       map[string]any
	idToken      string
}

// routesService is the URL table of the demo services, honest FS: every answer
// of FC is verified, over real HTTP.
func (s *Simulateur) routesService() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s.page(s.accueilServices))
	mux.Handle("GET /{lettre}/{$}", s.page(s.auService(s.accueilService)))
	mux.Handle("POST /{lettre}/connexion", s.formulaire(s.auService(s.connexionService)))
	mux.Handle("GET /{lettre}/retour", s.page(s.auService(s.retourService)))
	mux.Handle("POST /{lettre}/deconnexion", s.formulaire(s.auService(s.deconnexionService)))
	mux.Handle("GET /{lettre}/deconnecte", s.page(s.auService(s.deconnecteService)))
	return mux
}

func (s *Simulateur) accueilServices(w http.ResponseWriter, r *http.Request) error {
	return s.rendre(w, r, http.StatusOK, pageServices(s.vue(r, "Services de démonstration"), s.entitesService()))
}

// passage is a browser at a service.
type passage struct {
	entite
	visite
	cle string // of the visit
}

// auService reads the service of the address and the browser's visit there.
func (s *Simulateur) auService(h func(http.ResponseWriter, *http.Request, passage) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		e, ok := s.service(r.PathValue("lettre"))
		if !ok {
			return errInconnue
		}
		sid := lireCookie(r, cookieService)
		if sid == "" {
			sid = alea(32)
			poserCookie(w, cookieService, sid)
		}
		p := passage{entite: e, cle: sid + "/" + e.Lettre}
		p.visite, _ = s.visites.get(p.cle)
		return h(w, r, p)
	}
}

// accueilService is the home page, or the person's page once signed in.
func (s *Simulateur) accueilService(w http.ResponseWriter, r *http.Request, v passage) error {
	page, contenu := s.vue(r, v.Nom), vueService{Avis: avisService(r.URL.Query().Get("avis"))}
	page.Entete, page.Accueil = v.Nom, "/"+v.Lettre+"/"
	if v.claims != nil {
		page.Titre = "Connecté — " + v.Nom
		contenu = vueService{Bonjour: bonjour(v.claims), Lignes: lignes(v.claims)}
	}
	return s.rendre(w, r, http.StatusOK, pageService(page, v.entite, contenu))
}

func (s *Simulateur) connexionService(w http.ResponseWriter, r *http.Request, v passage) error {
	v.state, v.nonce = alea(32), alea(32)
	s.visites.put(v.cle, v.visite)
	return suivre(w, ajouter(s.Issuer()+"/authorize", "client_id", v.ClientID, "response_type", "code", "redirect_uri", v.RedirectURIs[0],
		"scope", scopesService, "state", v.state, "nonce", v.nonce, "acr_values", v.AcrDemande))
}

// retourService is the callback: state in the same browser, iss, then the
// tokens.
func (s *Simulateur) retourService(w http.ResponseWriter, r *http.Request, v passage) error {
	q := r.URL.Query()
	if v.state == "" || q.Get("state") != v.state || q.Get("iss") != s.Issuer() {
		return suivre(w, s.adresseService(v.Lettre)+"?avis=state")
	}
	nonce := v.nonce
	v.state, v.nonce = "", ""
	s.visites.put(v.cle, v.visite)
	if q.Get("error") != "" || q.Get("code") == "" {
		avis := "erreur"
		if q.Get("error") == refusAcces {
			avis = refusAcces
		}
		return suivre(w, s.adresseService(v.Lettre)+"?avis="+avis)
	}
	var err error
	v.claims, v.idToken, err = s.identiteService(r.Context(), v.entite, q.Get("code"), nonce)
	if err != nil {
		s.cfg.Log.Warn("simulation: demo service refused an answer", "service", v.Lettre, "err", err)
		return suivre(w, s.adresseService(v.Lettre)+"?avis=verification")
	}
	s.visites.put(v.cle, v.visite)
	return suivre(w, s.adresseService(v.Lettre))
}

// identiteService exchanges the code and reads the identity, verified as
// sections 13 and 14 ask of any FS.
func (s *Simulateur) identiteService(ctx context.Context, e entite, code, nonce string) (map[string]any, string, error) {
	rep, err := s.appeler(ctx, s.Issuer()+"/token", url.Values{
		"client_id": {e.ClientID}, "client_secret": {e.ClientSecret}, "grant_type": {"authorization_code"},
		"code": {code}, "redirect_uri": {e.RedirectURIs[0]},
	}, "")
	if err != nil || rep.statut != http.StatusOK {
		return nil, "", fmt.Errorf("token: status %d, %v", rep.statut, err)
	}
	var jetons struct {
		AccessToken string `json:"access_token"`
		IDToken     string `json:"id_token"`
	}
	if err := json.Unmarshal(rep.corps, &jetons); err != nil {
		return nil, "", fmt.Errorf("token: %w", err)
	}
	var set jose.JSONWebKeySet
	if err := s.lireJSON(ctx, s.Issuer()+"/jwks", &set); err != nil {
		return nil, "", fmt.Errorf("jwks: %w", err)
	}
	attendu := attente{issuer: s.Issuer(), clientID: e.ClientID, now: s.cfg.Clock}
	lire := func(jeton string) (map[string]any, error) {
		claims, err := verifierJWS(jeton, e.Alg, cleParmi(set, e.Alg))
		if err != nil {
			return nil, err
		}
		if motif := attendu.commun(claims, true); motif != "" || claims["sub"] == nil {
			return nil, errors.New("claims refused")
		}
		return claims, nil
	}
	idToken, err := lire(jetons.IDToken)
	if err != nil {
		return nil, "", fmt.Errorf("id token: %w", err)
	}
	if acr, _ := idToken["acr"].(string); idToken["nonce"] != nonce || niveau(acr) < niveau(e.AcrDemande) {
		return nil, "", errors.New("id token: nonce or acr refused")
	}
	rep, err = s.appeler(ctx, s.Issuer()+"/userinfo", nil, jetons.AccessToken)
	if media, _, _ := mime.ParseMediaType(rep.contenu); err != nil || rep.statut != http.StatusOK || media != "application/jwt" {
		return nil, "", fmt.Errorf("userinfo: status %d, type %q, %v", rep.statut, media, err)
	}
	claims, err := lire(string(rep.corps))
	if err != nil {
		return nil, "", fmt.Errorf("userinfo: %w", err)
	}
	if claims["sub"] != idToken["sub"] {
		return nil, "", errors.New("userinfo: another sub")
	}
	return claims, jetons.IDToken, nil
}

// deconnexionService ends the visit and logs out of FC, which closes the FI's
// session in turn.
func (s *Simulateur) deconnexionService(w http.ResponseWriter, r *http.Request, v passage) error {
	if v.idToken == "" {
		return suivre(w, s.adresseService(v.Lettre))
	}
	state := alea(32)
	s.visites.put(v.cle, visite{sortie: state})
	return suivre(w, ajouter(s.Issuer()+"/session/end", "id_token_hint", v.idToken,
		"post_logout_redirect_uri", v.PostLogoutRedirectURIs[0], "state", state))
}

func (s *Simulateur) deconnecteService(w http.ResponseWriter, r *http.Request, v passage) error {
	avis := "state"
	if v.sortie != "" && r.URL.Query().Get("state") == v.sortie {
		avis = "deconnecte"
		s.visites.put(v.cle, visite{})
	}
	return suivre(w, s.adresseService(v.Lettre)+"?avis="+avis)
}
