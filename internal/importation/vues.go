package importation

import (
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// The words that an act leaves for the next page.
const (
	avisFait    = "import_fait"
	avisAbandon = "import_abandonne"
)

var avis = map[string]string{
	avisFait:    "L’import est fait. Les personnes concernées sont prévenues par courriel.",
	avisAbandon: "L’essai est oublié. Rien n’a été changé.",
}

func plural(n int, one, many string) string {
	if n > 1 {
		return strconv.Itoa(n) + " " + many
	}
	return strconv.Itoa(n) + " " + one
}

func trail(last string) []web.Lien {
	out := []web.Lien{{Libelle: "Gestion", URL: cheminGestion}}
	if last != "" {
		return append(out, web.Lien{Libelle: "Imports", URL: Chemin}, web.Lien{Libelle: last})
	}
	return append(out, web.Lien{Libelle: "Imports"})
}

// listView is the imports made lately.
type listView struct {
	Site    web.Site
	Actor   actor.Actor
	Avis    string
	Imports []Importation
}

func (v listView) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Derniers imports", Vide: "Aucun import pour l’instant.", Borne: derniers,
		Colonnes: []dsfr.Colonne{{Libelle: "Import"}, {Libelle: "Par"}, {Libelle: "État"}, {Libelle: "Lignes"}, {Libelle: "Raison"}},
	}
	for _, x := range v.Imports {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			lien(x.Genre.Libelle()+", "+web.DateHeure(x.DateCreation), Chemin+x.ID.String()+"/"), dsfr.Text(x.Par), dsfr.Badge(x.badge()), dsfr.Text(x.counts()), dsfr.Text(libelleMotif(x.Motif)),
		})
	}
	return t
}

func (x Importation) badge() dsfr.Pastille {
	p := dsfr.Pastille{Ton: dsfr.Info, Libelle: x.Etat.Libelle(), Petite: true, SansIcon: true}
	switch x.Etat {
	case Faite:
		p.Ton = dsfr.Succes
	case Abandonnee:
		p.Ton = dsfr.Neutre
	}
	return p
}

// counts says the lines by outcome, in the mood of the state.
func (x Importation) counts() string {
	return plural(x.Ajouts, "ajout", "ajouts") + ", " + plural(x.Modifications, "changement", "changements") + ", " +
		plural(x.Inchangees, "inchangée", "inchangées") + ", " + plural(x.Refusees, "refusée", "refusées")
}

// formView is the form of a file.
type formView struct {
	Site   web.Site
	Actor  actor.Actor
	Genre  Genre
	Texte  string
	Champs fault.Fields
}

func (v formView) titre() string {
	if v.Genre == Cartes {
		return "Importer des cartes"
	}
	return "Importer des personnes"
}

// oneView is one import: a trial to confirm, or what was done.
type oneView struct {
	Site    web.Site
	Actor   actor.Actor
	X       Importation
	Rapport Rapport
	Raison  Raison
	Dit     string // what « autre » is
	Avis    string
	Err     error
	Now     time.Time
}

func (v oneView) titre() string {
	if v.X.Etat == Essai {
		return "Essai d’import : " + v.X.Genre.Libelle()
	}
	return "Import : " + v.X.Genre.Libelle()
}

// waits tells whether the person who reads may confirm.
func (v oneView) waits() bool {
	return v.X.Etat == Essai && v.X.Auteur == v.Actor.Aidant && v.X.DateCreation.Add(delaiEssai).After(v.Now)
}

// general is what is wrong besides the fields.
func (v oneView) general() string {
	if v.Err == nil {
		return ""
	}
	return fault.FieldsOf(v.Err)[""]
}

func (v oneView) champs() fault.Fields { return fault.FieldsOf(v.Err) }

func (v oneView) fautes() []dsfr.Faute {
	f := fault.Fields{}
	for k, s := range v.champs() {
		if k != "" {
			f[k] = s
		}
	}
	return dsfr.Fautes(f, "motif", "precision")
}

func (v oneView) facts() []dsfr.Fait {
	out := []dsfr.Fait{{Nom: "Essayé par", Valeur: v.X.Par + ", le " + web.DateHeure(v.X.DateCreation)}, {Nom: "Lignes", Valeur: v.X.counts()}}
	switch v.X.Etat {
	case Faite:
		out = append(out, dsfr.Fait{Nom: "Importé", Valeur: "le " + web.DateHeure(v.X.DateFin)}, dsfr.Fait{Nom: "Raison", Valeur: libelleMotif(v.X.Motif)})
		if v.Dit != "" {
			out = append(out, dsfr.Fait{Nom: "Précision", Valeur: v.Dit})
		}
	case Abandonnee:
		out = append(out, dsfr.Fait{Nom: "Abandonné", Valeur: "le " + web.DateHeure(v.X.DateFin)})
	}
	return append(out, dsfr.Fait{Nom: "Conservation", Valeur: v.kept()})
}

// kept says until when the lines of the file are.
func (v oneView) kept() string {
	if v.X.Etat == Essai {
		return garde.Limite("Fichier conservé", v.X.DateCreation.Add(delaiEssai), "il attend sa confirmation")
	}
	return garde.Importation.Phrase(v.X.DateFin)
}

// montrees bounds the lines of one outcome that a page shows.
const montrees = 200

// table shows the lines of one outcome.
func (v oneView) table(s Sort, legende string) dsfr.Tableau {
	t := dsfr.Tableau{Legende: legende + " (" + strconv.Itoa(v.Rapport.Count(s)) + ")", Colonnes: []dsfr.Colonne{{Libelle: "Personne"}, {Libelle: "Ligne", Droite: true}, {Libelle: "Ce qui se passe"}}}
	if v.X.Genre == Cartes {
		t.Colonnes[0].Libelle = "Carte"
	}
	for _, i := range v.Rapport.Issues {
		if i.Sort == s && len(t.Lignes) < montrees {
			qui := i.Qui
			if qui == "" {
				qui = "Illisible"
			}
			t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(qui), dsfr.Text(strconv.Itoa(i.Ligne)), dsfr.Text(i.Texte)})
		}
	}
	return t
}

// groupe is a table of the page.
type groupe struct {
	Sort    Sort
	Legende string
}

// groupes are the tables that hold something, what is refused first.
func (v oneView) groupes() (out []groupe) {
	titles := map[Sort]string{Refusee: "Lignes refusées, laissées de côté", Ajout: "Ajouts", Modification: "Changements", Inchangee: "Déjà en place"}
	if v.X.Genre == Cartes {
		titles[Refusee] = "Lignes refusées"
	}
	for _, s := range []Sort{Refusee, Ajout, Modification, Inchangee} {
		if v.Rapport.Count(s) > 0 {
			out = append(out, groupe{s, titles[s]})
		}
	}
	return out
}

func (v oneView) motifs() dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", Legende: "Raison", Valeur: v.Raison.Motif, Erreur: v.champs()["motif"]}
	for _, m := range motifs {
		if m.Cle == "livraison" && v.X.Genre != Cartes || m.Cle == "habilitation" && v.X.Genre == Cartes {
			continue
		}
		c.Options = append(c.Options, dsfr.Option{Valeur: m.Cle, Libelle: m.Libelle})
	}
	return c
}

func (v oneView) precision() dsfr.Champ {
	return dsfr.Champ{Nom: "precision", Libelle: "Précision, pour une autre raison", Valeur: v.Raison.Precision, Erreur: v.champs()["precision"], Facultatif: true, Lignes: 2, Longueur: precisionMax}
}

// bouton says what confirming does.
func (v oneView) bouton() string {
	n := v.X.Ajouts + v.X.Modifications
	if v.X.Genre == Cartes {
		return "Importer " + plural(n, "carte", "cartes")
	}
	return "Importer " + plural(n, "personne", "personnes")
}
