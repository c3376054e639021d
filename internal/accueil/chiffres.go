package accueil

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// cheminChiffres is where one sees one's own figures (A-W64).
const cheminChiffres = web.CheminProfil + "/chiffres"

// Periode is a length of time that figures are shown for.
type Periode struct {
	Cle, Libelle string
}

// periodes are the choices, the first by default.
var periodes = []Periode{{"mois", "Les douze derniers mois, mois par mois"}, {"annees", "Depuis le début, année par année"}}

// Acte is one thing done by the person: a mandat concluded, or used.
type Acte struct {
	Date   time.Time
	Usage  bool
	Usager string // identifier, to count people once
}

// Tranche is a month or a year of figures.
type Tranche struct {
	Libelle                  string
	Mandats, Usages, Usagers int
}

// tranches counts acts by month or by year, in Paris; empty ones are kept, so that
// a stop shows.
func tranches(acts []Acte, p Periode, now time.Time) (all []Tranche, total Tranche) {
	key, libelle, from := monthKey, monthLibelle, 12
	if p.Cle == "annees" {
		key, libelle, from = yearKey, yearLibelle, 1
		for _, a := range acts {
			from = max(from, yearKey(now)-yearKey(a.Date)+1)
		}
	}
	last := key(now)
	people := map[int]map[string]bool{}
	everybody := map[string]bool{}
	all = make([]Tranche, from)
	for i := range all {
		all[i].Libelle = libelle(last - from + 1 + i)
		people[i] = map[string]bool{}
	}
	for _, a := range acts {
		i := key(a.Date) - last + from - 1
		if i < 0 || i >= from {
			continue
		}
		if a.Usage {
			all[i].Usages++
			total.Usages++
		} else {
			all[i].Mandats++
			total.Mandats++
		}
		people[i][a.Usager], everybody[a.Usager] = true, true
	}
	for i := range all {
		all[i].Usagers = len(people[i])
	}
	total.Libelle, total.Usagers = "Total", len(everybody)
	return all, total
}

func yearKey(t time.Time) int { y, _, _ := web.Jour(t); return y }

func monthKey(t time.Time) int { y, m, _ := web.Jour(t); return y*12 + int(m) - 1 }

func yearLibelle(k int) string { return strconv.Itoa(k) }

func monthLibelle(k int) string { return web.Mois(time.Month(k%12+1)) + " " + strconv.Itoa(k/12) }

// vueChiffres is one's own figures.
type vueChiffres struct {
	Site     web.Site
	Actor    actor.Actor
	Periode  Periode
	Tranches []Tranche
	Total    Tranche
}

func (h *Handlers) figures(r *http.Request, a actor.Actor) (v vueChiffres, err error) {
	ctx := r.Context()
	v = vueChiffres{Site: h.Site, Actor: a, Periode: periodes[0]}
	if i := slices.IndexFunc(periodes, func(p Periode) bool { return p.Cle == r.URL.Query().Get("periode") }); i >= 0 {
		v.Periode = periodes[i]
	}
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		acts, err := actsOf(ctx, tx, a.Aidant)
		v.Tranches, v.Total = tranches(acts, v.Periode, tx.Now.Time())
		return err
	})
	return v, err
}

func (h *Handlers) chiffres(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.figures(r, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, chiffresPage(v))
}

// chiffresCSV gives the same as a file for a French spreadsheet.
func (h *Handlers) chiffresCSV(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.figures(r, a)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="mes-chiffres-aidants-connect.csv"`)
	if _, err := w.Write([]byte("\ufeff")); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	_ = out.Write([]string{"Période", "Mandats conclus", "Démarches faites", "Personnes aidées"}) // Flush tells
	for _, t := range append(slices.Clone(v.Tranches), v.Total) {
		_ = out.Write([]string{t.Libelle, strconv.Itoa(t.Mandats), strconv.Itoa(t.Usages), strconv.Itoa(t.Usagers)})
	}
	out.Flush()
	return out.Error()
}

// FiguresOf counts what a person did in the last twelve months, for their
// profile.
func FiguresOf(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]compte.Chiffre, error) {
	acts, err := actsOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	_, t := tranches(acts, periodes[0], tx.Now.Time())
	return t.chiffres(), nil
}

// chiffres are the figures of a length of time, in words.
func (t Tranche) chiffres() []compte.Chiffre {
	word := func(n int, one, many string) compte.Chiffre {
		if n > 1 {
			one = many
		}
		return compte.Chiffre{Nombre: n, Libelle: one}
	}
	return []compte.Chiffre{word(t.Mandats, "mandat conclu", "mandats conclus"), word(t.Usages, "démarche faite", "démarches faites"), word(t.Usagers, "personne aidée", "personnes aidées")}
}

func (v vueChiffres) tabs() []dsfr.Lien {
	var out []dsfr.Lien
	for _, p := range periodes {
		out = append(out, dsfr.Lien{Libelle: p.Libelle, URL: cheminChiffres + "?periode=" + p.Cle, Actif: p.Cle == v.Periode.Cle})
	}
	return out
}

func (v vueChiffres) rows() []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, t := range append(slices.Clone(v.Tranches), v.Total) {
		out = append(out, dsfr.Ligne{dsfr.Text(t.Libelle), dsfr.Text(strconv.Itoa(t.Mandats)), dsfr.Text(strconv.Itoa(t.Usages)), dsfr.Text(strconv.Itoa(t.Usagers))})
	}
	return out
}

func (v vueChiffres) chart() dsfr.Histogramme {
	h := dsfr.Histogramme{
		Description: "Mandats conclus et démarches faites par période ; les mêmes chiffres sont dans le tableau qui suit.",
		Series:      []string{"Mandats conclus", "Démarches faites"},
	}
	for _, t := range v.Tranches {
		h.Barres = append(h.Barres, dsfr.Barre{Libelle: t.Libelle, Valeurs: []int{t.Mandats, t.Usages}})
	}
	return h
}
