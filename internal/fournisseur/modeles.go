package fournisseur

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package.
func (h *Handlers) Modeles(now db.Time) []outbox.Modele {
	d := dossier{Operation: ident.New[ident.OperationID](), Demarche: demarche.Logement}
	return []outbox.Modele{{
		Genre: genreAvis, Quand: "un mandat est utilisé", Vers: "la personne aidée, si elle a donné une adresse",
		Exemples: []outbox.Message{h.notice(d, Droits{Structure: "Mairie d’Exemple"}, "camille.exemple@example.org", now)},
	}}
}
