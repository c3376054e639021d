package oidc

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Champ is a field of an identity that FranceConnect would refuse (FI-57).
type Champ string

// The fields, by the names of the claims.
const (
	ChampSub            Champ = "sub"
	ChampPrenoms        Champ = "given_name"
	ChampNom            Champ = "family_name"
	ChampNaissance      Champ = "birthdate"
	ChampSexe           Champ = "gender"
	ChampPays           Champ = "birthcountry"
	ChampLieu           Champ = "birthplace"
	ChampCourriel       Champ = "email"
	ChampNomDUsage      Champ = "preferred_username"
	maxNameLength             = 256
	maxEmailLength            = 254 // RFC 5321 §4.5.3.1.3, less the brackets
	dateLength                = len("2006-01-02")
	presumedDay               = "-00"
	presumedMonthAndDay       = "-00-00"
)

var libelles = map[Champ]string{
	ChampSub: "identifiant", ChampPrenoms: "prénoms", ChampNom: "nom de naissance",
	ChampNaissance: "date de naissance", ChampSexe: "sexe", ChampPays: "pays de naissance",
	ChampLieu: "commune de naissance", ChampCourriel: "adresse électronique", ChampNomDUsage: "nom d'usage",
}

// Libelle is the French name shown.
func (c Champ) Libelle() string { return libelles[c] }

var (
	cogCode = regexp.MustCompile(`^(2[AB]|\d{2})\d{3}$`)
	address = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$`)
)

// CheckIdentity gives the fields that the table of §6 refuses; none means that
// FranceConnect accepts the identity.
func CheckIdentity(i Identity) []Champ {
	var out []Champ
	add := func(ok bool, c Champ) {
		if !ok {
			out = append(out, c)
		}
	}
	add(i.Sub != "" && visible(i.Sub), ChampSub)
	add(validName(i.GivenName), ChampPrenoms)
	add(validName(i.FamilyName), ChampNom)
	add(ValidBirthdate(i.Birthdate), ChampNaissance)
	add(oneOf(i.Gender, "male", "female", "unspecified"), ChampSexe)
	add(cogCode.MatchString(i.Birthcountry), ChampPays)
	// Checked only for France: a place abroad is not sent at all.
	add(i.Birthcountry != France || cogCode.MatchString(i.Birthplace), ChampLieu)
	add(ValidEmail(i.Email), ChampCourriel)
	add(i.PreferredUsername == "" || validName(i.PreferredUsername), ChampNomDUsage)
	return out
}

// ValidBirthdate accepts YYYY-MM-DD on the calendar, YYYY-MM-00 and YYYY-00-00:
// a presumed date keeps its zeros (M-W12). YYYY-00-DD is refused.
func ValidBirthdate(s string) bool {
	if len(s) != dateLength || s[:4] == "0000" {
		return false
	}
	if y, ok := strings.CutSuffix(s, presumedMonthAndDay); ok {
		s = y + "-01-01"
	} else if ym, ok := strings.CutSuffix(s, presumedDay); ok {
		s = ym + "-01"
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// ValidEmail accepts one plain address with a dotted domain.
func ValidEmail(s string) bool {
	if len(s) > maxEmailLength || !address.MatchString(s) {
		return false
	}
	local, _, _ := strings.Cut(s, "@")
	return len(local) <= 64 && !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

func validName(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) != "" &&
		utf8.RuneCountInString(s) <= maxNameLength && !strings.ContainsFunc(s, unicode.IsControl)
}
