package connexion

import (
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/web/dsfr"
)

// faults lists the wrong fields in the order of the page.
func faults(f fault.Fields, order ...string) []dsfr.Faute {
	var out []dsfr.Faute
	for _, name := range order {
		if m := f[name]; m != "" {
			out = append(out, dsfr.Faute{ID: name, Texte: m})
		}
	}
	return out
}

func nextField(suite string) []dsfr.Cache {
	if suite == "" {
		return nil
	}
	return []dsfr.Cache{{Nom: "next", Valeur: suite}}
}
