package cessation

import (
	"strconv"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

func (v listView) trail() []web.Lien {
	return []web.Lien{{Libelle: "Gestion", URL: "/gestion/"}, {Libelle: "Fermetures et transferts"}}
}

func (v oneView) trail() []web.Lien {
	return []web.Lien{{Libelle: "Gestion", URL: "/gestion/"}, {Libelle: "Fermetures et transferts", URL: Chemin}, {Libelle: v.Op.Genre.Titre()}}
}

func (v listView) genres() dsfr.Choix {
	return dsfr.Choix{
		Nom: "genre", Legende: "Que demandez-vous ?", Valeur: string(v.Demande.Genre), Erreur: v.Champs["genre"],
		Options: []dsfr.Option{
			{Valeur: string(Fermeture), Libelle: "Fermer une structure, ou retirer son habilitation", Aide: "Plus aucune utilisation dès l’accord de la seconde personne. Ses mandats sont terminés, et les personnes prévenues."},
			{Valeur: string(Transfert), Libelle: "Transférer ses mandats à une autre structure", Aide: "Seulement quand l’autre structure lui succède en droit. Sinon, la personne signe un nouveau mandat avec elle."},
		},
	}
}

func (v listView) motifs() dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", Legende: "Pourquoi ?", Valeur: v.Demande.Motif, Erreur: v.Champs["motif"]}
	for _, g := range []Genre{Fermeture, Transfert} {
		for _, m := range motifs[g] {
			c.Options = append(c.Options, dsfr.Option{Valeur: m.cle, Libelle: m.libelle})
		}
	}
	for i := range c.Options {
		if i < len(motifs[Fermeture]) {
			c.Options[i].Aide = "Pour une fermeture."
		} else {
			c.Options[i].Aide = "Pour un transfert."
		}
	}
	return c
}

func (v listView) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Demandes récentes", LegendeCachee: true, Vide: "Aucune demande pour l’instant.", Borne: recentesMax,
		Colonnes: []dsfr.Colonne{{Libelle: "Demandée le"}, {Libelle: "Demande"}, {Libelle: "Structure"}, {Libelle: "État"}, {Libelle: "Mandats traités", Droite: true}, {Libelle: "Action", Cachee: true}},
	}
	for _, o := range v.Operations {
		nom := v.Noms[o.Organisation].Nom
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(web.DateHeure(o.Creation)), dsfr.Text(o.Genre.Titre()), dsfr.Text(nom), dsfr.Text(o.Etat(v.Now)), dsfr.Text(strconv.Itoa(o.Faits)),
			dsfr.Link(dsfr.Bouton{Libelle: "Voir", Precision: o.Genre.Titre() + ", " + nom, URL: Chemin + o.ID.String() + "/"}),
		})
	}
	return t
}

func (v oneView) name(id ident.OrganisationID) string {
	o := v.Noms[id]
	return o.Nom + ", SIRET " + o.Siret
}

func (v oneView) facts() []dsfr.Fait {
	why, _ := v.Op.Genre.find(v.Op.Motif)
	fs := []dsfr.Fait{{Nom: "Structure", Valeur: v.name(v.Op.Organisation)}}
	if v.Op.Genre == Transfert {
		fs = append(fs, dsfr.Fait{Nom: "Structure qui continue", Valeur: v.name(v.Op.Cible)})
	}
	if v.Op.Code != "" {
		fs = append(fs, dsfr.Fait{Nom: "Un seul mandat", Valeur: mandat.FormatCode(v.Op.Code)})
	}
	fs = append(fs,
		dsfr.Fait{Nom: "Raison", Valeur: why.libelle}, dsfr.Fait{Nom: "Ce qui le prouve", Valeur: v.Op.Reference},
		dsfr.Fait{Nom: "Demandée le", Valeur: web.DateHeure(v.Op.Creation)}, dsfr.Fait{Nom: "État", Valeur: v.Op.Etat(v.Now)},
	)
	if v.Op.Issue == "approuve" {
		fs = append(fs, dsfr.Fait{Nom: "Approuvée le", Valeur: web.DateHeure(v.Op.DateIssue)}, dsfr.Fait{Nom: "Mandats traités", Valeur: strconv.Itoa(v.Op.Faits)})
	}
	if !v.Op.Fin.IsZero() {
		fs = append(fs, dsfr.Fait{Nom: "Terminée le", Valeur: web.DateHeure(v.Op.Fin)})
	}
	return fs
}

// foreseen is the preview, in words.
func (v oneView) foreseen() []string {
	a := v.Apercu
	out := []string{plural(a.Mandats, "mandat", "mandats") + " en cours, de " + plural(a.Personnes, "personne", "personnes")}
	if v.Op.Genre == Fermeture {
		return append(out, "tous seront terminés, sans en détruire aucun ; les personnes qui ont une adresse seront prévenues")
	}
	out = append(out, plural(a.Repris(), "serait transféré", "seraient transférés"))
	for _, r := range a.Raisons() {
		out = append(out, plural(a.Refus[r], "resterait où il est", "resteraient où ils sont")+" : "+raisons[r])
	}
	return out
}

func plural(n int, one, many string) string {
	if n > 1 {
		return strconv.Itoa(n) + " " + many
	}
	return strconv.Itoa(n) + " " + one
}

func (v oneView) failures() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Mandats laissés où ils étaient", Borne: echecsMax, Colonnes: []dsfr.Colonne{{Libelle: "Code du mandat"}, {Libelle: "Pourquoi"}}}
	for _, e := range v.Echecs {
		why := raisons[e.Raison]
		if why == "" {
			why = e.Raison
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(mandat.FormatCode(e.Code)), dsfr.Text(why)})
	}
	return t
}
