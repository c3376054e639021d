package fournisseur

import (
	"slices"
	"strconv"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// caches are the hidden fields that tie a form to its request (§3, two tabs).
func caches(t Tenue) []dsfr.Cache {
	return []dsfr.Cache{{Nom: champDemande, Valeur: t.ID.String()}}
}

// named is caches with the person that the page names, so that it cannot act
// for another one.
func (p demarchePage) named() []dsfr.Cache {
	return append(caches(p.Tenue), dsfr.Cache{Nom: champUsager, Valeur: p.Usager.String()})
}

// mandatURL is where a new mandat is prepared; the address holds an identifier,
// never a name.
func mandatURL(u ident.UsagerID) string {
	if u.IsZero() {
		return cheminMandat
	}
	return cheminMandat + "?" + champUsager + "=" + u.String()
}

// absentes are the démarches that the structure may do and the service accepts,
// and that no live mandat of the person covers.
func absentes(e etape, perimetre []demarche.Demarche) []demarche.Demarche {
	live := map[demarche.Demarche]bool{}
	for _, d := range e.droits {
		live[d.Demarche] = true
	}
	return demarche.Displayed(slices.DeleteFunc(e.tenue.Requete.RepScope.Filter(perimetre), func(d demarche.Demarche) bool { return live[d] }))
}

func siteName(s web.Site) string {
	if s.Nom == "" {
		return "Aidants Connect"
	}
	return s.Nom
}

// table is the list of people.
func (p listePage) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Personnes dont un mandat est en cours",
		Colonnes: []dsfr.Colonne{
			{Libelle: "Personne"},
			{Libelle: "Née ou né le, à"},
			{Libelle: "Démarches du mandat"},
			{Libelle: "Choisir", Cachee: true, Droite: true},
		},
		Vide: "Aucune personne n'a de mandat en cours avec votre structure.",
	}
	switch {
	case p.Texte != "":
		t.Legende = "Personnes trouvées pour « " + p.Texte + " »"
		t.Vide = "Aucune personne trouvée. Vérifiez l'orthographe, ou essayez avec un bout du nom seulement."
	case !p.Debut:
		t.Vide = "Il n'y a plus personne après cette page."
	}
	for i, m := range p.Mandants {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(m.Identite.NomAffiche()), dsfr.Text(m.Identite.NaissanceAffichee() + ", " + m.Identite.LieuAffiche()), dsfr.Text(titles(m.Demarches)), chooseButton(m, i == 0 && p.found()),
		})
	}
	return t
}

// found tells that a search gave somebody to choose.
func (p listePage) found() bool { return p.Texte != "" && len(p.Mandants) > 0 }

func (p listePage) pages() dsfr.Pages {
	pages := dsfr.Pages{Libelle: "Pages de la liste des personnes"}
	if !p.Debut {
		pages.Precedente = withDemande(cheminUsager, p.Tenue.ID)
	}
	if p.Suite {
		pages.Suivante = withDemande(cheminUsager, p.Tenue.ID) + "&apres=" + p.Mandants[len(p.Mandants)-1].Usager.String()
		pages.Resume = strconv.Itoa(pageSize) + " personnes par page"
	}
	return pages
}

func (p demarchePage) offersArgent() bool {
	_, ok := p.Offre.Find(demarche.Argent)
	return ok
}

// demarches is the choice, whose legend and label make the sentence of FI-26.
func (p demarchePage) demarches() dsfr.Choix {
	c := dsfr.Choix{Nom: "demarche", Valeur: p.Demarche, Erreur: p.Champs["demarche"], Legende: "La démarche"}
	if len(p.Offre.Choix) > 1 {
		c.Legende = "Vous allez agir au nom de " + p.Identite.NomComplet() + ", pour " + p.Acteur.OrganisationNom + ", pour la démarche :"
	}
	for _, d := range p.Offre.Choix {
		f := d.Demarche.Fiche()
		c.Options = append(c.Options, dsfr.Option{Valeur: string(d.Demarche), Libelle: f.Titre, Aide: f.Description})
	}
	return c
}

func (p demarchePage) presences() dsfr.Choix {
	c := dsfr.Choix{Nom: "presence", Valeur: p.Presence, Erreur: p.Champs["presence"], Legende: "Où est la personne pendant la démarche ?"}
	for _, v := range suivi.Presences() {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(v), Libelle: v.Libelle()})
	}
	return c
}

// rappel ends the sentence of FI-26; it is whole when one démarche remains.
func (p demarchePage) rappel() string {
	const bye = "Déconnectez-vous du service et de FranceConnect dès que vous avez fini."
	if len(p.Offre.Choix) != 1 {
		return bye
	}
	return "Vous allez agir au nom de " + p.Identite.NomComplet() + ", pour " + p.Acteur.OrganisationNom +
		", pour la démarche « " + p.Offre.Choix[0].Demarche.Titre() + " ». " + bye
}

func (p demarchePage) faults() []dsfr.Faute {
	var out []dsfr.Faute
	for _, k := range []string{"demarche", "presence"} {
		if t := p.Champs[k]; t != "" {
			out = append(out, dsfr.Faute{ID: k, Texte: t})
		}
	}
	return out
}

// texte says why a démarche is set aside.
func (e Ecartee) texte() string {
	if len(e.Manque) > 0 {
		return e.Motif.Texte() + " (" + fields(e.Manque) + ")"
	}
	return e.Motif.Texte()
}
