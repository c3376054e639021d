package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func needAssets(t *testing.T) {
	t.Helper()
	if err := AssetsReady(); err != nil {
		t.Fatal(err)
	}
}

func TestAssetsAreServed(t *testing.T) {
	needAssets(t)
	b := nouveauBanc(t, nil)
	plain := b.get(Asset(styleSheet))
	for _, tt := range []struct{ accept, want string }{
		{"", ""}, {"gzip, deflate, br, zstd", "br"}, {"gzip", "gzip"}, {"br;q=0, gzip;q=0.5", "gzip"}, {"identity", ""},
	} {
		w := b.get(Asset(styleSheet), "Accept-Encoding", tt.accept)
		h := w.Header()
		if h.Get("Content-Encoding") != tt.want || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: got %q", tt.accept, h.Get("Content-Encoding"))
		}
		if h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("Accept-Encoding %q: %v", tt.accept, h)
		}
		if got := decoded(t, w); !bytes.Equal(got, plain.Body.Bytes()) {
			t.Errorf("Accept-Encoding %q: other content", tt.accept)
		}
	}
	for _, path := range []string{"/actifs/.gardien", "/actifs/manifeste.json", "/actifs/aidantsconnect.css", "/actifs/..%2fassets.go"} {
		if w := b.get(path); w.Code != 404 {
			t.Errorf("GET %s: %d, want 404", path, w.Code)
		}
	}
}

func decoded(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	var r io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The fonts and marks of the State stay out (stack, Design system), and the
// sheet asks for nothing that is not served.
func TestStyleSheet(t *testing.T) {
	needAssets(t)
	b := nouveauBanc(t, nil)
	css := b.get(Asset(styleSheet)).Body.String()
	for _, reserved := range []string{"Marianne", "Spectral", "fr-logo", "fr-connect"} {
		if strings.Contains(css, reserved) {
			t.Errorf("the style sheet holds %q", reserved)
		}
	}
	for _, m := range regexp.MustCompile(`url\(([^)"']+)\)`).FindAllStringSubmatch(css, -1) {
		if w := b.get(cheminActifs + m[1]); w.Code != 200 {
			t.Errorf("%s: %d", m[1], w.Code)
		}
	}
	for _, font := range []string{"400", "700"} {
		if !strings.Contains(css, "font-weight:"+font+";font-display:swap;src:url(atkinson-hyperlegible-latin-"+font) {
			t.Errorf("weight %s of the reading font is missing", font)
		}
	}
}

// An icon written in a page and absent from the sheet is a blank square.
func TestIconsOfThePagesAreInTheSheet(t *testing.T) {
	needAssets(t)
	css := nouveauBanc(t, nil).get(Asset(styleSheet)).Body.String()
	icons := regexp.MustCompile(`\bfr-icon-[a-z0-9-]*[a-z0-9]`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".templ") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, name := range icons.FindAllString(string(b), -1) {
			if !strings.Contains(css, "."+name+":before") {
				t.Errorf("%s: %s is not in the style sheet; lancez make assets", path, name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMetrics(t *testing.T) {
	m := NewMetrics()
	b := nouveauBanc(t, func(c *Config) { c.Metrics = m })
	b.get("/public/")
	b.get("/SECRET")
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body := w.Body.String()
	for _, want := range []string{
		`aidantsconnect_requetes_total{route="GET /public/",statut="200"} 1`,
		`aidantsconnect_requetes_total{route="(inconnue)",statut="404"} 1`,
		`aidantsconnect_requete_secondes_count{route="GET /public/"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("missing %s", want)
		}
	}
	if strings.Contains(body, "SECRET") {
		t.Error("a label holds what the client sent")
	}
}
