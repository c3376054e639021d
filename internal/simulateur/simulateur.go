// Package simulateur is the honest stand-in of FranceConnect that ships with
// the product for the demo and for every test (spec/franceconnect §21).
//
// It plays, by Host header and on three distinct host names (one host with
// several ports would share cookies):
//
//   - FranceConnect as OpenID provider of our app (we are a FS) and of the demo
//     services, with one test FI: /api/v2/authorize, /token, /token/revocation,
//     /userinfo, /session/end, /jwks, discovery, the choice and information
//     pages, the SSO;
//   - FranceConnect as client of our app (we are a FI): the request of §3.1,
//     /api/v2/oidc-callback with every check of §5 and §6, the rep_scope rules,
//     the civil registry, /api/v2/client/logout-callback;
//   - the test FI (/connexion), where the visitor picks a fictional person;
//   - six demo public services (/a/ … /f/), honest FS clients of the above.
//
// A stand-in that is more lenient than FranceConnect is a defect (SIM-05); one
// that could be mistaken for it is another: every page says SIMULATION and
// carries no logo (SIM-01), New refuses the State's host names (SIM-02).
//
// Keys and state live in memory, bounded, and die with the process. The sub
// given to a FS is computed from a fixed text, the client_id and the person, so
// that a database that outlives the process still recognises the persons.
//
// It owns no table, writes no journal line, and knows no other package of the
// program but demarche and its own registry, simulateur/registre. It authenticates nobody and sends nothing.
package simulateur

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"aidantsconnect/internal/simulateur/registre"
)

// Config says where the simulation lives and which client it serves.
type Config struct {
	FC, FI, Service string // origins: "http://fc.localhost:3000"
	ClientFS        ClientFS
	ClientFI        ClientFI
	HTTP            *http.Client // calls to our app's FI and, for the demo services, to FC itself
	Clock           func() time.Time
	Log             *slog.Logger  // nil: nothing is logged
	Avis            io.Writer     // where the "new connection" notices are written; nil: nowhere
	Fautes          []Faute       // faults active from the start; see Injecter
	PageFautes      bool          // whoever visits may choose faults, at /simulation/fautes: the demonstration
	Lenteur         time.Duration // of FauteLente; 0 is 7 s, past FC's own patience of 6 s
}

// ClientFS is our app as registered at FranceConnect to receive identities.
type ClientFS struct {
	ClientID, ClientSecret               string
	RedirectURIs, PostLogoutRedirectURIs []string
	Alg                                  string   // "ES256" or "RS256"
	ScopesAccordes                       []string // scopes granted; nil: those of §2.2
	Nom                                  string   // shown on pages; "" = "Aidants Connect"
	// AccepteAidantsConnect lifts the exclusion asked for by FS-31. Only tests
	// of FS-32 (the loop) set it.
	AccepteAidantsConnect bool
}

// ClientFI is our app as registered at FranceConnect to assert identities.
// An empty Issuer means that no such registration exists.
type ClientFI struct {
	Issuer, ClientID, ClientSecret                              string
	AuthorizeURL, TokenURL, UserinfoURL, EndSessionURL, JWKSURL string
	IDTokenAlg, UserinfoAlg                                     string // HS256, ES256, RS256; UserinfoAlg "" = plain JSON
	IDTokenChiffrement, UserinfoChiffrement                     string // "" none, "ECDH-ES", "RSA-OAEP-256", "RSA-OAEP"; A256GCM
	Decouverte                                                  bool   // read discovery at every step instead of the URLs above
	UID                                                         string // idp_id; "" = "aidants-connect"
}

// The claims and scopes that our app asks for (§2.2).
var scopesParDefaut = strings.Fields("openid given_name family_name birthdate gender birthplace birthcountry email preferred_username idp_birthdate idp_id")

// Lifetimes of FranceConnect (SIM-23, SIM-28, SIM-11).
const (
	dureeCode        = 30 * time.Second
	dureeJeton       = 60 * time.Second
	dureeInteraction = 30 * time.Minute
	dureeSession     = 30 * time.Minute
	delaiAppel       = 6 * time.Second
	tailleReponse    = 1 << 20
)

// Simulateur is the running stand-in. Its methods are safe for concurrent use.
type Simulateur struct {
	cfg      Config
	client   *http.Client
	delai    time.Duration // of a back-channel call; tests shorten it
	hotes    map[string]http.Handler
	entites  []entite // the FS registered at FC
	cles     *trousseau
	registre registre.Registre

	sessions     *table[session]
	interactions *table[interaction]
	codes        *table[code]
	jetons       *table[jeton]
	sorties      *table[sortie]
	choixFI      *table[registre.Personne]
	visites      *table[visite]

	mu     sync.Mutex
	fautes map[Faute]bool
}

// New checks the configuration, makes the keys and prepares the three hosts.
func New(cfg Config) (*Simulateur, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("simulateur: %w", err)
	}
	// FC-02: a redirect is an answer to judge, never to follow.
	client := *cfg.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cles, err := newTrousseau(cfg.ClientFS.Alg)
	if err != nil {
		return nil, fmt.Errorf("simulateur: make keys: %w", err)
	}
	s := &Simulateur{
		cfg: cfg, client: &client, delai: delaiAppel, cles: cles, fautes: map[Faute]bool{},
		sessions:     newTable[session](cfg.Clock, dureeSession),
		interactions: newTable[interaction](cfg.Clock, dureeInteraction),
		codes:        newTable[code](cfg.Clock, dureeInteraction), // kept after 30 s so that a replay is seen
		jetons:       newTable[jeton](cfg.Clock, dureeJeton),
		sorties:      newTable[sortie](cfg.Clock, dureeInteraction),
		choixFI:      newTable[registre.Personne](cfg.Clock, dureeCode),
		visites:      newTable[visite](cfg.Clock, 12*time.Hour),
	}
	s.sessions.glissant = true
	s.Injecter(cfg.Fautes...)
	s.entites = append(s.entitesService(), s.entiteApp()...)
	s.hotes = map[string]http.Handler{
		host(cfg.FC):      s.enTetes(s.routesFC(), s.originesFC()),
		host(cfg.FI):      s.enTetes(s.routesFI(), []string{cfg.FC}),
		host(cfg.Service): s.enTetes(s.routesService(), []string{cfg.FC}),
	}
	return s, nil
}

// Issuer is the issuer of the simulated FranceConnect.
func (s *Simulateur) Issuer() string { return s.cfg.FC + "/api/v2" }

// Rotate makes a new signing key current; the previous one stays published
// (SIM-24).
func (s *Simulateur) Rotate() error { return s.cles.rotate() }

// Handler serves the three hosts; any other Host header gets 421.
func (s *Simulateur) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := s.hotes[host("//"+r.Host)]
		if !ok {
			http.Error(w, "Misdirected Request", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// host gives the lower-case host name of an origin or URL, without port.
func host(origine string) string {
	u, err := url.Parse(origine)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// check completes the defaults and reports all mistakes at once.
func (c *Config) check() error {
	var errs []error
	note := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	for _, o := range []*string{&c.FC, &c.FI, &c.Service} {
		u, err := url.Parse(*o)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			note("origin %q is not http(s)://host", *o)
			continue
		}
		*o = u.Scheme + "://" + u.Host
		// SIM-02: nobody may take it for the real one.
		h := "." + host(*o)
		if strings.HasSuffix(h, ".gouv.fr") || strings.HasSuffix(h, ".dev-franceconnect.fr") || strings.HasSuffix(h, ".franceconnect.fr") {
			note("origin %q: a simulation is never served on a host of the State", *o)
		}
	}
	if host(c.FC) == host(c.FI) || host(c.FC) == host(c.Service) || host(c.FI) == host(c.Service) {
		note("the three host names must differ: a host shares its cookies between ports")
	}
	if c.HTTP == nil || c.Clock == nil {
		note("HTTP client or clock missing")
	}
	c.Lenteur = cmp.Or(c.Lenteur, 7*time.Second)
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	errs = append(errs, c.ClientFS.check(), c.ClientFI.check())
	return errors.Join(errs...)
}

func (c *ClientFS) check() error {
	c.Nom = cmp.Or(c.Nom, "Aidants Connect")
	c.Alg = cmp.Or(c.Alg, algES256)
	if c.ScopesAccordes == nil {
		c.ScopesAccordes = scopesParDefaut
	}
	if c.Alg != algES256 && c.Alg != algRS256 {
		return fmt.Errorf("ClientFS.Alg %q: ES256 or RS256", c.Alg)
	}
	return nil
}

func (c *ClientFI) check() error {
	c.UID = cmp.Or(c.UID, "aidants-connect")
	signatures, chiffrements := []string{algHS256, algES256, algRS256}, []string{"", "ECDH-ES", "RSA-OAEP", "RSA-OAEP-256"}
	switch {
	case c.Issuer == "":
		return nil
	case len(c.ClientSecret) < 32:
		return errors.New("ClientFI.ClientSecret: at least 32 characters")
	case !slices.Contains(signatures, c.IDTokenAlg) || (c.UserinfoAlg != "" && !slices.Contains(signatures, c.UserinfoAlg)):
		return fmt.Errorf("ClientFI: signature %q or %q: HS256, ES256 or RS256", c.IDTokenAlg, c.UserinfoAlg)
	case !slices.Contains(chiffrements, c.IDTokenChiffrement) || !slices.Contains(chiffrements, c.UserinfoChiffrement):
		return fmt.Errorf("ClientFI: encryption %q or %q unknown", c.IDTokenChiffrement, c.UserinfoChiffrement)
	}
	return nil
}
