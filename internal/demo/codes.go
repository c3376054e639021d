package demo

import (
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/web/dsfr"
)

// role says a role in words.
func role(s string) string {
	switch actor.Role(s) {
	case actor.AdminTechnique:
		return "équipe du service, administration technique"
	case actor.AdminMetier:
		return "équipe du service, administration métier"
	}
	return s
}

// codeRows are the rows of the table of codes.
func codeRows(cs []compteAffiche) []dsfr.Ligne {
	out := make([]dsfr.Ligne, len(cs))
	for i, c := range cs {
		out[i] = dsfr.Ligne{
			dsfr.Text(c.Prenom + " " + c.Nom + " — " + role(c.Role)), dsfr.Text(c.Courriel), dsfr.Text(c.Structure),
			dsfr.Text(fmt.Sprintf("%s (encore %d s)", c.Code, c.Restant)), dsfr.Text(c.Prochain),
		}
	}
	return out
}
