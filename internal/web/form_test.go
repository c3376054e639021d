package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/fault"
)

func TestForm(t *testing.T) {
	for _, tt := range []struct {
		name, kind, body string
		want             url.Values
		fault            fault.Kind
	}{
		{"bon", "application/x-www-form-urlencoded", "a=1&a=2&b=%C3%A9", url.Values{"a": {"1", "2"}, "b": {"é"}}, 0},
		{"avec jeu de caractères", "application/x-www-form-urlencoded; charset=utf-8", "a=1", url.Values{"a": {"1"}}, 0},
		{"JSON", "application/json", `{"a":1}`, nil, fault.BadRequest},
		{"sans type", "", "a=1", nil, fault.BadRequest},
		{"illisible", "application/x-www-form-urlencoded", "a=%zz", nil, fault.BadRequest},
		{"trop grand", "application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 100), nil, fault.TooLarge},
	} {
		for _, known := range []bool{true, false} {
			r := httptest.NewRequest(http.MethodPost, "/?a=adresse", strings.NewReader(tt.body))
			if !known {
				r.ContentLength = -1
			}
			r.Header.Set("Content-Type", tt.kind)
			for range 2 { // a second reading says the same
				got, err := Form(r, 64)
				if tt.want == nil && !fault.Is(err, tt.fault) {
					t.Errorf("%s: error %v, want kind %d", tt.name, err, tt.fault)
					break
				}
				if d := cmp.Diff(tt.want, got); tt.want != nil && d != "" {
					t.Errorf("%s: %s", tt.name, d)
				}
				if err != nil {
					break
				}
			}
		}
	}
}

func TestNextPath(t *testing.T) {
	for s, want := range map[string]bool{
		"/": true, "/espace-aidant/": true, "/authorize/?a=1&b=https%3A%2F%2Ffc.example": true, "/a?b=//c": true,
		"": false, "a": false, "//evil.example": false, "///evil.example": false, `/\evil.example`: false, `\\evil`: false,
		"/%2f/evil.example": false, "/%5cevil.example": false, "/\t/evil.example": false, "/a\nb": false, "/a b": false, "/é": false,
		"https://evil.example": false, "javascript:alert(1)": false, "/a#b": false, "/%zz": false, "/%09/evil": false,
		"/" + strings.Repeat("x", 5000): false,
	} {
		got, ok := NextPath(s)
		if ok != want || ok && got != s {
			t.Errorf("NextPath(%q) = %q, %v; want %v", s, got, ok, want)
		}
	}
}

func FuzzNextPath(f *testing.F) {
	for _, s := range []string{"/", "//a", `/\a`, "/%2f%2fa", "/a/../..//b", "/?next=//a", "/%5c%5ca", "/.//a"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://ac.example/accounts/login/")
	f.Fuzz(func(t *testing.T, s string) {
		next, ok := NextPath(s)
		if !ok {
			return
		}
		ref, err := url.Parse(next)
		if err != nil {
			t.Fatalf("%q accepted, unreadable: %v", s, err)
		}
		if u := base.ResolveReference(ref); u.Host != "ac.example" || u.Scheme != "https" {
			t.Fatalf("%q leads to %s", s, u)
		}
		if strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "//") {
			t.Fatalf("%q accepted", s)
		}
	})
}

func TestCookies(t *testing.T) {
	w := httptest.NewRecorder()
	SetCookie(w, "session", "valeur", 24*time.Hour)
	got := w.Header().Get("Set-Cookie")
	if got != "__Host-session=valeur; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("cookie: %s", got)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "__Host-session=valeur; session=autre")
	if Cookie(r, "session") != "valeur" || Cookie(r, "absent") != "" {
		t.Error("cookie not read back")
	}
	w = httptest.NewRecorder()
	SetMessage(w, "mandat_cree")
	r = httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
	w = httptest.NewRecorder()
	if TakeMessage(w, r) != "mandat_cree" || !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Error("the message is not read once")
	}
}

func TestDates(t *testing.T) {
	winter, summer := time.Date(2026, 11, 21, 19, 5, 0, 0, time.UTC), time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC)
	for got, want := range map[string]string{
		DateHeure(winter): "21/11/2026 à 20h05", DateHeure(summer): "01/07/2026 à 00h30", Date(summer): "01/07/2026",
		DateLongue(summer): "1er juillet 2026", DateLongue(winter): "21 novembre 2026", Heure(winter): "20h05",
		DateCivile("1962-08-24"): "24/08/1962", DateCivile("1962-08-00"): "1962-08-00",
		Date(time.Time{}) + DateHeure(time.Time{}) + DateLongue(time.Time{}) + Heure(time.Time{}): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
