package compte

import (
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
)

// Modeles are the texts of this package, in every variant.
func (s *Actes) Modeles() []outbox.Modele {
	who := aidant.Aidant{ID: ident.New[ident.AidantID](), Prenom: "Camille", Nom: "EXEMPLE", Email: "camille.exemple@example.org", Habilite: true}
	ref := aidant.Aidant{ID: ident.New[ident.AidantID](), Prenom: "Sacha", Nom: "RÉFÉRENT", Email: "sacha.referent@example.org"}
	o := organisation.Organisation{Nom: "Mairie d’Exemple"}
	opened := s.mailsOpened(who, o, []aidant.Aidant{ref}, true)
	t := aidant.Texte{Document: aidant.DocumentCGU, Version: "2027-01-01"}
	later := t
	later.Blocage = time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	links := liensAdresse{confirmation: secret.Text("exemple"), annulation: secret.Text("exemple")}
	one := func(genre, quand, vers string, ms ...outbox.Message) outbox.Modele {
		return outbox.Modele{Genre: genre, Quand: quand, Vers: vers, Exemples: ms}
	}
	return []outbox.Modele{
		one(genrePlaces, "les structures d’une personne changent", "la personne", s.mailPlaces(who, []string{o.Nom}, nil), s.mailPlaces(who, nil, []string{o.Nom})),
		one(genreOuvertR, "un compte est ouvert", "chaque référent de la structure", opened[2]),
		one(genreOuvert, "un compte est ouvert", "la personne", opened[0], s.mailWelcome(who, o, nil)),
		one(genreAvertissement, "cinq mois sans connexion", "la personne", s.mailWarning(who, later.Blocage)),
		one(genreRappel, "trois mois sans activité", "la personne", s.mailReminder(who, true), s.mailReminder(who, false)),
		one(genreAdresse, "l’adresse d’un compte change", "l’ancienne et la nouvelle adresse", s.mailConfirm(who, links, false), s.mailConfirm(who, links, true), s.mailTaken(who), s.mailAsked(who, links),
			s.mailChanged(who), s.mailChangedFrom(who), s.mailRestored(who)),
		one(genreReferent, "une personne devient référente", "la personne", opened[1]),
		one(genreFerme, "un compte est désactivé", "la personne", s.mailClosed(who, Inactivite), s.mailClosed(who, Depart)),
		one(genreRole, "un compte est réactivé, un rôle ou un droit change", "la personne",
			s.mailReopened(who), s.mailNoLongerReferent(who, o), s.mailHabilite(who, true), s.mailHabilite(who, false)),
		one(genreTexte, "un texte à signer a une nouvelle version", "les personnes qui ont signé l’ancienne", s.mailText(who, t), s.mailText(who, later)),
	}
}
