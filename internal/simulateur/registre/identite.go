package registre

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// codeIdentite is FranceConnect's code for an identity that it cannot use.
const codeIdentite = "Y600006"

// LireIdentite reads the claims of a userinfo answer; a claim of the wrong type
// is an ill-formed identity.
func LireIdentite(claims map[string]any) (Personne, error) {
	var i Personne
	for nom, cible := range map[string]*string{
		"given_name": &i.GivenName, "family_name": &i.FamilyName, "birthdate": &i.Birthdate, "gender": &i.Gender,
		"birthplace": &i.Birthplace.Valeur, "birthcountry": &i.Birthcountry, "email": &i.Email, "preferred_username": &i.PreferredUsername.Valeur,
	} {
		v, present := claims[nom]
		texte, ok := v.(string)
		if present && !ok && (v != nil || nom != "preferred_username") {
			return i, &Refus{codeIdentite, nom + " n'est pas un texte"}
		}
		*cible = texte
	}
	i.PreferredUsername.Present = i.PreferredUsername.Valeur != ""
	return i, nil
}

// codeLieu is the COG code of a place or country: digits, or Corsica's letter.
var codeLieu = regexp.MustCompile(`^(2[AB]|\d{2})\d{3}$`)

// Verifier applies the identity table of §6. The e-mail address is demanded
// from our FI; the test FI may have none (§20, sans_email).
func (i Personne) Verifier(courrielExige bool) error {
	for _, g := range []struct {
		respectee bool
		detail    string
	}{
		{longueurNom(i.GivenName), "given_name doit avoir de 1 à 256 caractères"},
		{longueurNom(i.FamilyName), "family_name doit avoir de 1 à 256 caractères"},
		{i.Gender == "male" || i.Gender == "female" || i.Gender == "unspecified", "gender doit être male, female ou unspecified"},
		{dateAcceptee(i.Birthdate), "birthdate n'est pas une date acceptée"},
		{codeLieu.MatchString(i.Birthcountry), "birthcountry n'est pas un code de pays"},
		{i.Birthcountry != France || codeLieu.MatchString(i.Birthplace.Valeur), "birthplace est exigé pour une naissance en France"},
		{courriel(i.Email) || (i.Email == "" && !courrielExige), "email absent ou mal formé"},
	} {
		if !g.respectee {
			return &Refus{codeIdentite, g.detail}
		}
	}
	return nil
}

func longueurNom(nom string) bool {
	n := utf8.RuneCountInString(nom)
	return n >= 1 && n <= 256
}

func courriel(v string) bool {
	a, err := mail.ParseAddress(v)
	return err == nil && a.Address == v
}

var formeDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// dateAcceptee knows full dates, a presumed day (YYYY-MM-00) and a presumed day
// and month (YYYY-00-00). The calendar is checked.
func dateAcceptee(d string) bool {
	if !formeDate.MatchString(d) {
		return false
	}
	if annee, ok := strings.CutSuffix(d, "-00-00"); ok {
		d = annee + "-01-01"
	} else if mois, ok := strings.CutSuffix(d, "-00"); ok {
		d = mois + "-01"
	}
	_, err := time.Parse(time.DateOnly, d)
	return err == nil
}
