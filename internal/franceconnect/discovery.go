package franceconnect

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"aidantsconnect/internal/outgoing"
)

// discoveryLife is how long discovery is trusted (FS-04). The keys are read
// again with it, so that a key FranceConnect withdrew is forgotten within it.
const discoveryLife = time.Hour

// metadata is the part of discovery that we use. The rest is not believed:
// discovery advertises more than /authorize accepts (§12).
type metadata struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Userinfo      string `json:"userinfo_endpoint"`
	EndSession    string `json:"end_session_endpoint"`
	JWKS          string `json:"jwks_uri"`
}

// check refuses what we could not use safely: another issuer (OpenID Discovery
// §4.3), an endpoint where a secret would travel in clear.
func (m metadata) check(issuer string) *Erreur {
	if m.Issuer != issuer {
		return newErreur(CleConfig, "issuer", "discovery names another issuer")
	}
	tls := strings.HasPrefix(issuer, "https://")
	for _, e := range []struct{ name, addr string }{
		{"authorization_endpoint", m.Authorization},
		{"token_endpoint", m.Token},
		{"userinfo_endpoint", m.Userinfo},
		{"end_session_endpoint", m.EndSession},
		{"jwks_uri", m.JWKS},
	} {
		u, err := url.Parse(e.addr)
		if err != nil || !outgoing.SecureURL(u) || (tls && u.Scheme != "https") {
			return newErreur(CleConfig, e.name, "discovery gives no usable "+e.name)
		}
	}
	return nil
}

// provider is FranceConnect as discovery last described it.
type provider struct {
	metadata
	keys *oidc.RemoteKeySet
	read time.Time
}

// discovery caches one provider. Callers that find it absent or old share one
// network call; none waits longer than its own context.
type discovery struct {
	mu     sync.Mutex
	cur    *provider // the last one read, kept even when it should be read again
	doubt  bool      // cur led to a failure
	flight *flight
}

type flight struct {
	done chan struct{}
	p    *provider
	err  *Erreur
}

// provider gives the cached metadata, or reads it. A failed read is not kept:
// the next caller tries again.
func (c *Client) provider(ctx context.Context) (*provider, *Erreur) {
	d := &c.disc
	d.mu.Lock()
	if d.cur != nil && !d.doubt && c.recent(d.cur) {
		p := d.cur
		d.mu.Unlock()
		return p, nil
	}
	f := d.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		d.flight = f
		// Apart from the caller's cancellation: a browser that goes away
		// must not fail the others who wait for the same answer.
		go func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
			defer cancel()
			f.p, f.err = c.discover(ctx)
			d.mu.Lock()
			d.flight = nil
			if f.err == nil {
				d.cur, d.doubt = f.p, false
			}
			d.mu.Unlock()
			close(f.done)
		}()
	}
	d.mu.Unlock()
	select {
	case <-f.done:
		if f.err != nil {
			e := *f.err // each waiter completes its own
			return nil, &e
		}
		return f.p, nil
	case <-ctx.Done():
		return nil, newErreur(CleIndisponible, "delai", "gave up waiting for discovery")
	}
}

func (c *Client) recent(p *provider) bool { return c.cfg.Clock().Sub(p.read) < discoveryLife }

// doubt makes the next caller read discovery again (FS-04): p led to a failure.
func (c *Client) doubt(p *provider) {
	c.disc.mu.Lock()
	defer c.disc.mu.Unlock()
	if c.disc.cur == p {
		c.disc.doubt = true
	}
}

// providerForLogout is provider, but prefers an address that may be wrong to
// none: without logout the next usager inherits the session (FS-30).
func (c *Client) providerForLogout(ctx context.Context) (*provider, *Erreur) {
	c.disc.mu.Lock()
	last := c.disc.cur
	c.disc.mu.Unlock()
	if last != nil && c.recent(last) {
		return last, nil
	}
	p, e := c.provider(ctx)
	if e != nil && last != nil {
		return last, nil
	}
	return p, e
}

// discover reads the well-known document. go-oidc's NewProvider would do it but
// reports another issuer and a network failure as text only.
func (c *Client) discover(ctx context.Context) (*provider, *Erreur) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.cfg.Issuer, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return nil, newErreur(CleConfig, "issuer", "discovery address unusable")
	}
	req.Header.Set("Accept", "application/json")
	a, e := c.read(req, "discovery")
	if e != nil {
		return nil, e
	}
	if a.status != http.StatusOK {
		return nil, a.refusal("discovery")
	}
	var m metadata
	if a.mediaType != "application/json" || json.Unmarshal(a.body, &m) != nil {
		return nil, newErreur(ClePanne, "reponse", "discovery is not JSON")
	}
	if e := m.check(c.cfg.Issuer); e != nil {
		return nil, e
	}
	// go-oidc takes its client from the context and keeps it: not the request's
	// context, which would live as long. It reads keys in a goroutine that only
	// the client's timeout ends.
	jwks := c.client("jwks")
	jwks.Timeout = callTimeout
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), jwks), m.JWKS)
	return &provider{metadata: m, keys: keys, read: c.cfg.Clock()}, nil
}
