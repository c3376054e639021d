package demo

import (
	"fmt"

	"aidantsconnect/internal/web/dsfr"
)

// codeRows are the rows of the table of codes.
func codeRows(cs []compteAffiche) []dsfr.Ligne {
	out := make([]dsfr.Ligne, len(cs))
	for i, c := range cs {
		out[i] = dsfr.Ligne{
			dsfr.Text(c.Prenom + " " + c.Nom + " — " + c.Role), dsfr.Text(c.Courriel), dsfr.Text(c.Structure),
			dsfr.Text(fmt.Sprintf("%s (encore %d s)", c.Code, c.Restant)), dsfr.Text(c.Prochain),
		}
	}
	return out
}
