package rappel

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package, for mandats made up.
func (h *Handlers) Modeles(at db.Time) []outbox.Modele {
	e := func(days, n int) Echeance {
		return Echeance{
			Mandat: ident.New[ident.MandatID](), Fin: at.AddDate(0, 0, days).Time(), Demarches: n,
			Structure: "Mairie d’Exemple", Courriel: "camille.exemple@example.org",
		}
	}
	aidant := Destinataire{ident.New[ident.AidantID](), "dominique.exemple@example.org"}
	sms := e(29, 2)
	sms.Telephone = "+33612345678"
	return []outbox.Modele{
		{Genre: GenreAidant, Quand: "un mandat de six mois ou d’un an finit dans 30 jours", Vers: "chaque aidant de la structure", Exemples: []outbox.Message{
			ToAidant(aidant, []Echeance{e(29, 1)}, h.Site.Origine), ToAidant(aidant, []Echeance{e(28, 2), e(30, 10)}, h.Site.Origine),
		}},
		{Genre: GenreUsager, Quand: "son mandat de six mois ou d’un an finit dans 30 jours", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{ToUsager(e(29, 2), h.Site.Contact)}},
		{Genre: GenreSMS, Quand: "son mandat de six mois ou d’un an finit dans 30 jours", Vers: "la personne aidée qui n’a donné qu’un téléphone", Exemples: []outbox.Message{SMSToUsager(sms)}},
	}
}

// SMSToUsager is the same in a text message, for who has no address: it says
// neither what for nor whose.
func SMSToUsager(e Echeance) outbox.Message {
	text := "Aidants Connect : le mandat donné à " + e.Structure + " se termine le " + mandat.Date(e.Fin) + ". Pour continuer, prenez rendez-vous avec cette structure. Sinon, rien à faire."
	if e.Simulation {
		text = "SIMULATION, sans valeur. " + text
	}
	return outbox.Message{Cle: GenreSMS + "/" + e.Mandat.String(), Genre: GenreSMS, Destinataire: e.Telephone, Peremption: db.At(e.Fin), Texte: text}
}
