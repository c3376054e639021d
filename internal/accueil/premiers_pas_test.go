package accueil

import (
	"testing"
	"time"
)

// The next step follows from the facts, in order; one that is done out of order
// stays done (R1).
func TestPath(t *testing.T) {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	yesterday := now.Add(-24 * time.Hour)
	const sandbox = "https://essai.ac.example"
	for name, tt := range map[string]struct {
		a        Avancement
		sandbox  string
		next     string
		of       int
		done     int
		celebrer bool
	}{
		"arrivée":                      {Avancement{}, sandbox, "facteur", 5, 0, false},
		"un moyen":                     {Avancement{Facteur: true}, sandbox, "charte", 5, 1, false},
		"signé":                        {Avancement{Facteur: true, Signe: true}, sandbox, "entrainement", 5, 2, false},
		"signé, sans bac à sable":      {Avancement{Facteur: true, Signe: true}, "", "mandat", 4, 2, false},
		"entraîné":                     {Avancement{Facteur: true, Signe: true, Entrainement: true}, sandbox, "mandat", 5, 3, false},
		"un mandat sans entraînement":  {Avancement{Facteur: true, Signe: true, Mandats: 1}, sandbox, "usage", 4, 3, false},
		"une nouvelle charte à signer": {Avancement{Facteur: true, Mandats: 3, PremierUsage: yesterday}, "", "charte", 4, 3, false},
		"fini hier":                    {Avancement{Facteur: true, Signe: true, Mandats: 1, PremierUsage: yesterday}, "", "", 4, 4, true},
		"fini, message fermé":          {Avancement{Facteur: true, Signe: true, Mandats: 1, PremierUsage: yesterday, Masque: true}, "", "", 4, 4, false},
		"fini il y a longtemps":        {Avancement{Facteur: true, Signe: true, Mandats: 9, PremierUsage: now.Add(-celebration)}, "", "", 4, 4, false},
	} {
		p := path(tt.a, tt.sandbox, now)
		next := ""
		if p.Suivant != nil {
			next = p.Suivant.Cle
		}
		if next != tt.next || len(p.Pas) != tt.of || p.Faits != tt.done || p.Fete != tt.celebrer {
			t.Errorf("%s: next %q of %d, %d done, celebrated %v", name, next, len(p.Pas), p.Faits, p.Fete)
		}
		if p.Montre() && p.Reprend() {
			t.Errorf("%s: shown and hidden", name)
		}
	}
}

func TestTranches(t *testing.T) {
	at := func(s string) time.Time {
		d, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	acts := []Acte{
		{at("2024-06-01T10:00:00Z"), false, "a"},
		{at("2025-02-28T22:30:00Z"), true, "a"}, // still February in Paris: before the twelve months
		{at("2025-03-31T22:30:00Z"), true, "a"}, // April in Paris
		{at("2026-02-10T10:00:00Z"), false, "b"},
		{at("2026-02-11T10:00:00Z"), true, "b"},
		{at("2026-02-12T10:00:00Z"), true, "a"},
	}
	now := at("2026-02-20T10:00:00Z")
	months, total := tranches(acts, periodes[0], now)
	if len(months) != 12 || months[0].Libelle != "mars 2025" || months[11].Libelle != "février 2026" {
		t.Fatalf("%+v", months)
	}
	if months[1] != (Tranche{"avril 2025", 0, 1, 1}) || months[11] != (Tranche{"février 2026", 1, 2, 2}) || total != (Tranche{"Total", 1, 3, 2}) {
		t.Errorf("%+v %+v %+v", months[1], months[11], total)
	}
	years, total := tranches(acts, periodes[1], now)
	if len(years) != 3 || years[0] != (Tranche{"2024", 1, 0, 1}) || years[1] != (Tranche{"2025", 0, 2, 1}) || total != (Tranche{"Total", 2, 4, 2}) {
		t.Errorf("%+v %+v", years, total)
	}
	if empty, _ := tranches(nil, periodes[1], now); len(empty) != 1 {
		t.Errorf("%+v", empty)
	}
}
