package transparence

import (
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestVerifierKeyOfAWitness(t *testing.T) {
	pub, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := newCosignataire("temoin.exemple.fr", pub).vkey()
	if c, err := parseCosignataire(good); err != nil || c.vkey() != good {
		t.Errorf("%s: %v", good, err)
	}
	log, err := note.NewEd25519VerifierKey("journal", pub)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", "a", "a+b+c", log, strings.Replace(good, "temoin", "autre", 1), good[:len(good)-4], " " + good, good + "\n"} {
		if _, err := parseCosignataire(s); err == nil {
			t.Errorf("%q is taken for a witness's key", s)
		}
	}
	for _, s := range []string{"", good, "http://exemple.fr " + good, "ftp://localhost " + good, "https://exemple.fr"} {
		if _, err := NewTemoin(s, nil); err == nil {
			t.Errorf("%q is taken for a witness", s)
		}
	}
}

func FuzzParseAjout(f *testing.F) {
	f.Add("old 3\nAAAA\n\norigin\n4\nroot\n")
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := parseAjout(s); err == nil && (a.ancienne < 0 || len(a.preuve) > 63) {
			t.Fatalf("%q is read as %+v", s, a)
		}
	})
}
