package rappel

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
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
	return []outbox.Modele{
		{Genre: GenreAidant, Quand: "un mandat de six mois ou d’un an finit dans 30 jours", Vers: "chaque aidant de la structure", Exemples: []outbox.Message{
			ToAidant(aidant, []Echeance{e(29, 1)}, h.Site.Origine), ToAidant(aidant, []Echeance{e(28, 2), e(30, 10)}, h.Site.Origine),
		}},
		{Genre: GenreUsager, Quand: "son mandat de six mois ou d’un an finit dans 30 jours", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{ToUsager(e(29, 2), h.Site.Contact)}},
	}
}
