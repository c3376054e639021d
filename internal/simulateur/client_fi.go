package simulateur

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"aidantsconnect/internal/simulateur/registre"
)

// metaFI are the addresses of our FI.
type metaFI struct {
	Issuer     string `json:"issuer"`
	Authorize  string `json:"authorization_endpoint"`
	Token      string `json:"token_endpoint"`
	Userinfo   string `json:"userinfo_endpoint"`
	EndSession string `json:"end_session_endpoint"`
	JWKS       string `json:"jwks_uri"`
}

// metaFI gives the registered addresses, or reads discovery, at every step and
// without cache, as FC does (SIM-11).
func (s *Simulateur) metaFI(ctx context.Context) (metaFI, error) {
	c := s.cfg.ClientFI
	if !c.Decouverte {
		return metaFI{c.Issuer, c.AuthorizeURL, c.TokenURL, c.UserinfoURL, c.EndSessionURL, c.JWKSURL}, nil
	}
	var m metaFI
	if err := s.lireJSON(ctx, c.Issuer+"/.well-known/openid-configuration", &m); err != nil {
		return m, fmt.Errorf("read discovery: %w", err)
	}
	if m.Issuer != c.Issuer {
		return m, errors.New("discovery names another issuer")
	}
	return m, nil
}

// demandeAC builds the request of §3.1, exactly (SIM-10): no PKCE, prompt=login,
// and rep_scope with the values of the service, [] or absent.
func (s *Simulateur) demandeAC(ctx context.Context, e entite, state, nonce string) (string, error) {
	meta, err := s.metaFI(ctx)
	if err != nil {
		return "", refuse("Y020026", "adresses du fournisseur d'identité illisibles")
	}
	repScope := map[string]any{"essential": true}
	if !e.RepScopeAbsent {
		repScope["values"] = append([]string{}, e.RepScope...)
	}
	claims, err := json.Marshal(map[string]any{"id_token": map[string]any{"rep_scope": repScope}})
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	return ajouter(meta.Authorize, "client_id", s.cfg.ClientFI.ClientID, "scope", "openid profile email birth", "response_type", "code",
		"redirect_uri", s.retourFIURI(), "acr_values", eidas1, "nonce", nonce, "state", state, "prompt", "login", "claims", string(claims)), nil
}

func (s *Simulateur) retourFIURI() string { return s.Issuer() + "/oidc-callback" }

// retourFI is the callback of every FI. The order of the refusals is FC's:
// session, state, iss, error, code (SIM-14).
func (s *Simulateur) retourFI(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	sid, state := s.sessionDe(r), q.Get("state")
	if err := exiger(
		regle{sid != "", "Y190001", "aucune session dans ce navigateur"},
		regle{state != "", "Y020021", "state absent de la réponse"},
	); err != nil {
		return err
	}
	uid, i, ok := s.interactions.find(func(i interaction) bool { return i.session == sid && i.fiState == state && !i.finie })
	// The state serves once.
	if !ok || !s.interactions.update(uid, func(i *interaction) bool {
		libre := i.fiState == state
		i.fiState = ""
		return libre
	}) {
		return refuse("Y020022", "state inconnu dans ce navigateur, ou déjà servi")
	}
	if iss, present := q["iss"]; present && iss[0] != s.issuerFI(i.fi) {
		return dans(uid, refuse("Y020026", "iss de la réponse différent de l'émetteur enregistré"))
	}
	if q.Get("error") != "" {
		// FC drops the description and shows its choice page again.
		s.interactions.update(uid, func(i *interaction) bool { i.retour = true; return true })
		return suivre(w, s.adresseInteraction(uid))
	}
	if q.Get("code") == "" {
		return dans(uid, refuse("Y020025", "ni code ni erreur dans la réponse"))
	}
	recevoir := s.recevoirAC
	if i.fi == uidFIDemo {
		recevoir = s.recevoirDemo
	}
	c, err := recevoir(r.Context(), q.Get("code"), i)
	if err != nil {
		return dans(uid, err)
	}
	return s.reconnue(w, uid, i, c)
}

func (s *Simulateur) issuerFI(fi string) string {
	if fi == uidFIDemo {
		return s.cfg.FI
	}
	return s.cfg.ClientFI.Issuer
}

// echange is one identification at our FI: what FC holds while it exchanges the
// code and reads the identity, with all the checks of §5 and §6.
type echange struct {
	*Simulateur
	fi   ClientFI
	meta metaFI
	cles jose.JSONWebKeySet
	attente
}

func (s *Simulateur) recevoirAC(ctx context.Context, code string, i interaction) (connexion, error) {
	c := connexion{fi: i.fi}
	x := echange{Simulateur: s, fi: s.cfg.ClientFI}
	x.attente = attente{issuer: x.fi.Issuer, clientID: x.fi.ClientID, nonce: i.fiNonce, acr: i.acr, now: s.cfg.Clock}
	var err error
	if x.meta, err = s.metaFI(ctx); err != nil {
		return c, refuse("Y020026", "adresses du fournisseur d'identité illisibles")
	}
	idToken, err := x.echanger(ctx, code)
	if err != nil {
		return c, err
	}
	// Both algorithms by secret: no JWKS is registered (§2.1).
	if x.fi.IDTokenAlg != algHS256 || (x.fi.UserinfoAlg != "" && x.fi.UserinfoAlg != algHS256) {
		if err := s.lireJSON(ctx, x.meta.JWKS, &x.cles); err != nil {
			return c, refuse("Y020026", "jwks du fournisseur d'identité illisible")
		}
	}
	// Kept decrypted: that is what FC sends back at logout.
	if c.idToken, err = s.ouvrirJeton(idToken, x.fi.IDTokenChiffrement); err != nil {
		return c, refuse("Y020026", "id_token : chiffrement différent de celui enregistré")
	}
	claims, err := verifierJWS(c.idToken, x.fi.IDTokenAlg, x.cle(x.fi.IDTokenAlg))
	if err != nil {
		return c, refuse("Y020026", "id_token : algorithme, clé ou signature refusés")
	}
	if c.repScope, err = x.idToken(claims); err != nil {
		return c, err
	}
	c.acr, _ = claims["acr"].(string)
	c.sansSSO = !connusRepScope(c.repScope)
	if c.identite, err = x.identite(ctx); err != nil {
		return c, err
	}
	return c, refusRegistre(c.identite.Verifier(true))
}

// echanger redeems the code; it keeps the access token and gives the ID token.
func (x *echange) echanger(ctx context.Context, code string) (string, error) {
	rep, err := x.appeler(ctx, x.meta.Token, url.Values{
		"client_id": {x.fi.ClientID}, "client_secret": {x.fi.ClientSecret},
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {x.retourFIURI()},
	}, "")
	if err != nil || rep.statut != http.StatusOK {
		return "", refuse("Y020026", "/token a répondu %d, ou n'a pas répondu (0)", rep.statut)
	}
	champs, err := objet(rep.corps)
	if err != nil {
		return "", refuse("Y020026", "/token n'a pas répondu un objet JSON")
	}
	acces, accesLu := champs["access_token"].(string)
	idToken, idTokenLu := champs["id_token"].(string)
	genre, _ := champs["token_type"].(string)
	x.jeton = acces
	return idToken, exiger(
		regle{champs["access_token"] != nil && champs["id_token"] != nil, "Y020026", "/token : access_token ou id_token absent"},
		regle{accesLu && idTokenLu, "Y020030", "/token : access_token ou id_token n'est pas un texte"},
		regle{asciiImprimable(acces), "Y020030", "/token : access_token contient autre chose que de l'ASCII imprimable"},
		regle{strings.EqualFold(genre, "Bearer"), "Y020030", "/token : token_type n'est pas Bearer"},
	)
}

// identite calls /userinfo; the content type must be the one registered (FI-52
// to FI-54).
func (x *echange) identite(ctx context.Context) (registre.Personne, error) {
	rep, err := x.appeler(ctx, x.meta.Userinfo, nil, x.jeton)
	if err != nil || rep.statut != http.StatusOK {
		return registre.Personne{}, refuse("Y020027", "/userinfo a répondu %d, ou n'a pas répondu (0)", rep.statut)
	}
	clair := x.fi.UserinfoAlg == "" && x.fi.UserinfoChiffrement == ""
	media, _, err := mime.ParseMediaType(rep.contenu)
	if err != nil || (clair && media != "application/json") || (!clair && rep.contenu != "application/jwt") {
		return registre.Personne{}, refuse("Y020027", "/userinfo : type de contenu différent de celui enregistré")
	}
	corps, err := x.ouvrirJeton(string(rep.corps), x.fi.UserinfoChiffrement)
	if err != nil {
		return registre.Personne{}, refuse("Y020027", "/userinfo : chiffrement différent de celui enregistré")
	}
	var claims map[string]any
	if x.fi.UserinfoAlg == "" {
		claims, err = objet([]byte(corps)) // FI-54: also the bare payload of a JWE
	} else {
		claims, err = verifierJWS(corps, x.fi.UserinfoAlg, x.cle(x.fi.UserinfoAlg))
	}
	if err != nil {
		return registre.Personne{}, refuse("Y020027", "/userinfo : algorithme, clé ou signature refusés")
	}
	if err := x.userinfo(claims); err != nil {
		return registre.Personne{}, err
	}
	i, err := registre.LireIdentite(claims)
	return i, refusRegistre(err)
}

// cle selects our FI's key: the client secret for HS256 (FI-60), else JWKS.
func (x *echange) cle(alg string) choisirCle {
	if alg == algHS256 {
		return func(string) (any, error) { return []byte(x.fi.ClientSecret), nil }
	}
	return cleParmi(x.cles, alg)
}

// ouvrirJeton decrypts when encryption is registered.
func (s *Simulateur) ouvrirJeton(jeton, chiffrement string) (string, error) {
	if chiffrement == "" {
		return jeton, nil
	}
	return s.cles.dechiffrer(jeton, chiffrement)
}
