package connexion

import (
	"bytes"
	"strings"
	"testing"

	"aidantsconnect/internal/secret"
)

func TestShortCode(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		c := shortCode(secret.Random)
		if len(c) != codeLettres+1 || c[4] != '-' || strings.Trim(strings.Replace(c, "-", "", 1), alphabet) != "" || seen[c] {
			t.Fatalf("%q", c)
		}
		seen[c] = true
		if n, ok := normalizeShortCode(" " + strings.ToLower(strings.Replace(c, "-", " ", 1)) + "."); !ok || n != c {
			t.Fatalf("%q is read %q", c, n)
		}
	}
	// Bytes that would favour some letters are dropped.
	given := append(bytes.Repeat([]byte{255}, 16), bytes.Repeat([]byte{21}, 16)...)
	if c := shortCode(func(n int) []byte { b := given[:n]; given = given[n:]; return b }); c != "CCCC-CCCC" {
		t.Errorf("%q", c)
	}
	for _, s := range []string{"", "KTRB", "KTRB-WMSDX", "AEIO-UYAE", "1234-5678", "KTRB_WMSD", "ktrb-wmśd", strings.Repeat("B", 5000)} {
		if _, ok := normalizeShortCode(s); ok {
			t.Errorf("%.20q is taken for a code", s)
		}
	}
}

func TestDescribeBrowser(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0":                                                "Firefox sur Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0":   "Edge sur Windows",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36":                    "Chrome sur Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":           "Safari sur Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile Safari/604.1": "Chrome sur iPhone",
		"curl/8.5.0":           "Navigateur inconnu",
		"Something on Windows": "Navigateur inconnu sur Windows",
		"<script>Firefox/1":    "Firefox",
		"":                     "Navigateur inconnu",
	} {
		if got := describeBrowser(agent); got != want {
			t.Errorf("%q: %q, not %q", agent, got, want)
		}
	}
}
