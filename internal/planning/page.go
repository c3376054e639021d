package planning

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/tache"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// vue is the page of the tasks.
type vue struct {
	Site     web.Site
	Actor    actor.Actor
	Avis     string
	Refus    string
	Taches   []tache.Etat
	Echecs   []tache.Echec
	Relances []Relance
	Choisie  string // the task whose form was sent
	Motif    string
	Champs   fault.Fields
}

// mayReplay tells whether who looks may run a task again.
func (v vue) mayReplay() bool { return v.Actor.Role == actor.AdminTechnique }

// alertes says each breakdown, and all that is late at once: when nothing runs
// the tasks, every one of them is.
func (v vue) alertes() (out []string) {
	var late []string
	for _, e := range v.Taches {
		switch {
		case e.EnPanne:
			out = append(out, e.Nom+" est en panne : "+strconv.Itoa(e.Echecs)+" échecs de suite. Lisez sa dernière erreur, réparez, puis relancez-la.")
		case e.EnRetard:
			late = append(late, e.Nom)
		}
	}
	switch len(late) {
	case 0:
		return out
	case 1:
		return append(out, late[0]+" est en retard : vérifiez qu’un nœud fait tourner les tâches.")
	}
	return append(out, strconv.Itoa(len(late))+" tâches sont en retard (le tableau dit lesquelles) : vérifiez qu’un nœud fait tourner les tâches.")
}

func (v vue) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Tâches du service", LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Tâche"}, {Libelle: "État"}, {Libelle: "Rythme"}, {Libelle: "Dernier passage"}, {Libelle: "Prochain"}, {Libelle: "Traités", Droite: true}, {Libelle: "Dernière erreur"}},
	}
	for _, e := range v.Taches {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(e.Nom), badge(e), dsfr.Text(e.Rythme), dsfr.Text(last(e)), dsfr.Text(next(e)), dsfr.Text(strconv.Itoa(e.Resultat)), dsfr.Text(orNone(e.Erreur)),
		})
	}
	return t
}

func badge(e tache.Etat) templ.Component {
	p := dsfr.Pastille{Libelle: situation(e), Petite: true, SansIcon: true}
	switch {
	case e.EnPanne:
		p.Ton = dsfr.Erreur
	case e.EnRetard, e.Echecs > 0, e.Coupee:
		p.Ton = dsfr.Alarme
	case e.EnCours:
		p.Ton = dsfr.Info
	case !e.Fin.IsZero():
		p.Ton = dsfr.Succes
	}
	return dsfr.Badge(p)
}

func last(e tache.Etat) string {
	if e.Fin.IsZero() {
		return "jamais"
	}
	s := web.DateHeure(e.Fin)
	if d := e.Fin.Sub(e.Debut); d >= time.Second {
		s += " (" + strconv.Itoa(int(d.Seconds())) + " s)"
	}
	return s
}

func next(e tache.Etat) string {
	if e.EnCours {
		return "en cours ; tenue au plus jusqu’au " + web.DateHeure(e.BailFin)
	}
	return web.DateHeure(e.Prochaine)
}

func orNone(s string) string {
	if s == "" {
		return "aucune"
	}
	return s
}

func (v vue) failures() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Passages qui ont échoué", LegendeCachee: true, Vide: "Aucun échec depuis quatre-vingt-dix jours.", Borne: echecsMax,
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Tâche"}, {Libelle: "Erreur"}, {Libelle: "Depuis"}},
	}
	mended := map[string]time.Time{}
	for _, e := range v.Taches {
		if e.Echecs == 0 {
			mended[e.Nom] = e.Fin
		}
	}
	for _, f := range v.Echecs {
		since := "pas encore repassée"
		if mended[f.Tache].After(f.Fin) {
			since = "repassée, bien"
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(f.Fin)), dsfr.Text(f.Tache), dsfr.Text(f.Erreur), dsfr.Text(since)})
	}
	return t
}

func (v vue) replays() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Tâches relancées à la main", LegendeCachee: true, Vide: "Aucune.", Borne: relancesMax,
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Tâche"}, {Libelle: "Pourquoi"}, {Libelle: "Par"}},
	}
	for _, r := range v.Relances {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(r.Date)), dsfr.Text(r.Tache), dsfr.Text(r.Motif.Libelle()), dsfr.Text(r.Par)})
	}
	return t
}

func (v vue) motifs(nom string) dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", ID: "motif-" + nom, Legende: "Pourquoi ?"}
	if nom == v.Choisie {
		c.Valeur, c.Erreur = v.Motif, v.Champs["motif"]
	}
	for _, m := range Motifs() {
		c.Options = append(c.Options, dsfr.Option{Valeur: m[0], Libelle: m[1]})
	}
	return c
}

func (v vue) fautes() []dsfr.Faute {
	if s := v.Champs["motif"]; s != "" {
		return []dsfr.Faute{{ID: "motif-" + v.Choisie, Texte: v.Choisie + " : " + s}}
	}
	return nil
}

// Write lists the tasks for the command line.
func (h *Handlers) Write(ctx context.Context, w io.Writer) error {
	all, err := h.Planning.Status(ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "TÂCHE\tÉTAT\tRYTHME\tDERNIER PASSAGE\tPROCHAIN\tÉCHECS\tDERNIÈRE ERREUR") // Flush tells the failures
	for _, e := range all {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", e.Nom, situation(e), e.Rythme, last(e), next(e), e.Echecs, orNone(e.Erreur))
	}
	return t.Flush()
}
