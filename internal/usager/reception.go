package usager

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/oidc"
)

// Recue is an identity read from FranceConnect, checked and ready to be kept.
type Recue struct {
	SubFC string // FranceConnect's sub: only its keyed digest is stored
	Identite
}

var cogCode = regexp.MustCompile(`^(2[AB]|\d{2})\d{3}$`)

// FromFranceConnect turns verified claims into an identity (FS-20 to FS-28).
// What is optional may be absent, empty or ill-formed without refusal; what is
// required and missing is named in a *franceconnect.Erreur of key fc.incomplete.
func FromFranceConnect(c franceconnect.Claims) (Recue, error) {
	r := Recue{SubFC: c.Sub, Identite: Identite{
		GivenName:         clean(c.GivenName),
		FamilyName:        clean(c.FamilyName),
		PreferredUsername: clean(c.PreferredUsername),
		Gender:            oneOf(c.Gender, "female", "male", "unspecified"),
		Birthdate:         birthdate(c.Birthdate, c.IdpBirthdate),
		Birthcountry:      code(c.Birthcountry),
		Email:             email(c.Email),
	}}
	r.GivenNames = prenoms(c.GivenNames)
	if r.GivenName == "" {
		r.GivenName = strings.Join(r.GivenNames, " ")
	}
	// Born abroad: FranceConnect would take a place sent for the country (M-W39).
	if r.Birthcountry == France || r.Birthcountry == "" {
		r.Birthplace = code(c.Birthplace)
	}
	var missing []string
	for _, f := range []struct{ name, value string }{
		{"sub", r.SubFC}, {"given_name", r.GivenName}, {"family_name", r.FamilyName}, {"birthdate", r.Birthdate},
	} {
		if f.value == "" {
			missing = append(missing, f.name)
		}
	}
	// FS-26: never cut. What is longer could not be asserted to FranceConnect.
	for _, f := range []struct{ name, value string }{
		{"given_name_long", r.GivenName}, {"family_name_long", r.FamilyName}, {"preferred_username_long", r.PreferredUsername},
	} {
		if utf8.RuneCountInString(f.value) > NomMax {
			missing = append(missing, f.name)
		}
	}
	if len(missing) > 0 {
		return r, &franceconnect.Erreur{Cle: franceconnect.CleIncomplete, Champs: missing, Err: fault.New(fault.Invalid, "identite_incomplete")}
	}
	return r, nil
}

// birthdate keeps the presumed date of the FI when FranceConnect only
// completed it with 01; a genuine first of January stays a full date (FS-20).
func birthdate(fc, idp string) string {
	fc, idp = strings.TrimSpace(fc), strings.TrimSpace(idp)
	if !BirthdateValid(fc) {
		if BirthdateValid(idp) {
			return idp
		}
		return ""
	}
	if !BirthdateValid(idp) {
		return fc
	}
	dayPresumed := strings.HasSuffix(idp, "-00") && idp[:7] == fc[:7] && strings.HasSuffix(fc, "-01")
	yearOnly := strings.HasSuffix(idp, "-00-00") && idp[:4] == fc[:4] && strings.HasSuffix(fc, "-01-01")
	if dayPresumed || yearOnly {
		return idp
	}
	return fc
}

// Incompletude names, in French, what FranceConnect would refuse in this
// identity (FS-28, FI-57); empty when it can be asserted. The e-mail is
// checked at use, where the contact of the structure may replace it (FI-55).
func (i Identite) Incompletude() []string {
	var out []string
	if i.Gender == "" {
		out = append(out, "genre")
	}
	if i.Birthcountry == "" {
		out = append(out, "pays de naissance")
	}
	if i.Birthcountry == France && i.Birthplace == "" {
		out = append(out, "commune de naissance")
	}
	return out
}

// clean composes letters (FS-26) and drops what no name holds: control
// characters, U+0000 among them, which PostgreSQL refuses.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.TrimSpace(s))
}

// prenoms keeps the first names one by one (franceconnect.md 14); a list longer
// than what the names may be is not one.
func prenoms(received []string) []string {
	var out []string
	total := 0
	for _, p := range received {
		if p = clean(p); p != "" {
			out = append(out, p)
			total += utf8.RuneCountInString(p) + 1
		}
	}
	if total > NomMax+1 {
		return nil
	}
	return out
}

// email keeps an address that mail can reach and that FranceConnect would take
// back from us; another one counts as absent, and the aidant is asked for one.
func email(s string) string {
	if s = strings.ToLower(clean(s)); oidc.ValidEmail(s) {
		return s
	}
	return ""
}

func code(s string) string {
	if s = strings.TrimSpace(s); cogCode.MatchString(s) {
		return s
	}
	return ""
}

func oneOf(s string, allowed ...string) string {
	for _, a := range allowed {
		if s == a {
			return s
		}
	}
	return ""
}
