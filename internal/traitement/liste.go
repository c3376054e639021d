package traitement

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/tri"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// listView is the list of the requests.
type listView struct {
	Site    web.Site
	Actor   actor.Actor
	Avis    string
	Filtre  liste
	Texte   string // what is looked for
	Lignes  []demande.Ligne
	Suite   bool
	Nombres demande.Nombres
	Now     time.Time
}

// The words that an answer leaves for the next page.
const (
	avisAcceptee = "demande_acceptee"
	avisRefusee  = "demande_refusee"
)

var avis = map[string]string{
	avisAcceptee: "La demande est acceptée, et ce qu’elle demandait est fait. Les personnes concernées sont prévenues par courriel.",
	avisRefusee:  "La demande est refusée. Le référent reçoit votre réponse par courriel.",
}

func (h *Handlers) showList(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	q := r.URL.Query()
	v := listView{Site: h.Site, Actor: a, Avis: avis[web.TakeMessage(w, r)]}
	if g := demande.Genre(q.Get("genre")); slices.Contains(demande.Genres(), g) {
		v.Filtre.Genre = g
	}
	v.Filtre.Decidees, v.Filtre.Apres = q.Get("etat") == "decidees", q.Get("apres")
	if v.Texte = h.openSearch(q.Get(champScelle), a); v.Texte != "" {
		v.Filtre.Cherche = q.Get(champScelle)
	}
	var from demande.Repere
	if at, id := parseRepere(v.Filtre.Apres); !at.IsZero() {
		from = demande.Repere{Date: db.At(at), ID: id}
	}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now.Time()
		if v.Nombres, _, err = demande.CountToDecide(ctx, tx); err != nil {
			return err
		}
		read := demande.ToDecide
		if v.Filtre.Decidees {
			read = demande.Decided
		}
		v.Lignes, v.Suite, err = read(ctx, tx, demande.Filtre{Genre: v.Filtre.Genre, Mots: tri.Words(v.Texte, 3), Apres: from})
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

func (f liste) url() string {
	q := url.Values{}
	if f.Genre != "" {
		q.Set("genre", string(f.Genre))
	}
	if f.Decidees {
		q.Set("etat", "decidees")
	}
	if f.Cherche != "" {
		q.Set(champScelle, f.Cherche)
	}
	if f.Apres != "" {
		q.Set("apres", f.Apres)
	}
	if len(q) == 0 {
		return Chemin
	}
	return Chemin + "?" + q.Encode()
}

var onglets = map[demande.Genre]string{demande.DeRattachement: "Rattachements", demande.DeCoreferent: "Co-référents", demande.DeCorrection: "Corrections"}

func (v listView) tabs() []dsfr.Lien {
	name := func(s string, n int) string {
		if v.Filtre.Decidees || v.Texte != "" {
			return s
		}
		return s + " (" + strconv.Itoa(n) + ")"
	}
	out := []dsfr.Lien{{Libelle: name("Toutes", v.Nombres.Total()), URL: liste{Decidees: v.Filtre.Decidees, Cherche: v.Filtre.Cherche}.url(), Actif: v.Filtre.Genre == ""}}
	for _, g := range demande.Genres() {
		out = append(out, dsfr.Lien{Libelle: name(onglets[g], v.Nombres[g]), URL: liste{Genre: g, Decidees: v.Filtre.Decidees, Cherche: v.Filtre.Cherche}.url(), Actif: v.Filtre.Genre == g})
	}
	return out
}

func (v listView) pages() dsfr.Pages {
	p := dsfr.Pages{Libelle: "Pages de la liste des demandes"}
	if v.Filtre.Apres != "" {
		p.Precedente = liste{Genre: v.Filtre.Genre, Decidees: v.Filtre.Decidees, Cherche: v.Filtre.Cherche}.url()
	}
	if v.Suite {
		p.Suivante = liste{Genre: v.Filtre.Genre, Decidees: v.Filtre.Decidees, Cherche: v.Filtre.Cherche, Apres: repere(v.Lignes[len(v.Lignes)-1])}.url()
	}
	return p
}

func (v listView) vide() string {
	switch {
	case v.Filtre.Apres != "":
		return "Plus rien sur cette page : revenez au début de la liste."
	case v.Filtre.Decidees:
		return "Aucune demande n’a encore reçu de réponse."
	case v.Filtre.Genre != "":
		return "Aucune demande de cette sorte n’attend."
	}
	return "Aucune demande n’attend : tout est traité."
}

func (v listView) table() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Demandes qui attendent, de la plus ancienne à la plus récente", Vide: v.vide()}
	t.Colonnes = []dsfr.Colonne{{Libelle: "Demande"}, {Libelle: "Structure"}, {Libelle: "Demandée par"}, {Libelle: "Attend depuis"}}
	if v.Filtre.Decidees {
		t.Legende = "Demandes décidées, de la plus récente à la plus ancienne"
		t.Colonnes = []dsfr.Colonne{{Libelle: "Demande"}, {Libelle: "Structure"}, {Libelle: "Demandée par"}, {Libelle: "Réponse"}, {Libelle: "Le"}, {Libelle: "Par"}}
	}
	for _, l := range v.Lignes {
		row := dsfr.Ligne{lien(titre(l), chemin(l.Genre, l.ID.String())), dsfr.Text(l.Structure), dsfr.Text(l.Demandeur)}
		if v.Filtre.Decidees {
			row = append(row, demande.State(l.Etat), dsfr.Text(web.DateHeure(l.Date)), dsfr.Text(l.Decideur))
		} else {
			row = append(row, v.wait(l))
		}
		t.Lignes = append(t.Lignes, row)
	}
	return t
}

func titre(l demande.Ligne) string {
	if l.Objet == "" {
		return l.Genre.Libelle()
	}
	return l.Genre.Libelle() + " : " + l.Objet
}

func chemin(g demande.Genre, id string) string { return Chemin + string(g) + "/" + id + "/" }

// wait says since when, and marks what is late.
func (v listView) wait(l demande.Ligne) templ.Component {
	d := v.Now.Sub(l.Date)
	since := dsfr.Text(web.Date(l.Date) + " (" + ilYA(d) + ")")
	if d < retard {
		return since
	}
	return dsfr.Join(since, dsfr.Badge(dsfr.Pastille{Ton: dsfr.Alarme, Libelle: "En retard", Petite: true}))
}

// caches keep the list that a search looks through.
func (v listView) caches() []dsfr.Cache {
	if v.Filtre.Decidees {
		return []dsfr.Cache{{Nom: "etat", Valeur: "decidees"}}
	}
	return nil
}
