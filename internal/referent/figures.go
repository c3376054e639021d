package referent

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/tableur"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// figures are those of a period, by month, by person and by démarche. A count
// is all a référent sees of the people helped (comptes 1.2).
type figures struct {
	Periode     Periode
	Mois        []mois
	Personnes   []ligneChiffres
	Demarches   []ligneChiffres
	Mandats     int
	Usages      int
	Accompagnes int

	usages, mandats []cellule
}

type mois struct {
	Libelle, Cle    string
	Mandats, Usages int
}

type ligneChiffres struct {
	Libelle         string
	Mandats, Usages int
}

// bornesMois gives the beginnings of the n months up to the one of now, and the
// end of the last.
func bornesMois(now time.Time, n int) []time.Time {
	now = web.Paris(now)
	var out []time.Time
	for i := n - 1; i >= -1; i-- {
		out = append(out, time.Date(now.Year(), now.Month()-time.Month(i), 1, 0, 0, 0, 0, now.Location()))
	}
	return out
}

func readFigures(ctx context.Context, tx *db.Tx, org ident.OrganisationID, p Periode) (f figures, err error) {
	bornes := bornesMois(tx.Now.Time(), p.Mois)
	if f.usages, f.mandats, err = activite(ctx, tx, org, bornes); err != nil {
		return f, err
	}
	f.Periode = p
	for _, b := range bornes[:len(bornes)-1] {
		f.Mois = append(f.Mois, mois{Libelle: web.MoisAnnee(b), Cle: b.Format("2006-01")})
	}
	people, themes := map[ident.AidantID]int{}, map[demarche.Demarche]int{}
	person := func(c cellule) *ligneChiffres {
		i, ok := people[c.aidant]
		if !ok {
			i = len(f.Personnes)
			people[c.aidant] = i
			f.Personnes = append(f.Personnes, ligneChiffres{Libelle: c.nom})
		}
		return &f.Personnes[i]
	}
	for _, c := range f.usages {
		f.Mois[c.mois].Usages += c.nombre
		person(c).Usages += c.nombre
		themes[c.demarche] += c.nombre
		f.Usages += c.nombre
	}
	for _, c := range f.mandats {
		f.Mois[c.mois].Mandats += c.nombre
		person(c).Mandats += c.nombre
		f.Mandats += c.nombre
	}
	for _, d := range demarche.All() {
		if n := themes[d.Demarche]; n > 0 {
			f.Demarches = append(f.Demarches, ligneChiffres{Libelle: d.Titre, Usages: n})
		}
	}
	f.Accompagnes, err = accompagnes(ctx, tx, org, bornes[0], bornes[len(bornes)-1])
	return f, err
}

func (f figures) barres() dsfr.Histogramme {
	h := dsfr.Histogramme{
		Series:      []string{"Mandats conclus", "Démarches faites"},
		Description: "Mandats conclus et démarches faites, mois par mois. Le tableau qui suit donne les mêmes nombres.",
	}
	for _, m := range f.Mois {
		h.Barres = append(h.Barres, dsfr.Barre{Libelle: m.Libelle, Valeurs: []int{m.Mandats, m.Usages}})
	}
	return h
}

func (f figures) parMois() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Mois par mois", Colonnes: []dsfr.Colonne{{Libelle: "Mois"}, {Libelle: "Mandats conclus", Droite: true}, {Libelle: "Démarches faites", Droite: true}}}
	for _, m := range f.Mois {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(m.Libelle), number(m.Mandats), number(m.Usages)})
	}
	return t
}

func (f figures) parPersonne() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Par aidant", Vide: "Rien n’a été fait dans cette période.",
		Colonnes: []dsfr.Colonne{{Libelle: "Aidant"}, {Libelle: "Mandats conclus", Droite: true}, {Libelle: "Démarches faites", Droite: true}},
	}
	for _, p := range f.Personnes {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(p.Libelle), number(p.Mandats), number(p.Usages)})
	}
	return t
}

func (f figures) parDemarche() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Par thème", Vide: "Aucune démarche n’a été faite dans cette période.",
		Colonnes: []dsfr.Colonne{{Libelle: "Thème"}, {Libelle: "Démarches faites", Droite: true}},
	}
	for _, d := range f.Demarches {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(d.Libelle), number(d.Usages)})
	}
	return t
}

// csv writes the figures: one line per month, person and theme.
func (f figures) csv() ([]byte, int, error) {
	lines := [][]string{{"mois", "aidant", "theme", "mandats_conclus", "demarches_faites"}}
	for _, c := range f.mandats {
		lines = append(lines, []string{f.Mois[c.mois].Cle, c.nom, "", strconv.Itoa(c.nombre), "0"})
	}
	for _, c := range f.usages {
		lines = append(lines, []string{f.Mois[c.mois].Cle, c.nom, c.demarche.Titre(), "0", strconv.Itoa(c.nombre)})
	}
	file, err := tableur.Write(lines)
	return file, len(lines) - 1, err
}

// exportFigures sends the figures of a period as CSV, and journals it.
func (h *Handlers) exportFigures(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	p := ParsePeriode(r.URL.Query().Get("periode"))
	var file []byte
	err := h.DB.Update(ctx, func(tx *db.Tx) error {
		f, err := readFigures(ctx, tx, a.Organisation, p)
		if err != nil {
			return err
		}
		var n int
		if file, n, err = f.csv(); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, line(a, fait.Export{Donnees: "chiffres_structure", Etape: fait.EtapeTelecharge, Lignes: n}))
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="chiffres-`+p.Cle+`.csv"`)
	_, _ = w.Write(file) // the client is gone: nobody to tell
	return nil
}
