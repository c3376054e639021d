package traitement

import (
	"testing"
	"time"

	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/ident"
)

// What an address holds is read back, and nothing else is.
func TestRepere(t *testing.T) {
	l := demande.Ligne{ID: ident.New[ident.OperationID](), Date: time.UnixMilli(1_800_000_000_123)}
	if at, id := parseRepere(repere(l)); !at.Equal(l.Date) || id != l.ID {
		t.Errorf("%s gives %v %v", repere(l), at, id)
	}
	for _, s := range []string{"", ".", "12", "x." + l.ID.String(), "12.x", "-5." + l.ID.String(), "99999999999999999999." + l.ID.String(), "9999999999999999." + l.ID.String(), repere(l) + "'"} {
		if at, id := parseRepere(s); !at.IsZero() || !id.IsZero() {
			t.Errorf("%q gives %v %v", s, at, id)
		}
	}
}

func TestIlYA(t *testing.T) {
	for d, want := range map[time.Duration]string{-time.Hour: "aujourd’hui", 23 * time.Hour: "aujourd’hui", 24 * time.Hour: "1 jour", 73 * time.Hour: "3 jours"} {
		if got := ilYA(d); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}
