package franceconnect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"aidantsconnect/internal/outgoing"
)

func printed(v any) string {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	return b.String() + fmt.Sprintf("%v %+v %#v %s", v, v, v, v)
}

// transport lets a test fail chosen calls.
type transport struct {
	base http.RoundTripper
	fail func(*http.Request) error
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.fail(r); err != nil {
		return nil, err
	}
	return t.base.RoundTrip(r)
}

func failing(fail func(*http.Request) error) func(*Config) {
	return func(c *Config) {
		c.HTTP = &http.Client{
			Timeout: c.HTTP.Timeout, CheckRedirect: c.HTTP.CheckRedirect,
			Transport: transport{c.HTTP.Transport, fail},
		}
	}
}

func TestTokenAnswers(t *testing.T) {
	answer := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	const uri = `"error_uri":"https://docs.partenaires.franceconnect.gouv.fr/fs/fs-technique/fs-technique-erreurs/?code=Y040025&id=0b1c2d3e-0000-4000-8000-000000000001"`
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
		cle  string
		code string
	}{
		{"code expired or used", answer(400, "application/json", `{"error":"invalid_grant","error_description":"CORPS"}`), CleDelai, "invalid_grant"},
		{"bad secret", answer(401, "application/json", `{"error":"invalid_client",`+uri+`}`), CleConfig, "Y040025"},
		{"bad request", answer(400, "application/json", `{"error":"invalid_request"}`), CleConfig, "invalid_request"},
		{"server error", answer(500, "application/json", `{"error":"server_error",`+uri+`}`), ClePanne, "Y040025"},
		{"busy", answer(503, "application/json", `{"error":"temporarily_unavailable"}`), CleIndisponible, "temporarily_unavailable"},
		{"word of its own", answer(400, "application/json", `{"error":"CORPS"}`), ClePanne, "erreur_inconnue"},
		{"500 in HTML", answer(500, "text/html", `<p>CORPS`), ClePanne, "http_500"},
		{"500 in text", answer(500, "text/plain", `CORPS`), ClePanne, "http_500"},
		{"502 in HTML", answer(502, "text/html", `<p>CORPS`), CleIndisponible, "http_502"},
		{"error with status 200", answer(200, "application/json", `{"error":"server_error"}`), ClePanne, "server_error"},
		{"HTML with status 200", answer(200, "text/html", `<p>CORPS`), ClePanne, "reponse"},
		{"form with status 200", answer(200, "application/x-www-form-urlencoded", `access_token=CORPS&id_token=a.b.c&token_type=Bearer`), ClePanne, "reponse"},
		{"status 201", answer(201, "application/json", `{"access_token":"CORPS","id_token":"a.b.c","token_type":"Bearer"}`), ClePanne, "reponse"},
		{"JSON cut", answer(200, "application/json", `{"access_token":"CORPS`), ClePanne, "reponse"},
		{"no access token", answer(200, "application/json", `{"id_token":"a.b.c","token_type":"Bearer"}`), ClePanne, "reponse"},
		{"no ID token", answer(200, "application/json", `{"access_token":"CORPS","token_type":"Bearer"}`), ClePanne, "reponse"},
		{"ID token of wrong type", answer(200, "application/json", `{"access_token":"CORPS","token_type":"Bearer","id_token":7}`), ClePanne, "reponse"},
		{"too large", answer(200, "application/json", `{"access_token":"`+strings.Repeat("a", outgoing.MaxBody)+`"}`), ClePanne, "reponse"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ailleurs", http.StatusFound) }, ClePanne, "reponse"},
		{"connection cut in the body", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"access_token":"CORPS`)
		}, ClePanne, "reponse"},
		{"connection cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, CleIndisponible, "reseau"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOP(t)
			o.token = c.h
			r, err := identify(o.client())
			e := wantErreur(t, err, c.cle, "")
			if e.Code != c.code {
				t.Errorf("code %q, want %q (%v)", e.Code, c.code, e)
			}
			if c.code == "Y040025" && e.ID != "0b1c2d3e-0000-4000-8000-000000000001" {
				t.Errorf("id %q", e.ID)
			}
			if r.IDToken != "" || o.count("token") != 1 || o.count("userinfo") != 0 {
				t.Errorf("ID token %v, token called %d times, userinfo %d", r.IDToken != "", o.count("token"), o.count("userinfo"))
			}
			assertSilent(t, printed(err)+e.Error())
			if log := o.log.String(); !strings.Contains(log, e.ID) || strings.Count(log, "\n") != 1 {
				t.Errorf("log, want one line with the reference:\n%s", log)
			}
		})
	}
}

// An ID token that came with a bad answer still allows the logout (FS-17).
func TestTokenTypeRefused(t *testing.T) {
	o := newOP(t)
	o.editToken = func(c claims) { c["token_type"] = "DPoP" }
	r, err := identify(o.client())
	wantErreur(t, err, ClePanne, "token_type")
	if r.IDToken == "" {
		t.Error("the ID token is lost")
	}
}

// An ID token is kept and goes back in an address: one that no address could
// hold is refused with everything else, before anything is read of it.
func TestIDTokenTooLong(t *testing.T) {
	o := newOP(t)
	o.editID = func(c claims) { c["jti"] = strings.Repeat("x", 8<<10) }
	r, err := identify(o.client())
	wantErreur(t, err, CleVerification, "id_token too long")
	if r.IDToken != "" || o.count("userinfo") != 0 {
		t.Error("it is kept, or userinfo was asked")
	}
}

func TestUserinfoAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		h    http.HandlerFunc
		cle  string
		code string
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CORPS", 500) }, ClePanne, "http_500"},
		{"503", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CORPS", http.StatusServiceUnavailable) }, CleIndisponible, "http_503"},
		{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, ClePanne, "http_204"},
		{"401 bare", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, CleDelai, "http_401"},
		{"401 with code", func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, 401, claims{"error": "invalid_token", "error_uri": "https://x.example.org/?code=Y04B5A1C2&id=abc"})
		}, CleDelai, "Y04B5A1C2"},
		{"truncated", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/jwt")
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "CORPS")
		}, ClePanne, "reponse"},
		{"too large", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/jwt")
			_, _ = io.WriteString(w, strings.Repeat("a", outgoing.MaxBody+1))
		}, ClePanne, "reponse"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ailleurs", http.StatusFound) }, ClePanne, "reponse"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOP(t)
			o.userinfo = c.h
			r, err := identify(o.client())
			if e := wantErreur(t, err, c.cle, ""); e.Code != c.code {
				t.Errorf("code %q, want %q", e.Code, c.code)
			}
			if r.IDToken == "" {
				t.Error("the ID token is lost")
			}
		})
	}
}

// Another client than outgoing's does not lift the bound of 1 MiB (FC-02).
func TestAnswerBoundedWhateverTheClient(t *testing.T) {
	o := newOPInProcess(t)
	o.userinfo = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwt")
		_, _ = io.WriteString(w, strings.Repeat("a", maxAnswer+1))
	}
	_, err := identify(o.client(func(c *Config) { c.HTTP = &http.Client{Transport: o} }))
	wantErreur(t, err, ClePanne, "answer too large")
}

func TestKeysUnreadable(t *testing.T) {
	for name, c := range map[string]struct {
		h   http.HandlerFunc
		cle string
	}{
		"500":      {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CORPS", 500) }, ClePanne},
		"redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ailleurs", http.StatusFound) }, ClePanne},
		"not JSON": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "CORPS") }, ClePanne},
		"cut":      {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, CleIndisponible},
		"empty": {func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, 200, claims{"keys": []int{}})
		}, CleVerification},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOP(t)
			o.jwks = c.h
			r, err := identify(o.client())
			wantErreur(t, err, c.cle, "")
			if r.IDToken == "" || o.count("userinfo") != 0 {
				t.Error("ID token lost, or userinfo called")
			}
		})
	}
}

// FS-13: one retry, and only when the connection was not established.
func TestTokenRetry(t *testing.T) {
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	read := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for _, c := range []struct {
		name   string
		errs   []error
		tries  int
		reason string
	}{
		{"refused once", []error{dial}, 2, ""},
		{"refused twice", []error{dial, dial, dial}, 2, "network: dial: connection refused"},
		{"name unknown twice", []error{
			&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}},
			&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}},
		}, 2, "name not resolved"},
		{"reset after sending", []error{read, read}, 1, "network: read"},
		{"no answer", []error{io.EOF, io.EOF}, 1, "network"},
		{"who knows", []error{errors.New("malformed HTTP response CORPS")}, 1, "network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOP(t)
			tries := 0
			cl := o.client(failing(func(r *http.Request) error {
				if !strings.HasSuffix(r.URL.Path, "/token") {
					return nil
				}
				tries++
				if tries <= len(c.errs) {
					return c.errs[tries-1]
				}
				return nil
			}))
			_, err := identify(cl)
			if tries != c.tries {
				t.Errorf("%d tries, want %d", tries, c.tries)
			}
			if c.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e := wantErreur(t, err, CleIndisponible, c.reason)
			assertSilent(t, e.Error())
		})
	}
}

// A FranceConnect that never answers is given up after 10 s, in a bubble where
// time is simulated.
func TestSlow(t *testing.T) {
	for _, path := range []string{"/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOPInProcess(t)
				c := o.client(func(c *Config) { c.HTTP = &http.Client{Transport: o} }, failing(func(r *http.Request) error {
					if strings.HasSuffix(r.URL.Path, path) {
						<-r.Context().Done()
						return r.Context().Err()
					}
					return nil
				}))
				start := time.Now()
				_, err := identify(c)
				wantErreur(t, err, CleIndisponible, "no answer in time")
				if d := time.Since(start); d != callTimeout {
					t.Errorf("given up after %v", d)
				}
			})
		})
	}
}

func TestCallerGone(t *testing.T) {
	o := newOP(t)
	c := o.client()
	ctx, cancel := context.WithCancel(context.Background())
	o.token = func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // the end of the connection is seen once the body is read
		cancel()
		<-r.Context().Done()
	}
	_, err := c.Identify(ctx, testCode, testNonce)
	wantErreur(t, err, CleIndisponible, "")
}

func authorize(c *Client) error {
	_, err := c.AuthorizeURL(context.Background(), testState, testNonce)
	return err
}

// FS-04.
func TestDiscovery(t *testing.T) {
	ctx := context.Background()
	t.Run("down then up", func(t *testing.T) {
		o := newOP(t)
		o.discovery = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CORPS", http.StatusServiceUnavailable) }
		c := o.client()
		wantErreur(t, authorize(c), CleIndisponible, "discovery")
		_, err := identify(c)
		wantErreur(t, err, CleIndisponible, "discovery")
		o.mu.Lock()
		o.discovery = nil
		o.mu.Unlock()
		if err := authorize(c); err != nil {
			t.Error(err)
		}
	})
	t.Run("no network", func(t *testing.T) {
		o := newOP(t)
		c := o.client()
		o.server.Close()
		wantErreur(t, authorize(c), CleIndisponible, "dial")
	})
	t.Run("cached one hour", func(t *testing.T) {
		o := newOP(t)
		c := o.client()
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {time.Hour - time.Second, 1}, {time.Second, 2}, {time.Minute, 2}} {
			o.advance(step.wait)
			if err := authorize(c); err != nil || o.count("discovery") != step.want {
				t.Errorf("after %v: %v, read %d times, want %d", step.wait, err, o.count("discovery"), step.want)
			}
		}
	})
	t.Run("read again after a failure, logout still possible", func(t *testing.T) {
		o := newOP(t)
		c := o.client()
		o.userinfo = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CORPS", 500) }
		r, err := identify(c)
		wantErreur(t, err, ClePanne, "")
		o.mu.Lock()
		o.discovery = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "CORPS", http.StatusServiceUnavailable) }
		o.mu.Unlock()
		if _, err := c.LogoutURL(ctx, r.IDToken, testState); err != nil {
			t.Errorf("logout: %v", err)
		}
		if n := o.count("discovery"); n != 1 {
			t.Errorf("discovery read %d times: the logout waited for it", n)
		}
		wantErreur(t, authorize(c), CleIndisponible, "")
		o.advance(2 * time.Hour)
		if _, err := c.LogoutURL(ctx, r.IDToken, testState); err != nil {
			t.Errorf("logout two hours later: %v", err)
		}
	})
	t.Run("read once by many", func(t *testing.T) {
		o := newOP(t)
		c := o.client()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := authorize(c); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := o.count("discovery"); n != 1 {
			t.Errorf("read %d times", n)
		}
	})
}

func TestDiscoveryRefused(t *testing.T) {
	for name, edit := range map[string]func(claims){
		"another issuer":           func(m claims) { m["issuer"] = "https://fc.example.org/api/v2" },
		"issuer with slash":        func(m claims) { m["issuer"] = m["issuer"].(string) + "/" },
		"issuer missing":           func(m claims) { delete(m, "issuer") },
		"token in clear":           func(m claims) { m["token_endpoint"] = "http://fc.example.org/token" },
		"no end of session":        func(m claims) { delete(m, "end_session_endpoint") },
		"authorize of no scheme":   func(m claims) { m["authorization_endpoint"] = "/authorize" },
		"userinfo with a password": func(m claims) { m["userinfo_endpoint"] = "https://a:b@fc.example.org/" },
		"jwks by ftp":              func(m claims) { m["jwks_uri"] = "ftp://fc.example.org/" },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOP(t)
			o.editMeta = edit
			wantErreur(t, authorize(o.client()), CleConfig, "discovery")
		})
	}
	t.Run("the document served as a page", func(t *testing.T) {
		o := newOP(t)
		o.discovery = func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			o.serveDiscovery(rec, r)
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(rec.Body.Bytes())
		}
		wantErreur(t, authorize(o.client()), ClePanne, "discovery is not JSON")
	})
	for name, h := range map[string]http.HandlerFunc{
		"HTML":     func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<p>CORPS") },
		"JSON cut": func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, "CORPS") },
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ailleurs", http.StatusFound) },
		"404":      http.NotFound,
	} {
		t.Run(name, func(t *testing.T) {
			o := newOP(t)
			o.discovery = h
			wantErreur(t, authorize(o.client()), ClePanne, "")
		})
	}
	const fc = "https://fc.example.org"
	m := metadata{Issuer: fc, Authorization: fc + "/a", Token: fc + "/t", Userinfo: fc + "/u", EndSession: fc + "/e", JWKS: fc + "/j"}
	if e := m.check(fc); e != nil {
		t.Error(e)
	}
	m.Userinfo = "http://localhost/u"
	if e := m.check(fc); e == nil {
		t.Error("an https issuer may not name an http endpoint, even local")
	}
}
