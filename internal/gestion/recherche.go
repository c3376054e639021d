package gestion

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// champScelle carries the text of a search, sealed: no name in an address. It
// opens only in the web session that sealed it.
const champScelle = "q"

const rechercheMax = 100 // characters

type searchView struct {
	page
	Texte   string
	Comptes []Trouve
	Trop    bool
}

func (h *Handlers) showSearch(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := searchView{page: h.page(w, r, a, "Comptes"), Texte: h.openSearch(r.URL.Query().Get(champScelle), a)}
	if v.Texte != "" {
		err := h.view(r.Context(), func(tx *db.Tx) (err error) {
			v.Comptes, err = find(r.Context(), tx, v.Texte)
			return err
		})
		if err != nil {
			return err
		}
	}
	if v.Trop = len(v.Comptes) > trouvesMax; v.Trop {
		v.Comptes = v.Comptes[:trouvesMax]
	}
	return web.Render(w, r, http.StatusOK, searchPage(v))
}

// search seals what was typed and shows the answer by GET.
func (h *Handlers) search(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	text := strings.Join(strings.Fields(form.Get("recherche")), " ")
	if text == "" || len(text) > 4*rechercheMax {
		return web.Redirect(w, r, CheminComptes)
	}
	sealed, err := h.Champs.SealText([]byte(text), searchContext(a))
	if err != nil {
		return fmt.Errorf("seal search: %w", err)
	}
	return web.Redirect(w, r, CheminComptes+"?"+url.Values{champScelle: {sealed}}.Encode())
}

func searchContext(a actor.Actor) string { return "gestion.recherche/" + a.Session.String() }

func (h *Handlers) openSearch(s string, a actor.Actor) string {
	text, _ := h.Champs.OpenText(s, searchContext(a)) // nothing when altered, or another session's
	return string(text)
}

func (v searchView) table() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Comptes trouvés", Colonnes: []dsfr.Colonne{{Libelle: "Personne"}, {Libelle: "Structures"}, {Libelle: "État"}, {Libelle: "Équipe"}}}
	for _, c := range v.Comptes {
		role := ""
		if c.Role != "" {
			role = LibelleRole(c.Role)
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			lien(c.Prenom+" "+c.Nom, cheminCompte(c.ID)), dsfr.Text(c.Structures), etatBadge(c.Actif), dsfr.Text(role),
		})
	}
	return t
}

func etatBadge(actif bool) templ.Component {
	if actif {
		return dsfr.Badge(dsfr.Pastille{Ton: dsfr.Succes, Libelle: "Actif", Petite: true})
	}
	return dsfr.Badge(dsfr.Pastille{Ton: dsfr.Alarme, Libelle: "Désactivé", Petite: true})
}
