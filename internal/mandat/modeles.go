package mandat

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package, for a mandat made up.
func (g *Greffe) Modeles(at db.Time) []outbox.Modele {
	now := at.Time()
	m := Mandat{ID: ident.New[ident.MandatID](), DateCreation: now, DateExpiration: Mois.Expiration(now), Duree: Mois}
	m.Structure.Nom, m.Identite.Email = "Mairie d’Exemple", "camille.exemple@example.org"
	for _, d := range []demarche.Demarche{demarche.Logement, demarche.Argent} {
		m.Autorisations = append(m.Autorisations, Autorisation{ID: ident.New[ident.AutorisationID](), Demarche: d, DateExpiration: m.DateExpiration})
	}
	end := func(e Etendue, motif Motif) outbox.Message {
		x := g.noticeEnd(e, Fin{Operation: ident.New[ident.OperationID](), Motif: motif, Effet: at})
		x.Destinataire = m.Identite.Email
		return x
	}
	again := m
	again.ID, again.Predecesseur = ident.New[ident.MandatID](), m.ID
	return []outbox.Modele{
		{Genre: GenreCreation, Quand: "un mandat est signé", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{g.notice(m)}},
		{Genre: GenreRenouvellement, Quand: "un mandat est renouvelé", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{g.notice(again)}},
		{Genre: GenreFin, Quand: "un mandat finit avant son terme", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{
			end(Etendue{Mandat: m}, RevoqueUsager), end(Etendue{Mandat: m, Une: m.Autorisations[0].ID}, RevoqueUsager), end(Etendue{Mandat: m}, Renonciation),
		}},
	}
}
