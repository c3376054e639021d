package fin

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package, for a mandat made up.
func (g *Actes) Modeles(at db.Time) []outbox.Modele {
	now := at.Time()
	m := mandat.Mandat{ID: ident.New[ident.MandatID](), DateCreation: now, DateExpiration: mandat.Mois.Expiration(now), Duree: mandat.Mois}
	m.Structure.Nom, m.Identite.Email = "Mairie d’Exemple", "camille.exemple@example.org"
	for _, d := range []demarche.Demarche{demarche.Logement, demarche.Argent} {
		m.Autorisations = append(m.Autorisations, mandat.Autorisation{ID: ident.New[ident.AutorisationID](), Demarche: d, DateExpiration: m.DateExpiration})
	}
	by := func(par journal.Initiateur, e Etendue, motif mandat.Motif) outbox.Message {
		x := g.notice(e, mandat.Fin{Operation: ident.New[ident.OperationID](), Motif: motif, Effet: at}, par)
		x.Destinataire = m.Identite.Email
		return x
	}
	end := func(e Etendue, motif mandat.Motif) outbox.Message { return by(journal.Aidant, e, motif) }
	told := g.noticeStructure(ident.New[ident.OperationID](), false)
	told.Destinataire = "aidant.exemple@example.org"
	written := g.noticeEcrite(Etendue{Mandat: m}, ident.New[ident.OperationID](), at)
	written.Destinataire = told.Destinataire
	return []outbox.Modele{
		{Genre: Genre, Quand: "un mandat finit avant son terme", Vers: "la personne aidée, si elle a donné une adresse", Exemples: []outbox.Message{
			end(Etendue{Mandat: m}, mandat.RevoqueUsager), by(journal.Admin, Etendue{Mandat: m}, mandat.RevoqueUsager), end(Etendue{Mandat: m, Une: m.Autorisations[0].ID}, mandat.RevoqueUsager), end(Etendue{Mandat: m}, mandat.Renonciation),
			end(Etendue{Mandat: m}, mandat.DemarchesAccomplies), end(Etendue{Mandat: m}, mandat.Protection), end(Etendue{Mandat: m}, mandat.Fermeture),
		}},
		{Genre: GenreStructure, Quand: "un décès ou une mesure de protection, vérifié par l’équipe, met fin aux mandats d’autres structures", Vers: "les aidants et les référents de ces structures", Exemples: []outbox.Message{told}},
		{Genre: GenreEcrite, Quand: "l’équipe du service enregistre la révocation qu’une personne lui a écrite", Vers: "les aidants et les référents de la structure", Exemples: []outbox.Message{written}},
	}
}
