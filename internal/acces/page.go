package acces

import (
	"strconv"
	"strings"

	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

func (v vue) menu() string {
	if v.Espace.tout {
		return web.NavGestion
	}
	return web.NavStructure
}

func (v vue) fil() []web.Lien {
	if v.Espace.tout {
		return []web.Lien{{Libelle: "Gestion", URL: "/gestion/"}, {Libelle: "Demandes d’accès"}}
	}
	return []web.Lien{{Libelle: "Espace référent", URL: "/espace-referent/"}, {Libelle: "Structure", URL: "/espace-referent/organisation/"}, {Libelle: "Demandes d’accès"}}
}

func (v vue) verifications() dsfr.Choix {
	c := dsfr.Choix{Nom: "verification", Legende: "Comment savez-vous que c’est bien la personne ?", Valeur: v.Saisie.Verification, Erreur: v.Champs["verification"]}
	for _, x := range Verifications() {
		c.Options = append(c.Options, dsfr.Option{Valeur: x[0], Libelle: x[1]})
	}
	return c
}

// table is the register: no name of who asked.
func (v vue) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Demandes enregistrées, de la plus récente à la plus ancienne", LegendeCachee: true, Vide: "Aucune demande pour l’instant.", Borne: registreMax,
		Colonnes: []dsfr.Colonne{{Libelle: "Reçue le"}, {Libelle: "À répondre avant le"}, {Libelle: "Enregistrée par"}, {Libelle: "Vérification"}, {Libelle: "Copie donnée le"}},
	}
	for _, d := range v.Demandes {
		given := dsfr.Text("pas encore")
		if !d.Remise.IsZero() {
			given = dsfr.Text(web.DateHeure(d.Remise))
		}
		if d.Aidant == v.Actor.Aidant && d.Open(v.Now.Time()) {
			given = dsfr.Join(given, dsfr.Link(dsfr.Bouton{Libelle: "Ouvrir la copie", Precision: "de la demande reçue le " + web.DateCivile(d.Recue), URL: v.Espace.chemin + d.ID.String() + "/"}))
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(web.DateCivile(d.Recue)), dsfr.Text(web.DateCivile(d.Echeance())), dsfr.Text(d.Par), dsfr.Text(d.Verification.Libelle()), given,
		})
	}
	return t
}

// facts are the rows of a table, each as a list: a row of the copy may have
// twenty columns, which no sheet of paper holds.
func facts(l Ligne) []dsfr.Fait {
	out := make([]dsfr.Fait, 0, len(l))
	for _, v := range l {
		out = append(out, dsfr.Fait{Nom: capital(v.Nom), Valeur: v.Ecrit()})
	}
	return out
}

func capital(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

func (v copieVue) actes() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Le journal", LegendeCachee: true, Vide: "Aucun acte.",
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Ce qui s’est passé"}, {Libelle: "Par"}},
	}
	for _, a := range v.Copie.Journal {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(a.Date)), dsfr.Text(a.Acte), dsfr.Text(a.Par)})
	}
	return t
}

// attached tells what of a mandat is in the file alone.
func (c Contrat) attached() string {
	switch n := len(c.Preuves); n {
	case 0:
		return "Le texte signé est dans le fichier."
	case 1:
		return "Le texte signé et une preuve de votre accord sont dans le fichier."
	default:
		return "Le texte signé et " + strconv.Itoa(n) + " preuves de votre accord sont dans le fichier."
	}
}

// title names a mandat of the copy.
func (c Contrat) title() string {
	for _, t := range c.Tables {
		if t.Nom != "mandat" || len(t.Lignes) == 0 {
			continue
		}
		for _, v := range t.Lignes[0] {
			if v.Nom == "code de vérification" {
				return "Mandat " + mandat.FormatCode(v.Valeur)
			}
		}
	}
	return "Mandat"
}
