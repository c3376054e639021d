package usager_test

import (
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/usager"
)

// long is a name of n letters outside ASCII: letters are counted, not bytes.
func long(n int) string { return strings.Repeat("É", n) }

func vasselin(edit func(*franceconnect.Claims)) franceconnect.Claims {
	c := franceconnect.Claims{
		Sub: "s", GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female",
		Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100",
	}
	edit(&c)
	return c
}

// FS-26: 256 letters once composed, neither cut nor changed of case.
func TestNamesAreKeptAsTheyCome(t *testing.T) {
	for in, want := range map[string]string{
		long(256):                                     long(256),
		strings.Repeat("E\u0301", 256):                long(256),
		"C\u0327ELI\u0307KO\u0308ZLU\u0308":           "ÇELİKÖZLÜ",
		"D'HAËNENS-L’HÉNAFFIC":                        "D'HAËNENS-L’HÉNAFFIC",
		"  ŒUVRARD-LÆTZIG\u0000 ":                     "ŒUVRARD-LÆTZIG",
		"de Oliveira Fonseca-Pinto":                   "de Oliveira Fonseca-Pinto",
		"\U00020000\U00020001 (hors du plan de base)": "\U00020000\U00020001 (hors du plan de base)",
	} {
		r, err := usager.FromFranceConnect(vasselin(func(c *franceconnect.Claims) { c.FamilyName, c.GivenName, c.PreferredUsername = in, in, in }))
		if err != nil || r.FamilyName != want || r.GivenName != want || r.PreferredUsername != want {
			t.Errorf("%.20q: %.20q, %v", in, r.FamilyName, err)
		}
	}
	r, err := usager.FromFranceConnect(vasselin(func(c *franceconnect.Claims) { c.GivenName, c.GivenNames = "", []string{"Jean Baptiste", "Luc"} }))
	if err != nil || r.GivenName != "Jean Baptiste Luc" {
		t.Errorf("first names in a list: %q, %v", r.GivenName, err)
	}
}

// The first names are kept one by one beside their sentence: one of them may
// hold a space (franceconnect.md 14).
func TestFirstNamesAreKeptOneByOne(t *testing.T) {
	for name, c := range map[string]struct {
		given    string
		received []string
		kept     []string
		dit      string
	}{
		"one with a space":    {"Jean Baptiste", []string{"Jean Baptiste"}, []string{"Jean Baptiste"}, "Jean Baptiste"},
		"two":                 {"Jean Baptiste", []string{"Jean", "Baptiste"}, []string{"Jean", "Baptiste"}, "Jean, Baptiste"},
		"not transmitted":     {"Jean Baptiste", nil, nil, "Jean Baptiste"},
		"not the same":        {"Jean Marcel", []string{"Jean"}, []string{"Jean"}, "Jean Marcel"},
		"composed, cleaned":   {"Zoe\u0301 Luc", []string{" Zoe\u0301\u0000", "", "Luc"}, []string{"Zoé", "Luc"}, "Zoé, Luc"},
		"256 letters":         {strings.Repeat("e", 256), []string{strings.Repeat("e", 256)}, []string{strings.Repeat("e", 256)}, strings.Repeat("e", 256)},
		"too long to be true": {"Jean", []string{strings.Repeat("e", 257)}, nil, "Jean"},
		"too many to be true": {"Jean", slices.Repeat([]string{"e"}, 200), nil, "Jean"},
	} {
		r, err := usager.FromFranceConnect(vasselin(func(f *franceconnect.Claims) { f.GivenName, f.GivenNames = c.given, c.received }))
		if err != nil || !slices.Equal(r.GivenNames, c.kept) || r.Prenoms() != c.dit {
			t.Errorf("%s: %q, shown %q, %v", name, r.GivenNames, r.Prenoms(), err)
		}
	}
	before := usager.Identite{GivenName: "Jean Baptiste", GivenNames: []string{"Jean Baptiste"}}
	for name, c := range map[string]struct {
		after []string
		want  []string
	}{"cut otherwise": {[]string{"Jean", "Baptiste"}, []string{"given_name_array"}}, "no longer given": {nil, nil}} {
		if got := before.Ecarts(usager.Identite{GivenName: "Jean Baptiste", GivenNames: c.after}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FS-20: the FI's zeros are kept only where FranceConnect completed them.
func TestPresumedDates(t *testing.T) {
	for _, c := range []struct{ fc, idp, want string }{
		{"1960-07-01", "1960-07-00", "1960-07-00"},
		{"1948-01-01", "1948-00-00", "1948-00-00"},
		{"1955-01-01", "1955-01-01", "1955-01-01"},
		{"1955-01-01", "", "1955-01-01"},
		{"1960-07-15", "1960-07-00", "1960-07-15"},
		{"1960-08-01", "1960-07-00", "1960-08-01"},
		{"1948-03-01", "1948-00-00", "1948-03-01"},
		{"1949-01-01", "1948-00-00", "1949-01-01"},
		{"1951-11-04", "1951-00-04", "1951-11-04"},
		{"1951-02-30", "1951-11-04", "1951-11-04"},
		{"", "1960-07-00", "1960-07-00"},
		{"1960-07-00", "", "1960-07-00"},
	} {
		r, err := usager.FromFranceConnect(vasselin(func(x *franceconnect.Claims) { x.Birthdate, x.IdpBirthdate = c.fc, c.idp }))
		if err != nil || r.Birthdate != c.want {
			t.Errorf("%q and %q: %q, %v, want %q", c.fc, c.idp, r.Birthdate, err, c.want)
		}
	}
}

// FS-28: what is required and missing is named, in words; so is a name that
// could not be asserted (FS-26).
func TestMissingIsNamed(t *testing.T) {
	for says, edit := range map[string]func(*franceconnect.Claims){
		"le prénom":                         func(c *franceconnect.Claims) { c.GivenName = " " },
		"le nom de naissance":               func(c *franceconnect.Claims) { c.FamilyName = "" },
		"la date de naissance":              func(c *franceconnect.Claims) { c.Birthdate, c.IdpBirthdate = "1977-02-30", "1977" },
		"l'identifiant de la personne":      func(c *franceconnect.Claims) { c.Sub = "" },
		"un prénom de 256 caractères":       func(c *franceconnect.Claims) { c.GivenName = long(257) },
		"un nom de naissance de 256":        func(c *franceconnect.Claims) { c.FamilyName = long(257) },
		"un nom d'usage de 256":             func(c *franceconnect.Claims) { c.PreferredUsername = long(257) },
		"le prénom, le nom de naissance, l": func(c *franceconnect.Claims) { c.GivenName, c.FamilyName, c.Birthdate = "", "\u0000", "" },
	} {
		_, err := usager.FromFranceConnect(vasselin(edit))
		e := franceconnect.ErreurDe(err)
		if e == nil || e.Cle != franceconnect.CleIncomplete || !strings.Contains(e.Avis(), "n'a pas transmis : "+says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// FS-28: without place or country the mandat is possible, and the aidant is
// told that FranceConnect will refuse it.
func TestIncompletude(t *testing.T) {
	for _, c := range []struct {
		want string
		i    usager.Identite
	}{
		{"", usager.Identite{Gender: "female", Birthplace: "80021", Birthcountry: "99100"}},
		{"", usager.Identite{Gender: "male", Birthcountry: "99352"}},
		{"commune de naissance", usager.Identite{Gender: "female", Birthcountry: "99100"}},
		{"pays de naissance", usager.Identite{Gender: "female", Birthplace: "80021"}},
		{"genre, pays de naissance", usager.Identite{}},
	} {
		if got := strings.Join(c.i.Incompletude(), ", "); got != c.want {
			t.Errorf("%+v: %q, want %q", c.i, got, c.want)
		}
	}
}
