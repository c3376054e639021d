package simulateur

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"aidantsconnect/internal/simulateur/registre"
)

// SIM-24: what an ID token holds, and no identity in it.
func TestConnexionApp(t *testing.T) {
	for _, alg := range []string{algES256, algRS256} {
		t.Run(alg, func(t *testing.T) {
			m := nouveauMonde(t, func(c *Config) { c.ClientFS.Alg = alg })
			n := m.navigateur()
			p := n.aller(m.demande()).parDemo("nom_usage")
			if !strings.Contains(p.texte, "ROUVERAY") || !strings.Contains(p.texte, "Aidants Connect va recevoir") {
				t.Fatalf("information page: %s", texteDe(p.doc))
			}
			p = p.cliquer("continuer")
			q := p.url.Query()
			if q.Get("state") != strings.Repeat("5", 64) || q.Get("iss") != m.s.Issuer() || q.Get("code") == "" {
				t.Fatalf("response %v", q)
			}
			rep := m.postJeton(m.echangeFS(q.Get("code")))
			if rep.statut != http.StatusOK || rep.json["token_type"] != "Bearer" || rep.json["expires_in"] != 60.0 || rep.json["refresh_token"] != nil {
				t.Fatalf("/token: %d %s", rep.statut, rep.corps)
			}
			claims, err := verifierJWS(rep.json["id_token"].(string), alg, cleParmi(m.jwks(), alg))
			if err != nil {
				t.Fatal(err)
			}
			// Nothing else: no identity in the ID token (SIM-24).
			if got, want := slices.Sorted(maps.Keys(claims)), []string{"acr", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sub"}; !cmp.Equal(got, want) {
				t.Errorf("claims %v", got)
			}
			now := float64(m.horloge.lire().Unix())
			if claims["nonce"] != strings.Repeat("7", 64) || claims["aud"] != "app-fs" || claims["acr"] != eidas1 || claims["exp"] != now+60 || claims["auth_time"] != now {
				t.Errorf("claims %v", claims)
			}
			info := m.userinfo(rep.json["access_token"].(string))
			if !strings.HasPrefix(info.tete.Get("Content-Type"), "application/jwt") {
				t.Errorf("type %q", info.tete.Get("Content-Type"))
			}
			u, err := verifierJWS(string(info.corps), alg, cleParmi(m.jwks(), alg))
			if err != nil {
				t.Fatal(err)
			}
			if u["sub"] != claims["sub"] || u["iss"] != m.s.Issuer() || u["aud"] != "app-fs" || u["preferred_username"] != "GALANTIER" || u["idp_id"] != uidFIDemo {
				t.Errorf("userinfo %v", u)
			}
			if !regexp.MustCompile(`^[0-9a-f]{64}v1$`).MatchString(u["sub"].(string)) {
				t.Errorf("sub %q", u["sub"])
			}
		})
	}
}

// SIM-25: presumed dates completed, the true ones beside; absent and empty places.
func TestUserinfoOP(t *testing.T) {
	m := nouveauMonde(t)
	cas := map[string]map[string]any{
		"presume_jour":         {"birthdate": "1960-07-01", "idp_birthdate": "1960-07-00", "birthplace": nil},
		"presume_annee":        {"birthdate": "1948-01-01", "idp_birthdate": "1948-00-00"},
		"vrai_premier_janvier": {"birthdate": "1955-01-01", "idp_birthdate": "1955-01-01"},
		"ne_portugal":          {"birthplace": "", "birthcountry": "99139"},
		"nom_usage_vide":       {"preferred_username": ""},
		"zero_initial":         {"birthplace": "01004", "preferred_username": "PERRACHET"},
		"prenom_espace":        {"given_name_array": []any{"Jean Baptiste"}},
		"ordinaire":            {"given_name_array": []any{"Odile", "Simone"}, "email": "ordinaire@example.org"},
		"rectifie":             {"given_name": "Jean Marcel"},
		"sans_email":           {"email": nil},
		"genre_indetermine":    {"gender": "unspecified"},
		"change_apres":         {"family_name": "CHASTELLOR"},
		"dix_huit_ans":         {"birthdate": "2008-03-14"},
		"mineur":               {"birthdate": "2010-03-14"},
	}
	for cle, veut := range cas {
		t.Run(cle, func(t *testing.T) {
			_, u, _ := m.identite(m.navigateur(), cle)
			for nom, v := range veut {
				if diff := cmp.Diff(v, u[nom]); diff != "" {
					t.Errorf("%s: %s", nom, diff)
				}
			}
		})
	}
	_, absente, _ := m.identite(m.navigateur(), "ne_algerie")
	if _, present := absente["birthplace"]; present {
		t.Error("birthplace must be absent")
	}
	_, nulle, _ := m.identite(m.navigateur(), "nom_usage_null")
	if v, present := nulle["preferred_username"]; !present || v != nil {
		t.Error("preferred_username must be null")
	}
}

func TestScopes(t *testing.T) {
	m := nouveauMonde(t)
	p := m.navigateur().aller(m.demande("scope", "openid family_name address phone inconnu")).parDemo("ordinaire").cliquer("continuer")
	rep := m.postJeton(m.echangeFS(p.url.Query().Get("code")))
	u, err := verifierJWS(string(m.userinfo(rep.json["access_token"].(string)).corps), algES256, cleParmi(m.jwks(), algES256))
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(u)); !cmp.Equal(got, []string{"aud", "exp", "family_name", "iat", "iss", "sub"}) {
		t.Errorf("claims %v", got)
	}
}

// SIM-21, SIM-22: any other parameter is refused; errors carry state and iss.
func TestAuthorizeRefuse(t *testing.T) {
	m := nouveauMonde(t)
	pages := map[string]struct {
		changes []string
		code    string
	}{
		"client inconnu":   {[]string{"client_id", "autre"}, codeMoteur("invalid_client")},
		"client absent":    {[]string{"client_id", ""}, codeMoteur("invalid_client")},
		"adresse proche":   {[]string{"redirect_uri", m.origine("app") + "/callbackv2"}, codeMoteur("invalid_redirect_uri")},
		"PKCE":             {[]string{"code_challenge", "x", "code_challenge_method", "S256"}, "Y030007"},
		"response_mode":    {[]string{"response_mode", "query"}, "Y030007"},
		"max_age":          {[]string{"max_age", "0"}, "Y030007"},
		"login_hint":       {[]string{"login_hint", "x"}, "Y030007"},
		"request":          {[]string{"request", "x"}, "Y030007"},
		"id_token_hint":    {[]string{"id_token_hint", "x"}, "Y030007"},
		"prompt none":      {[]string{"prompt", "none"}, "Y030007"},
		"prompt select":    {[]string{"prompt", "login select_account"}, "Y030007"},
		"nonce court":      {[]string{"nonce", strings.Repeat("a", 21)}, "Y030007"},
		"nonce absent":     {[]string{"nonce", ""}, "Y030007"},
		"state absent":     {[]string{"state", ""}, "Y030007"},
		"acr absent":       {[]string{"acr_values", ""}, "Y030007"},
		"scope absent":     {[]string{"scope", ""}, "Y030007"},
		"claims mal forme": {[]string{"claims", "{"}, "Y030028"},
		"claims amr":       {[]string{"claims", `{"id_token":{"amr":null}}`}, "Y100009"},
	}
	for nom, c := range pages {
		t.Run(nom, func(t *testing.T) {
			p := m.navigateur().aller(m.demande(c.changes...))
			p.veut(c.code)
			if p.url.Host != "fc.localhost:"+m.port {
				t.Errorf("redirected to %s", p.url)
			}
		})
	}
	m.navigateur().aller(m.demande() + "&state=autre").veut("Y030007")

	redirections := map[string]struct {
		changes []string
		erreur  string
	}{
		"scope non accorde": {[]string{"scope", "openid amr"}, "invalid_scope"},
		"sans openid":       {[]string{"scope", "given_name"}, "invalid_scope"},
		"eidas2":            {[]string{"acr_values", eidas2}, "invalid_acr"},
		"idp_hint":          {[]string{"idp_hint", "aidants-connect"}, "invalid_idp_hint"},
		"response_type":     {[]string{"response_type", "token"}, "unsupported_response_type"},
	}
	for nom, c := range redirections {
		t.Run(nom, func(t *testing.T) {
			p := m.navigateur().aller(m.demande(c.changes...))
			q := p.url.Query()
			if p.url.Path != "/callbackv2/" || q.Get("error") != c.erreur || q.Get("state") != strings.Repeat("5", 64) || q.Get("iss") != m.s.Issuer() || q.Get("error_description") == "" {
				t.Errorf("response %s", p.url)
			}
		})
	}
	for nom, changes := range map[string][]string{
		"prompt permis": {"prompt", "login consent"}, "acr inconnu": {"acr_values", "niveau9"}, "nonce de 22": {"nonce", strings.Repeat("a", 22)},
		"claims sans amr": {"claims", `{"userinfo":{"email":null}}`}, "ui_locales": {"ui_locales", "fr"},
	} {
		t.Run(nom, func(t *testing.T) {
			if p := m.navigateur().aller(m.demande(changes...)); !p.existe("fi-demo") {
				t.Errorf("no choice page: %s", texteDe(p.doc))
			}
		})
	}
}

func TestAuthorizePost(t *testing.T) {
	m := nouveauMonde(t)
	u, _ := url.Parse(m.demande())
	if p := m.navigateur().poster(m.s.Issuer()+"/authorize", u.Query()); !p.existe("fi-demo") {
		t.Errorf("no choice page: %s", texteDe(p.doc))
	}
	q := u.Query()
	q.Set("max_age", "1")
	m.navigateur().poster(m.s.Issuer()+"/authorize", q).veut("Y030007")
}

// SIM-22: JSON errors, with an error_uri of FranceConnect's shape.
func TestErreursJSON(t *testing.T) {
	m := nouveauMonde(t)
	bon := m.echangeFS(m.connecter(m.navigateur(), "ordinaire"))
	avec := func(nom, v string) url.Values {
		q := maps.Clone(bon)
		q.Set(nom, v)
		return q
	}
	for nom, c := range map[string]struct {
		form   url.Values
		statut int
		erreur string
	}{
		"secret":       {avec("client_secret", "x"), 401, "invalid_client"},
		"client":       {avec("client_id", "x"), 401, "invalid_client"},
		"sans client":  {url.Values{"code": {bon.Get("code")}}, 401, "invalid_client"},
		"grant":        {avec("grant_type", "refresh_token"), 400, "unsupported_grant_type"},
		"redirect_uri": {avec("redirect_uri", m.origine("app")+"/"), 400, "invalid_grant"},
		"code":         {avec("code", "x"), 400, "invalid_grant"},
	} {
		t.Run(nom, func(t *testing.T) {
			rep := m.postJeton(c.form)
			if rep.statut != c.statut || rep.json["error"] != c.erreur || rep.tete.Get("Content-Type") != "application/json" {
				t.Fatalf("%d %s", rep.statut, rep.corps)
			}
			u, err := url.Parse(rep.json["error_uri"].(string))
			if err != nil || u.Host != "fc.localhost:"+m.port || !regexp.MustCompile(`^Y[0-9A-F]+$`).MatchString(u.Query().Get("code")) || u.Query().Get("id") == "" {
				t.Errorf("error_uri %v", rep.json["error_uri"])
			}
		})
	}
	basic, _ := http.NewRequest(http.MethodPost, m.s.Issuer()+"/token", strings.NewReader("grant_type=authorization_code&code="+bon.Get("code")))
	basic.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	basic.SetBasicAuth("app-fs", secretFS)
	if rep := m.envoyer(basic); rep.json["error"] != "invalid_client" {
		t.Errorf("basic: %d %s", rep.statut, rep.corps)
	}
	get, _ := http.NewRequest(http.MethodGet, m.s.Issuer()+"/token", nil)
	if rep := m.envoyer(get); rep.statut != 405 || rep.tete.Get("Allow") != "POST" {
		t.Errorf("GET /token: %d", rep.statut)
	}
	if rep := m.userinfo("inconnu"); rep.statut != 401 || !strings.Contains(rep.tete.Get("WWW-Authenticate"), "invalid_token") {
		t.Errorf("userinfo: %d", rep.statut)
	}
}

// SIM-23: a code serves once; a second use revokes the first token.
func TestCodeUneSeuleFois(t *testing.T) {
	m := nouveauMonde(t)
	form := m.echangeFS(m.connecter(m.navigateur(), "ordinaire"))
	premier := m.postJeton(form)
	jeton := premier.json["access_token"].(string)
	if rep := m.userinfo(jeton); rep.statut != 200 {
		t.Fatalf("userinfo %d", rep.statut)
	}
	if rep := m.postJeton(form); rep.json["error"] != "invalid_grant" {
		t.Fatalf("second exchange: %d %s", rep.statut, rep.corps)
	}
	if rep := m.userinfo(jeton); rep.statut != 401 {
		t.Errorf("the token of the first exchange must be revoked: %d", rep.statut)
	}
}

// Discovery advertises a revocation endpoint, which answers as RFC 7009 says:
// a token of the client is revoked, and whatever else it presents changes
// nothing and is not told apart (SIM-20).
func TestRevocation(t *testing.T) {
	m := nouveauMonde(t)
	d := m.json("/.well-known/openid-configuration")
	adresse, _ := d["revocation_endpoint"].(string)
	revoquer := func(v url.Values) reponseHTTP {
		t.Helper()
		req, _ := http.NewRequest(http.MethodPost, adresse, strings.NewReader(v.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return m.envoyer(req)
	}
	jeton := m.postJeton(m.echangeFS(m.connecter(m.navigateur(), "ordinaire"))).json["access_token"].(string)
	moi := url.Values{"client_id": {"app-fs"}, "client_secret": {secretFS}, "token": {jeton}, "token_type_hint": {"access_token"}}
	autre, _ := m.s.service("a")
	for nom, c := range map[string]struct {
		form   url.Values
		statut int
	}{
		"autre client":   {url.Values{"client_id": {autre.ClientID}, "client_secret": {autre.ClientSecret}, "token": {jeton}}, 200},
		"jeton inconnu":  {url.Values{"client_id": {"app-fs"}, "client_secret": {secretFS}, "token": {"inconnu"}}, 200},
		"sans jeton":     {url.Values{"client_id": {"app-fs"}, "client_secret": {secretFS}}, 400},
		"mauvais client": {url.Values{"client_id": {"app-fs"}, "client_secret": {"x"}, "token": {jeton}}, 401},
	} {
		if rep := revoquer(c.form); rep.statut != c.statut {
			t.Errorf("%s: %d %s", nom, rep.statut, rep.corps)
		}
	}
	if rep := m.userinfo(jeton); rep.statut != 200 {
		t.Fatalf("the token is lost: %d", rep.statut)
	}
	if rep := revoquer(moi); rep.statut != 200 || len(rep.corps) != 0 {
		t.Errorf("%d %s", rep.statut, rep.corps)
	}
	if rep := m.userinfo(jeton); rep.statut != 401 {
		t.Errorf("revoked, and still served: %d", rep.statut)
	}
	if rep := revoquer(moi); rep.statut != 200 {
		t.Errorf("twice: %d", rep.statut)
	}
	get, _ := http.NewRequest(http.MethodGet, adresse, nil)
	if rep := m.envoyer(get); rep.statut != 405 || rep.tete.Get("Allow") != "POST" {
		t.Errorf("GET: %d", rep.statut)
	}
	// Every endpoint that discovery advertises exists.
	for nom, v := range d {
		u, err := url.Parse(fmt.Sprint(v))
		if (!strings.HasSuffix(nom, "_endpoint") && nom != "jwks_uri") || err != nil {
			continue
		}
		req, _ := http.NewRequest(http.MethodGet, u.String(), nil)
		if rep := m.envoyer(req); rep.statut == http.StatusNotFound {
			t.Errorf("%s leads nowhere", nom)
		}
	}
}

func (m *monde) json(chemin string) map[string]any {
	m.t.Helper()
	req, _ := http.NewRequest(http.MethodGet, m.s.Issuer()+chemin, nil)
	return m.envoyer(req).json
}

// SIM-23: 30 s for a code, 60 s for a token, 30 min for an interaction.
func TestDelaisOP(t *testing.T) {
	m := nouveauMonde(t)
	form := m.echangeFS(m.connecter(m.navigateur(), "ordinaire"))
	m.horloge.avancer(30 * time.Second)
	if rep := m.postJeton(form); rep.json["error"] != "invalid_grant" {
		t.Errorf("code after 30 s: %d %s", rep.statut, rep.corps)
	}
	form = m.echangeFS(m.connecter(m.navigateur(), "ordinaire"))
	m.horloge.avancer(29 * time.Second)
	rep := m.postJeton(form)
	if rep.statut != 200 {
		t.Fatalf("code after 29 s: %d %s", rep.statut, rep.corps)
	}
	m.horloge.avancer(60 * time.Second)
	if rep := m.userinfo(rep.json["access_token"].(string)); rep.statut != 401 {
		t.Errorf("token after 60 s: %d", rep.statut)
	}
	n := m.navigateur()
	choix := n.aller(m.demande())
	m.horloge.avancer(20 * time.Minute)
	n.aller(choix.url.String()) // the session slides, the interaction does not
	m.horloge.avancer(10 * time.Minute)
	n.aller(choix.url.String()).veut("Y030025")
	m.horloge.avancer(30 * time.Minute)
	n.aller(choix.url.String()).veut("Y190001")
}

func TestInteractionLiee(t *testing.T) {
	m := nouveauMonde(t)
	n := m.navigateur()
	choix := n.aller(m.demande())
	m.navigateur().aller(choix.url.String()).veut("Y190001")
	autre := m.navigateur()
	autre.aller(m.demande())
	autre.aller(choix.url.String()).veut("Y030025")

	info := choix.parDemo("ordinaire")
	info.cliquer("continuer")
	info.cliquer("continuer").veut("Y420001")
	choix.cliquer("revenir").veut("Y420001")

	p := n.aller(m.demande("prompt", "login"))
	q := p.cliquer("revenir").url.Query()
	if q.Get("error") != "access_denied" || q.Get("iss") != m.s.Issuer() || q.Get("code") != "" {
		t.Errorf("response %v", q)
	}
	// A form of ours posted from another site is refused.
	req, _ := http.NewRequest(http.MethodPost, choix.url.String()+"/fi", strings.NewReader("fi=fi-demo"))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if rep := m.envoyer(req); rep.statut != 403 {
		t.Errorf("cross-site POST: %d", rep.statut)
	}
}

// SIM-28: 30 sliding minutes, whatever prompt says.
func TestSSO(t *testing.T) {
	m := nouveauMonde(t)
	n := m.navigateur()
	premier, _, _ := m.identite(n, "ordinaire")

	m.horloge.avancer(29 * time.Minute)
	p := n.aller(m.demande("prompt", "login")) // prompt is ignored
	if p.id("sso") != "Simulation : la connexion de Odile Simone VASSELIN est réutilisée" {
		t.Fatalf("no SSO banner: %s", texteDe(p.doc))
	}
	if p = p.cliquer("continuer"); p.url.Query().Get("code") == "" {
		t.Fatalf("no code: %s", p.url)
	}
	rep := m.postJeton(m.echangeFS(p.url.Query().Get("code")))
	claims, err := verifierJWS(rep.json["id_token"].(string), algES256, cleParmi(m.jwks(), algES256))
	if err != nil {
		t.Fatal(err)
	}
	if claims["sub"] != premier["sub"] || claims["auth_time"] != float64(m.horloge.lire().Unix()) {
		t.Errorf("under SSO: %v", claims)
	}
	m.horloge.avancer(29 * time.Minute) // slides
	if p := n.aller(m.demande()); !p.existe("sso") {
		t.Error("the session must slide")
	}
	if p := n.aller(m.origine("service") + "/e/").cliquer("se-connecter"); p.existe("sso") {
		t.Error("a higher level is asked: no SSO")
	}
	m.horloge.avancer(30 * time.Minute)
	if p := n.aller(m.demande()); p.existe("sso") || !p.existe("fi-demo") {
		t.Error("after 30 min: choice page")
	}
}

// SIM-29: the end of session: hint, address, session.
func TestDeconnexion(t *testing.T) {
	m := nouveauMonde(t)
	n := m.navigateur()
	_, _, hint := m.identite(n, "ordinaire")
	fin := func(params ...string) string { return ajouter(m.s.Issuer()+"/session/end", params...) }
	retour := m.origine("app") + "/logout-callback/"

	n.aller(fin("post_logout_redirect_uri", retour)).veut("Y000400")
	n.aller(fin("id_token_hint", hint[:len(hint)-4]+"AAAA", "post_logout_redirect_uri", retour)).veut("Y000400")
	n.aller(fin("id_token_hint", hint, "post_logout_redirect_uri", retour+"x")).veut("Y000400")
	n.aller(fin("id_token_hint", hint, "client_id", "service-de-demonstration-a")).veut("Y000400")
	m.navigateur().aller(fin("id_token_hint", hint, "post_logout_redirect_uri", retour)).veut("Y100019")

	if err := m.s.Rotate(); err != nil {
		t.Fatal(err)
	}
	m.horloge.avancer(10 * time.Minute) // the hint has expired
	p := n.aller(fin("id_token_hint", hint, "post_logout_redirect_uri", retour, "state", "é&=état"))
	if p.trouver(func(n *html.Node) bool { return n.Data == "script" }) == nil {
		t.Error("the page must submit itself when scripts run")
	}
	suite := p.cliquer("continuer-deconnexion")
	if suite.url.Path != "/logout-callback/" || suite.url.Query().Get("state") != "é&=état" {
		t.Fatalf("return %s", suite.url)
	}
	if p := n.aller(m.demande()); p.existe("sso") {
		t.Error("the SSO must be over")
	}
	_, _, hint = m.identite(n, "ordinaire")
	if p := n.poster(m.s.Issuer()+"/session/end", url.Values{"id_token_hint": {hint}}).cliquer("continuer-deconnexion"); !p.existe("deconnecte") {
		t.Errorf("without return address: %s", texteDe(p.doc))
	}
	n.aller(fin("id_token_hint", hint, "post_logout_redirect_uri", retour)).veut("Y100019")
}

// SIM-24: two keys are published, and turned on command.
func TestRotation(t *testing.T) {
	m := nouveauMonde(t, func(c *Config) { c.ClientFS.Alg = algRS256 })
	avant := m.jwks()
	if len(avant.Keys) != 4 { // two by algorithm
		t.Fatalf("%d keys", len(avant.Keys))
	}
	for _, k := range avant.Keys {
		if !k.IsPublic() || k.Use != "sig" || k.KeyID == "" || k.Algorithm == "" {
			t.Errorf("key %+v", k)
		}
	}
	if err := m.s.Rotate(); err != nil {
		t.Fatal(err)
	}
	apres := m.jwks()
	if apres.Keys[0].KeyID == avant.Keys[0].KeyID || apres.Keys[1].KeyID != avant.Keys[0].KeyID {
		t.Error("the new key comes first, the previous one stays")
	}
	m.identite(m.navigateur(), "ordinaire")
}

// SIM-20: the same promises as FranceConnect's discovery.
func TestDecouverteOP(t *testing.T) {
	m := nouveauMonde(t)
	req, _ := http.NewRequest(http.MethodGet, m.s.Issuer()+"/.well-known/openid-configuration", nil)
	d := m.envoyer(req).json
	if d["issuer"] != m.s.Issuer() || d["end_session_endpoint"] != m.s.Issuer()+"/session/end" || d["authorization_response_iss_parameter_supported"] != true {
		t.Errorf("discovery %v", d)
	}
	// Over-promises, as FC (section 12).
	if diff := cmp.Diff([]any{"S256"}, d["code_challenge_methods_supported"]); diff != "" {
		t.Error(diff)
	}
	if !cmp.Equal(d["response_modes_supported"], []any{"form_post", "fragment", "query"}) || d["request_parameter_supported"] != true {
		t.Errorf("discovery %v", d)
	}
	if got := d["scopes_supported"].([]any); len(got) != len(scopesConnus) {
		t.Errorf("scopes %v", got)
	}
}

// SIM-26: a sub is pairwise, and follows the person.
func TestSub(t *testing.T) {
	m := nouveauMonde(t)
	un, _, _ := m.identite(m.navigateur(), "change")
	deux, _, _ := m.identite(m.navigateur(), "change_apres")
	if un["sub"] != deux["sub"] {
		t.Error("a change of name must not change the sub")
	}
	p, _ := registre.Trouver("change")
	if p.SubPour("app-fs") != un["sub"] || p.SubPour("autre") == un["sub"] {
		t.Error("sub is deterministic and pairwise")
	}
	h1, _ := registre.Trouver("homonyme_1")
	h2, _ := registre.Trouver("homonyme_2")
	if h1.SubPour("x") == h2.SubPour("x") {
		t.Error("two persons, two subs")
	}
}
