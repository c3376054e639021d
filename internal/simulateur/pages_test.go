package simulateur

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"aidantsconnect/internal/simulateur/registre"
)

type htmlNode = html.Node

// SIM-02, SIM-04: never served on a host of the State, and chosen by configuration alone.
func TestConfigurationRefusee(t *testing.T) {
	bonne := func() Config {
		return Config{
			FC: "http://fc.localhost:3000", FI: "http://fi.localhost:3000", Service: "http://service.localhost:3000",
			HTTP: http.DefaultClient, Clock: func() time.Time { return time.Unix(1773480413, 0) },
			ClientFI: ClientFI{Issuer: "http://localhost:3000", ClientSecret: secretFI, IDTokenAlg: algES256},
		}
	}
	if _, err := New(bonne()); err != nil {
		t.Fatal(err)
	}
	for nom, change := range map[string]func(*Config){
		"hôte de l'État":          func(c *Config) { c.FC = "https://oidc.franceconnect.gouv.fr" },
		"hôte d'intégration":      func(c *Config) { c.FI = "https://FI.dev-franceconnect.fr" },
		"hôte de l'État lui-même": func(c *Config) { c.Service = "https://gouv.fr" },
		"même hôte":               func(c *Config) { c.FI = "http://fc.localhost:3001" },
		"sans schéma":             func(c *Config) { c.FC = "fc.localhost" },
		"sans horloge":            func(c *Config) { c.Clock = nil },
		"sans client HTTP":        func(c *Config) { c.HTTP = nil },
		"secret court":            func(c *Config) { c.ClientFI.ClientSecret = "court" },
		"alg inconnu":             func(c *Config) { c.ClientFI.IDTokenAlg = "none" },
		"alg userinfo":            func(c *Config) { c.ClientFI.UserinfoAlg = "PS256" },
		"alg FS":                  func(c *Config) { c.ClientFS.Alg = algHS256 },
		"chiffrement":             func(c *Config) { c.ClientFI.IDTokenChiffrement = "dir" },
	} {
		t.Run(nom, func(t *testing.T) {
			c := bonne()
			change(&c)
			if _, err := New(c); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestPagesDisentSimulation walks every page a person can see (SIM-01).
func TestPagesDisentSimulation(t *testing.T) {
	m := nouveauMonde(t)
	n := m.navigateur()
	service := n.aller(m.origine("service") + "/b/")
	choix := service.cliquer("se-connecter")
	personnes := choix.cliquer("fi-demo")
	info := personnes.cliquer("se-connecter", "personne", "ordinaire")
	manque := info.cliquer("continuer")
	accueil := info.cliquer("continuer", "consentement", "oui")
	sso := n.ouvrirService(m, "a")
	sortie := n.aller(m.origine("service") + "/b/").cliquer("se-deconnecter")
	pages := []*page{
		service, choix, personnes, info, manque, accueil, sso, sortie, sortie.cliquer("continuer-deconnexion"),
		n.aller(m.origine("fc") + "/"), n.aller(m.origine("fc") + "/simulation"), n.aller(m.origine("fc") + "/inconnue"), n.aller(m.origine("service") + "/z/"),
		n.aller(m.origine("fc") + "/fs/fs-technique/fs-technique-erreurs/?code=Y600020"), n.aller(m.origine("service") + "/"),
		n.aller(m.demande("nonce", "court")), n.poster(m.origine("fi")+"/connexion", nil), n.poster(m.origine("fi")+"/connexion/saisie", nil),
	}
	for _, p := range pages {
		if !strings.HasPrefix(p.titre(), "Simulation – ") {
			t.Errorf("%s: title %q", p.url, p.titre())
		}
		if !strings.Contains(texteDe(p.doc), "SIMULATION — ceci n'est pas FranceConnect. Les personnes sont fictives.") {
			t.Errorf("%s: no banner", p.url)
		}
		if p.trouver(func(n *htmlNode) bool { return n.Data == "html" && attr(n, "lang") == "fr" }) == nil {
			t.Errorf("%s: no lang", p.url)
		}
		if p.trouver(func(n *htmlNode) bool {
			return n.Data == "img" || n.Data == "svg" || attr(n, "style") != "" || attr(n, "onclick") != ""
		}) != nil {
			t.Errorf("%s: a picture, or inline style or script", p.url)
		}
		if !strings.Contains(p.csp, "default-src 'none'") || !strings.Contains(p.csp, "form-action 'self'") {
			t.Errorf("%s: CSP %q", p.url, p.csp)
		}
		h1 := 0
		for n := range p.doc.Descendants() {
			if n.Data == "h1" {
				h1++
			}
		}
		if h1 != 1 {
			t.Errorf("%s: %d h1", p.url, h1)
		}
	}
}

// TestFormAction: Chromium applies form-action to every hop after a form, until
// a page is shown.
func TestFormAction(t *testing.T) {
	m := nouveauMonde(t)
	fc := m.navigateur().aller(m.demande()).csp
	for _, nom := range []string{"fi", "service", "ac", "app"} {
		if !strings.Contains(fc, m.origine(nom)) {
			t.Errorf("FC's pages must allow %s: %s", nom, fc)
		}
	}
	for _, nom := range []string{"fi", "service"} {
		if csp := m.navigateur().aller(m.origine(nom) + "/inconnue/x").csp; !strings.Contains(csp, m.origine("fc")) {
			t.Errorf("%s must allow FC: %s", nom, csp)
		}
	}
}

func TestHotes(t *testing.T) {
	m := nouveauMonde(t)
	req, _ := http.NewRequest(http.MethodGet, m.origine("fc")+"/", nil)
	for hote, statut := range map[string]int{"fc.localhost": 200, "FC.localhost:99": 200, "service.localhost": 200, "autre.localhost": 421, "": 421} {
		req.Host = hote
		w := &enregistreur{tete: http.Header{}}
		r := req.Clone(t.Context())
		r.Host, r.Body = hote, http.NoBody
		m.s.Handler().ServeHTTP(w, r)
		if w.statut != statut {
			t.Errorf("%q: %d instead of %d", hote, w.statut, statut)
		}
	}
	for _, f := range []string{"simulateur.css", "soumettre.js"} {
		for _, nom := range []string{"fc", "fi", "service"} {
			req, _ := http.NewRequest(http.MethodGet, m.origine(nom)+"/statique/"+f, nil)
			if rep := m.envoyer(req); rep.statut != 200 || len(rep.corps) < 50 {
				t.Errorf("%s %s: %d", nom, f, rep.statut)
			}
		}
	}
}

type enregistreur struct {
	tete   http.Header
	statut int
}

func (e *enregistreur) Header() http.Header { return e.tete }
func (e *enregistreur) WriteHeader(s int)   { e.statut = s }
func (e *enregistreur) Write(b []byte) (int, error) {
	if e.statut == 0 {
		e.statut = 200
	}
	return len(b), nil
}

// SIM-06: what the simulation does not do is said.
func TestLimites(t *testing.T) {
	m := nouveauMonde(t)
	for _, o := range []string{"fc", "service"} {
		p := m.navigateur().aller(m.origine(o) + "/")
		if p.lien(m.origine("fc")+"/simulation") == "" {
			t.Errorf("%s: no link to the limits", o)
		}
	}
	texte := texteDe(m.navigateur().aller(m.origine("fc") + "/simulation").doc)
	for _, dit := range []string{"authentifie personne", "à l'identique", "appareils", "certificat TLS", "ni impôts", "FranceConnect+", "tableau de bord", "localhost"} {
		if !strings.Contains(texte, dit) {
			t.Errorf("the limits page does not say %q", dit)
		}
	}
}

// SIM-27: the information page, with a box for a private service.
func TestServicePrive(t *testing.T) {
	m := nouveauMonde(t)
	info := m.navigateur().ouvrirService(m, "b").parDemo("nom_usage").ouvert()
	refus := info.cliquer("continuer")
	if refus.statut != 400 || !refus.existe("erreur-consentement") || !strings.HasPrefix(refus.titre(), "Simulation – Erreur") {
		t.Fatalf("%d %s", refus.statut, texteDe(refus.doc))
	}
	fin := refus.cliquer("continuer", "consentement", "oui")
	if fin.id("identite") != "Bonjour Bastien ROUVERAY" || !strings.Contains(fin.texte, "GALANTIER") {
		t.Errorf("%s", texteDe(fin.doc))
	}
}

func TestService(t *testing.T) {
	m := nouveauMonde(t)
	n := m.navigateur()
	if got := n.ouvrirService(m, "a").cliquer("revenir").id("avis"); !strings.Contains(got, "abandonnée") {
		t.Errorf("given up: %q", got)
	}
	p := n.ouvrirService(m, "a").cliquer("fi-demo").cliquer("annuler")
	if !p.existe("retour-fi") {
		t.Fatalf("cancelled at the FI: %s", texteDe(p.doc))
	}
	p = p.parDemo("ordinaire").ouvert().cliquer("continuer")
	if p.id("identite") != "Bonjour Odile VASSELIN" || p.url.Path != "/a/" {
		t.Fatalf("%s", texteDe(p.doc))
	}
	for _, veut := range []string{"1951-11-04", "80021", "99100", "ordinaire@example.org", "Odile Simone"} {
		if !strings.Contains(p.texte, veut) {
			t.Errorf("the table lacks %s", veut)
		}
	}
	if n.aller(m.origine("service")+"/c/").id("identite") != "" {
		t.Error("another service does not know the person")
	}
	if autre := m.navigateur().aller(m.origine("service") + "/a/"); autre.id("identite") != "" {
		t.Error("another browser does not know the person")
	}
	// A response that this browser did not ask for.
	if got := n.aller(m.origine("service") + "/a/retour?code=x&state=y").id("identite"); got != "Bonjour Odile VASSELIN" {
		t.Errorf("a stray response must change nothing: %q", got)
	}
	p = p.cliquer("se-deconnecter").cliquer("continuer-deconnexion")
	if !strings.Contains(p.id("avis"), "Vous êtes déconnecté") || p.existe("identite") {
		t.Errorf("%s", texteDe(p.doc))
	}
	if p := m.navigateur().poster(m.origine("service")+"/a/deconnexion", nil); !p.existe("se-connecter") {
		t.Error("nothing to log out of: home page")
	}
}

// SIM-05: no password, and a typed identity is judged as strictly as any.
func TestPersonneSaisie(t *testing.T) {
	m := nouveauMonde(t)
	n := m.navigateur()
	p := n.ouvrirService(m, "a").cliquer("fi-demo")
	champs := []string{"family_name", "TOURNEBRIDE", "given_name", "Élise Anne", "gender", "female", "birthdate", "1968-02-30", "birthcountry", "99100", "birthplace", "2a004", "email", "elise@example.org"}
	p = p.cliquer("saisir", champs...)
	if p.statut != 400 || !strings.Contains(p.id("erreur"), "birthdate") || !strings.Contains(p.texte, "TOURNEBRIDE") {
		t.Fatalf("the form is shown again, filled: %d %s", p.statut, texteDe(p.doc))
	}
	champs[7] = "1968-02-00"
	fin := p.cliquer("saisir", champs...).ouvert().cliquer("continuer")
	if fin.id("identite") != "Bonjour Élise TOURNEBRIDE" || !strings.Contains(fin.texte, "1968-02-01") {
		t.Fatalf("%s", texteDe(fin.doc))
	}
	// The registry now knows the person, also through our FI.
	m.fi.personne = registre.Personne{
		FamilyName: "TOURNEBRIDE", GivenName: "Élise Anne", Gender: "female", Birthdate: "1968-02-00",
		Birthcountry: registre.France, Birthplace: registre.Donne("2A004"), Email: "elise@example.org",
	}
	m.parAC(m.navigateur(), "a").ouvert()
}

// Every code that the registry may answer is one that the simulation knows.
func TestCodesDuRegistre(t *testing.T) {
	for _, p := range registre.Personnes() {
		if _, ok := codesY[p.Code]; p.Code != "" && !ok {
			t.Errorf("%s: unknown code %s", p.Cle, p.Code)
		}
	}
}

func TestTable(t *testing.T) {
	h := &horloge{now: time.Unix(1773480413, 0)}
	table := newTable[int](h.lire, time.Minute)
	for i := range maxLignes + 10 {
		table.put(alea(8), i)
	}
	if len(table.lignes) > maxLignes {
		t.Errorf("%d entries", len(table.lignes))
	}
	table.put("x", 1)
	gagnants := make(chan bool)
	for range 20 {
		go func() { _, ok := table.take("x"); gagnants <- ok }()
	}
	n := 0
	for range 20 {
		if <-gagnants {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d takers won", n)
	}
	table.put("y", 1)
	h.avancer(time.Minute)
	if _, ok := table.get("y"); ok {
		t.Error("a dead entry was read")
	}
}

func TestCodes(t *testing.T) {
	for code, y := range codesY {
		if y.statut < 300 || y.erreur == "" || !strings.HasSuffix(y.message, ".") {
			t.Errorf("%s: %+v", code, y)
		}
	}
	if lireY(codeMoteur("invalid_client")).statut != 400 || lireY("Y999999").statut != 500 || lireY("").statut != 500 {
		t.Error("codes outside the table")
	}
	if _, ok := errors.AsType[*refus](refuse("Y000000", "x")); !ok {
		t.Error("refuse must give a *refus")
	}
	if u := ajouter("http://x/?a=1", "b", "é &", "c", ""); u != "http://x/?a=1&b="+url.QueryEscape("é &") {
		t.Error(u)
	}
}
