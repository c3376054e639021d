// Package accueil serves the home pages: they gather from every slice what a
// person needs to know now, and what is left to do. It owns no table.
//
// It also shows the way from a first sign-in to a first démarche (R1), and one's
// own figures.
//
// URLs: /espace-aidant/, /espace-aidant/premiers-pas,
// /espace-aidant/profil/chiffres. Journal: nothing.
package accueil

import (
	"fmt"
	"strconv"

	"aidantsconnect/internal/mandat"
)

// AFaire is one thing left to do, with where to do it.
type AFaire struct {
	Libelle string
	URL     string
	Urgent  bool
}

// compter writes a count in French: "1 mandat se termine", "3 mandats se terminent".
func compter(n int, singulier, pluriel string) string {
	if n >= mandat.ComptesMax {
		return fmt.Sprintf("Au moins %d %s", n, pluriel)
	}
	if n > 1 {
		return fmt.Sprintf("%d %s", n, pluriel)
	}
	return fmt.Sprintf("%d %s", n, singulier)
}

func itoa(n int) string { return strconv.Itoa(n) }

// todo lists what a structure has to do, the most pressing first.
func todo(bientot, nonSignes, incomplets int) []AFaire {
	var out []AFaire
	if bientot > 0 {
		out = append(out, AFaire{
			Libelle: compter(bientot, "mandat se termine dans moins de 30 jours", "mandats se terminent dans moins de 30 jours"),
			URL:     "/espace-aidant/usagers/?bientot=1", Urgent: true,
		})
	}
	if incomplets > 0 {
		out = append(out, AFaire{
			Libelle: compter(incomplets, "mandat sur papier attend sa copie signée", "mandats sur papier attendent leur copie signée"),
			URL:     "/espace-aidant/accords/", Urgent: true,
		})
	}
	if nonSignes -= incomplets; nonSignes > 0 {
		out = append(out, AFaire{
			Libelle: compter(nonSignes, "mandat attend les signatures sur papier", "mandats attendent les signatures sur papier"),
			URL:     "/espace-aidant/usagers/?papier=non_signe",
		})
	}
	return out
}
