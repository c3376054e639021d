package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// request is what the floor knows of a request while it is served. It travels
// in the context, which never holds the actor.
type request struct {
	id      string
	ip      netip.Addr
	now     time.Time
	espace  Espace
	pattern string
	corps   io.ReadCloser // the body, before its bound
}

type requestKey struct{}

func requestOf(r *http.Request) *request {
	if q, ok := r.Context().Value(requestKey{}).(*request); ok {
		return q
	}
	return &request{}
}

// RequestID is the number of a request, written in the log and on error pages.
func RequestID(ctx context.Context) string {
	if q, ok := ctx.Value(requestKey{}).(*request); ok {
		return q.id
	}
	return ""
}

// ClientIP is the address of the client: the socket's, or what the configured
// number of our own proxies wrote. It is never logged.
func ClientIP(r *http.Request) netip.Addr { return requestOf(r).ip }

// newRequestID makes 50 random bits in ten letters and figures that can be
// read over the phone.
func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base32.StdEncoding.EncodeToString(b[:])[:10]
}

// clientIP reads the address written by the first of our n proxies: the n-th
// from the right; what stands before was sent by the client and proves nothing
// (A-W7). With fewer entries than proxies the socket's address is kept.
func clientIP(r *http.Request, proxies int) netip.Addr {
	socket := netip.Addr{}
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		socket = ap.Addr().Unmap()
	}
	if proxies <= 0 {
		return socket
	}
	all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if len(all) < proxies {
		return socket
	}
	ip, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-proxies]))
	if err != nil {
		return socket
	}
	return ip.Unmap()
}
