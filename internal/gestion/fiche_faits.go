package gestion

import (
	"time"

	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

var moyens = map[string]string{"code": "Courriel et code", "secours": "Courriel et code de secours", "cle": "Clé d’accès", "proconnect": "ProConnect"}

var documents = map[string]string{"cgu": "Conditions d’utilisation", "charte_aidant": "Charte de l’aidant", "charte_referent": "Charte du référent"}

var initiateurs = map[journal.Initiateur]string{
	journal.Aidant: "la personne", journal.Referent: "un référent", journal.Admin: "l’équipe du service", journal.Usager: "un usager", journal.Systeme: "le programme",
}

func (v accountView) facts() []dsfr.Fait {
	etat := "Actif"
	if !v.Aidant.Actif {
		etat = "Désactivé : " + v.Equipe.Motif.Libelle()
		if v.Equipe.Motif == "" {
			etat = "Désactivé"
		}
	}
	droit := "Non"
	if v.Aidant.Habilite {
		droit = "Oui"
	}
	return []dsfr.Fait{
		{Nom: "État", Valeur: etat},
		{Nom: "Adresse électronique", Valeur: v.Aidant.Email},
		{Nom: "Profession", Valeur: orDash(v.Aidant.Profession)},
		{Nom: "Peut conclure des mandats", Valeur: droit},
		{Nom: "Rôle dans l’équipe", Valeur: LibelleRole(v.Equipe.Role)},
		{Nom: "Compte ouvert le", Valeur: web.Date(v.Aidant.DateCreation)},
		{Nom: "Dernière connexion", Valeur: dateOr(v.Equipe.Connexion, "jamais")},
		{Nom: "Conservation", Valeur: v.Aidant.Conserve()},
	}
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func dateOr(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return web.DateHeure(t)
}

func (v accountView) placesTable() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Structures et rôles, présents et passés", Vide: "Aucune structure.", Colonnes: []dsfr.Colonne{{Libelle: "Structure"}, {Libelle: "Place"}, {Libelle: "Depuis"}, {Libelle: "Jusqu’au"}}}
	for _, p := range v.Places {
		place := "Membre"
		if p.Referent {
			place = "Référent"
		}
		fin := "en cours"
		if !p.Fin.IsZero() {
			fin = web.Date(p.Fin)
		}
		nom := p.Nom
		if !p.Active {
			nom += " (structure fermée)"
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(nom), dsfr.Text(place), dsfr.Text(web.Date(p.Debut)), dsfr.Text(fin)})
	}
	return t
}

func (v accountView) facteursTable() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Moyens de connexion", Vide: "Aucun moyen de connexion : la personne ne peut pas entrer.", Colonnes: []dsfr.Colonne{{Libelle: "Moyen"}, {Libelle: "État"}, {Libelle: "Ajouté"}, {Libelle: "Dernier usage"}}}
	for _, f := range v.Moyens.Facteurs {
		etat := "En service"
		if !f.Confirme {
			etat = "À valider"
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(f.Libelle()), dsfr.Text(etat), dsfr.Text(web.Date(f.DateCreation)), dsfr.Text(dateOr(f.DateUsage, "jamais"))})
	}
	return t
}

func (v accountView) sessionsTable() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Connexions ouvertes", Vide: "Aucune connexion ouverte.", Colonnes: []dsfr.Colonne{{Libelle: "Depuis"}, {Libelle: "Dernière activité"}, {Libelle: "Prouvée par"}}}
	for _, s := range v.Sessions {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(s.Creation)), dsfr.Text(dateOr(s.Activite, "—")), dsfr.Text(moyens[s.Moyen])})
	}
	return t
}

func (v accountView) acceptationsTable() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Textes acceptés", Vide: "Aucun texte accepté.", Colonnes: []dsfr.Colonne{{Libelle: "Texte"}, {Libelle: "Version"}, {Libelle: "Le"}}}
	for _, x := range v.Acceptations {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(documents[x.Document]), dsfr.Text(x.Version), dsfr.Text(web.DateHeure(x.Date))})
	}
	return t
}

func (v accountView) faitsTable() dsfr.Tableau {
	return faitsTable(v.Faits, "Actes de l’équipe sur ce compte", "L’équipe n’a rien fait sur ce compte.")
}

func faitsTable(list []Fait, legende, vide string) dsfr.Tableau {
	t := dsfr.Tableau{Legende: legende, Vide: vide, Borne: faitsMax, Colonnes: []dsfr.Colonne{{Libelle: "Le"}, {Libelle: "Acte"}, {Libelle: "Raison"}, {Libelle: "Par"}}}
	for _, f := range list {
		raison := libelleRaison(f.Acte, f.Motif)
		if f.Dit != "" {
			raison += " : " + f.Dit
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(f.Date)), dsfr.Text(textes[f.Acte].Titre), dsfr.Text(raison), dsfr.Text(f.Auteur)})
	}
	return t
}

func libelleRaison(x Acte, motif string) string {
	for _, r := range x.Raisons() {
		if r.Cle == motif {
			return r.Libelle
		}
	}
	return motif
}

func (v accountView) journalTable() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Dernières lignes du journal", Vide: "Rien au journal.", Colonnes: []dsfr.Colonne{{Libelle: "Le"}, {Libelle: "Quoi"}, {Libelle: "Par"}}}
	for _, l := range v.Lignes {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(l.Instant.Time())), dsfr.Text(fait.Libelle(l.Action)), dsfr.Text(initiateurs[l.Initiateur])})
	}
	return t
}
