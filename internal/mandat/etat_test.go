package mandat

import (
	"testing"
	"time"

	"aidantsconnect/internal/ident"
)

func TestSituations(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, s := range Situations {
		m := s.mandat(now)
		if got := m.Onglet(now); got != s.Onglet {
			t.Errorf("%s: tab %q, want %q", s.Nom, got, s.Onglet)
		}
		if got := m.Active(now); got != (s.Onglet == Actifs) {
			t.Errorf("%s: active %v", s.Nom, got)
		}
		if got := m.EtatAffiche(now); got != s.Etat {
			t.Errorf("%s: %q, want %q", s.Nom, got, s.Etat)
		}
		if got := m.Renewable(m.Organisation, now); got != s.Renew {
			t.Errorf("%s: renewable %v", s.Nom, got)
		}
		if m.Renewable(ident.New[ident.OrganisationID](), now) {
			t.Errorf("%s: renewable by another structure", s.Nom)
		}
		if got := m.Restant(now); got != s.Restant {
			t.Errorf("%s: remaining %q, want %q", s.Nom, got, s.Restant)
		}
		if m.FullyRevoked() != !m.DateRevocation().IsZero() {
			t.Errorf("%s: revocation date %v", s.Nom, m.DateRevocation())
		}
	}
}

func TestMotifsAreAllNamed(t *testing.T) {
	if len(Motifs()) != len(motifs) {
		t.Errorf("%d listed, %d named", len(Motifs()), len(motifs))
	}
	for _, m := range Motifs() {
		if m.Libelle() == "" {
			t.Errorf("%s has no label", m)
		}
	}
}

// The act decides, not the dates: two ends at the same instant differ.
func TestSeparatelyRevoked(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		a    Autorisation
		want bool
	}{
		{Autorisation{}, false},
		{Autorisation{Fin: at, FinMotif: RevoqueUsager}, true},
		{Autorisation{Fin: at, FinMotif: RevoqueUsager, FinEntiere: true}, false},
		{Autorisation{Fin: at, FinMotif: Expire}, false},
	} {
		if c.a.SeparatelyRevoked() != c.want {
			t.Errorf("%+v: %v", c.a, !c.want)
		}
	}
}
