package franceconnect

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every call is counted with its step and what it ended with, every failed leg
// with its key, and our clock is compared with FranceConnect's.
func TestMesures(t *testing.T) {
	o := newOP(t)
	var calls, failures []string
	var skew []time.Duration
	c := o.client(func(c *Config) {
		c.Mesures = Mesures{
			Appel: func(etape, issue string, _ time.Duration) { calls = append(calls, etape+" "+issue) },
			Echec: func(etape, cle string) { failures = append(failures, etape+" "+cle) },
			Ecart: func(d time.Duration) { skew = append(skew, d) },
		}
	})
	o.token = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", o.clock().Add(-90*time.Second).Format(http.TimeFormat))
		o.serveToken(w, r)
	}
	o.userinfo = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Age", "30") // a cache answers: its hour tells nothing
		o.serveUserinfo(w, r)
	}
	o.acceptee(c)
	if d := cmp.Diff([]string{"discovery 2xx", "token 2xx", "jwks 2xx", "userinfo 2xx"}, calls); d != "" || failures != nil {
		t.Errorf("%s, failures %v", d, failures)
	}
	if len(skew) != 3 || !slices.ContainsFunc(skew, func(d time.Duration) bool { return d.Round(2*time.Second) == 90*time.Second }) {
		t.Errorf("skew %v", skew)
	}
	calls = nil
	o.token = func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, 503, claims{"error": "temporarily_unavailable"})
	}
	if _, err := o.connexion(c); err == nil {
		t.Error("accepted")
	}
	o.token = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	if _, err := o.connexion(c); err == nil {
		t.Error("accepted")
	}
	want := fmt.Sprint([]string{"token 5xx", "discovery 2xx", "token echec"})
	if got := fmt.Sprint(calls); got != want {
		t.Errorf("calls %v", got)
	}
	if d := cmp.Diff([]string{"token fc.indisponible", "token fc.indisponible"}, failures); d != "" {
		t.Error(d)
	}
}
