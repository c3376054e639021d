package cle

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestGenerate(t *testing.T) {
	for usage, alg := range algs {
		k, err := Generate(usage)
		if err != nil {
			t.Fatal(err)
		}
		if k.Alg != alg || k.Usage != usage || len(k.Kid) != 43 {
			t.Errorf("%s: got %+v", usage, k)
		}
		pkcs8, err := x509.MarshalPKCS8PrivateKey(k.Signer)
		if err != nil {
			t.Fatal(err)
		}
		spki, err := x509.MarshalPKIXPublicKey(k.Public)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parse(usage, pkcs8, spki); err != nil {
			t.Errorf("%s: %v", usage, err)
		}
		for other := range algs {
			if algs[other] == alg {
				continue
			}
			if _, err := parse(other, pkcs8, spki); err == nil {
				t.Errorf("a key of %s was read as a key of %s", usage, other)
			}
		}
		twin, err := Generate(usage)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := x509.MarshalPKIXPublicKey(twin.Public)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parse(usage, pkcs8, foreign); err == nil {
			t.Errorf("%s: two halves of different keys were accepted", usage)
		}
	}
	if _, err := Generate("autre"); err == nil {
		t.Error("a key was made for an unknown usage")
	}
}

func TestPublished(t *testing.T) {
	retrait := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		usage, etat string
		after       time.Duration
		want        bool
	}{
		{FiES256, Active, 0, true},
		{FiES256, Suivante, 0, true},
		{FiES256, Retiree, 24*time.Hour - time.Millisecond, true},
		{FiES256, Retiree, 24 * time.Hour, false},
		{FiRS256, Retiree, 24 * time.Hour, false},
		{Journal, Retiree, 10 * 365 * 24 * time.Hour, true},
		{Attestation, Retiree, 10 * 365 * 24 * time.Hour, true},
	} {
		k := Cle{Usage: c.usage, Etat: c.etat, DateRetrait: retrait}
		if got := k.Published(retrait.Add(c.after)); got != c.want {
			t.Errorf("%s %s %v after: got %v", c.usage, c.etat, c.after, got)
		}
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	k, err := Generate(Journal)
	if err != nil {
		t.Fatal(err)
	}
	private := fmt.Sprint(k.Signer)
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("clé", "cle", k)
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), b.String()} {
		if strings.Contains(s, private) || !strings.Contains(s, k.Kid) {
			t.Errorf("printed as %s", s)
		}
	}
}
