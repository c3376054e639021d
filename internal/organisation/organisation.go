// Package organisation holds the structures: the mandataires, who hold the
// mandats (Code civil, art. 1984; mandats 1). The habilitation is the
// structure's, not its people's (L-20).
//
// Its périmètre limits creation, renewal and use (M-W26).
//
// Tables: organisation, organisation_demarche.
// It serves no URL yet; the command line creates and lists.
// Journal: create_organisation, update_organisation,
// update_perimetre_organisation.
package organisation

import (
	"strings"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Organisation is a structure as it is now. What a mandat prints is the
// mandat's own snapshot.
type Organisation struct {
	ID           ident.OrganisationID
	Nom          string
	Siret        string // 14 digits
	Adresse      string
	CodePostal   string
	Ville        string
	Active       bool
	Interne      bool // the operator's own structure, left out of public figures
	Perimetre    []demarche.Demarche
	DateCreation time.Time

	NumeroHabilitation string // of the accepted request; "" when unknown
}

// Nouvelle is what is asked to record a structure. An empty Perimetre means
// the ten démarches.
type Nouvelle struct {
	Nom, Siret, Adresse, CodePostal, Ville string
	Perimetre                              []demarche.Demarche
	Interne                                bool
}

// Check gives the normalised request, or one message per wrong field.
func (n Nouvelle) Check() (Nouvelle, error) {
	n.Nom, n.Adresse, n.Ville = strings.TrimSpace(n.Nom), strings.TrimSpace(n.Adresse), strings.TrimSpace(n.Ville)
	n.CodePostal = strings.TrimSpace(n.CodePostal)
	n.Siret = strings.ReplaceAll(n.Siret, " ", "")
	_, err := Coordonnees{n.Nom, n.Adresse, n.CodePostal, n.Ville}.Check()
	f := fault.FieldsOf(err)
	if f == nil {
		f = fault.Fields{}
	}
	if !validSiret(n.Siret) {
		f["siret"] = "Indiquez un numéro SIRET valide : 14 chiffres."
	}
	if len(n.Perimetre) == 0 {
		n.Perimetre = demarche.Keys()
	}
	if len(f) > 0 {
		return n, fault.Form(f)
	}
	return n, nil
}

// Coordonnees is what a structure is called and where it is.
type Coordonnees struct{ Nom, Adresse, CodePostal, Ville string }

// Coordonnees gives those of the structure.
func (o Organisation) Coordonnees() Coordonnees {
	return Coordonnees{o.Nom, o.Adresse, o.CodePostal, o.Ville}
}

// Check gives the normalised text, or one message per wrong field.
func (c Coordonnees) Check() (Coordonnees, error) {
	f := fault.Fields{}
	for _, x := range []struct {
		champ  string
		valeur *string
		vide   string
	}{
		{"nom", &c.Nom, "Indiquez le nom de la structure."},
		{"adresse", &c.Adresse, "Indiquez l'adresse de la structure."},
		{"code_postal", &c.CodePostal, "Indiquez un code postal de 5 chiffres."},
		{"ville", &c.Ville, "Indiquez la commune de la structure."},
	} {
		*x.valeur = strings.Join(strings.Fields(*x.valeur), " ")
		switch {
		case *x.valeur == "":
			f[x.champ] = x.vide
		case len(*x.valeur) > 200:
			f[x.champ] = "Écrivez moins de 200 caractères."
		}
	}
	if len(c.CodePostal) != 5 || !allDigits(c.CodePostal) {
		f["code_postal"] = "Indiquez un code postal de 5 chiffres."
	}
	if len(f) > 0 {
		return c, fault.Form(f)
	}
	return c, nil
}

// differences names the columns that change.
func (c Coordonnees) differences(was Coordonnees) (out []string) {
	for _, x := range []struct{ champ, a, b string }{
		{"nom", c.Nom, was.Nom}, {"adresse", c.Adresse, was.Adresse}, {"code_postal", c.CodePostal, was.CodePostal}, {"ville", c.Ville, was.Ville},
	} {
		if x.a != x.b {
			out = append(out, x.champ)
		}
	}
	return out
}

// validSiret checks length and the Luhn sum (La Poste's establishments, SIREN
// 356000000, add up to a multiple of five instead).
func validSiret(s string) bool {
	if len(s) != 14 || !allDigits(s) {
		return false
	}
	luhn, plain := 0, 0
	for i := range 14 {
		d := int(s[i] - '0')
		plain += d
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		luhn += d
	}
	return luhn%10 == 0 || strings.HasPrefix(s, "356000000") && plain%5 == 0
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
