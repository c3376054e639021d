package simulateur

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"aidantsconnect/internal/simulateur/registre"
)

// parAC opens a demo service through our FI.
func (m *monde) parAC(n *navigateur, lettre string) *page {
	m.t.Helper()
	return n.ouvrirService(m, lettre).cliquer("choisir-aidants-connect")
}

// ouvertParAC fails unless the page is the information page of FC.
func (p *page) ouvert() *page {
	p.t.Helper()
	if !p.existe("continuer") {
		p.t.Fatalf("no information page: %s %q %s", p.url.Path, p.id("code-erreur"), texteDe(p.doc))
	}
	return p
}

// SIM-10: the request made to our FI is exactly FranceConnect's.
func TestDemandeAC(t *testing.T) {
	m := nouveauMonde(t)
	veut := func(lettre, claims string) {
		t.Helper()
		m.parAC(m.navigateur(), lettre)
		q := m.fi.demande
		if got := slices.Sorted(maps.Keys(q)); !cmp.Equal(got, []string{"acr_values", "claims", "client_id", "nonce", "prompt", "redirect_uri", "response_type", "scope", "state"}) {
			t.Errorf("parameters %v", got)
		}
		for nom, v := range map[string]string{
			"client_id": "fc", "scope": "openid profile email birth", "response_type": "code", "acr_values": "eidas1", "prompt": "login",
			"redirect_uri": m.origine("fc") + "/api/v2/oidc-callback", "claims": claims,
		} {
			if q.Get(nom) != v {
				t.Errorf("%s = %q, not %q", nom, q.Get(nom), v)
			}
		}
		for _, nom := range []string{"state", "nonce"} {
			if len(q.Get(nom)) != 64 || strings.Trim(q.Get(nom), "0123456789abcdef") != "" {
				t.Errorf("%s = %q", nom, q.Get(nom))
			}
		}
	}
	veut("a", `{"id_token":{"rep_scope":{"essential":true,"values":[]}}}`)
	veut("b", `{"id_token":{"rep_scope":{"essential":true,"values":["Famille-Scolarité","Travail-Formation"]}}}`)
	veut("f", `{"id_token":{"rep_scope":{"essential":true}}}`)
}

// TestRepScope holds REP-1 to REP-10 (section 4) (SIM-13).
func TestRepScope(t *testing.T) {
	for _, c := range []struct {
		cas, lettre string
		repScope    any
		code        string
	}{
		{"REP-1", "a", []string{"Famille-Scolarité"}, ""},
		{"REP-1 vide", "a", []string{}, ""},
		{"REP-1 absent", "a", nil, ""},
		{"REP-2", "b", []string{"Famille-Scolarité"}, ""},
		{"REP-3", "b", []string{"Famille-Scolarité", "Travail-Formation"}, ""},
		{"REP-4 vide", "b", []string{}, "Y600020"},
		{"REP-4 absent", "b", nil, "Y600020"},
		{"REP-5", "b", []string{"Etranger-Europe"}, "Y600020"},
		{"REP-9 texte", "b", "Famille-Scolarité", "Y000000"},
		{"REP-9 sans liste", "a", "Famille-Scolarité", "Y000000"},
		{"REP-10", "f", []string{"Famille-Scolarité"}, "Y000000"},
		{"nombre", "a", 3, "Y020030"},
		{"liste de nombres", "a", []int{3}, "Y020030"},
		{"notre vocabulaire", "b", []string{"famille"}, "Y600020"},
	} {
		t.Run(c.cas, func(t *testing.T) {
			m := nouveauMonde(t)
			m.fi.repScope = c.repScope
			p := m.parAC(m.navigateur(), c.lettre)
			if c.code == "" {
				p.ouvert()
				return
			}
			p.veut(c.code)
			if c.code == "Y600020" { // link back to the public service
				if got := p.cliquer("revenir").id("avis"); got != "La connexion a été abandonnée ou refusée." {
					t.Errorf("back at the service: %q", got)
				}
			}
		})
	}
}

// TestRepScopeSSO replays the verification under SSO, without another call to
// our FI.
func TestRepScopeSSO(t *testing.T) {
	for _, c := range []struct {
		cas, premier, second string
		repScope             []string
		code                 string
		sso                  bool
	}{
		{"REP-6", "b", "a", []string{"Famille-Scolarité"}, "", true},
		{"REP-7", "a", "b", []string{"Famille-Scolarité"}, "", true},
		{"REP-8", "a", "b", []string{"Etranger-Europe"}, "Y600020", true},
		{"FI-33: unknown value, no SSO", "a", "c", []string{"Argent"}, "", false},
		{"D excludes AC: choice page", "a", "d", []string{"Famille-Scolarité"}, "", false},
	} {
		t.Run(c.cas, func(t *testing.T) {
			m := nouveauMonde(t)
			m.fi.repScope = c.repScope
			n := m.navigateur()
			p := m.parAC(n, c.premier).ouvert()
			if p = p.cliquer("continuer", "consentement", "oui"); p.id("identite") != "Bonjour Odile VASSELIN" {
				t.Fatalf("first service: %s", texteDe(p.doc))
			}
			appels := len(m.fi.appels)
			p = n.ouvrirService(m, c.second)
			switch {
			case c.code != "":
				p.veut(c.code)
				if p = n.aller(m.origine("fc") + "/api/v2/interaction/" + strings.Split(p.lien("/api/v2/interaction/"), "/")[4]); !p.existe("fi-demo") {
					t.Error("another account can be chosen")
				}
			case c.sso:
				if p.ouvert(); !p.existe("sso") {
					t.Error("no SSO banner")
				}
			default:
				if !p.existe("fi-demo") || p.existe("sso") {
					t.Errorf("choice page expected: %s", texteDe(p.doc))
				}
			}
			if len(m.fi.appels) != appels {
				t.Errorf("our FI was called again: %v", m.fi.appels[appels:])
			}
		})
	}
}

// lien gives the first link that begins so.
func (p *page) lien(prefixe string) string {
	n := p.trouver(func(n *htmlNode) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), prefixe) })
	if n == nil {
		p.t.Fatalf("no link %s", prefixe)
	}
	return attr(n, "href")
}

// SIM-12: every check of the ID token, without tolerance.
func TestIDToken(t *testing.T) {
	mettre := func(nom string, v any) func(map[string]any) {
		return func(c map[string]any) { c[nom] = v }
	}
	oter := func(nom string) func(map[string]any) { return func(c map[string]any) { delete(c, nom) } }
	now := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC).Unix()
	for nom, c := range map[string]struct {
		change func(map[string]any)
		code   string
	}{
		"bon":                    {func(map[string]any) {}, ""},
		"sans at_hash":           {oter("at_hash"), ""},
		"sans amr":               {oter("amr"), ""},
		"sans auth_time":         {oter("auth_time"), ""},
		"aud en liste":           {mettre("aud", []string{"fc"}), ""},
		"aud double sans azp":    {mettre("aud", []string{"fc", "x"}), "Y020026"},
		"aud double avec azp":    {func(c map[string]any) { c["aud"], c["azp"] = []string{"fc", "x"}, "fc" }, ""},
		"autre iss":              {mettre("iss", "http://ac.localhost"), "Y020026"},
		"autre aud":              {mettre("aud", "x"), "Y020026"},
		"autre nonce":            {mettre("nonce", strings.Repeat("0", 64)), "Y020026"},
		"sans nonce":             {oter("nonce"), "Y020026"},
		"sans sub":               {oter("sub"), "Y020026"},
		"sub nombre":             {mettre("sub", 12), "Y020030"},
		"expire":                 {mettre("exp", now), "Y020026"}, // zero tolerance
		"expire dans 1 s":        {mettre("exp", now+1), ""},
		"exp texte":              {mettre("exp", "demain"), "Y020030"},
		"sans exp":               {oter("exp"), "Y020026"},
		"sans iat":               {oter("iat"), "Y020026"},
		"iat texte":              {mettre("iat", "hier"), "Y020030"},
		"nbf futur":              {mettre("nbf", now+1), "Y020026"},
		"nbf present":            {mettre("nbf", now), ""},
		"sans acr":               {oter("acr"), "Y020030"},
		"acr nul":                {mettre("acr", nil), "Y020030"},
		"acr pas alphanumerique": {mettre("acr", "eidas 1"), "Y020030"},
		"acr inconnu":            {mettre("acr", "niveau1"), "Y100001"},
		"acr trop haut":          {mettre("acr", "eidas2"), "Y100018"},
		"amr texte":              {mettre("amr", "mail"), "Y020030"},
		"mauvais at_hash":        {mettre("at_hash", "AAAA"), "Y020026"},
	} {
		t.Run(nom, func(t *testing.T) {
			m := nouveauMonde(t)
			m.fi.idToken = c.change
			p := m.parAC(m.navigateur(), "a")
			if c.code == "" {
				p.ouvert()
			} else {
				p.veut(c.code)
			}
		})
	}
}

func TestReponseToken(t *testing.T) {
	for nom, c := range map[string]struct {
		regler func(*fauxFI)
		code   string
	}{
		"400":                   {func(f *fauxFI) { f.statutTok = 400 }, "Y020026"},
		"500":                   {func(f *fauxFI) { f.statutTok = 500 }, "Y020026"},
		"302":                   {func(f *fauxFI) { f.statutTok = 302 }, "Y020026"},
		"autre cle":             {func(f *fauxFI) { f.autreCle = true }, "Y020026"},
		"sans id_token":         {func(f *fauxFI) { f.reponse = func(c map[string]any) { delete(c, "id_token") } }, "Y020026"},
		"access_token nombre":   {func(f *fauxFI) { f.reponse = func(c map[string]any) { c["access_token"] = 3 } }, "Y020030"},
		"access_token accentué": {func(f *fauxFI) { f.reponse = func(c map[string]any) { c["access_token"] = "é" } }, "Y020030"},
		"token_type":            {func(f *fauxFI) { f.reponse = func(c map[string]any) { c["token_type"] = "mac" } }, "Y020030"},
		"bearer minuscule":      {func(f *fauxFI) { f.reponse = func(c map[string]any) { c["token_type"] = "bearer" } }, ""},
		"refresh_token ignoré":  {func(f *fauxFI) { f.reponse = func(c map[string]any) { c["refresh_token"] = "x" } }, ""},
		"alg none": {func(f *fauxFI) {
			f.reponse = func(c map[string]any) {
				corps := strings.Split(c["id_token"].(string), ".")[1]
				c["id_token"] = "eyJhbGciOiJub25lIn0." + corps + "."
			}
		}, "Y020026"},
		"alg HS256": {func(f *fauxFI) {
			f.reponse = func(c map[string]any) { c["id_token"] = f.signer(map[string]any{"iss": f.cfg.Issuer}, algHS256) }
		}, "Y020026"},
	} {
		t.Run(nom, func(t *testing.T) {
			m := nouveauMonde(t)
			c.regler(m.fi)
			p := m.parAC(m.navigateur(), "a")
			if c.code == "" {
				p.ouvert()
			} else {
				p.veut(c.code)
			}
		})
	}
}

// SIM-12: the content type is the registered one, to the letter.
func TestUserinfo(t *testing.T) {
	claims := func(change func(map[string]any)) func(*fauxFI) { return func(f *fauxFI) { f.claims = change } }
	for nom, c := range map[string]struct {
		regler func(*fauxFI)
		code   string
	}{
		"401":              {func(f *fauxFI) { f.statutInf = 401 }, "Y020027"},
		"type json":        {func(f *fauxFI) { f.autreType = "application/json" }, "Y020027"},
		"type avec suite":  {func(f *fauxFI) { f.autreType = "application/jwt; charset=utf-8" }, "Y020027"},
		"autre iss":        {claims(func(c map[string]any) { c["iss"] = "x" }), "Y020027"},
		"autre aud":        {claims(func(c map[string]any) { c["aud"] = "x" }), "Y020027"},
		"expire":           {claims(func(c map[string]any) { c["exp"] = 1 }), "Y020027"},
		"sans iss":         {claims(func(c map[string]any) { delete(c, "iss") }), ""},
		"sub vide":         {claims(func(c map[string]any) { c["sub"] = "" }), "Y020029"},
		"sub accentué":     {claims(func(c map[string]any) { c["sub"] = "é" }), "Y020029"},
		"autre sub":        {claims(func(c map[string]any) { c["sub"] = "autre" }), ""}, // FC does not compare
		"nom d'usage nul":  {claims(func(c map[string]any) { c["preferred_username"] = nil }), ""},
		"nom d'usage faux": {claims(func(c map[string]any) { c["preferred_username"] = 3 }), "Y600006"},
		"prénom en liste":  {claims(func(c map[string]any) { c["given_name"] = []string{"Odile"} }), "Y600006"},
	} {
		t.Run(nom, func(t *testing.T) {
			m := nouveauMonde(t)
			c.regler(m.fi)
			p := m.parAC(m.navigateur(), "a")
			if c.code == "" {
				p.ouvert()
			} else {
				p.veut(c.code)
			}
		})
	}
}

// SIM-13: the identity table, with FranceConnect's codes.
func TestIdentiteRefusee(t *testing.T) {
	for nom, change := range map[string]func(map[string]any){
		"sans courriel":         func(c map[string]any) { delete(c, "email") },
		"courriel faux":         func(c map[string]any) { c["email"] = "odile" },
		"courriel nommé":        func(c map[string]any) { c["email"] = "Odile <ordinaire@example.org>" },
		"nom de 257":            func(c map[string]any) { c["family_name"] = strings.Repeat("A", 257) },
		"sans prénom":           func(c map[string]any) { delete(c, "given_name") },
		"pays vide":             func(c map[string]any) { c["birthcountry"] = "" },
		"pays de 4 chiffres":    func(c map[string]any) { c["birthcountry"] = "9910" },
		"lieu None":             func(c map[string]any) { c["birthplace"] = "None" },
		"lieu sans zéro":        func(c map[string]any) { c["birthplace"] = "1004" },
		"mois sans jour":        func(c map[string]any) { c["birthdate"] = "1951-11" },
		"mois 00, jour 04":      func(c map[string]any) { c["birthdate"] = "1951-00-04" },
		"31 avril":              func(c map[string]any) { c["birthdate"] = "1951-04-31" },
		"29 février faux":       func(c map[string]any) { c["birthdate"] = "1951-02-29" },
		"sexe abrégé":           func(c map[string]any) { c["gender"] = "F" },
		"nom nul":               func(c map[string]any) { c["family_name"] = nil },
		"courriel avec espaces": func(c map[string]any) { c["email"] = " ordinaire@example.org" },
	} {
		t.Run(nom, func(t *testing.T) {
			m := nouveauMonde(t)
			m.fi.claims = change
			m.parAC(m.navigateur(), "a").veut("Y600006")
		})
	}
	m := nouveauMonde(t)
	for _, p := range registre.Personnes() {
		if p.Groupe == "format" {
			m.fi.personne = p
			m.parAC(m.navigateur(), "a").veut("Y600006")
			m.navigateur().ouvrirService(m, "a").parDemo(p.Cle).veut("Y600006")
		}
	}
}

// TestPersonnesParAC: whoever can sign a mandat can be asserted by our FI, gets
// the same sub, and the service sees the registry's identity.
func TestPersonnesParAC(t *testing.T) {
	m := nouveauMonde(t)
	for _, p := range registre.Personnes() {
		if p.Groupe != "personne" || p.Email == "" {
			continue
		}
		t.Run(p.Cle, func(t *testing.T) {
			m.t, m.fi.personne = t, p
			fin := m.parAC(m.navigateur(), "a").ouvert().cliquer("continuer")
			if got := fin.id("identite"); !strings.HasSuffix(got, p.FamilyName) {
				t.Fatalf("at the service: %q", got)
			}
			if !strings.Contains(fin.texte, p.SubPour("service-de-demonstration-a")) {
				t.Error("another sub than alone")
			}
			if strings.Contains(fin.texte, "rep_scope") || strings.Contains(fin.texte, "creation_date") {
				t.Error("the service must not receive these claims")
			}
		})
	}
}

// SIM-15: the registry, and the keys that answer a code.
func TestRegistre(t *testing.T) {
	m := nouveauMonde(t)
	for _, p := range registre.Personnes() {
		if p.Groupe == "registre" {
			m.fi.personne = p
			m.parAC(m.navigateur(), "a").veut(p.Code)
			if p.Cle != "fi_bloque" { // blocks our FI only
				m.navigateur().ouvrirService(m, "a").parDemo(p.Cle).veut(p.Code)
			}
		}
	}
	m.navigateur().ouvrirService(m, "a").parDemo("fi_bloque").ouvert()

	m.fi.personne, _ = registre.Trouver("ordinaire")
	for nom, c := range map[string]struct {
		change func(map[string]any)
		trouve bool
	}{
		"casse":              {func(c map[string]any) { c["family_name"] = "vasselin" }, true},
		"espace en trop":     {func(c map[string]any) { c["given_name"] = "Odile  Simone" }, false},
		"prénom en moins":    {func(c map[string]any) { c["given_name"] = "Odile" }, false},
		"autre lieu":         {func(c map[string]any) { c["birthplace"] = "80022" }, false},
		"autre jour":         {func(c map[string]any) { c["birthdate"] = "1951-11-05" }, false},
		"nom d'usage permis": {func(c map[string]any) { c["preferred_username"] = "X" }, true},
	} {
		t.Run(nom, func(t *testing.T) {
			m.t, m.fi.claims = t, c.change
			if p := m.parAC(m.navigateur(), "a"); c.trouve {
				p.ouvert()
			} else {
				p.veut("Y010008")
			}
		})
	}
	m.t = t
	// A presumed date is sent with its zeros; completed, it is not found.
	m.fi.personne, _ = registre.Trouver("presume_annee")
	m.fi.claims = func(c map[string]any) { c["birthdate"] = "1948-01-01" }
	m.parAC(m.navigateur(), "a").veut("Y010008")
	// A code sent for a person born abroad replaces the country (section 6).
	m.fi.personne, _ = registre.Trouver("ne_algerie")
	m.fi.claims = func(c map[string]any) { c["birthplace"] = "80021" }
	m.parAC(m.navigateur(), "a").veut("Y010008")
	m.fi.personne, _ = registre.Trouver("lettres_etrangeres")
	m.fi.claims = func(c map[string]any) { c["given_name"] = norm.NFD.String("şükrü ğüneş") }
	m.parAC(m.navigateur(), "a").ouvert()
	m.fi.personne, _ = registre.Trouver("rectifie")
	m.fi.claims = func(c map[string]any) { c["given_name"] = "Jean Marcel" }
	m.parAC(m.navigateur(), "a").ouvert()
}

// SIM-14: the order of the refusals of an authorization response.
func TestRetourFI(t *testing.T) {
	for nom, c := range map[string]struct {
		retour func(url.Values)
		code   string
	}{
		"sans state":  {func(q url.Values) { q.Del("state") }, "Y020021"},
		"autre state": {func(q url.Values) { q.Set("state", strings.Repeat("0", 64)) }, "Y020022"},
		"sans code":   {func(q url.Values) { q.Del("code") }, "Y020025"},
		"autre iss":   {func(q url.Values) { q.Set("iss", "http://autre.localhost") }, "Y020026"},
		"erreur sans state": {func(q url.Values) {
			q.Del("state")
			q.Set("error", "access_denied")
		}, "Y020021"},
	} {
		t.Run(nom, func(t *testing.T) {
			m := nouveauMonde(t)
			m.fi.retour = c.retour
			m.parAC(m.navigateur(), "a").veut(c.code)
			if slices.Contains(m.fi.appels, "/token/") {
				t.Error("the code must not be exchanged")
			}
		})
	}
	m := nouveauMonde(t)
	n := m.navigateur()
	m.fi.retour = func(q url.Values) {
		q.Del("code")
		q.Set("error", "access_denied")
		q.Set("error_description", "dropped by FC")
	}
	p := m.parAC(n, "a")
	if !p.existe("retour-fi") || !p.existe("choisir-aidants-connect") || strings.Contains(p.texte, "dropped") {
		t.Fatalf("choice page expected: %s", texteDe(p.doc))
	}
	m.fi.retour = func(q url.Values) { q.Del("iss") } // compared only when present
	p.cliquer("choisir-aidants-connect").ouvert()
	// The callback replayed, then from another browser.
	i := slices.IndexFunc(n.vus, func(v string) bool { return strings.Contains(v, "oidc-callback?code=") })
	n.aller(n.vus[i]).veut("Y020022")
	m.navigateur().aller(n.vus[i]).veut("Y190001")
}

// SIM-11: discovery is read at each step, without cache.
func TestDecouverte(t *testing.T) {
	m := nouveauMonde(t, func(c *Config) {
		c.ClientFI.Decouverte = true
		c.ClientFI.AuthorizeURL, c.ClientFI.TokenURL, c.ClientFI.UserinfoURL, c.ClientFI.JWKSURL, c.ClientFI.EndSessionURL = "", "", "", "", ""
	})
	m.parAC(m.navigateur(), "a").ouvert()
	m.parAC(m.navigateur(), "a").ouvert()
	compte := map[string]int{}
	for _, a := range m.fi.appels {
		compte[a]++
	}
	// Without cache: at each step (2 by use), and the keys again at each use.
	if compte["/.well-known/openid-configuration"] != 4 || compte["/jwks"] != 2 || compte["/token/"] != 2 {
		t.Errorf("calls %v", compte)
	}
}

// SIM-11: 6 s for a call, and no retry.
func TestDelai(t *testing.T) {
	m := nouveauMonde(t)
	if m.s.delai != 6*time.Second { // SIM-11
		t.Errorf("delay %s", m.s.delai)
	}
	m.s.delai = 50 * time.Millisecond
	m.fi.lent = time.Minute
	m.parAC(m.navigateur(), "a").veut("Y020026")
	if n := strings.Count(strings.Join(m.fi.appels, " "), "/token/"); n != 1 {
		t.Errorf("%d calls: nothing is retried", n)
	}
}

// SIM-12: every registered profile, and no other.
func TestProfils(t *testing.T) {
	for _, c := range []ClientFI{
		{IDTokenAlg: algHS256},
		{IDTokenAlg: algHS256, UserinfoAlg: algHS256},
		{IDTokenAlg: algES256},
		{IDTokenAlg: algRS256, UserinfoAlg: algRS256},
		{IDTokenAlg: algES256, UserinfoAlg: algES256, IDTokenChiffrement: "ECDH-ES", UserinfoChiffrement: "RSA-OAEP-256"},
		{IDTokenAlg: algES256, UserinfoChiffrement: "ECDH-ES"},
		{IDTokenAlg: algHS256, UserinfoAlg: algES256, IDTokenChiffrement: "RSA-OAEP"},
	} {
		t.Run(strings.Join([]string{c.IDTokenAlg, c.UserinfoAlg, c.IDTokenChiffrement, c.UserinfoChiffrement}, "+"), func(t *testing.T) {
			regler := func(cfg *Config) {
				f := &cfg.ClientFI
				f.IDTokenAlg, f.UserinfoAlg, f.IDTokenChiffrement, f.UserinfoChiffrement = c.IDTokenAlg, c.UserinfoAlg, c.IDTokenChiffrement, c.UserinfoChiffrement
				if c.IDTokenAlg == algHS256 && c.UserinfoAlg != algES256 {
					f.JWKSURL = "" // left out when both do without it
				}
			}
			m := nouveauMonde(t, regler)
			if c.IDTokenAlg == algRS256 {
				m.fi.cle, _ = newCle(algRS256, "sig")
			}
			n := m.navigateur()
			p := m.parAC(n, "a").ouvert().cliquer("continuer")
			if p.id("identite") != "Bonjour Odile VASSELIN" {
				t.Fatalf("%s", texteDe(p.doc))
			}
			p.cliquer("se-deconnecter").cliquer("continuer-deconnexion")
			if strings.Count(m.fi.sortie.Get("id_token_hint"), ".") != 2 {
				t.Error("the hint must be the decrypted token")
			}
			// Encryption that is registered but absent, or the other way, is refused.
			autre := nouveauMonde(t, regler)
			autre.fi.cle = m.fi.cle
			autre.fi.cfg.UserinfoChiffrement = map[string]string{"": "ECDH-ES"}[c.UserinfoChiffrement]
			autre.fi.m = autre
			autre.parAC(autre.navigateur(), "a").veut("Y020027")
		})
	}
}

// SIM-16: the logout at our FI, and its exception for localhost.
func TestDeconnexionParAC(t *testing.T) {
	m := nouveauMonde(t)
	n := m.navigateur()
	p := m.parAC(n, "a").ouvert().cliquer("continuer").cliquer("se-deconnecter")
	if !strings.Contains(p.texte, "Exception de la simulation") {
		t.Error("the .localhost exception must be said")
	}
	p = p.cliquer("continuer-deconnexion")
	q := m.fi.sortie
	if got := slices.Sorted(maps.Keys(q)); !cmp.Equal(got, []string{"client_id", "id_token_hint", "post_logout_redirect_uri", "state"}) {
		t.Errorf("end-session parameters %v", got)
	}
	if q.Get("post_logout_redirect_uri") != m.origine("fc")+"/api/v2/client/logout-callback" || q.Get("client_id") != "fc" {
		t.Errorf("end-session %v", q)
	}
	if _, err := verifierJWS(q.Get("id_token_hint"), algES256, cleParmi(m.fi.publiques(), algES256)); err != nil {
		t.Errorf("hint: %v", err)
	}
	p = p.cliquer("continuer-deconnexion")
	if got := p.id("avis"); !strings.Contains(got, "Vous êtes déconnecté") {
		t.Errorf("back at the service: %s", texteDe(p.doc))
	}
	if p := n.ouvrirService(m, "a"); !p.existe("fi-demo") {
		t.Error("the SSO must be over")
	}
	n.aller(m.origine("fc") + "/api/v2/client/logout-callback").veut("Y100019")

	// Not https, not localhost: FC skips our logout.
	m = nouveauMonde(t, func(c *Config) { c.ClientFI.EndSessionURL = "http://ac.example/logout/" })
	p = m.parAC(m.navigateur(), "a").ouvert().cliquer("continuer").cliquer("se-deconnecter").cliquer("continuer-deconnexion")
	if got := p.id("avis"); m.fi.sortie != nil || !strings.Contains(got, "Vous êtes déconnecté") {
		t.Errorf("logout skipped: %s", texteDe(p.doc))
	}
}

// SIM-17: Aidants Connect stands under the FIs, disabled when excluded.
func TestChoix(t *testing.T) {
	m := nouveauMonde(t)
	for _, lettre := range []string{"d", "e"} {
		p := m.navigateur().ouvrirService(m, lettre)
		if !p.existe("aidants-connect-refus") {
			t.Errorf("%s: the button must be disabled", lettre)
		}
		u := p.url.String()
		p.nav.poster(u+"/fi", url.Values{"fi": {"aidants-connect"}}).veut("Y020023") // by hand
		p.nav.poster(u+"/fi", url.Values{"fi": {"autre"}}).veut("Y020023")
		if fin := p.parDemo("ordinaire").ouvert().cliquer("continuer"); fin.id("identite") != "Bonjour Odile VASSELIN" {
			t.Errorf("%s: %s", lettre, texteDe(fin.doc))
		}
	}
	// FS-31: our own FS excludes our FI, unless a test lifts it.
	if p := m.navigateur().aller(m.demande()); !p.existe("aidants-connect-refus") {
		t.Error("our FI must be disabled for our FS")
	}
	boucle := nouveauMonde(t, func(c *Config) { c.ClientFS.AccepteAidantsConnect = true })
	p := boucle.navigateur().aller(boucle.demande()).cliquer("choisir-aidants-connect").ouvert()
	if !strings.Contains(p.texte, "aidants-connect") { // idp_id, for FS-32
		t.Error("idp_id must be our FI's")
	}
	sans := nouveauMonde(t, func(c *Config) { c.ClientFI = ClientFI{} })
	if p := sans.navigateur().ouvrirService(sans, "a"); !p.existe("aidants-connect-refus") {
		t.Error("no FI registered: disabled")
	}
}

// SIM-06: notices go to a local file.
func TestAvis(t *testing.T) {
	var b strings.Builder
	m := nouveauMonde(t, func(c *Config) { c.Avis = &b })
	n := m.navigateur()
	m.parAC(n, "a").ouvert()
	if !strings.Contains(b.String(), "SIMULATION") || !strings.Contains(b.String(), "ordinaire@example.org") {
		t.Errorf("notice %q", b.String())
	}
	if p := n.aller(m.origine("fc") + "/simulation"); p.statut != http.StatusOK || !strings.Contains(p.texte, "fichier local") {
		t.Error("the limits page says where notices go")
	}
}
