package dsfr

import "github.com/a-h/templ"

// Fait is one line of Facts; Corps, when given, replaces Valeur.
type Fait struct {
	Nom    string
	Valeur string
	Corps  templ.Component
}

// column names a cell on a phone; nothing for a column whose name is hidden.
func (t Tableau) column(i int) string {
	if i >= len(t.Colonnes) || t.Colonnes[i].Cachee {
		return ""
	}
	return t.Colonnes[i].Libelle
}

func (t Tableau) right(i int) bool { return i < len(t.Colonnes) && t.Colonnes[i].Droite }

// right aligns figures.
func right(yes bool) templ.Attributes {
	if yes {
		return templ.Attributes{"class": "ac-droite"}
	}
	return nil
}
