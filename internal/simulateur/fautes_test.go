package simulateur

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestFautes: every fault does what it says, names itself in the banner, and
// nothing is faulty without it.
func TestFautes(t *testing.T) {
	m := nouveauMonde(t)
	type jeu struct {
		reponse  string // authorization response
		token    reponseHTTP
		idToken  map[string]any
		infoHTTP reponseHTTP
		info     map[string]any
	}
	jouer := func(t *testing.T) jeu {
		m.t = t
		n := m.navigateur()
		p := n.aller(m.demande()).parDemo("ordinaire").cliquer("continuer")
		j := jeu{reponse: p.url.RawQuery, token: m.postJeton(m.echangeFS(p.url.Query().Get("code")))}
		if hint, ok := j.token.json["id_token"].(string); ok {
			j.idToken, _ = verifierJWS(hint, algES256, cleParmi(m.jwks(), algES256))
			j.infoHTTP = m.userinfo(j.token.json["access_token"].(string))
			j.info, _ = verifierJWS(string(j.infoHTTP.corps), algES256, cleParmi(m.jwks(), algES256))
		}
		return j
	}
	now := float64(m.horloge.lire().Unix())
	cas := map[Faute]func(jeu) bool{
		FauteErreur500:               func(j jeu) bool { return j.token.statut == 500 && j.token.json["error"] == "server_error" },
		FauteErreur500.SurUserinfo(): func(j jeu) bool { return j.idToken != nil && j.infoHTTP.statut == 500 },
		FauteCle:                     func(j jeu) bool { return j.token.statut == 200 && j.idToken == nil && j.info != nil },
		FauteCle.SurUserinfo():       func(j jeu) bool { return j.idToken != nil && j.infoHTTP.statut == 200 && j.info == nil },
		FauteKid:                     func(j jeu) bool { return j.token.statut == 200 && j.idToken == nil },
		FauteKid.SurUserinfo():       func(j jeu) bool { return j.idToken != nil && j.info == nil },
		FauteAlg:                     func(j jeu) bool { return j.token.statut == 200 && j.idToken == nil },
		FauteAlg.SurUserinfo():       func(j jeu) bool { return j.idToken != nil && j.info == nil },
		FauteIss:                     func(j jeu) bool { return j.idToken["iss"] != m.s.Issuer() && j.info["iss"] == m.s.Issuer() },
		FauteIss.SurUserinfo():       func(j jeu) bool { return j.idToken["iss"] == m.s.Issuer() && j.info["iss"] != m.s.Issuer() },
		FauteAud:                     func(j jeu) bool { return j.idToken["aud"] != "app-fs" && j.info["aud"] == "app-fs" },
		FauteAud.SurUserinfo():       func(j jeu) bool { return j.idToken["aud"] == "app-fs" && j.info["aud"] != "app-fs" },
		FauteExpire:                  func(j jeu) bool { return j.idToken["exp"].(float64) < now && j.info["exp"].(float64) > now },
		FauteExpire.SurUserinfo():    func(j jeu) bool { return j.idToken["exp"].(float64) > now && j.info["exp"].(float64) < now },
		FauteSansIat:                 func(j jeu) bool { return j.idToken["iat"] == nil && j.info["iat"] != nil },
		FauteSansIat.SurUserinfo():   func(j jeu) bool { return j.idToken["iat"] != nil && j.info["iat"] == nil },
		FauteSansSub:                 func(j jeu) bool { return j.idToken["sub"] == nil && j.info["sub"] != nil },
		FauteSansSub.SurUserinfo():   func(j jeu) bool { return j.idToken["sub"] != nil && j.info["sub"] == nil },
		FauteSansAcr:                 func(j jeu) bool { return j.idToken != nil && j.idToken["acr"] == nil },
		FauteNonce:                   func(j jeu) bool { return j.idToken != nil && j.idToken["nonce"] != strings.Repeat("7", 64) },
		FauteAtHash:                  func(j jeu) bool { return j.idToken["at_hash"] == "AAAAAAAAAAAAAAAAAAAAAA" },
		FauteAutreSub:                func(j jeu) bool { return j.info != nil && j.info["sub"] != j.idToken["sub"] },
		FauteJSON: func(j jeu) bool {
			return j.infoHTTP.tete.Get("Content-Type") == "application/json" && j.infoHTTP.json["family_name"] == "VASSELIN"
		},
		FauteSansIss:    func(j jeu) bool { return !strings.Contains(j.reponse, "iss=") && j.idToken != nil },
		FauteAutreIss:   func(j jeu) bool { return strings.Contains(j.reponse, "autre") && j.idToken != nil },
		FauteState:      func(j jeu) bool { return !strings.Contains(j.reponse, strings.Repeat("5", 64)) && j.idToken != nil },
		FauteCodeRejoue: func(j jeu) bool { return j.token.json["error"] == "invalid_grant" },
	}
	for f, attendu := range cas {
		t.Run(string(f), func(t *testing.T) {
			m.s.Injecter()
			if j := jouer(t); attendu(j) {
				t.Error("the fault shows without being injected")
			}
			m.s.Injecter(f)
			if j := jouer(t); !attendu(j) {
				t.Errorf("the fault does not show: %+v", j.token.statut)
			}
			if p := m.navigateur().aller(m.origine("fc") + "/"); p.id("fautes") != "Pannes simulées : "+string(f) {
				t.Errorf("banner %q", p.id("fautes"))
			}
		})
	}
	for _, f := range Fautes() {
		_, ici := cas[f]
		reseau := strings.HasSuffix(string(f), string(FauteTronquee)) || strings.HasSuffix(string(f), string(FauteCoupure)) ||
			strings.HasSuffix(string(f), string(FauteLente)) || f == FauteDeconnexion
		if !ici && !reseau {
			t.Errorf("%s has no test", f)
		}
	}
}

func TestFautesReseau(t *testing.T) {
	m := nouveauMonde(t, func(c *Config) { c.Fautes = []Faute{FauteCoupure} })
	post := func() error {
		req, _ := http.NewRequest(http.MethodPost, m.s.Issuer()+"/token", strings.NewReader(""))
		res, err := m.client.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = res.Body.Close() }()
		_, err = io.ReadAll(res.Body)
		return err
	}
	for _, f := range []Faute{FauteCoupure, FauteTronquee} {
		m.s.Injecter(f)
		if err := post(); err == nil {
			t.Errorf("%s: the answer must fail", f)
		}
	}
	m.s.Injecter(FauteDeconnexion)
	n := m.navigateur()
	_, _, hint := m.identite(n, "ordinaire")
	p := n.aller(ajouter(m.s.Issuer()+"/session/end", "id_token_hint", hint, "post_logout_redirect_uri", m.origine("app")+"/logout-callback/")).cliquer("continuer-deconnexion")
	if !p.existe("deconnecte") {
		t.Errorf("logout without return: %s", p.url)
	}
}
