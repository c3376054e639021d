package dsfr

import (
	"maps"
	"slices"

	"aidantsconnect/internal/fault"
)

// Fautes makes the lines of ErrorSummary from the messages of a refusal, in
// the order of the page; fields that are not named come last, by name. The
// field "" is a message of the whole form.
func Fautes(f fault.Fields, ordre ...string) []Faute {
	names := slices.Clone(ordre)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var l []Faute
	for _, name := range names {
		if texte := f[name]; texte != "" {
			l = append(l, Faute{ID: name, Texte: texte})
		}
	}
	return l
}
