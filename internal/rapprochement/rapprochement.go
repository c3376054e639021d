// Package rapprochement checks each day that the journal and the tables tell
// the same story: every mandat, autorisation, end, use, copy of a signed paper,
// structure and account has its line, and every such line its row: the mandats
// in force, recomputed from the journal, are those of the tables. The two are written in one transaction, so a gap
// means that somebody wrote behind the program, or that it is wrong.
//
// It owns no table, serves no URL, corrects nothing and appends nothing: what
// it finds is for people to explain (docs/exploitation.md).
package rapprochement

import (
	"fmt"
	"maps"
	"slices"
)

// Ecart is one kind of gap. Exemple is an identifier to begin with.
type Ecart struct {
	Genre   string
	Nombre  int
	Exemple string
}

// phrases say the gaps in French.
var phrases = map[string]string{
	"mandat_sans_ligne":       "mandats dont la signature n'est pas au journal",
	"mandat_deux_lignes":      "mandats signés deux fois au journal",
	"ligne_sans_mandat":       "signatures au journal sans mandat",
	"autorisation_sans_ligne": "démarches d'un mandat qui ne sont pas au journal",
	"ligne_sans_autorisation": "démarches au journal qui n'existent pas",
	"fin_sans_ligne":          "démarches arrêtées sans que le journal le dise",
	"ligne_sans_fin":          "démarches arrêtées au journal et toujours ouvertes",
	"fin_mandat_sans_ligne":   "fins de mandat sans que le journal le dise",
	"ligne_sans_fin_mandat":   "fins de mandat au journal qui n'ont pas eu lieu",
	"usage_sans_ligne":        "utilisations qui ne sont pas au journal",
	"ligne_sans_usage":        "utilisations au journal sans leur relevé",
	"usage_deux_lignes":       "utilisations écrites deux fois au journal",
	"copie_sans_ligne":        "mandats dont une copie signée n'est pas au journal",
	"structure_sans_ligne":    "structures dont l'enregistrement n'est pas au journal",
	"ligne_sans_structure":    "structures au journal qui n'existent pas",
	"compte_sans_ligne":       "comptes dont l'ouverture n'est pas au journal",
}

// Genres are the kinds of gap, sorted.
func Genres() []string { return slices.Sorted(maps.Keys(phrases)) }

// Phrase says the gap.
func (e Ecart) Phrase() string {
	return fmt.Sprintf("%d %s (par exemple %s)", e.Nombre, phrases[e.Genre], e.Exemple)
}

// conservation is how far back lines must have their rows, in years: past it a
// mandat may have been erased, and its lines stay (mandats.md 16).
const conservation = 5
