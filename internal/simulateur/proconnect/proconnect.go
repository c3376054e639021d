// Package proconnect is a stand-in of ProConnect for the demo and the tests: a
// visitor says which professional they are, for which structure, and how well
// they were proved (franceconnect.md §17).
//
// It is as strict as the real one where the contract is known: the parameters
// it accepts, state and nonce of 32 characters, PKCE, codes of 60 s that serve
// once, exact addresses, a session of 12 hours that signs the next request in
// without a page. It authenticates nobody: every page says SIMULATION, and it
// refuses to stand on a host of the State (SIM-01, SIM-02).
//
// It owns no table: what it holds is in memory, its keys included.
// URLs: /api/v2/authorize, /interaction/{id}, /token, /userinfo, /jwks,
// /session/end, /.well-known/openid-configuration, and /.
package proconnect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"aidantsconnect/internal/secret"
)

// Delays of ProConnect.
const (
	vieCode        = time.Minute
	vieJeton       = time.Hour
	vieSession     = 12 * time.Hour
	vieInteraction = 30 * time.Minute
	minHasard      = 32 // characters of state and nonce
	maxEtats       = 10_000
)

// Professionnel is somebody that the page proposes; another may be typed.
type Professionnel struct{ Prenom, Nom, Email, Siret string }

// Config is the stand-in and its one client.
type Config struct {
	Origine               string // "http://pc.localhost:3000"
	ClientID              string
	ClientSecret          string
	RedirectURIs          []string
	PostLogoutRedirectURI string
	UserinfoSigne         bool // application/jwt instead of JSON
	Professionnels        []Professionnel
	Clock                 func() time.Time
}

// niveau is a level that the visitor may claim.
type niveau struct{ Acr, Libelle string }

func niveaux() []niveau {
	return []niveau{
		{"eidas1", "eidas1 : un seul facteur"},
		{"eidas1-mfa", "eidas1-mfa : deux facteurs"},
		{"eidas2", "eidas2 : deux facteurs, identité vérifiée"},
		{"https://proconnect.gouv.fr/assurance/self-asserted", "self-asserted : ancien nom, un seul facteur"},
		{"https://proconnect.gouv.fr/assurance/self-asserted-2fa", "self-asserted-2fa : ancien nom, deux facteurs"},
	}
}

// Simulateur is the running stand-in.
type Simulateur struct {
	cfg Config
	key *ecdsa.PrivateKey
	kid string

	mu           sync.Mutex
	interactions map[string]demande   // by their id
	codes        map[string]connexion // by the code
	jetons       map[string]connexion // by the access token
	sessions     map[string]personne  // by the cookie
}

// demande is an authorization request that passed.
type demande struct {
	redirect, state, nonce, challenge string
	amr                               bool
	fin                               time.Time
}

// personne is who signed in, in this browser.
type personne struct {
	Professionnel
	acr  string
	date time.Time // auth_time
	fin  time.Time
}

// connexion is a person and the request they answer.
type connexion struct {
	personne
	demande
	fin time.Time
}

// sub is stable for a person and this client.
func (s *Simulateur) sub(p personne) string {
	h := sha256.Sum256([]byte(s.cfg.ClientID + "\x00" + strings.ToLower(p.Email)))
	return hex.EncodeToString(h[:])
}

// New makes a stand-in with new keys; it refuses a host of the State.
func New(cfg Config) (*Simulateur, error) {
	u, err := url.Parse(cfg.Origine)
	if err != nil || u.Host == "" || u.Path != "" {
		return nil, errors.New("proconnect simulé : origine inutilisable")
	}
	if h := u.Hostname(); strings.HasSuffix(h, "gouv.fr") || strings.HasSuffix(h, "agentconnect.fr") || strings.HasSuffix(h, "proconnect.fr") {
		return nil, errors.New("proconnect simulé : jamais sur un hôte de l'État")
	}
	if cfg.ClientID == "" || len(cfg.ClientSecret) < 32 || len(cfg.RedirectURIs) == 0 || cfg.Clock == nil {
		return nil, errors.New("proconnect simulé : client incomplet")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return &Simulateur{
		cfg: cfg, key: key, kid: "pc-" + hex.EncodeToString(secret.Random(4)),
		interactions: map[string]demande{}, codes: map[string]connexion{}, jetons: map[string]connexion{}, sessions: map[string]personne{},
	}, nil
}

// Issuer is what discovery says.
func (s *Simulateur) Issuer() string { return s.cfg.Origine + base }

const base = "/api/v2"

// Handler serves it.
func (s *Simulateur) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET "+base+"/.well-known/openid-configuration", s.discovery)
	m.HandleFunc("GET "+base+"/jwks", s.jwks)
	m.HandleFunc("GET "+base+"/authorize", s.authorize)
	m.HandleFunc("POST "+base+"/authorize", s.authorize)
	m.HandleFunc("POST "+base+"/interaction/{id}", s.choose)
	m.HandleFunc("POST "+base+"/token", s.token)
	m.HandleFunc("GET "+base+"/userinfo", s.userinfo)
	m.HandleFunc("GET "+base+"/session/end", s.end)
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, http.StatusOK, pageAccueil()) })
	return m
}

// keep puts a value under a new random name; what has expired goes first, and
// a stranger fills nothing.
func keep[T any](m map[string]T, v T, over func(T) bool) string {
	if len(m) >= maxEtats {
		for k, x := range m {
			if over(x) {
				delete(m, k)
			}
		}
		if len(m) >= maxEtats {
			clear(m)
		}
	}
	k := secret.NewToken().Reveal()
	m[k] = v
	return k
}
