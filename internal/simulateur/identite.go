package simulateur

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// lireIdentite reads the claims of a userinfo answer; a claim of the wrong type
// is an ill-formed identity.
func lireIdentite(claims map[string]any) (Personne, error) {
	var i Personne
	for nom, cible := range map[string]*string{
		"given_name": &i.GivenName, "family_name": &i.FamilyName, "birthdate": &i.Birthdate, "gender": &i.Gender,
		"birthplace": &i.Birthplace.Valeur, "birthcountry": &i.Birthcountry, "email": &i.Email, "preferred_username": &i.PreferredUsername.Valeur,
	} {
		v, present := claims[nom]
		texte, ok := v.(string)
		if present && !ok && (v != nil || nom != "preferred_username") {
			return i, refuse("Y600006", "%s n'est pas un texte", nom)
		}
		*cible = texte
	}
	i.PreferredUsername.Present = i.PreferredUsername.Valeur != ""
	return i, nil
}

// codeLieu is the COG code of a place or country: digits, or Corsica's letter.
var codeLieu = regexp.MustCompile(`^(2[AB]|\d{2})\d{3}$`)

// verifier applies the identity table of §6. The e-mail address is demanded
// from our FI; the test FI may have none (§20, sans_email).
func (i Personne) verifier(courrielExige bool) error {
	const code = "Y600006"
	return exiger(
		regle{longueurNom(i.GivenName), code, "given_name doit avoir de 1 à 256 caractères"},
		regle{longueurNom(i.FamilyName), code, "family_name doit avoir de 1 à 256 caractères"},
		regle{i.Gender == "male" || i.Gender == "female" || i.Gender == "unspecified", code, "gender doit être male, female ou unspecified"},
		regle{dateAcceptee(i.Birthdate), code, "birthdate n'est pas une date acceptée"},
		regle{codeLieu.MatchString(i.Birthcountry), code, "birthcountry n'est pas un code de pays"},
		regle{i.Birthcountry != france || codeLieu.MatchString(i.Birthplace.Valeur), code, "birthplace est exigé pour une naissance en France"},
		regle{courriel(i.Email) || (i.Email == "" && !courrielExige), code, "email absent ou mal formé"},
	)
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
