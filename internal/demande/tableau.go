package demande

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"aidantsconnect/internal/tableur"
	"aidantsconnect/internal/tri"
)

// The titles of the columns that a table may have, under the key that tri makes
// of them. The other columns are left where they are: an account that exists has
// its own name.
var (
	titresAdresse  = []string{"email", "e mail", "mail", "courriel", "adresse", "adresse e mail", "adresse email", "adresse electronique", "adresse mail"}
	titresNouvelle = []string{"nouvel email", "nouvel e mail", "nouveau mail", "nouveau courriel", "nouvelle adresse", "nouvelle adresse electronique", "nouvelle adresse email"}
)

// saisie is a list of addresses as the pages know it: one per line, and beside
// each the one announced, if a table gave it.
type saisie struct {
	Texte     string
	Nouvelles []string
}

// readTable gives one address per line of what was typed, pasted from a
// spreadsheet, or sent as a file; why says what is wrong with a file.
func readTable(file []byte, text string) (s saisie, why string) {
	if len(file) > 0 && strings.TrimSpace(text) != "" {
		return saisie{Texte: text}, "Donnez un fichier, ou écrivez les adresses : pas les deux."
	}
	if len(file) == 0 {
		if !strings.ContainsAny(text, ";,\t") {
			return saisie{Texte: text}, ""
		}
		file = []byte(text)
	}
	lines, err := tableur.Read(file, 10*adressesMax)
	if bad, ok := errors.AsType[*tableur.Refus](err); ok {
		if bad.Ligne > 0 {
			return saisie{Texte: text}, "Ligne " + strconv.Itoa(bad.Ligne) + " : " + bad.Texte
		}
		return saisie{Texte: text}, bad.Texte
	}
	if len(lines) == 0 {
		return saisie{Texte: text}, ""
	}
	if at := column(lines[0], titresAdresse); at >= 0 {
		return titled(lines, at), ""
	}
	return untitled(lines), ""
}

func column(l tableur.Ligne, titles []string) int {
	return slices.IndexFunc(l.Cellules, func(c string) bool { return slices.Contains(titles, tri.Key(c)) })
}

// titled reads the columns that a table names.
func titled(lines []tableur.Ligne, at int) (s saisie) {
	next := column(lines[0], titresNouvelle)
	cell := func(l tableur.Ligne, i int) string {
		if i < 0 || i >= len(l.Cellules) {
			return ""
		}
		return strings.Join(strings.Fields(l.Cellules[i]), " ")
	}
	var all []string
	for _, l := range lines[1:] {
		email := cell(l, at)
		if email == "" {
			email = "(case vide)" // told as no address, on its line
		}
		all = append(all, email)
		s.Nouvelles = append(s.Nouvelles, cell(l, next))
	}
	s.Texte = strings.Join(all, "\n")
	return s
}

// untitled takes every cell that looks like an address; a line without one is
// kept as it is, to be told.
func untitled(lines []tableur.Ligne) saisie {
	var all []string
	for _, l := range lines {
		n := len(all)
		for _, c := range l.Cellules {
			if strings.Contains(c, "@") {
				all = append(all, strings.Join(strings.Fields(c), " "))
			}
		}
		if len(all) == n {
			all = append(all, strings.Join(strings.Fields(strings.Join(l.Cellules, " ")), " "))
		}
	}
	return saisie{Texte: strings.Join(all, "\n")}
}
