package demande

import (
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package.
func (h *Handlers) Modeles(now db.Time) []outbox.Modele {
	who := aidant.Aidant{ID: ident.New[ident.AidantID](), Prenom: "Camille", Nom: "EXEMPLE", Email: "camille.exemple@example.org"}
	s := &Decisions{Site: h.Site}
	x := Dossier{
		Structure: organisation.Organisation{Nom: "Mairie d’Exemple"}, DateCreation: now.Time(), Compte: who,
		Coreferent: Coreferent{Prenom: "Ana", Nom: "EXEMPLE"},
	}
	yes, no := Decision{Accepte: true}, Decision{Reponse: "La structure nous dit que cette personne n’y travaille pas."}
	var answers []outbox.Message
	for _, g := range Genres() {
		x.Genre = g
		answers = append(answers, s.mailAnswer(who, x, yes), s.mailAnswer(who, x, no))
	}
	return []outbox.Modele{{
		Genre: genreReponse, Quand: "l’équipe du service répond à la demande d’un référent", Vers: "le référent ; la personne, pour un rattachement refusé",
		Exemples: append(answers, s.mailNotAttached(x, no)),
	}, {
		Genre: "E-46", Quand: "un référent propose de rattacher un compte à sa structure", Vers: "la personne",
		Exemples: []outbox.Message{h.mailAsked(who, Rattachement{Demandeur: "Sacha RÉFÉRENT", Structure: "Mairie d’Exemple", DateCreation: now.Time()})},
	}}
}
