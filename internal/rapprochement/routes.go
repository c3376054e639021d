package rapprochement

import (
	"log/slog"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Chemin is the page of the comparisons.
const Chemin = "/gestion/journal/controle/"

// Handlers compares, and shows what was found.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Site    web.Site
	Log     *slog.Logger
}

// Mount puts the URL of the package in its space.
func (h *Handlers) Mount(m *web.Mux) { m.Gestion("GET "+Chemin, h.show) }

// passagesMax bounds the list of the page.
const passagesMax = 30

type vue struct {
	Site     web.Site
	Actor    actor.Actor
	Passages []Passage
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if !a.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	v := vue{Site: h.Site, Actor: a}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Passages, err = latest(ctx, tx, passagesMax)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, page(v))
}

func (v vue) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Les dernières comparaisons", LegendeCachee: true, Vide: "Aucune comparaison pour l’instant.",
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Résultat"}},
	}
	for _, p := range v.Passages {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(p.Debut)), dsfr.Text(sortes(p.Sortes))})
	}
	return t
}
