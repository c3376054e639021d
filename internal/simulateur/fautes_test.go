package simulateur

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
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
			if p := m.navigateur().aller(m.origine("fc") + "/"); !strings.HasPrefix(p.id("fautes"), "Pannes simulées : ") || !strings.Contains(p.id("fautes"), dite(f)) {
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

// dite is the text of a fault on our pages.
func dite(f Faute) string {
	for _, d := range fautesDites {
		if d.Faute == f {
			return d.Texte
		}
	}
	return "unknown fault"
}

// The table of the page and the constants are one list.
func TestFautesDites(t *testing.T) {
	jeton := []Faute{FauteLente, FauteErreur500, FauteTronquee, FauteCoupure, FauteCle, FauteKid, FauteAlg, FauteIss, FauteAud, FauteExpire, FauteSansIat, FauteSansSub}
	want := append([]Faute{FauteNonce, FauteAtHash, FauteSansAcr, FauteAutreSub, FauteJSON, FauteSansIss, FauteAutreIss, FauteState, FauteDeconnexion, FauteCodeRejoue}, jeton...)
	for _, f := range jeton {
		want = append(want, f.SurUserinfo())
	}
	got := Fautes()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("faults %v", got)
	}
	for _, d := range fautesDites {
		if d.Groupe == "" || d.Texte == "" {
			t.Errorf("%+v", d)
		}
	}
}

// The visitor of the demonstration chooses faults, sees them in the banner, and
// stops them; elsewhere the page does not exist.
func TestPageFautes(t *testing.T) {
	sans := nouveauMonde(t)
	if p := sans.navigateur().aller(sans.origine("fc") + cheminFautes); p.statut != http.StatusNotFound {
		t.Errorf("without the flag: %d", p.statut)
	}
	if p := sans.navigateur().poster(sans.origine("fc")+cheminFautes, url.Values{"faute": {string(FauteIss)}}); p.statut != http.StatusNotFound || sans.s.faute(FauteIss) {
		t.Errorf("without the flag, posted: %d", p.statut)
	}
	if sans.navigateur().aller(sans.origine("fc") + "/").existe("vers-fautes") {
		t.Error("a link to a page that does not exist")
	}
	m := nouveauMonde(t, func(c *Config) { c.PageFautes = true })
	n := m.navigateur()
	if !n.aller(m.origine("fc") + "/").existe("vers-fautes") {
		t.Error("no link to the page")
	}
	p := n.poster(m.origine("fc")+cheminFautes, url.Values{"faute": {string(FauteNonce), "inventee", string(FauteSansIss)}})
	if p.url.Path != cheminFautes || !strings.Contains(p.id("fautes"), dite(FauteNonce)) || !strings.Contains(p.id("fautes"), dite(FauteSansIss)) {
		t.Errorf("%s: banner %q", p.url, p.id("fautes"))
	}
	if m.s.faute("inventee") || !m.s.faute(FauteNonce) {
		t.Error("the faults are not those ticked")
	}
	coche := p.trouver(func(n *html.Node) bool { return attr(n, "id") == "faute-"+string(FauteNonce) })
	if _, is := attrs(coche)["checked"]; !is {
		t.Error("the active fault is not ticked")
	}
	if p = n.aller(m.origine("service") + "/a/"); !p.existe("changer-fautes") {
		t.Error("no way from the banner to the page")
	}
	if p = n.aller(m.origine("fc") + cheminFautes).cliquer("aucune"); p.existe("fautes") || m.s.faute(FauteNonce) {
		t.Errorf("still faulty: %q", p.id("fautes"))
	}
	req, _ := http.NewRequest(http.MethodPost, m.origine("fc")+cheminFautes, strings.NewReader("faute="+string(FauteIss)))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if rep := m.envoyer(req); rep.statut != http.StatusForbidden || m.s.faute(FauteIss) {
		t.Errorf("another site chooses faults: %d", rep.statut)
	}
}

func attrs(n *html.Node) map[string]string {
	out := map[string]string{}
	for _, a := range n.Attr {
		out[a.Key] = a.Val
	}
	return out
}
