// Package registre is the civil registry of the simulation of FranceConnect:
// the fictional persons of spec/franceconnect §20, those that a visitor typed,
// and how FranceConnect queries a registry (§11) and judges an identity (§6).
//
// It knows no protocol and no page: the simulateur asks it. It owns no table,
// serves no URL, writes no journal line, and holds nobody who exists.
package registre

import (
	"bytes"
	"cmp"
	_ "embed" // the table of persons
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// table is §20, one line per person.
//
//go:embed donnees/personnes.csv
var table []byte

// Optionnel is a claim that may be absent, null, empty or given: FranceConnect
// sends the four, and our app must take them all.
type Optionnel struct {
	Present, Nul bool
	Valeur       string
}

// Donne is a claim given with this value.
func Donne(v string) Optionnel { return Optionnel{Present: true, Valeur: v} }

// lireOptionnel reads a cell of the table: "-" absent, "null", or a value.
func lireOptionnel(v string) Optionnel {
	switch v {
	case "-":
		return Optionnel{}
	case "null":
		return Optionnel{Present: true, Nul: true}
	}
	return Donne(v)
}

// Poser writes the claim, unless absent.
func (o Optionnel) Poser(claims map[string]any, nom string) {
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
	Code              string // what the registry, or the person's settings at FC, answer; "" = found

	prenoms        []string // given_name_array when it is not GivenName cut at spaces
	prenomRegistre string   // first names in the registry, when they differ
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

// France is the country code of every birth in France, overseas included.
const France = "99100"

// fictives is the table of §20. Never altered after start.
var fictives = lirePersonnes()

func lirePersonnes() []Personne {
	var out []Personne
	for _, l := range LireTable(table) {
		p := Personne{
			Cle: l["cle"], FamilyName: l["family_name"], GivenName: l["given_name"], PreferredUsername: lireOptionnel(l["preferred_username"]),
			Gender: l["gender"], Birthdate: l["birthdate"], Birthplace: lireOptionnel(l["birthplace"]), Birthcountry: l["birthcountry"],
			But: l["but"], Groupe: l["groupe"], Code: lireOptionnel(l["code"]).Valeur, ident: l["cle"],
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

// LireTable reads an embedded table: one map by line, by the names of the first
// line. The tables are ours: a mistake in one stops the program at start.
func LireTable(csvText []byte) []map[string]string {
	r := csv.NewReader(bytes.NewReader(csvText))
	r.Comma = ';'
	lignes, err := r.ReadAll()
	if err != nil {
		panic(fmt.Errorf("embedded table: %w", err))
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
