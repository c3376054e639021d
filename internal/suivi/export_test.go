package suivi

import "aidantsconnect/internal/ident"

// What the tests on databases, outside the package, need of it.
var (
	Liste   = liste
	Comptes = comptes
)

// TaillePage is how many people a page shows.
const TaillePage = taillePage

// Place is where a page begins.
type Place = place

// After is the page after a person; the first one after nobody.
func After(id ident.UsagerID) Place { return place{id: id} }

// Before is the page before a person.
func Before(id ident.UsagerID) Place { return place{id, true} }
