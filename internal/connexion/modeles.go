package connexion

import (
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
)

// Modeles are the texts of this package.
func (h *Handlers) Modeles(now db.Time) []outbox.Modele {
	who := aidant.Aidant{Prenom: "Camille", Telephone: "+33612345678", Email: "camille.exemple@example.org"}
	return []outbox.Modele{
		{
			Genre: "E-01", Quand: "la connexion est demandée, le code est bon", Vers: "la personne",
			Exemples: []outbox.Message{h.linkMail(who, secrets{cle: secret.Text("exemple"), code: secret.Text("KTRB-WMSD")}, now)},
		},
		{
			Genre: "E-02", Quand: "un référent se connecte pour la première fois", Vers: "le référent",
			Exemples: []outbox.Message{h.firstMail(who, secret.Text("exemple"), now)},
		},
		{
			Genre: "S-01", Quand: "un référent se connecte pour la première fois", Vers: "le mobile du référent",
			Exemples: []outbox.Message{h.firstSMS(who, "123456", now)},
		},
		{
			Genre: "E-41", Quand: "une session s’ouvre dans un navigateur inconnu", Vers: "la personne",
			Exemples: []outbox.Message{h.newBrowserMail(who, visiteur{navigateur: "Firefox sur Linux", alerte: secret.Text("exemple")}, now)},
		},
	}
}
