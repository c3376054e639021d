// Package figurant makes the fictional people and structures that measures
// lay down by the thousand: the same at each run, with the common names that
// come back often in a real list.
//
// It owns no table and serves no URL.
package figurant

import (
	"fmt"
	"math/rand/v2"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/usager"
)

var (
	noms = []string{
		"MARTIN", "BERNARD", "THOMAS", "PETIT", "ROBERT", "RICHARD", "DURAND", "DUBOIS", "MOREAU", "LAURENT", "SIMON", "MICHEL", "LEFÈBVRE", "LEROY",
		"ROUX", "DAVID", "BERTRAND", "MOREL", "FOURNIER", "GIRARD", "BONNET", "DUPONT", "LAMBERT", "FONTAINE", "ROUSSEAU", "VINCENT", "MULLER", "FAURE",
		"ANDRÉ", "MERCIER", "BLANC", "GUÉRIN", "BOYER", "GARNIER", "CHEVALIER", "FRANÇOIS", "LEGRAND", "GAUTHIER", "GARCIA", "PERRIN", "N'DIAYE", "DA SILVA",
	}
	suffixes = []string{"", "-BRAULT", "-CLÉMENT", "-DELMAS", "-ESNAULT", "-FABRE", "-GUILLOU", "-HAMON", "-JACQUET", "-KERMADEC", "-LOPEZ", "-MARÉCHAL"}
	prenoms  = []string{
		"Odile", "Jean", "Marie", "Nathalie", "Éric", "Hélène", "Zoé", "Loïc", "Fatima", "Ahmed", "Chantal", "Bernard", "Monique", "André", "Sylvie", "Mamadou",
		"Jeanne", "Lucien", "Yvette", "Maëlle", "Gérard", "Josiane", "Karim", "Simone", "Tùng", "Agnès", "Patrick", "Ginette", "Robert", "Denise",
	}
)

// Recherche is a word that some of them have in their name.
const Recherche = "guillou"

// Identite makes the n-th person. Only the structure where people are
// chosen knows their addresses: without one FranceConnect refuses a use.
func Identite(n int, address bool) usager.Identite {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	i := usager.Identite{
		GivenName: prenoms[r.IntN(len(prenoms))] + " " + prenoms[r.IntN(len(prenoms))], FamilyName: noms[r.IntN(len(noms))] + suffixes[r.IntN(len(suffixes))],
		Gender: "female", Birthdate: fmt.Sprintf("%d-%02d-%02d", 1925+r.IntN(80), 1+r.IntN(12), 1+r.IntN(28)),
		Birthplace: fmt.Sprintf("%02d%03d", 1+r.IntN(19), 1+r.IntN(400)), Birthcountry: usager.France,
	}
	if n%2 == 0 {
		i.Gender = "male"
	}
	if n%5 == 0 {
		i.PreferredUsername = noms[r.IntN(len(noms))]
	}
	if address {
		i.Email = fmt.Sprintf("personne-%d@example.org", n)
	}
	return i
}

// Demarches are those of the p-th mandat of the n-th person: two to four,
// of which the second mandat takes over some.
func Demarches(n, p int) []demarche.Demarche {
	keys := demarche.Keys()
	var out []demarche.Demarche
	for i := range 2 + n%3 {
		out = append(out, keys[(n+2*p+2*i)%len(keys)])
	}
	return out
}

func Organisation(n int) organisation.Nouvelle {
	return organisation.Nouvelle{
		Nom: fmt.Sprintf("France services de Mesure %d", n), Siret: siret(n), Adresse: fmt.Sprintf("%d rue de la Paix", n+1), CodePostal: "80000", Ville: "Amiens",
	}
}

// siret makes a valid number (Luhn) of a structure that does not exist.
func siret(n int) string {
	base := fmt.Sprintf("%013d", 2180002190000+n)
	sum := 0
	for i, c := range []byte(base) {
		d := int(c - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return base + fmt.Sprint((10-sum%10)%10)
}

func Aidant(n int) aidant.Nouveau {
	return aidant.Nouveau{Prenom: prenoms[n%len(prenoms)], Nom: noms[n%len(noms)], Email: fmt.Sprintf("aidant-%d@structure.example.org", n), Profession: "médiatrice numérique"}
}
