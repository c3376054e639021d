package simulateur

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"

	"aidantsconnect/internal/simulateur/registre"
)

// fauxFI plays our app as FI: it answers well, unless a test says otherwise.
type fauxFI struct {
	m       *monde
	cfg     ClientFI
	cle     jose.JSONWebKey
	demande url.Values // the last authorization request
	appels  []string   // paths called
	sortie  url.Values // the last end-session request
	acces   string

	personne  registre.Personne
	repScope  any                  // claim rep_scope; nil = absent
	retour    func(q url.Values)   // changes the authorization response
	idToken   func(map[string]any) // changes the ID token
	claims    func(map[string]any) // changes the userinfo
	reponse   func(map[string]any) // changes the /token answer
	autreCle  bool                 // signs with a key that is not published
	autreType string               // Content-Type of /userinfo
	statutTok int
	statutInf int
	lent      time.Duration
}

func nouveauFauxFI(m *monde) *fauxFI {
	k, err := newCle(algES256, "sig")
	if err != nil {
		m.t.Fatal(err)
	}
	p, _ := registre.Trouver("ordinaire")
	return &fauxFI{m: m, cle: k, personne: p, repScope: []string{"Famille-Scolarité"}}
}

func (f *fauxFI) inscription() ClientFI {
	o := f.m.origine("ac")
	return ClientFI{
		Issuer: o, ClientID: "fc", ClientSecret: secretFI, AuthorizeURL: o + "/authorize/", TokenURL: o + "/token/",
		UserinfoURL: o + "/userinfo/", EndSessionURL: o + "/logout/", JWKSURL: o + "/jwks", IDTokenAlg: algES256, UserinfoAlg: algES256,
	}
}

func (f *fauxFI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.appels = append(f.appels, r.URL.Path)
	switch r.URL.Path {
	case "/authorize/":
		f.demande = r.URL.Query()
		q := url.Values{"code": {"code-" + alea(8)}, "state": {f.demande.Get("state")}, "iss": {f.cfg.Issuer}}
		if f.retour != nil {
			f.retour(q)
		}
		http.Redirect(w, r, f.demande.Get("redirect_uri")+"?"+q.Encode(), http.StatusSeeOther)
	case "/token/":
		f.token(w, r)
	case "/userinfo/":
		f.userinfo(w, r)
	case "/jwks":
		ecrireJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{f.cle.Public()}})
	case "/logout/":
		f.sortie = r.URL.Query()
		http.Redirect(w, r, f.sortie.Get("post_logout_redirect_uri")+"?state="+url.QueryEscape(f.sortie.Get("state")), http.StatusSeeOther)
	case "/.well-known/openid-configuration":
		o := f.m.origine("ac")
		ecrireJSON(w, http.StatusOK, metaFI{o, o + "/authorize/", o + "/token/", o + "/userinfo/", o + "/logout/", o + "/jwks"})
	default:
		http.NotFound(w, r)
	}
}

func (f *fauxFI) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // the body read, a caller that leaves is seen
	if f.lent > 0 {
		select {
		case <-time.After(f.lent):
		case <-r.Context().Done():
			return
		}
	}
	if r.PostFormValue("client_secret") != secretFI || r.PostFormValue("client_id") != "fc" || r.PostFormValue("redirect_uri") != f.m.s.retourFIURI() ||
		r.PostFormValue("grant_type") != "authorization_code" || f.statutTok != 0 {
		ecrireJSON(w, max(f.statutTok, 400), map[string]string{"error": "invalid_grant"})
		return
	}
	now := f.m.horloge.lire()
	f.acces = alea(16)
	claims := map[string]any{
		"iss": f.cfg.Issuer, "aud": "fc", "sub": "sub-de-l-usager", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"nonce": f.demande.Get("nonce"), "acr": eidas1, "auth_time": now.Unix(), "amr": []string{"mail", "otp"}, "at_hash": atHash(f.acces),
	}
	if f.repScope != nil {
		claims["rep_scope"] = f.repScope
	}
	if f.idToken != nil {
		f.idToken(claims)
	}
	corps := map[string]any{
		"access_token": f.acces, "token_type": "Bearer", "expires_in": 60,
		"id_token": f.chiffrer(f.signer(claims, f.cfg.IDTokenAlg), f.cfg.IDTokenChiffrement),
	}
	if f.reponse != nil {
		f.reponse(corps)
	}
	ecrireJSON(w, http.StatusOK, corps)
}

func (f *fauxFI) userinfo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+f.acces || f.statutInf != 0 {
		w.Header().Set("WWW-Authenticate", `Bearer realm="ac"`)
		w.WriteHeader(max(f.statutInf, 401))
		return
	}
	p := f.personne.Au(f.m.horloge.lire())
	claims := map[string]any{
		"sub": "sub-de-l-usager", "given_name": p.GivenName, "family_name": p.FamilyName, "birthdate": p.Birthdate, "gender": p.Gender,
		"birthcountry": p.Birthcountry, "email": p.Email, "creation_date": "claim dropped by FC",
	}
	if p.Birthcountry == registre.France && p.Birthplace.Valeur != "" { // FI: omitted when born abroad
		claims["birthplace"] = p.Birthplace.Valeur
	}
	if p.PreferredUsername.Valeur != "" {
		claims["preferred_username"] = p.PreferredUsername.Valeur
	}
	if f.cfg.UserinfoAlg != "" {
		claims["iss"], claims["aud"], claims["iat"] = f.cfg.Issuer, "fc", f.m.horloge.lire().Unix()
	}
	if f.claims != nil {
		f.claims(claims)
	}
	b, _ := json.Marshal(claims)
	genre, corps := "application/json", string(b)
	if f.cfg.UserinfoAlg != "" {
		genre, corps = "application/jwt", f.signer(claims, f.cfg.UserinfoAlg)
	}
	if f.cfg.UserinfoChiffrement != "" {
		genre, corps = "application/jwt", f.chiffrer(corps, f.cfg.UserinfoChiffrement)
	}
	if f.autreType != "" {
		genre = f.autreType
	}
	w.Header().Set("Content-Type", genre)
	_, _ = w.Write([]byte(corps))
}

func (f *fauxFI) signer(claims map[string]any, alg string) string {
	k := f.cle
	if alg == algHS256 {
		k = jose.JSONWebKey{Key: []byte(secretFI), Algorithm: algHS256}
	}
	if f.autreCle {
		k, _ = newCle(k.Algorithm, "sig")
		k.KeyID = f.cle.KeyID
	}
	jws, err := signerJWS(claims, k)
	if err != nil {
		f.m.t.Error(err)
	}
	return jws
}

// chiffrer encrypts for FC with the key that it publishes.
func (f *fauxFI) chiffrer(clair, alg string) string {
	if alg == "" {
		return clair
	}
	req, _ := http.NewRequest(http.MethodGet, f.m.s.Issuer()+"/client/.well-known/keys", nil)
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(f.m.envoyer(req).corps, &set); err != nil {
		f.m.t.Error(err)
	}
	k := set.Keys[0]
	if alg != "ECDH-ES" {
		k = set.Keys[1]
	}
	e, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.KeyAlgorithm(alg), Key: k.Key, KeyID: k.KeyID}, (&jose.EncrypterOptions{}).WithContentType("JWT"))
	if err != nil {
		f.m.t.Error(err)
		return ""
	}
	jwe, err := e.Encrypt([]byte(clair))
	if err != nil {
		f.m.t.Error(err)
		return ""
	}
	s, _ := jwe.CompactSerialize()
	return s
}

func (f *fauxFI) publiques() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{f.cle.Public()}}
}
