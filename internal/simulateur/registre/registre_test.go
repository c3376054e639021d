package registre

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

func TestPersonnes(t *testing.T) {
	cles := map[string]bool{}
	now := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	for _, p := range Personnes() {
		if cles[p.Cle] || p.But == "" || !slices.Contains([]string{"personne", "registre", "format"}, p.Groupe) {
			t.Errorf("%+v", p)
		}
		cles[p.Cle] = true
		err := p.Au(now).Verifier(false)
		if (err != nil) != (p.Groupe == "format") {
			t.Errorf("%s: %v", p.Cle, err)
		}
	}
	if len(cles) != 47 {
		t.Errorf("%d persons", len(cles))
	}
	p, _ := Trouver("nom_256")
	if n := len([]rune(p.FamilyName)); n != 256 {
		t.Errorf("nom_256 has %d letters", n)
	}
	if _, ok := Trouver("personne"); ok {
		t.Error("unknown key found")
	}
	// 18 today, on any day, a 29 February included.
	p, _ = Trouver("dix_huit_ans")
	for jour, veut := range map[string]string{"2026-03-14": "2008-03-14", "2028-02-29": "2010-02-28", "2030-12-31": "2012-12-31"} {
		d, _ := time.Parse(time.DateOnly, jour)
		if got := p.Au(d).Birthdate; got != veut && jour != "2028-02-29" {
			t.Errorf("%s: %s", jour, got)
		} else if jour == "2028-02-29" && got > "2010-02-28" {
			t.Errorf("%s: %s is not yet 18", jour, got)
		}
	}
	if p, _ := Trouver("sans_email"); p.Email != "" {
		t.Error("sans_email has an address")
	}
}

func code(err error) string {
	if r, ok := errors.AsType[*Refus](err); ok {
		return r.Code
	}
	return ""
}

// SIM-15: exact after NFC and case folding; a place that looks like a code
// replaces the country; the special keys answer their codes.
func TestChercher(t *testing.T) {
	var g Registre
	now := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	for _, p := range Personnes() {
		got, err := g.Chercher(p.Au(now), now)
		switch {
		case p.Groupe == "format":
			if code(err) != "Y010008" {
				t.Errorf("%s: %v", p.Cle, err)
			}
		case p.Code == "" || p.Code == "Y100011" || p.Code == "Y180001":
			if err != nil || got.Cle != p.Cle {
				t.Errorf("%s: found %q, %v", p.Cle, got.Cle, err)
			}
		case code(err) != p.Code:
			t.Errorf("%s: %v", p.Cle, err)
		}
	}
	p, _ := Trouver("lettres_etrangeres")
	p.FamilyName, p.GivenName = norm.NFD.String(p.FamilyName), norm.NFD.String(strings.ToLower(p.GivenName))
	if _, err := g.Chercher(p, now); err != nil {
		t.Errorf("letters apart, in lower case: %v", err)
	}
	p, _ = Trouver("ne_algerie")
	p.Birthplace = Donne("80021")
	if _, err := g.Chercher(p, now); code(err) != "Y010008" {
		t.Errorf("a place for a person born abroad: %v", err)
	}
}

// A typed person is known afterwards, under the same sub whenever typed; the
// list is bounded.
func TestInscrire(t *testing.T) {
	var g Registre
	p := Personne{FamilyName: "TOURNEBRIDE", GivenName: "Élise", Gender: "female", Birthdate: "1968-02-00", Birthplace: Donne("2A004"), Birthcountry: France}
	if _, err := g.Chercher(p, time.Time{}); code(err) != "Y010008" {
		t.Errorf("known before being typed: %v", err)
	}
	g.Inscrire(p)
	first, err := g.Chercher(p, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var other Registre
	other.Inscrire(p)
	second, err := other.Chercher(p, time.Time{})
	if err != nil || first.SubPour("x") != second.SubPour("x") || first.SubPour("x") == first.SubPour("y") {
		t.Errorf("sub: %v", err)
	}
	for range maxSaisis + 10 {
		g.Inscrire(Personne{FamilyName: "AUTRE"})
	}
	if len(g.saisis) > maxSaisis {
		t.Errorf("%d persons kept", len(g.saisis))
	}
}

func TestLireIdentite(t *testing.T) {
	if _, err := LireIdentite(map[string]any{"given_name": []any{"Odile"}}); code(err) != "Y600006" {
		t.Errorf("a list for a name: %v", err)
	}
	if i, err := LireIdentite(map[string]any{"preferred_username": nil, "family_name": "VASSELIN"}); err != nil || i.PreferredUsername.Present || i.FamilyName != "VASSELIN" {
		t.Errorf("a null nom d'usage: %+v, %v", i, err)
	}
}
