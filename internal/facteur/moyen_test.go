package facteur

import (
	"strings"
	"testing"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Whatever the factors, self-service leaves one that opens the account (A-W78).
func TestNeverTheLastOneAlone(t *testing.T) {
	one := func(g Genre, confirmed bool) Facteur {
		return Facteur{ID: ident.New[ident.FacteurID](), Genre: g, Confirme: confirmed}
	}
	for _, g := range []Genre{Application, Carte, Passkey} {
		for _, other := range []Genre{Application, Carte, Passkey} {
			for _, confirmed := range []bool{true, false} {
				m := Moyens{Facteurs: []Facteur{one(g, true), one(other, confirmed)}, Secours: 10}
				err := m.Removable(m.Facteurs[0].ID)
				if confirmed && err != nil || !confirmed && fault.ReasonOf(err) != "dernier_facteur" {
					t.Errorf("%s beside %s (confirmed %v): %v", g, other, confirmed, err)
				}
				if err := m.Removable(m.Facteurs[1].ID); err != nil {
					t.Errorf("%s beside %s (confirmed %v): %v", other, g, confirmed, err)
				}
				if err := m.Removable(ident.New[ident.FacteurID]()); !fault.Is(err, fault.NotFound) {
					t.Errorf("somebody else's factor: %v", err)
				}
			}
		}
	}
}

func TestRemovalNeedsAReason(t *testing.T) {
	for _, c := range []struct {
		motif     Motif
		precision string
		field     string // in fault
	}{
		{Perte, "", ""},
		{Casse, "", ""},
		{Dysfonctionnement, "", ""},
		{Depart, "", ""},
		{Erreur, "", ""},
		{Autre, "volé dans le train", ""},
		{Autre, "", "precision"},
		{Autre, " \n ", "precision"},
		{Autre, strings.Repeat("é", 501), "precision"},
		{"", "", "motif"},
		{"parce que", "", "motif"},
	} {
		r, err := Retrait{Motif: c.motif, Precision: c.precision}.Check()
		if _, ok := fault.FieldsOf(err)[c.field]; c.field != "" && !ok || c.field == "" && err != nil {
			t.Errorf("%q %q: %v", c.motif, c.precision, err)
		}
		if c.motif != Autre && err == nil && r.Precision != "" {
			t.Errorf("%q keeps a text", c.motif)
		}
	}
	for _, m := range Motifs {
		if m.Libelle() == "" {
			t.Errorf("%q has no label", m)
		}
	}
}

// Two consecutive codes only, in order, unused, within the range.
func TestMatchPair(t *testing.T) {
	g := []byte("12345678901234567890")
	const centre, last = 50_000_000, 50_000_000 - 20
	for d := int64(-40); d <= 40; d++ {
		p := centre + d
		pas, found := matchPair(g, [2]string{Code(g, p-1), Code(g, p)}, centre, last)
		want := d >= -Recherche && d <= Recherche && p-1 > last
		if found != want || found && pas != p {
			t.Errorf("offset %d: %d %v", d, pas-centre, found)
		}
		for _, wrong := range [][2]string{{Code(g, p), Code(g, p-1)}, {Code(g, p), Code(g, p)}, {Code(g, p-2), Code(g, p)}} {
			if _, found := matchPair(g, wrong, centre, 0); found {
				t.Errorf("offset %d: %v accepted", d, wrong)
			}
		}
	}
}
