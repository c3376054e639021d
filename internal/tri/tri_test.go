package tri_test

import (
	"testing"

	"pgregory.net/rapid"

	"aidantsconnect/internal/tri"
)

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"D'HAËNENS-L’HÉNAFFIC": "d haenens l henaffic",
		"ŒUVRARD-LÆTZIG":       "oeuvrard laetzig",
		"Cœlia Ÿsée Noëlle":    "coelia ysee noelle",
		"ÇELİKÖZLÜ":            "celikozlu",
		"Şükrü Ğüneş":          "sukru gunes",
		"  Jean   Baptiste ":   "jean baptiste",
		"":                     "",
		"e\u0301te\u0301":      "ete",
	} {
		if got := tri.Key(in); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestKeyIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := tri.Key(rapid.String().Draw(t, "s"))
		if k2 := tri.Key(k); k2 != k {
			t.Fatalf("Key(%q) = %q", k, k2)
		}
	})
}
