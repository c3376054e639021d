package outgoing

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, c *http.Client, addr string) ([]byte, error) {
	t.Helper()
	resp, err := c.Get(addr)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func TestBodyIsBounded(t *testing.T) {
	zeros := strings.Repeat("0", MaxBody+1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscanf(r.URL.Query().Get("n"), "%d", &n)
		if r.URL.Path == "/gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, zeros[:n])
			_ = z.Close()
			return
		}
		_, _ = io.WriteString(w, zeros[:n])
	}))
	defer s.Close()
	c := NewClient(10 * time.Second)
	for _, path := range []string{"/", "/gzip"} {
		for _, n := range []int{0, 1, MaxBody - 1, MaxBody} {
			b, err := get(t, c, fmt.Sprintf("%s%s?n=%d", s.URL, path, n))
			if err != nil || len(b) != n {
				t.Errorf("%s, %d bytes: read %d, %v", path, n, len(b), err)
			}
		}
		b, err := get(t, c, fmt.Sprintf("%s%s?n=%d", s.URL, path, MaxBody+1))
		if !errors.Is(err, ErrTooLarge) || len(b) > MaxBody {
			t.Errorf("%s, one byte too many: read %d, %v", path, len(b), err)
		}
	}
}

func TestReadAfterTooLargeStaysAnError(t *testing.T) {
	b := &body{ReadCloser: io.NopCloser(strings.NewReader("abcdef")), left: 3}
	got, err := io.ReadAll(b)
	if string(got) != "abc" || !errors.Is(err, ErrTooLarge) {
		t.Fatalf("got %q, %v", got, err)
	}
	if n, err := b.Read(make([]byte, 8)); n != 0 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("second read: %d, %v", n, err)
	}
}

func TestRedirectRefused(t *testing.T) {
	reached := false
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			reached = true
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer s.Close()
	_, err := get(t, NewClient(10*time.Second), s.URL+"/here")
	if !errors.Is(err, ErrRedirect) || reached {
		t.Errorf("redirect: %v, followed: %v", err, reached)
	}
}

func TestLocalhostNamesAreTheLoopback(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Host)
	}))
	defer s.Close()
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(10 * time.Second)
	for _, host := range []string{"localhost", "fc.localhost", "A.B.LOCALHOST", "service.localhost."} {
		b, err := get(t, c, "http://"+net.JoinHostPort(host, port)+"/")
		if err != nil || !strings.EqualFold(string(b), net.JoinHostPort(host, port)) {
			t.Errorf("%s: %q, %v", host, b, err)
		}
	}
	for _, addr := range []string{"localhost:1", "xlocalhost:1", "localhost.example.org:1", "127.0.0.2:1", "[::1]:1", "no port"} {
		if got := loopback(addr); got != addr {
			t.Errorf("loopback(%q) = %q, want it untouched", addr, got)
		}
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	s.StartTLS()
	defer s.Close()
	old := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.StartTLS()
	defer old.Close()

	if _, err := get(t, NewClient(10*time.Second), s.URL); err == nil {
		t.Error("an unknown authority was accepted")
	}
	authority := x509.NewCertPool()
	authority.AddCert(s.Certificate())
	authority.AddCert(old.Certificate())
	trusting := newClient(10*time.Second, &tls.Config{RootCAs: authority})
	if _, err := get(t, trusting, s.URL); err != nil {
		t.Errorf("TLS 1.2: %v", err)
	}
	if _, err := get(t, trusting, old.URL); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
}

func TestNoProxy(t *testing.T) {
	base, ok := NewClient(time.Second).Transport.(limited).base.(*http.Transport)
	if !ok || base.Proxy != nil {
		t.Error("a proxy of the environment would be honoured")
	}
}

func TestHeadersAreBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Big", strings.Repeat("a", 2*maxHeader))
	}))
	defer s.Close()
	if _, err := get(t, NewClient(10*time.Second), s.URL); err == nil {
		t.Error("128 KiB of headers were accepted")
	}
}

func TestTimeoutCoversTheBody(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		select { // never answers by itself
		case <-r.Context().Done():
		case <-release:
		}
	}))
	defer s.Close()
	defer close(release)
	_, err := get(t, NewClient(50*time.Millisecond), s.URL)
	var u interface{ Timeout() bool }
	if !errors.Is(err, context.DeadlineExceeded) && (!errors.As(err, &u) || !u.Timeout()) {
		t.Errorf("endless body: %v", err)
	}
}

func TestSecureURL(t *testing.T) {
	for addr, want := range map[string]bool{
		"https://oidc.franceconnect.gouv.fr/api/v2": true,
		"http://localhost:3000/":                    true,
		"http://fc.localhost:3000/api/v2":           true,
		"http://FC.LOCALHOST":                       true,
		"http://127.0.0.1:3000/":                    false,
		"http://example.org/":                       false,
		"http://localhost.example.org/":             false,
		"http://evillocalhost/":                     false,
		"https://user:pass@example.org/":            false,
		"https://example.org/#x":                    false,
		"https:///path":                             false,
		"https://:443/":                             false,
		"ftp://localhost/":                          false,
		"/relative":                                 false,
		"":                                          false,
	} {
		u, err := url.Parse(addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := SecureURL(u); got != want {
			t.Errorf("SecureURL(%q) = %v", addr, got)
		}
	}
	if SecureURL(nil) {
		t.Error("SecureURL(nil) = true")
	}
}
