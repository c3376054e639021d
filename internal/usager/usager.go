// Package usager holds the people who are helped: the mandants. They are known
// by an identity that FranceConnect proved; each identity received is kept as
// a version that is never edited (mandats 3.1, M-W38).
//
// Contact data belong to the relation between a structure and a person: what
// one structure learns never overwrites what another one holds.
//
// Tables: usager, identite, usager_contact.
// It serves no URL: the slices mandat and fournisseur show people.
// Journal: create_usager, update_identite_usager, update_email_usager,
// franceconnect_usager.
package usager

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/lieu"
	"aidantsconnect/internal/tri"
)

// NomMax is the longest name accepted, in characters (FS-26).
const NomMax = 256

// France is the birth country code of every French birth, overseas included.
const France = "99100"

// Identite is a civil identity as FranceConnect transmits it. It is copied
// whole into a mandat as its snapshot.
type Identite struct {
	GivenName string `json:"given_name"` // all first names, space-separated
	// GivenNames are the same one by one, since one may hold a space; nil when
	// they were not transmitted. No document signs them: given_name does.
	GivenNames        []string `json:"-"`
	FamilyName        string   `json:"family_name"`        // birth name
	PreferredUsername string   `json:"preferred_username"` // nom d'usage, "" if none
	Gender            string   `json:"gender"`             // female, male, unspecified, or "" if not transmitted
	Birthdate         string   `json:"birthdate"`          // YYYY-MM-DD, YYYY-MM-00 or YYYY-00-00
	Birthplace        string   `json:"birthplace"`         // COG code, "" when born abroad
	Birthcountry      string   `json:"birthcountry"`       // COG code, 99100 = France
	Email             string   `json:"email"`              // "" if none
}

// Usager is a person with the current version of their identity.
type Usager struct {
	ID         ident.UsagerID
	Sub        string // what we assert to FranceConnect (FI-47)
	Version    int64
	IdentiteID ident.IdentiteID
	Identite
}

var birthdateForm = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)

// BirthdateValid tells whether s is a real date, or a presumed one written
// with zeros: YYYY-MM-00, YYYY-00-00 (M-W12). YYYY-00-DD is refused.
func BirthdateValid(s string) bool {
	m := birthdateForm.FindStringSubmatch(s)
	if m == nil || m[1] < "1850" {
		return false
	}
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	switch {
	case month == 0:
		return day == 0
	case month > 12:
		return false
	case day == 0:
		return true
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// latestBirth is the latest day the date may mean: a presumed date counts as
// its last possible day (FS-25).
func latestBirth(s string) time.Time {
	m := birthdateForm.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	switch {
	case month == 0:
		return time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC)
	case day == 0:
		return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// Majeur tells whether the person is at least 18 on the calendar day of now in
// the given zone: minors are outside the service (CGU 1, FS-25).
func (i Identite) Majeur(now time.Time, zone *time.Location) bool {
	n := now.In(zone)
	today := time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, time.UTC)
	return !latestBirth(i.Birthdate).AddDate(18, 0, 0).After(today)
}

// NomComplet is "given_name family_name".
func (i Identite) NomComplet() string { return i.GivenName + " " + i.FamilyName }

// Prenoms writes the first names apart, so that two people read the same ones:
// "Jean Baptiste, Luc".
func (i Identite) Prenoms() string {
	if strings.Join(i.GivenNames, " ") == i.GivenName {
		return strings.Join(i.GivenNames, ", ")
	}
	return i.GivenName
}

// NomUsuel is the name people use: the nom d'usage, else the birth name.
func (i Identite) NomUsuel() string {
	if i.PreferredUsername != "" {
		return i.PreferredUsername
	}
	return i.FamilyName
}

// NomAffiche is how lists name a person: "GALANTIER Bastien Loïc".
func (i Identite) NomAffiche() string { return i.NomUsuel() + " " + i.GivenName }

// NomPrecis is NomAffiche with the birth name when it is another one, so that a
// person is not taken for two: "GALANTIER Bastien Loïc (nom de naissance : ROUVERAY)".
func (i Identite) NomPrecis() string {
	if i.NomUsuel() == i.FamilyName {
		return i.NomAffiche()
	}
	return i.NomAffiche() + " (nom de naissance : " + i.FamilyName + ")"
}

// NaissanceAffichee writes the birth date in French, presumed parts said
// (FS-21): "04/11/1951", "07/1960 (jour présumé)", "1948 (jour et mois présumés)".
func (i Identite) NaissanceAffichee() string {
	m := birthdateForm.FindStringSubmatch(i.Birthdate)
	switch {
	case m == nil:
		return ""
	case m[2] == "00":
		return m[1] + " (jour et mois présumés)"
	case m[3] == "00":
		return m[2] + "/" + m[1] + " (jour présumé)"
	}
	return m[3] + "/" + m[2] + "/" + m[1]
}

// LieuAffiche says where the person was born: a commune or a country by its
// name, or its code when we know no name for it.
func (i Identite) LieuAffiche() string { return lieu.Naissance(i.Birthcountry, i.Birthplace) }

// NomTri is the sort key of NomAffiche.
func (i Identite) NomTri() string { return tri.Key(i.NomAffiche()) }

// RechercheTri is the search key: every name, and the birth date as written in
// French so that "1951" or "04 11 1951" finds too (R11.1).
func (i Identite) RechercheTri() string {
	return tri.Key(strings.Join([]string{i.FamilyName, i.GivenName, i.PreferredUsername, i.NaissanceAffichee()}, " "))
}

// Ecarts names the fields that differ between two identities, in a fixed
// order; the journal holds these names, never the values (FS-22).
func (i Identite) Ecarts(o Identite) []string {
	var out []string
	for _, f := range []struct {
		name string
		a, b string
	}{
		{"given_name", i.GivenName, o.GivenName},
		{"family_name", i.FamilyName, o.FamilyName},
		{"preferred_username", i.PreferredUsername, o.PreferredUsername},
		{"gender", i.Gender, o.Gender},
		{"birthdate", i.Birthdate, o.Birthdate},
		{"birthplace", i.Birthplace, o.Birthplace},
		{"birthcountry", i.Birthcountry, o.Birthcountry},
		{"email", i.Email, o.Email},
	} {
		if f.a != f.b {
			out = append(out, f.name)
		}
	}
	// Names that are no longer given one by one have not changed.
	if len(o.GivenNames) > 0 && !slices.Equal(i.GivenNames, o.GivenNames) {
		out = append(out, "given_name_array")
	}
	return out
}
