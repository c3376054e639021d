package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestLimit(t *testing.T) {
	now := midi
	b := nouveauBanc(t, func(c *Config) { c.Now = func() time.Time { return now } })
	b.Public("POST /connexion", Limit(func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}, 3))
	try := func(addr string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/connexion", nil)
		r.RemoteAddr = addr
		return b.do(r, "X-Forwarded-For", fmt.Sprint("198.51.100.", now.Second()))
	}
	for range 3 {
		if w := try("192.0.2.1:1000"); w.Code != 204 {
			t.Fatalf("within the allowance: %d", w.Code)
		}
	}
	if w := try("192.0.2.1:2000"); w.Code != 429 || w.Header().Get("Retry-After") != "20" {
		t.Errorf("over the allowance: %d, Retry-After %q, want 429 and 20 s", w.Code, w.Header().Get("Retry-After"))
	}
	if w := try("192.0.2.2:1000"); w.Code != 204 {
		t.Errorf("a neighbour is refused: %d", w.Code)
	}
	now = now.Add(20 * time.Second)
	if w := try("192.0.2.1:1000"); w.Code != 204 {
		t.Errorf("after the wait: %d", w.Code)
	}
}

func TestNetworkAndMemory(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := network(netip.MustParseAddr(ip)).String(); got != want {
			t.Errorf("network(%s) = %s, want %s", ip, got, want)
		}
	}
	l := newLimiter(1)
	for i := range maxTracked + 50 {
		l.take(network(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})), midi)
	}
	if l.order.Len() != maxTracked || len(l.byIP) != maxTracked {
		t.Errorf("%d addresses kept, %d in the index, want %d", l.order.Len(), len(l.byIP), maxTracked)
	}
}

func TestClientIP(t *testing.T) {
	for _, tt := range []struct {
		name      string
		proxies   int
		forwarded []string
		want      string
	}{
		{"aucun proxy, en-tête du client", 0, []string{"198.51.100.9"}, "192.0.2.1"},
		{"un proxy", 1, []string{"198.51.100.9"}, "198.51.100.9"},
		{"un proxy, mensonge du client devant", 1, []string{"203.0.113.1, 198.51.100.9"}, "198.51.100.9"},
		{"deux proxys", 2, []string{"203.0.113.1, 198.51.100.9", "10.0.0.1"}, "198.51.100.9"},
		{"deux proxys, une entrée", 2, []string{"198.51.100.9"}, "192.0.2.1"},
		{"illisible", 1, []string{"inconnu"}, "192.0.2.1"},
		{"IPv6 d'une IPv4", 1, []string{"::ffff:198.51.100.9"}, "198.51.100.9"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "192.0.2.1:4000"
		r.Header["X-Forwarded-For"] = tt.forwarded
		if got := clientIP(r, tt.proxies).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
