package facteur

import (
	"testing"
	"time"
)

// RFC 6238 appendix B, SHA-1, last six digits.
func TestCodeVectors(t *testing.T) {
	graine := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := Code(graine, Pas(time.Unix(at, 0), 30)); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestDelay(t *testing.T) {
	for n, want := range map[int64]time.Duration{0: 0, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 10: 512 * time.Second, 11: 15 * time.Minute, 4000: 15 * time.Minute} {
		if got := Delay(n); got != want {
			t.Errorf("Delay(%d) = %v, want %v", n, got, want)
		}
	}
}

func TestNormalizeCode(t *testing.T) {
	for in, want := range map[string]string{"123456": "123456", " 123 456 ": "123456", "12345": "", "1234567": "", "12345a": "", "": "", "１２３４５６": ""} {
		if got, _ := NormalizeCode(in); got != want {
			t.Errorf("NormalizeCode(%q) = %q", in, got)
		}
	}
}

func TestMatchWindow(t *testing.T) {
	g := []byte("12345678901234567890")
	const centre = 50_000_000
	for d := int64(-3); d <= 3; d++ {
		pas, found, fresh := match(g, Code(g, centre+d), centre, centre-1)
		inside := d >= -1 && d <= 1
		if found != inside {
			t.Errorf("offset %d: found %v", d, found)
		}
		if inside && (pas != centre+d || fresh != (d >= 0)) {
			t.Errorf("offset %d: pas %d fresh %v", d, pas, fresh)
		}
	}
}

func TestGraine(t *testing.T) {
	g, err := ParseGraine("gezd gnbv-GY3TQOJQGEZDGNBVGY3TQOJQ")
	if err != nil || string(g) != "12345678901234567890" {
		t.Fatalf("%q %v", g, err)
	}
	if EncodeGraine(g) != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Error("encode")
	}
	if _, err := ParseGraine("AAAA"); err == nil {
		t.Error("a short secret was accepted")
	}
}
