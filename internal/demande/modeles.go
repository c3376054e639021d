package demande

import (
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package.
func (h *Handlers) Modeles(now db.Time) []outbox.Modele {
	who := aidant.Aidant{Prenom: "Camille", Email: "camille.exemple@example.org"}
	return []outbox.Modele{{
		Genre: "E-46", Quand: "un référent propose de rattacher un compte à sa structure", Vers: "la personne",
		Exemples: []outbox.Message{h.mailAsked(who, Rattachement{Demandeur: "Sacha RÉFÉRENT", Structure: "Mairie d’Exemple", DateCreation: now.Time()})},
	}}
}
