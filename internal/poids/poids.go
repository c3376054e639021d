// Package poids weighs the evidence: how many bytes each table keeps for one
// mandat, for each of the five ways a person agrees, and how many attestations
// the machine makes per second, with and without the operator's seal. « make
// bench » runs it (docs/mesures.md).
//
// Each way is played whole, by HTTP, on a small demonstration in a temporary
// folder: what is weighed is what the acts wrote. The bytes are those of the
// values as SQLite holds them (an identifier 36, an instant 24), without the
// engine's own: indexes, free space.
//
// It owns no table and serves no URL. Only mesures imports it.
package poids

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Voie is what one mandat leaves behind, agreed to in one way.
type Voie struct {
	Nom    string  `json:"voie"`
	Tables []Table `json:"tables"` // the heaviest first
	Total  int     `json:"octets"`
}

// Table is a share of it.
type Table struct {
	Nom    string `json:"table"`
	Octets int    `json:"octets"`
}

// releve is the bytes of every table at one moment.
type releve map[string]int

// ailleurs are tables about work and sessions: they empty themselves.
var ailleurs = []string{"session_web", "tache", "tache_echec", "bail", "limite", "journal_attente"}

// since gives what was added between two moments.
func (r releve) since(nom string, before releve) Voie {
	v := Voie{Nom: nom}
	for table, n := range r {
		if n -= before[table]; n > 0 && !slices.Contains(ailleurs, table) {
			v.Tables = append(v.Tables, Table{table, n})
			v.Total += n
		}
	}
	slices.SortFunc(v.Tables, func(a, b Table) int {
		if a.Octets != b.Octets {
			return b.Octets - a.Octets
		}
		return strings.Compare(a.Nom, b.Nom)
	})
	return v
}

// of gives the bytes in a table.
func (v Voie) of(table string) int {
	for _, t := range v.Tables {
		if t.Nom == table {
			return t.Octets
		}
	}
	return 0
}

// Imprimer writes the table: a column by way.
func Imprimer(out io.Writer, all []Voie) {
	if len(all) == 0 {
		return
	}
	fmt.Fprint(out, "\nLa preuve gardée par mandat, en octets, selon la façon d’accepter\n\n")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, value func(Voie) int) {
		fmt.Fprintf(w, "%s\t", name)
		for _, v := range all {
			fmt.Fprintf(w, "%d\t", value(v))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "table\t")
	var names []string
	for _, v := range all {
		fmt.Fprintf(w, "%s\t", v.Nom)
		for _, t := range v.Tables {
			if !slices.Contains(names, t.Nom) {
				names = append(names, t.Nom)
			}
		}
	}
	fmt.Fprintln(w)
	for _, name := range names {
		row(name, func(v Voie) int { return v.of(name) })
	}
	row("en tout", func(v Voie) int { return v.Total })
	_ = w.Flush()
}
