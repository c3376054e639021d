package fournisseur

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/outgoing"
)

// FI-64: how long a client's keys are kept, from when they are read again ahead
// of need, and what one reading may take within an answer.
const (
	vieCles    = 10 * time.Minute
	avanceCles = 4 * time.Minute
	budgetCles = 2 * time.Second
)

// ClesClients keeps, in memory, the public keys that clients publish for what
// is encrypted to them. Nobody waits for the network as long as Refresh runs;
// it is never called within a transaction. Safe for concurrent use.
type ClesClients struct {
	http  *http.Client
	clock func() time.Time
	log   *slog.Logger

	mu   sync.Mutex
	kept map[string]*documentCles // by client_id
}

// documentCles is the last good reading of a client's jwks_uri.
type documentCles struct {
	keys oidc.ClientKeys
	lu   time.Time
	vol  *lecture // being read
}

// lecture is one reading that several answers may wait for.
type lecture struct {
	done chan struct{}
	keys oidc.ClientKeys
	err  error
}

// NewClesClients makes an empty cache; it reads with the one outgoing client.
func NewClesClients(clock func() time.Time, log *slog.Logger) *ClesClients {
	return &ClesClients{http: outgoing.NewClient(budgetCles), clock: clock, log: log, kept: map[string]*documentCles{}}
}

// For gives the keys of a client that wants encrypted answers, from memory; it
// reads them, within 2 s, only when there is nothing fresh. A client whose keys
// cannot be had makes the service unavailable to it: nothing is sent in clear
// instead.
func (c *ClesClients) For(ctx context.Context, r oidc.Registration) (oidc.ClientKeys, error) {
	if !r.Encrypts() {
		return oidc.ClientKeys{}, nil
	}
	c.mu.Lock()
	d := c.document(r.ClientID)
	if d.fresh(c.clock(), vieCles) {
		defer c.mu.Unlock()
		return d.keys, nil
	}
	l := c.begin(r, d)
	c.mu.Unlock()
	select {
	case <-l.done:
	case <-ctx.Done():
		return oidc.ClientKeys{}, fault.Wrap(fault.Unavailable, "cles_client", ctx.Err())
	}
	if l.err != nil {
		return oidc.ClientKeys{}, fault.Wrap(fault.Unavailable, "cles_client", l.err)
	}
	return l.keys, nil
}

// Refresh reads again the keys that will soon be too old, so that no answer
// waits. A failure is logged and changes nothing: what is kept serves until its
// end. It is called every minute.
func (c *ClesClients) Refresh(ctx context.Context, clients oidc.Registrations) {
	for _, r := range clients {
		if !r.Encrypts() {
			continue
		}
		c.mu.Lock()
		d := c.document(r.ClientID)
		if d.fresh(c.clock(), avanceCles) {
			c.mu.Unlock()
			continue
		}
		l := c.begin(r, d)
		c.mu.Unlock()
		select {
		case <-l.done:
		case <-ctx.Done():
			return
		}
	}
}

func (c *ClesClients) document(client string) *documentCles {
	d := c.kept[client]
	if d == nil {
		d = &documentCles{}
		c.kept[client] = d
	}
	return d
}

func (d *documentCles) fresh(now time.Time, life time.Duration) bool {
	return !d.lu.IsZero() && now.Before(d.lu.Add(life))
}

// begin starts a reading, or joins the one that runs. c.mu is held.
func (c *ClesClients) begin(r oidc.Registration, d *documentCles) *lecture {
	if d.vol != nil {
		return d.vol
	}
	l := &lecture{done: make(chan struct{})}
	d.vol = l
	now := c.clock() // the age counts from before the call
	go func() {
		// Its own deadline: the answer that began it may be given up, while
		// others wait for the same keys.
		ctx, cancel := context.WithTimeout(context.Background(), budgetCles)
		defer cancel()
		l.keys, l.err = c.read(ctx, r)
		if l.err != nil {
			c.log.Warn("read a client's encryption keys", "client", r, "error", l.err)
		}
		c.mu.Lock()
		if l.err == nil {
			d.keys, d.lu = l.keys, now
		}
		d.vol = nil
		c.mu.Unlock()
		close(l.done)
	}()
	return l
}

var errCles = errors.New("the client's keys cannot be used")

// read takes the document and refuses one without the keys that the client's
// registration needs: the former one serves better until its end.
func (c *ClesClients) read(ctx context.Context, r oidc.Registration) (oidc.ClientKeys, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.JWKSURI, nil)
	if err != nil {
		return oidc.ClientKeys{}, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Accept", "application/json, application/jwk-set+json")
	resp, err := c.http.Do(req)
	if err != nil {
		return oidc.ClientKeys{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return oidc.ClientKeys{}, fmt.Errorf("%w: status %d", errCles, resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body) // bounded by the outgoing client
	if err != nil {
		return oidc.ClientKeys{}, fmt.Errorf("read keys: %w", err)
	}
	keys, err := oidc.ParseClientKeys(body)
	if err != nil {
		return oidc.ClientKeys{}, err
	}
	if !keys.Serves(r) {
		return oidc.ClientKeys{}, oidc.ErrNoClientKey
	}
	return keys, nil
}
