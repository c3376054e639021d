package mandat

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package, for a mandat made up.
func (g *Greffe) Modeles(at db.Time) []outbox.Modele {
	now := at.Time()
	m := Mandat{ID: ident.New[ident.MandatID](), DateCreation: now, DateExpiration: Mois.Expiration(now), Duree: Mois}
	m.Structure.Nom, m.Identite.Email = "Mairie d’Exemple", "camille.exemple@example.org"
	again := m
	again.ID, again.Predecesseur = ident.New[ident.MandatID](), m.ID
	after := again
	after.Structure.Nom = "Communauté de communes d’Exemple"
	next := g.noticeTransfer(m, after)
	next.Destinataire = m.Identite.Email
	return []outbox.Modele{
		{Genre: GenreCreation, Quand: "un mandat est signé", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{g.notice(m)}},
		{Genre: GenreRenouvellement, Quand: "un mandat est renouvelé", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{g.notice(again)}},
		{Genre: GenreTransfert, Quand: "une autre structure continue un mandat", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{next}},
	}
}
