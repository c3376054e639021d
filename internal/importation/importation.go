// Package importation brings files into the program, for the operator's team:
// a delivery of cards into the stock, people into their structures.
//
// A file is tried first: the act runs to its end in a transaction that is given
// up, so that what is shown, line by line, is what would be done. It is then
// confirmed by who tried it, with a reason and a fresh code, within the hour,
// once. If something changed meanwhile nothing is done, and the new trial is
// shown. A delivery of cards enters whole or not at all, as by the command
// line. Of a list of people the lines refused are left out, told one by one;
// the others enter together or not at all.
//
// It owns no rule about accounts or cards: compte and facteur do the acts, with
// their mails and their lines. What a file holds is kept sealed, the time of
// the trial; its report, a month.
//
// Tables: importation.
// URLs: /gestion/importations/….
// Journal: import_aidants; the acts write their own.
package importation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/tableur"
	"aidantsconnect/internal/tri"
)

// Genre is what a file holds.
type Genre string

// The kinds.
const (
	Cartes    Genre = "cartes"
	Personnes Genre = "personnes"
)

// Genres lists them, in the order of the pages.
func Genres() []Genre { return []Genre{Personnes, Cartes} }

// Libelle names a kind.
func (g Genre) Libelle() string {
	if g == Cartes {
		return "Cartes à codes"
	}
	return "Personnes"
}

// Etat is where an import is.
type Etat string

// The states.
const (
	Essai      Etat = "essai"
	Faite      Etat = "faite"
	Abandonnee Etat = "abandonnee"
)

// Libelle says the state in a list.
func (e Etat) Libelle() string {
	switch e {
	case Faite:
		return "Fait"
	case Abandonnee:
		return "Abandonné"
	}
	return "À confirmer"
}

// The bounds of a file and of the time it waits.
const (
	fichierMax   = 1 << 20 // bytes
	personnesMax = 500
	cartesMax    = 2000 // more enter by the command line, which shows its progress
	caseMax      = 150  // characters, but for an address, which has its own
	delaiEssai   = time.Hour
)

// Motif is why a file enters (A-W79): a closed list, also written as a CHECK.
type Motif struct{ Cle, Libelle string }

const autre = "autre"

var motifs = []Motif{
	{"livraison", "Livraison de cartes"},
	{"habilitation", "Suite d’une habilitation"},
	{"reprise", "Reprise d’un autre système"},
	{"erreur", "Correction d’une erreur"},
	{autre, "Autre raison"},
}

// Raison is why somebody imports a file.
type Raison struct {
	Motif     string
	Precision string // what « autre » is; kept sealed, never in the journal
}

const precisionMax = 500 // characters

// Check gives the reason in order, or one message per field.
func (r Raison) Check() (Raison, error) {
	r.Precision = strings.TrimSpace(r.Precision)
	f := fault.Fields{}
	switch {
	case !slices.ContainsFunc(motifs, func(m Motif) bool { return m.Cle == r.Motif }):
		f["motif"] = "Choisissez une raison dans la liste."
	case r.Motif != autre:
		r.Precision = ""
	case r.Precision == "":
		f["precision"] = "Dites en quelques mots quelle est cette raison."
	case utf8.RuneCountInString(r.Precision) > precisionMax:
		f["precision"] = "Dites-le en 500 caractères au plus."
	}
	if len(f) > 0 {
		return r, fault.Form(f)
	}
	return r, nil
}

// libelleMotif names a reason kept.
func libelleMotif(cle string) string {
	for _, m := range motifs {
		if m.Cle == cle {
			return m.Libelle
		}
	}
	return ""
}

// Sort is what becomes of a line.
type Sort string

// The outcomes, in the order of the pages.
const (
	Refusee      Sort = "refusee"
	Ajout        Sort = "ajout"
	Modification Sort = "modification"
	Inchangee    Sort = "inchangee"
)

// Issue is what is done, or would be, of one line; Texte says it in French.
type Issue struct {
	Ligne int
	Qui   string // the person or the card; "" when the line cannot be read
	Sort  Sort
	Texte string
}

// Rapport is what is done, or would be, of a file.
type Rapport struct {
	Issues []Issue
}

// Count tells how many lines have this outcome.
func (r Rapport) Count(s Sort) (n int) {
	for _, i := range r.Issues {
		if i.Sort == s {
			n++
		}
	}
	return n
}

// Refuse tells why a trial cannot be confirmed; "" when it can.
func (r Rapport) Refuse(g Genre) string {
	switch {
	case len(r.Issues) == 0:
		return "Ce fichier ne contient aucune ligne."
	case g == Cartes && r.Count(Refusee) > 0:
		return "Une livraison de cartes entre entière ou pas du tout : corrigez ces lignes dans le fichier, puis recommencez."
	case r.Count(Ajout)+r.Count(Modification) == 0 && r.Count(Refusee) > 0:
		return "Aucune ligne ne peut être importée : corrigez le fichier, puis recommencez."
	case r.Count(Ajout)+r.Count(Modification) == 0:
		return "Tout est déjà en place : il n’y a rien à importer."
	}
	return ""
}

// Personne is one line of a list of people.
type Personne struct {
	Ligne int
	Siret string
	aidant.Nouveau
	Refus string // why the line cannot enter, before anything is read
}

// qui names the line in the report.
func (p Personne) qui() string { return strings.TrimSpace(p.Prenom+" "+p.Nom) + " (" + p.Email + ")" }

// colonnes are the titles of a list of people, under the key that tri makes of
// them: case, accents and spaces do not count.
var colonnes = map[string]string{
	"prenom": "prenom", "nom": "nom", "nom de famille": "nom", "profession": "profession", "metier": "profession",
	"email": "email", "e mail": "email", "courriel": "email", "mail": "email", "adresse electronique": "email", "adresse e mail": "email",
	"telephone": "telephone", "mobile": "telephone", "telephone mobile": "telephone", "siret": "siret", "siret de la structure": "siret", "role": "role",
}

// exigees are those that a list must have.
var exigees = []string{"prenom", "nom", "email", "siret"}

// entetes are the titles of the model of a file, with an example.
var entetes = map[Genre][][]string{
	Personnes: {{"prenom", "nom", "email", "profession", "telephone", "siret", "role"}, {"Camille", "EXEMPLE", "camille.exemple@example.org", "conseillère numérique", "06 12 34 56 78", "12345678900012", "aidant"}},
	Cartes:    {{"numero", "secret"}, {"GADT0001234", "3031323334353637383930313233343536373839"}},
}

// ParsePeople reads a list of people, with a line of titles in any order. A
// column that nobody knows is refused rather than forgotten.
func ParsePeople(file []byte) ([]Personne, error) {
	lines, err := tableur.Read(file, personnesMax+1)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, &tableur.Refus{Texte: "Ce fichier ne contient aucune ligne."}
	}
	at, err := titles(lines[0])
	if err != nil {
		return nil, err
	}
	var out []Personne
	seen := map[[2]string]int{}
	for _, l := range lines[1:] {
		p := readPerson(l, at)
		key := [2]string{strings.ToLower(p.Email), p.Siret}
		if earlier := seen[key]; p.Refus == "" && earlier > 0 {
			p.Refus = fmt.Sprintf("Cette personne est déjà, pour la même structure, à la ligne %d.", earlier)
		}
		seen[key] = l.Numero
		out = append(out, p)
	}
	return out, nil
}

// titles finds where each column is.
func titles(l tableur.Ligne) (map[string]int, error) {
	at := map[string]int{}
	for i, c := range l.Cellules {
		if c == "" {
			continue
		}
		name := colonnes[tri.Key(c)]
		if name == "" {
			return nil, &tableur.Refus{Ligne: l.Numero, Texte: fmt.Sprintf("La colonne %d n’a pas un titre connu. Attendus : %s.", i+1, strings.Join(entetes[Personnes][0], ", "))}
		}
		if _, twice := at[name]; twice {
			return nil, &tableur.Refus{Ligne: l.Numero, Texte: "La colonne « " + name + " » est là deux fois."}
		}
		at[name] = i
	}
	for _, name := range exigees {
		if _, found := at[name]; !found {
			return nil, &tableur.Refus{Ligne: l.Numero, Texte: "Il manque la colonne « " + name + " ». La première ligne doit porter les titres."}
		}
	}
	return at, nil
}

func readPerson(l tableur.Ligne, at map[string]int) Personne {
	cell := func(name string) string {
		if i, found := at[name]; found && i < len(l.Cellules) {
			return l.Cellules[i]
		}
		return ""
	}
	p := Personne{Ligne: l.Numero, Siret: strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(cell("siret"))}
	p.Nouveau = aidant.Nouveau{Prenom: cell("prenom"), Nom: cell("nom"), Email: cell("email"), Profession: cell("profession"), Telephone: cell("telephone")}
	switch tri.Key(cell("role")) {
	case "", "aidant", "aidante":
	case "referent", "referente", "referent non aidant":
		p.Referent, p.NonAidant = true, true
	case "referent aidant", "referente aidante", "aidant referent", "aidante referente", "referent et aidant", "aidant et referent":
		p.Referent = true
	default:
		p.Refus = "Le rôle n’est pas connu : écrivez « aidant », « référent » ou « référent aidant »."
		return p
	}
	known := slices.Collect(maps.Values(at))
	for i, c := range l.Cellules {
		switch {
		case c == "":
		case !slices.Contains(known, i):
			p.Refus = "Cette ligne a plus de cases que de titres."
		case strings.ContainsFunc(c, unicode.IsControl):
			p.Refus = "Une case de cette ligne va à la ligne, ou contient un caractère invisible."
		case utf8.RuneCountInString(c) > caseMax && i != at["email"]:
			p.Refus = fmt.Sprintf("Une case de cette ligne dépasse %d caractères.", caseMax)
		}
	}
	return p
}
