// Package demarche holds the closed list of the ten démarches (mandats 4.1) in
// both vocabularies: our keys, and FranceConnect's rep_scope values (FI-30).
//
// It owns no table and serves no URL.
package demarche

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Demarche is the key of one of the ten themes ("papiers").
type Demarche string

// The ten keys, in display order.
const (
	Papiers    Demarche = "papiers"
	Famille    Demarche = "famille"
	Social     Demarche = "social"
	Travail    Demarche = "travail"
	Logement   Demarche = "logement"
	Transports Demarche = "transports"
	Argent     Demarche = "argent"
	Justice    Demarche = "justice"
	Etranger   Demarche = "etranger"
	Loisirs    Demarche = "loisirs"
)

// Fiche is what is printed and sent for a démarche.
type Fiche struct {
	Demarche    Demarche
	Titre       string // "Papiers - Citoyenneté - Élections"
	TitreCourt  string // "Papiers"
	Description string
	Exemples    string // public services where it serves
	RepScope    string // FranceConnect's exact value
}

var fiches = []Fiche{
	{Papiers, "Papiers - Citoyenneté - Élections", "Papiers", "État-civil, Passeport, Élections, Papiers à conserver, Carte d'identité…", "ANTS, Défenseur des droits", "Papier-Citoyenneté-Elections"},
	{Famille, "Famille - Scolarité", "Famille", "Allocations familiales, Naissance, Mariage, Pacs, Scolarité…", "CAF, ameli.fr, EduConnect", "Famille-Scolarité"},
	{Social, "Social - Santé", "Social", "Carte vitale, Chômage, Handicap, RSA, Personnes âgées…", "ameli.fr, MSA", "Social-Santé"},
	{Travail, "Travail - Formation", "Travail", "CDD, Concours, Retraite, Démission, Période d'essai…", "France Travail, Mon compte formation, info-retraite.fr", "Travail-Formation"},
	{Logement, "Logement", "Logement", "Allocations logement, Permis de construire, Logement social, Fin de bail…", "CAF, Enedis", "Logement"},
	{Transports, "Transports - Mobilité", "Transports", "Carte grise, Permis de conduire, Contrôle technique, Infractions…", "ANTS, ANTAI, Crit'air", "Transports-Mobilité"},
	{Argent, "Argent - Impôts - Consommation", "Argent", "Crédit immobilier, Impôts, Consommation, Livret A, Assurance, Surendettement…", "Impots.gouv, Timbres fiscaux, Banque", "Argent-Impots-Consommation"},
	{Justice, "Justice", "Justice", "Casier judiciaire, Plainte, Aide juridictionnelle, Saisie…", "Télérecours citoyens", "Justice"},
	{Etranger, "Étranger - Europe", "Étranger", "Titres de séjour, Attestation d'accueil, Regroupement familial…", "OFPRA", "Etranger-Europe"},
	{Loisirs, "Loisirs - Sport - Culture", "Loisirs", "Animaux, Permis bateau, Tourisme, Permis de chasser…", "Ariane", "Loisirs-Sport-Culture"},
}

// All gives the ten fiches in display order. The slice is the caller's.
func All() []Fiche { return slices.Clone(fiches) }

// Keys gives the ten keys in display order.
func Keys() []Demarche {
	out := make([]Demarche, len(fiches))
	for i, f := range fiches {
		out[i] = f.Demarche
	}
	return out
}

// Parse reads one of our keys.
func Parse(s string) (Demarche, bool) {
	for _, f := range fiches {
		if string(f.Demarche) == s {
			return f.Demarche, true
		}
	}
	return "", false
}

// ParseRepScope reads FranceConnect's value or our own key, compared after
// Unicode NFC; ok is false for an unknown value, which the caller ignores (FI-30).
func ParseRepScope(s string) (Demarche, bool) {
	n := norm.NFC.String(s)
	for _, f := range fiches {
		if f.RepScope == n || string(f.Demarche) == n {
			return f.Demarche, true
		}
	}
	return "", false
}

// Fiche gives what is printed for the démarche; the zero Fiche if unknown.
func (d Demarche) Fiche() Fiche {
	for _, f := range fiches {
		if f.Demarche == d {
			return f
		}
	}
	return Fiche{}
}

// Titre is the title shown ("Argent - Impôts - Consommation").
func (d Demarche) Titre() string { return d.Fiche().Titre }

// RepScope is the value FranceConnect knows.
func (d Demarche) RepScope() string { return d.Fiche().RepScope }

// Sorted gives a copy in the stored and journaled order: alphabetical by key,
// without duplicates (mandats 4.1).
func Sorted(ds []Demarche) []Demarche {
	out := slices.Clone(ds)
	slices.Sort(out)
	return slices.Compact(out)
}

// Displayed gives a copy in display order, without duplicates.
func Displayed(ds []Demarche) []Demarche {
	out := make([]Demarche, 0, len(ds))
	for _, k := range Keys() {
		if slices.Contains(ds, k) {
			out = append(out, k)
		}
	}
	return out
}

// Intersect keeps, in a's order, the démarches that are also in b.
func Intersect(a, b []Demarche) []Demarche {
	out := make([]Demarche, 0, len(a))
	for _, d := range a {
		if slices.Contains(b, d) {
			out = append(out, d)
		}
	}
	return out
}

// CSV joins the keys in stored order: "logement,papiers".
func CSV(ds []Demarche) string {
	s := Sorted(ds)
	out := make([]string, len(s))
	for i, d := range s {
		out[i] = string(d)
	}
	return strings.Join(out, ",")
}

// ParseCSV reads what CSV wrote; unknown keys are dropped.
func ParseCSV(s string) []Demarche {
	var out []Demarche
	for p := range strings.SplitSeq(s, ",") {
		if d, ok := Parse(p); ok {
			out = append(out, d)
		}
	}
	return out
}
