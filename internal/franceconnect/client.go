package franceconnect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/secret"
)

// callTimeout bounds one exchange with FranceConnect, retry included (FS-13).
// Its code lives 30 s and its tokens 60 s: a longer wait could not succeed.
const callTimeout = 10 * time.Second

// The ways to authenticate at the token endpoint, as registrations name them
// (OpenID Connect Core §9). FranceConnect knows the first (§2.2).
const (
	AuthPost  = "client_secret_post"
	AuthBasic = "client_secret_basic"
)

// Config is our registration at FranceConnect (§2.2). Nothing of it is a
// constant of the code (FC-01).
type Config struct {
	Issuer                string // without trailing slash; discovery must answer exactly this
	ClientID              string
	ClientSecret          secret.Text // at least 32 bytes
	Auth                  string      // how the secret is sent: AuthPost ("" is that) or AuthBasic, as registered
	RedirectURI           string      // exact string registered
	PostLogoutRedirectURI string      // exact string registered
	Scopes                []string    // nil: DefaultScopes
	Alg                   string      // of the ID token and of userinfo: "ES256" or "RS256"
	UserinfoJSON          bool        // userinfo is plain JSON, as registered; ProConnect only
	PKCE                  bool        // off for FranceConnect, which refuses it (Y030007); on for ProConnect
	Pro                   bool        // this FranceConnect is a ProConnect: professionnel.go
	FIUid                 string      // idp_id of our own FI (FS-32); "" = unknown, said in the log

	HTTP    *http.Client // nil: outgoing.NewClient(10 s); another must bound bodies and refuse redirects
	Mesures Mesures
	Clock   func() time.Time // required
	Log     *slog.Logger     // nil: silent
}

// Client speaks to one FranceConnect under one registration. It is safe for
// concurrent use.
type Client struct {
	cfg  Config
	http *http.Client
	log  *slog.Logger
	disc discovery
}

// New checks the configuration and calls nobody: the service starts when
// FranceConnect is down (FS-04). All mistakes are reported together.
func New(cfg Config) (*Client, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("franceconnect configuration: %w", err)
	}
	if cfg.Scopes == nil {
		cfg.Scopes = DefaultScopes()
		if cfg.Pro {
			cfg.Scopes = scopesPro()
		}
	}
	c := &Client{cfg: cfg, http: cfg.HTTP, log: cfg.Log}
	if c.http == nil {
		c.http = outgoing.NewClient(callTimeout)
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	// FS-32: without idp_id, or without our own uid, an identity that we
	// supplied ourselves as FI cannot be recognised. ProConnect knows no FI of ours.
	if cfg.Pro {
		return c, nil
	}
	if !slices.Contains(cfg.Scopes, "idp_id") {
		c.log.Warn("franceconnect: scope idp_id is not requested, the loop through our own FI is not detected")
	} else if cfg.FIUid == "" {
		c.log.Warn("franceconnect: our own FI uid is not configured, the loop through our own FI is not detected")
	}
	return c, nil
}

func (cfg Config) validate() error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if u, err := url.Parse(cfg.Issuer); err != nil || !outgoing.SecureURL(u) || u.RawQuery != "" || u.ForceQuery {
		bad("issuer must be an https address without query (http only for localhost and *.localhost)")
	}
	for name, s := range map[string]string{"redirect URI": cfg.RedirectURI, "post-logout redirect URI": cfg.PostLogoutRedirectURI} {
		if u, err := url.Parse(s); err != nil || !outgoing.SecureURL(u) {
			bad("%s must be an https address without fragment (http only for localhost and *.localhost)", name)
		}
	}
	if cfg.ClientID == "" {
		bad("client_id is missing")
	}
	if len(cfg.ClientSecret.Reveal()) < 32 { // M-W46
		bad("client_secret is missing or shorter than 32 bytes")
	}
	if cfg.Alg != "ES256" && cfg.Alg != "RS256" {
		bad("algorithm %q is neither ES256 nor RS256", cfg.Alg)
	}
	if cfg.UserinfoJSON && !cfg.Pro { // §2.2: FranceConnect signs it
		bad("userinfo must be signed")
	}
	if cfg.Auth != "" && cfg.Auth != AuthPost && cfg.Auth != AuthBasic {
		bad("authentication %q is neither %s nor %s", cfg.Auth, AuthPost, AuthBasic)
	}
	if cfg.Scopes != nil && !slices.Contains(cfg.Scopes, "openid") {
		bad("scope openid is missing")
	}
	for _, s := range cfg.Scopes {
		if s == "" || strings.ContainsAny(s, " \t\r\n\"\\") {
			bad("scope %q is not a scope", s)
		}
	}
	if cfg.Clock == nil {
		bad("clock is missing")
	}
	return errors.Join(errs...)
}

// Issuer is the configured issuer: a mandat records who vouched for the
// identity (SIM-04).
func (c *Client) Issuer() string { return c.cfg.Issuer }

// Origin is the scheme and host of FranceConnect's pages, for the form-action
// of the pages that send the browser there (FC-07).
func (c *Client) Origin() string {
	u, err := url.Parse(c.cfg.Issuer)
	if err != nil { // validated by New
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// fail completes an error with a reference and logs it, once. An abandoned
// connection is ordinary life; what could not be verified deserves a look.
func (c *Client) fail(ctx context.Context, step string, e *Erreur) *Erreur {
	if e.ID == "" {
		e.ID = reference()
	}
	if f := c.cfg.Mesures.Echec; f != nil {
		f(step, e.Cle)
	}
	level := slog.LevelWarn
	switch e.Cle {
	case CleAbandon:
		level = slog.LevelInfo
	case CleVerification, CleConfig, CleBoucle:
		level = slog.LevelError
	}
	c.log.LogAttrs(ctx, level, "franceconnect: leg failed", slog.String("etape", step), slog.Any("erreur", e))
	return e
}
