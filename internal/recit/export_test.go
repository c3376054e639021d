package recit

import (
	"reflect"

	"aidantsconnect/internal/demarche"
)

// Worded tells whether an action has its own sentence.
func Worded(action string) bool { return actes[action] != "" }

// Says tells whether a field is said, or left out on purpose.
func Says(t reflect.Type, name string) bool {
	if muets[name] || name == "date_signature" {
		return true
	}
	switch {
	case t == reflect.TypeFor[demarche.Demarche](), t == reflect.TypeFor[[]demarche.Demarche]():
		return true
	case t.Kind() == reflect.Int:
		return name == "jours" || nombres[name][0] != ""
	case t.Kind() == reflect.Bool:
		return vrais[name] != ""
	case t.Kind() == reflect.String:
		return name == "numero_serie" || mots[name] != nil
	case t.Kind() == reflect.Slice:
		return name == "champs"
	}
	return name == "avant" || name == "apres" // structures, whose names lines do not hold
}
