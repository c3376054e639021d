package simulateur

import (
	"cmp"
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// donneesFixes holds the tables of §20 (persons) and §16.2 (codes), and the
// discovery document.
//
//go:embed donnees
var donneesFixes embed.FS

// Optionnel is a claim that may be absent, null, empty or given: FranceConnect
// sends the four, and our app must take them all.
type Optionnel struct {
	Present, Nul bool
	Valeur       string
}

func donne(v string) Optionnel { return Optionnel{Present: true, Valeur: v} }

// lireOptionnel reads a cell of the table: "-" absent, "null", or a value.
func lireOptionnel(v string) Optionnel {
	switch v {
	case "-":
		return Optionnel{}
	case "null":
		return Optionnel{Present: true, Nul: true}
	}
	return donne(v)
}

// poser writes the claim, unless absent.
func (o Optionnel) poser(claims map[string]any, nom string) {
	switch {
	case o.Nul:
		claims[nom] = nil
	case o.Present:
		claims[nom] = o.Valeur
	}
}

// Personne is a fictional person of §20, as an FI asserts them: the claims that
// FranceConnect keeps (§6). What the registry says of them is given by Registre.
type Personne struct {
	Cle               string // "ordinaire"; "" when only claims were received
	FamilyName        string
	GivenName         string
	GivenNameArray    []string // filled by Registre
	PreferredUsername Optionnel
	Gender            string
	Birthdate         string // YYYY-MM-DD, zeros for a presumed part; "" when AgeAnnees is set
	Birthplace        Optionnel
	Birthcountry      string
	Email             string // "" = none
	AgeAnnees         int    // exact age today, for those whose birthday is today (mineur, dix_huit_ans)
	But               string // why the person exists, in French
	Groupe            string // "personne", "registre" (the registry answers a code) or "format" (identity refused)

	prenoms        []string // given_name_array when it is not GivenName cut at spaces
	prenomRegistre string   // first names in the registry, when they differ
	codeRegistre   string   // what the registry, or the person's settings at FC, answer; "" = found
	ident          string   // identity in the registry: the same before and after a change of name
}

// Registre is what the civil registry says of this person, hence what the
// public service receives (§11): presumed parts of the birth date are completed
// with 01.
func (p Personne) Registre() Personne {
	p.GivenName = cmp.Or(p.prenomRegistre, p.GivenName)
	p.GivenNameArray = p.prenoms
	if p.prenoms == nil {
		p.GivenNameArray = strings.Fields(p.GivenName)
	}
	p.Birthdate = strings.ReplaceAll(p.Birthdate, "-00", "-01")
	return p
}

// NomComplet is the name shown: "Odile Simone VASSELIN".
func (p Personne) NomComplet() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

// Au gives the person on a day: the birth date of those of a fixed age is
// computed. The day is read in UTC, never later than in Paris, so that
// dix_huit_ans is of age whatever zone the reader uses.
func (p Personne) Au(t time.Time) Personne {
	if p.AgeAnnees > 0 {
		t = t.UTC()
		n := t.AddDate(-p.AgeAnnees, 0, 0)
		if n.Day() != t.Day() { // 29 February of a common year
			n = n.AddDate(0, 0, -1)
		}
		p.Birthdate = n.Format(time.DateOnly)
	}
	return p
}

const france = "99100"

// fictives is the table of §20. Never altered after start.
var fictives = lirePersonnes()

func lirePersonnes() []Personne {
	var out []Personne
	for _, l := range lireTable("donnees/personnes.csv") {
		p := Personne{
			Cle: l["cle"], FamilyName: l["family_name"], GivenName: l["given_name"], PreferredUsername: lireOptionnel(l["preferred_username"]),
			Gender: l["gender"], Birthdate: l["birthdate"], Birthplace: lireOptionnel(l["birthplace"]), Birthcountry: l["birthcountry"],
			But: l["but"], Groupe: l["groupe"], codeRegistre: lireOptionnel(l["code"]).Valeur, ident: l["cle"],
		}
		if ans, ok := strings.CutSuffix(p.Birthdate, " ans"); ok {
			p.AgeAnnees, _ = strconv.Atoi(ans)
			p.Birthdate = ""
		}
		nom, v, _ := strings.Cut(l["registre"], "=")
		switch nom {
		case "prenom":
			p.prenomRegistre = v
		case "prenoms":
			p.prenoms = strings.Split(v, "|")
		case "ident":
			p.ident = v
		}
		if nom != "courriel" { // the only value is none
			p.Email = p.ident + "@example.org"
		}
		out = append(out, p)
	}
	return out
}

// lireTable reads an embedded table: one map by line, by the names of the first
// line. The tables are ours: a mistake in one stops the program at start.
func lireTable(nom string) []map[string]string {
	f, err := donneesFixes.Open(nom)
	if err != nil {
		panic(err)
	}
	r := csv.NewReader(f)
	r.Comma = ';'
	lignes, err := r.ReadAll()
	if err != nil {
		panic(fmt.Errorf("%s: %w", nom, err))
	}
	var out []map[string]string
	for _, l := range lignes[1:] {
		m := map[string]string{}
		for i, v := range l {
			m[lignes[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

// Personnes gives the fictional persons of §20. The slice is the caller's. The
// birth date of those of a fixed age is empty: see Au.
func Personnes() []Personne { return slices.Clone(fictives) }

// Trouver gives the person of that key.
func Trouver(cle string) (Personne, bool) {
	i := slices.IndexFunc(fictives, func(p Personne) bool { return p.Cle == cle })
	if i < 0 {
		return Personne{}, false
	}
	return fictives[i], true
}
