// Package fait is what the journal may say of an act: one struct of typed facts
// per action (mandats.md 17.2 and 17.3, comptes.md 18), the vocabularies their
// fields accept, and the canonical JSON in which they are kept.
//
// There is no way to declare a field that holds free text, so that no name can
// enter the journal. An action is never removed nor its fields renamed: lines
// of it exist.
package fait

import "strings"

// Fait is the typed facts of one action. The journal refuses any type that is
// not registered here.
type Fait interface {
	Action() string // "use_autorisation"
}

// Requis is the set of identifiers a line of an action cannot do without.
type Requis uint

// The identifiers of a line.
const (
	AvecAidant Requis = 1 << iota
	AvecConcerne
	AvecUsager
	AvecOrganisation
	AvecMandat
	AvecAutorisation
	AvecOperation
)

var requisNoms = []string{"aidant", "concerne", "usager", "organisation", "mandat", "autorisation", "operation"}

// String names the identifiers of the set.
func (r Requis) String() string {
	var noms []string
	for i, n := range requisNoms {
		if r&(1<<i) != 0 {
			noms = append(noms, n)
		}
	}
	return strings.Join(noms, ", ")
}
