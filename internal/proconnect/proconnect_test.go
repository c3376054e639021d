package proconnect

import (
	"testing"
	"time"
)

// PC-03, PC-04: what a verified return leads to. An account found by its e-mail
// alone is never entered without its own code.
func TestJuge(t *testing.T) {
	for _, c := range []struct {
		relie, connu bool
		acr          string
		want         suiteDe
	}{
		{false, false, "eidas2", inconnu},
		{false, true, "eidas3", confirmer},
		{false, true, "eidas1", confirmer},
		{true, true, "eidas1", demander},
		{true, true, "", demander},
		{true, true, "eidas2-mfa", demander},
		{true, true, "eidas1-mfa", entrer},
		{true, true, "https://proconnect.gouv.fr/assurance/consistency-checked-2fa", entrer},
	} {
		if got := juge(c.relie, c.connu, c.acr); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// PC-05: a structure that is none of the account's is told; what is not known
// says nothing.
func TestMemeStructure(t *testing.T) {
	for _, c := range []struct {
		siret  string
		sirets []string
		want   bool
	}{
		{"11000101300017", []string{"35600000000048", "110 001 013 00017"}, true},
		{"11000101300017", []string{"35600000000048"}, false},
		{"", []string{"35600000000048"}, true},
		{"11000101300017", nil, true},
	} {
		if got := memeStructure(c.siret, c.sirets); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// When two factors were checked there is never later than now, and long ago
// when ProConnect does not say.
func TestPreuve(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for in, want := range map[time.Time]time.Time{
		{}: time.Unix(0, 0), now.Add(time.Hour): now, now.Add(-11 * time.Hour): now.Add(-11 * time.Hour),
	} {
		if got := preuve(in, now); !got.Equal(want) {
			t.Errorf("%v: %v", in, got)
		}
	}
}
