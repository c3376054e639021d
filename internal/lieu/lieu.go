// Package lieu names the places where people are born: French communes, those
// of the past among them, and foreign countries, by the codes that FranceConnect
// gives (Insee, code officiel géographique).
//
// The communes are embedded from donnees/communes.txt, which « make assets »
// makes; without them everything works and a commune is said by its code. The
// countries are in pays.go. It owns no table and serves no URL.
package lieu

import (
	"embed"
	"strings"
	"sync"
)

// France is its own code among the countries'.
const France = "99100"

//go:embed all:donnees
var donnees embed.FS

// index finds a commune in a text of lines sorted by code (tools/lieux.mjs): the
// text is kept as it is, nothing is unpacked.
type index struct {
	departements map[string]string
	communes     string
}

var lesCommunes = sync.OnceValue(func() index {
	text, err := donnees.ReadFile("donnees/communes.txt")
	if err != nil {
		return index{} // the program was built without « make assets »
	}
	return lire(string(text))
})

func lire(text string) index {
	head, communes, _ := strings.Cut(text, "\n\n")
	x := index{departements: map[string]string{}, communes: communes}
	for l := range strings.Lines(head) {
		code, nom, _ := strings.Cut(strings.TrimRight(l, "\n"), "\t")
		x.departements[code] = nom
	}
	return x
}

const longueurCode = 5

// ligne gives what follows a code in its line.
func (x index) ligne(code string) (string, bool) {
	if len(code) != longueurCode {
		return "", false
	}
	for lo, hi := 0, len(x.communes); lo < hi; {
		mid := int(uint(lo+hi) / 2)
		start := strings.LastIndexByte(x.communes[:mid], '\n') + 1
		line, _, _ := strings.Cut(x.communes[start:], "\n")
		switch strings.Compare(line[:min(longueurCode, len(line))], code) {
		case 0:
			return line[longueurCode:], true
		case -1:
			lo = start + len(line) + 1
		default:
			hi = start
		}
	}
	return "", false
}

func departement(code string) string {
	if strings.HasPrefix(code, "97") || strings.HasPrefix(code, "98") {
		return code[:3]
	}
	return code[:2]
}

// nommee says a commune with its département: « Saint-Étienne (Loire) ».
func (x index) nommee(code string) (string, bool) {
	l, ok := x.ligne(code)
	if !ok || l == "" {
		return "", false
	}
	switch l[0] {
	case '=':
		return x.nommee(l[1:])
	case '>':
		heir, ok := x.nommee(l[1:])
		return "ancienne commune de code Insee " + code + ", aujourd’hui dans " + heir, ok
	}
	nom, dep, moved := strings.Cut(l, "\t")
	if !moved {
		dep = departement(code)
	}
	d := x.departements[dep]
	if d == "" || nom == d || strings.HasPrefix(nom, d+" ") { // Paris, Paris 13e arrondissement
		return nom, true
	}
	return nom + " (" + d + ")", true
}

// Commune names a French commune; one that another has taken in since is said
// by its code and its heir. Insee's codes of the past are known too.
func Commune(code string) (string, bool) { return lesCommunes().nommee(code) }

// Pays names a country by its code 99xxx.
func Pays(code string) (string, bool) {
	if code == France {
		return "France", true
	}
	fin, ok := strings.CutPrefix(code, "99")
	if !ok {
		return "", false
	}
	nom, ok := pays[fin]
	return nom, ok
}

// Naissance says in plain words where somebody was born, from the codes of the
// country and of the commune, either of which may be missing.
func Naissance(codePays, codeCommune string) string {
	switch {
	case codeCommune != "" && (codePays == "" || codePays == France):
		if nom, ok := Commune(codeCommune); ok {
			return nom
		}
		if nom, ok := Pays(codeCommune); ok {
			return nom
		}
		return "France, commune de code Insee " + codeCommune
	case codePays == France:
		return "France, commune non transmise"
	case codePays != "":
		if nom, ok := Pays(codePays); ok {
			return nom
		}
		return "à l’étranger, pays de code Insee " + codePays
	}
	return "non transmis"
}
