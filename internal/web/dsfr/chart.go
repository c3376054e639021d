package dsfr

import "strconv"

// Histogramme is a chart of bars, one row per Barre: it reads on a phone, on
// paper and without script. The same figures stand in a table beside it; to a
// screen reader the chart is one picture with its description.
type Histogramme struct {
	Description string
	Series      []string // what each bar of a row counts; two at most
	Barres      []Barre
}

// Barre is a row: one value per series.
type Barre struct {
	Libelle string
	Valeurs []int
}

func (h Histogramme) max() int {
	m := 1
	for _, b := range h.Barres {
		for _, v := range b.Valeurs {
			m = max(m, v)
		}
	}
	return m
}

// width is a share of the largest value, for the attribute of a rectangle.
func (h Histogramme) width(v int) string {
	return strconv.FormatFloat(100*float64(v)/float64(h.max()), 'f', 1, 64) + "%"
}

func series(i int) string { return "ac-serie-" + strconv.Itoa(i+1) }
