package gestion

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Messages are the texts of this package.
func Messages(site web.Site) []outbox.Modele {
	who := aidant.Aidant{Prenom: "Camille", Nom: "EXEMPLE", Email: "camille.exemple@example.org"}
	return []outbox.Modele{{
		Genre: "E-45", Quand: "un rôle dans l’équipe du service est donné ou retiré", Vers: "la personne",
		Exemples: []outbox.Message{MessageRole(site, who, actor.AdminMetier), MessageRole(site, who, "")},
	}}
}

type modelesView struct {
	page
	Modeles []outbox.Modele
}

type modeleView struct {
	page
	Modele outbox.Modele
}

func (h *Handlers) catalogue(r *http.Request) ([]outbox.Modele, error) {
	if h.Modeles == nil {
		return Messages(h.Site), nil
	}
	return h.Modeles(r.Context(), h.DB.Now())
}

func (h *Handlers) showModeles(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := modelesView{page: h.page(w, r, a, "Modèles de messages")}
	var err error
	if v.Modeles, err = h.catalogue(r); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, modelesPage(v))
}

func (h *Handlers) showModele(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	all, err := h.catalogue(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(m outbox.Modele) bool { return m.Genre == r.PathValue("genre") })
	if i < 0 {
		return fault.New(fault.NotFound, "modele_inconnu")
	}
	v := modeleView{page: h.page(w, r, a, "Modèle "+all[i].Genre), Modele: all[i]}
	v.Chemin = []web.Lien{{Libelle: "Gestion", URL: Chemin}, {Libelle: "Modèles de messages", URL: CheminModeles}, {Libelle: all[i].Genre}}
	return web.Render(w, r, http.StatusOK, modelePage(v))
}

func (v modelesView) table() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Modèles", Colonnes: []dsfr.Colonne{{Libelle: "Modèle"}, {Libelle: "Part quand"}, {Libelle: "Vers"}, {Libelle: "Objet"}}}
	for _, m := range v.Modeles {
		subject := "SMS"
		if len(m.Exemples) > 0 && m.Exemples[0].Sujet != "" {
			subject = m.Exemples[0].Sujet
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{lien(m.Genre, CheminModeles+m.Genre+"/"), dsfr.Text(m.Quand), dsfr.Text(m.Vers), dsfr.Text(subject)})
	}
	return t
}

func (v modeleView) titre(i int, m outbox.Message) string {
	if m.Sujet == "" {
		return "SMS, variante " + strconv.Itoa(i+1)
	}
	return m.Sujet
}

// blocs cuts a text into paragraphs of lines.
func blocs(text string) (out [][]string) {
	for b := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		out = append(out, strings.Split(b, "\n"))
	}
	return out
}
