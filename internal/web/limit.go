package web

import (
	"container/list"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"aidantsconnect/internal/fault"
)

// maxTracked bounds the memory of a limiter: the address unseen for longest is
// forgotten, and starts again with a full allowance.
const maxTracked = 10_000

// Limit slows down one network: perMinute requests, then 429 (A-W7: many
// people share one address, so nobody is shut out for longer than the refill).
// It counts on this node only; the counters shared by all are rows.
func Limit(next Handler, perMinute int) Handler {
	l := newLimiter(perMinute)
	return func(w http.ResponseWriter, r *http.Request) error {
		q := requestOf(r)
		if wait := l.take(Network(r), q.now); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			return fault.New(fault.TooMany, "debit")
		}
		return next(w, r)
	}
}

// Network is what a request is counted under: the client's address alone in
// IPv4, and the /64 that one household or machine holds in IPv6.
func Network(r *http.Request) netip.Prefix { return network(ClientIP(r)) }

func network(ip netip.Addr) netip.Prefix {
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.WithZone("").Prefix(bits)
	return p
}

// introuvablesParMinute bounds on this node what one network may guess, before
// the shared counter is asked: a flood costs no write.
const introuvablesParMinute = 120

// countMissing slows down a network that asks for one address after another
// that does not exist: it is answered 429 for some minutes, and nothing else
// changes for it (A-W7). A counter that fails leaves the 404.
func (m *Mux) countMissing(w http.ResponseWriter, r *http.Request, missing error) error {
	_, early := errors.AsType[*earlyError](missing)
	if m.c.Introuvable == nil || early || strings.HasPrefix(r.URL.Path, cheminActifs) { // an old page asks for its former assets
		return missing
	}
	wait := m.introuvables.take(Network(r), requestOf(r).now)
	if wait == 0 {
		var err error
		if wait, err = m.c.Introuvable(r); err != nil {
			m.c.Log.ErrorContext(r.Context(), "compte des adresses introuvables", "requete", requestOf(r).id, "erreur", err.Error())
		}
	}
	if wait == 0 {
		return missing
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return fault.New(fault.TooMany, "introuvables")
}

type limiter struct {
	perMinute int
	mu        sync.Mutex
	order     *list.List // most recent first
	byIP      map[netip.Prefix]*list.Element
}

type bucket struct {
	ip netip.Prefix
	r  *rate.Limiter
}

func newLimiter(perMinute int) *limiter {
	return &limiter{perMinute: perMinute, order: list.New(), byIP: map[netip.Prefix]*list.Element{}}
}

// take uses one request, or tells how long to wait.
func (l *limiter) take(ip netip.Prefix, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.byIP[ip]
	if !ok {
		e = l.order.PushFront(&bucket{ip, rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)})
		l.byIP[ip] = e
		if l.order.Len() > maxTracked {
			last := l.order.Remove(l.order.Back()).(*bucket)
			delete(l.byIP, last.ip)
		}
	}
	l.order.MoveToFront(e)
	res := e.Value.(*bucket).r.ReserveN(now, 1)
	wait := res.DelayFrom(now)
	if wait > 0 {
		res.CancelAt(now)
	}
	return wait
}
