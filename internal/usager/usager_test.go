package usager_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/usager"
)

func TestBirthdateValid(t *testing.T) {
	for s, want := range map[string]bool{
		"1951-11-04": true, "1960-07-00": true, "1948-00-00": true, "1944-02-29": true, "1955-01-01": true,
		"1977-00-03": false, "1977": false, "1977-05": false, "1977-02-30": false, "1977-13-01": false, "1943-02-29": false, "": false,
	} {
		if got := usager.BirthdateValid(s); got != want {
			t.Errorf("BirthdateValid(%q) = %v", s, got)
		}
	}
}

// FS-25: 18 on the calendar day in Paris; a presumed date counts as its last
// possible day.
func TestMajeur(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC) // already the 21st in Paris
	for s, want := range map[string]bool{
		"2008-11-21": true,  // 18 today in Paris
		"2008-11-22": false, // tomorrow
		"2008-11-00": false, // latest possible day: 30 November
		"2008-10-00": true,
		"2008-00-00": false,
		"2007-00-00": true,
		"1919-04-28": true,
	} {
		if got := (usager.Identite{Birthdate: s}).Majeur(now, paris); got != want {
			t.Errorf("Majeur(%q) = %v", s, got)
		}
	}
}

// FS-21: what is presumed is said.
func TestNaissanceAffichee(t *testing.T) {
	for s, want := range map[string]string{
		"1951-11-04": "04/11/1951", "1960-07-00": "07/1960 (jour présumé)", "1948-00-00": "1948 (jour et mois présumés)",
	} {
		if got := (usager.Identite{Birthdate: s}).NaissanceAffichee(); got != want {
			t.Errorf("NaissanceAffichee(%q) = %q", s, got)
		}
	}
}

func TestFromFranceConnect(t *testing.T) {
	full := franceconnect.Claims{
		Sub: "s", GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female",
		Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100", Email: "Odile@Example.org",
	}
	edit := func(f func(*franceconnect.Claims)) franceconnect.Claims { c := full; f(&c); return c }
	tests := map[string]struct {
		in   franceconnect.Claims
		want func(*usager.Identite)
	}{
		"ordinaire":        {full, func(*usager.Identite) {}},
		"jour présumé":     {edit(func(c *franceconnect.Claims) { c.Birthdate, c.IdpBirthdate = "1960-07-01", "1960-07-00" }), func(i *usager.Identite) { i.Birthdate = "1960-07-00" }},
		"année seule":      {edit(func(c *franceconnect.Claims) { c.Birthdate, c.IdpBirthdate = "1948-01-01", "1948-00-00" }), func(i *usager.Identite) { i.Birthdate = "1948-00-00" }},
		"vrai 1er jan":     {edit(func(c *franceconnect.Claims) { c.Birthdate, c.IdpBirthdate = "1955-01-01", "1955-01-01" }), func(i *usager.Identite) { i.Birthdate = "1955-01-01" }},
		"idp discorde":     {edit(func(c *franceconnect.Claims) { c.Birthdate, c.IdpBirthdate = "1960-07-15", "1960-07-00" }), func(i *usager.Identite) { i.Birthdate = "1960-07-15" }},
		"date absente":     {edit(func(c *franceconnect.Claims) { c.Birthdate, c.IdpBirthdate = "", "1960-07-00" }), func(i *usager.Identite) { i.Birthdate = "1960-07-00" }},
		"né à l'étranger":  {edit(func(c *franceconnect.Claims) { c.Birthplace, c.Birthcountry = "99235", "99235" }), func(i *usager.Identite) { i.Birthplace, i.Birthcountry = "", "99235" }},
		"corse":            {edit(func(c *franceconnect.Claims) { c.Birthplace = "2A004" }), func(i *usager.Identite) { i.Birthplace = "2A004" }},
		"zéro initial":     {edit(func(c *franceconnect.Claims) { c.Birthplace = "01004" }), func(i *usager.Identite) { i.Birthplace = "01004" }},
		"lieu None":        {edit(func(c *franceconnect.Claims) { c.Birthplace = "None" }), func(i *usager.Identite) { i.Birthplace = "" }},
		"genre inconnu":    {edit(func(c *franceconnect.Claims) { c.Gender = "" }), func(i *usager.Identite) { i.Gender = "" }},
		"e-mail illisible": {edit(func(c *franceconnect.Claims) { c.Email = "Odile <odile@example.org>" }), func(i *usager.Identite) { i.Email = "" }},
		"e-mail local":     {edit(func(c *franceconnect.Claims) { c.Email = "odile@poste" }), func(i *usager.Identite) { i.Email = "" }},
		"sans e-mail":      {edit(func(c *franceconnect.Claims) { c.Email = "" }), func(i *usager.Identite) { i.Email = "" }},
	}
	base := usager.Identite{
		GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female", Birthdate: "1951-11-04",
		Birthplace: "80021", Birthcountry: "99100", Email: "odile@example.org",
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := base
			tt.want(&want)
			got, err := usager.FromFranceConnect(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got.Identite); d != "" {
				t.Error(d)
			}
		})
	}
	for name, in := range map[string]franceconnect.Claims{
		"prénom": edit(func(c *franceconnect.Claims) { c.GivenName = " " }),
		"nom":    edit(func(c *franceconnect.Claims) { c.FamilyName = "" }),
		"date":   edit(func(c *franceconnect.Claims) { c.Birthdate = "1977-02-30" }),
		"sub":    edit(func(c *franceconnect.Claims) { c.Sub = "" }),
	} {
		if _, err := usager.FromFranceConnect(in); err == nil {
			t.Errorf("%s missing: accepted", name)
		}
	}
}

// A person with a nom d'usage is not taken for two: what names them says both.
func TestNomPrecis(t *testing.T) {
	i := usager.Identite{GivenName: "Bastien Loïc", FamilyName: "ROUVERAY", PreferredUsername: "GALANTIER"}
	if got := i.NomPrecis(); got != "GALANTIER Bastien Loïc (nom de naissance : ROUVERAY)" {
		t.Error(got)
	}
	for _, usage := range []string{"", "ROUVERAY"} {
		if i.PreferredUsername = usage; i.NomPrecis() != "ROUVERAY Bastien Loïc" {
			t.Error(i.NomPrecis())
		}
	}
}
