package mandat

import (
	"testing"
	"time"

	"aidantsconnect/internal/ident"
)

// situation is one line of the table of mandats.md 5.
type situation struct {
	nom     string
	expire  time.Duration // from now
	fins    []fin         // one per autorisation
	onglet  Onglet
	etat    string
	renew   bool
	restant string
}

type fin struct {
	motif Motif         // "" open
	il    time.Duration // how long ago
}

const h24 = 24 * time.Hour

var (
	ouvertes   = fin{}
	situations = []situation{
		{"valid, 3 live", 100 * h24, []fin{ouvertes, ouvertes, ouvertes}, Actifs, "Actif", true, "100 jours"},
		{"valid, 1 live 1 revoked", 100 * h24, []fin{ouvertes, {RevoqueUsager, h24}}, Actifs, "Actif", true, "100 jours"},
		{"valid, all revoked", 100 * h24, []fin{{RevoqueUsager, h24}, {Renonciation, 2 * h24}}, Revoques, "Révoqué", false, ""},
		{"valid, all replaced", 100 * h24, []fin{{Remplace, h24}, {Remplace, 2 * h24}}, Revoques, "Remplacé", false, ""},
		{"valid, revoked and replaced", 100 * h24, []fin{{Remplace, h24}, {RevoqueUsager, 2 * h24}}, Revoques, "Révoqué", false, ""},
		{"expired 5 d, live until then, not closed yet", -5 * h24, []fin{ouvertes}, Expires, "Expiré", true, ""},
		{"expired 5 d, closed", -5 * h24, []fin{{Expire, 5 * h24}}, Expires, "Expiré", true, ""},
		{"expired 5 d, all revoked before", -5 * h24, []fin{{RevoqueUsager, 8 * h24}}, Revoques, "Révoqué", false, ""},
		{"expired 5 d, one revoked before", -5 * h24, []fin{{RevoqueUsager, 8 * h24}, {Expire, 5 * h24}}, Expires, "Expiré", true, ""},
		{"expired 365 d", -365 * h24, []fin{{Expire, 365 * h24}}, Expires, "Expiré", true, ""},
		{"expired 365 d and 1 ms", -365*h24 - time.Millisecond, []fin{{Expire, 365*h24 + time.Millisecond}}, Aucun, "Expiré", false, ""},
		{"expired 400 d", -400 * h24, []fin{{Expire, 400 * h24}}, Aucun, "Expiré", false, ""},
		{"expired 1 d, revoked 366 d ago", -h24, []fin{{RevoqueUsager, 366 * h24}}, Aucun, "Révoqué", false, ""},
		{"valid, 1 live, 1 revoked 400 d ago", 10 * h24, []fin{ouvertes, {RevoqueUsager, 400 * h24}}, Actifs, "Expire bientôt", true, "10 jours"},
		{"29 d left", 30*h24 - time.Millisecond, []fin{ouvertes}, Actifs, "Expire bientôt", true, "29 jours"},
		{"exactly 30 d left", 30 * h24, []fin{ouvertes}, Actifs, "Actif", true, "30 jours"},
		{"one day left", 25 * time.Hour, []fin{ouvertes}, Actifs, "Expire bientôt", true, "1 jour"},
		{"last hour", time.Hour, []fin{ouvertes}, Actifs, "Expire bientôt", true, "moins d'un jour"},
		{"the exact instant", 0, []fin{ouvertes}, Actifs, "Expire bientôt", true, "moins d'un jour"},
		{"one millisecond past", -time.Millisecond, []fin{ouvertes}, Expires, "Expiré", true, ""},
	}
)

func (s situation) mandat(now time.Time) Mandat {
	m := Mandat{ID: ident.New[ident.MandatID](), Organisation: ident.New[ident.OrganisationID](), DateExpiration: now.Add(s.expire), DateCreation: now.Add(-800 * h24)}
	for _, f := range s.fins {
		a := Autorisation{DateExpiration: m.DateExpiration, FinMotif: f.motif}
		if f.motif != "" {
			a.Fin = now.Add(-f.il)
		}
		m.Autorisations = append(m.Autorisations, a)
	}
	return m
}

func TestSituations(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, s := range situations {
		m := s.mandat(now)
		if got := m.Onglet(now); got != s.onglet {
			t.Errorf("%s: tab %q, want %q", s.nom, got, s.onglet)
		}
		if got := m.Active(now); got != (s.onglet == Actifs) {
			t.Errorf("%s: active %v", s.nom, got)
		}
		if got := m.EtatAffiche(now); got != s.etat {
			t.Errorf("%s: %q, want %q", s.nom, got, s.etat)
		}
		if got := m.Renewable(m.Organisation, now); got != s.renew {
			t.Errorf("%s: renewable %v", s.nom, got)
		}
		if m.Renewable(ident.New[ident.OrganisationID](), now) {
			t.Errorf("%s: renewable by another structure", s.nom)
		}
		if got := m.Restant(now); got != s.restant {
			t.Errorf("%s: remaining %q, want %q", s.nom, got, s.restant)
		}
		if m.FullyRevoked() != !m.DateRevocation().IsZero() {
			t.Errorf("%s: revocation date %v", s.nom, m.DateRevocation())
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
