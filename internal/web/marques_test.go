package web

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeMarque(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The operator's marks are shown where they belong, served as images that can
// run nothing, and never without them (FI-25).
func TestMarques(t *testing.T) {
	dir := t.TempDir()
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	writeMarque(t, dir, "franceconnect.svg", svg)
	writeMarque(t, dir, "autre.svg", svg)
	m, err := LoadMarques(dir)
	if err != nil {
		t.Fatal(err)
	}
	url := m.URL(MarqueFranceConnect)
	if url == "" || m.URL(MarqueEtat) != "" {
		t.Fatalf("%q, %q", url, m.URL(MarqueEtat))
	}
	site := Site{Marques: m}
	if page := draw(t, Page{Titre: "Choisir", Site: site, FranceConnect: true}); !strings.Contains(page, `src="`+url+`" alt="FranceConnect"`) {
		t.Error("the mark of FranceConnect is not shown")
	}
	for what, p := range map[string]Page{"another page": {Titre: "Accueil", Site: site}, "no mark": {Titre: "Choisir", FranceConnect: true}} {
		if page := draw(t, p); strings.Contains(page, "ac-marque\"") {
			t.Errorf("%s: a mark is shown", what)
		}
	}
	b := nouveauBanc(t, func(c *Config) { c.Site = site })
	w := b.get(url)
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), svg) || w.Header().Get("Content-Type") != "image/svg+xml" ||
		!strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, path := range []string{cheminMarques + "autre.svg", cheminMarques + "franceconnect.svg", cheminMarques + "..%2fmarques.go"} {
		if w := b.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := nouveauBanc(t, nil).get(url); w.Code != http.StatusNotFound {
		t.Errorf("without marks: %d", w.Code)
	}
}

func TestMarquesRefused(t *testing.T) {
	if _, err := LoadMarques(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("no folder")
	}
	big, twice := t.TempDir(), t.TempDir()
	writeMarque(t, big, "etat.png", make([]byte, marqueTaille+1))
	writeMarque(t, twice, "etat.png", []byte("a"))
	writeMarque(t, twice, "etat.svg", []byte("b"))
	for _, dir := range []string{big, twice} {
		if _, err := LoadMarques(dir); err == nil || !strings.Contains(err.Error(), "etat") {
			t.Errorf("%v", err)
		}
	}
}
