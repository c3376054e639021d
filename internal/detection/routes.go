package detection

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// The addresses.
const (
	CheminReferent = "/espace-referent/signalements/"
	CheminGestion  = "/gestion/signalements/"
)

// Handlers looks for what is unusual, and shows it.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Referent("GET "+CheminReferent, h.show(false))
	m.Referent("POST "+CheminReferent+"{signalement}/vu/", h.see(false))
	m.Gestion("GET "+CheminGestion, equipe(h.show(true)))
	m.Gestion("POST "+CheminGestion+"{signalement}/vu/", equipe(h.see(true)), web.CodeFrais)
}

// equipe leaves the roles of the training bodies outside.
func equipe(f web.ActorHandler) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		if !a.Equipe() {
			return fault.New(fault.NotFound, "pas_equipe")
		}
		return f(w, r, a)
	}
}

// vue is the list.
type vue struct {
	Site  web.Site
	Actor actor.Actor
	Tout  bool // the team's
	Avis  string
	Liste []Vu
}

func (h *Handlers) show(tout bool) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		v := vue{Site: h.Site, Actor: a, Tout: tout, Avis: avis[web.TakeMessage(w, r)]}
		ctx := r.Context()
		err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
			if tout {
				v.Liste, err = listGestion(ctx, tx)
			} else {
				v.Liste, err = listReferent(ctx, tx, a.Organisation)
			}
			return err
		})
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, page(v))
	}
}

var avis = map[string]string{"signalement_vu": "C’est noté : vous avez vu ce signalement."}

// see marks one as seen. Two persons who do it together both read that it is
// done: the second finds nothing to mark.
func (h *Handlers) see(tout bool) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		id, err := web.PathID[ident.OperationID](r, "signalement")
		if err != nil {
			return err
		}
		ctx := r.Context()
		if err := h.DB.Update(ctx, func(tx *db.Tx) error { return h.mark(ctx, tx, a, id, tout) }); err != nil {
			return err
		}
		web.SetMessage(w, "signalement_vu")
		return web.Redirect(w, r, vue{Tout: tout}.chemin())
	}
}

func (h *Handlers) mark(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.OperationID, tout bool) error {
	org, who := a.Organisation, journal.Referent
	if tout {
		org, who = ident.OrganisationID{}, journal.Admin
	}
	rule, concerned, of, err := ack(ctx, tx, id, org, a.Aidant)
	if err != nil {
		return err
	}
	return h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: who, Aidant: a.Aidant, Concerne: concerned, Organisation: of, Session: a.Session,
		Fait: fait.AckSignalement{Regle: string(rule), Signalement: id.String()},
	})
}

func (v vue) chemin() string {
	if v.Tout {
		return CheminGestion
	}
	return CheminReferent
}

func (v vue) menu() string {
	if v.Tout {
		return web.NavGestion
	}
	return web.NavReferent
}

func (v vue) fil() []web.Lien {
	home := web.Lien{Libelle: "Espace référent", URL: "/espace-referent/"}
	if v.Tout {
		home = web.Lien{Libelle: "Gestion", URL: "/gestion/"}
	}
	return []web.Lien{home, {Libelle: "Signalements"}}
}

// unseen and seen part the list.
func (v vue) unseen() (out []Vu) {
	for _, x := range v.Liste {
		if x.VuLe.IsZero() {
			out = append(out, x)
		}
	}
	return out
}

func (v vue) seen() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Signalements vus", LegendeCachee: true, Vide: "Aucun.",
		Colonnes: []dsfr.Colonne{{Libelle: "Période"}, {Libelle: "Ce qui a été relevé"}, {Libelle: "Qui"}, {Libelle: "Vu"}, {Libelle: "Conservé jusqu’au"}},
	}
	for _, x := range v.Liste {
		if !x.VuLe.IsZero() {
			t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(x.quand()), dsfr.Text(x.Regle.Titre() + " : " + x.Phrase()), dsfr.Text(v.who(x)), dsfr.Text(x.seenBy()), dsfr.Text(web.Date(garde.Signalement.Jusqua(x.Date)))})
		}
	}
	return t
}

func (x Vu) seenBy() string {
	by := x.VuPar
	if by == "" {
		by = "quelqu’un dont le compte est effacé"
	}
	return "par " + by + ", le " + web.Date(x.VuLe)
}

// who is concerned: an aidant of the structure, or the structure.
func (v vue) who(x Vu) string {
	switch {
	case v.Tout && x.Nom != "":
		return x.Nom + ", " + x.Structure
	case x.Nom != "":
		return x.Nom
	}
	return x.Structure
}

// quand is the day or the month.
func (x Vu) quand() string {
	if len(x.Periode) == len("2006-01-02") {
		return web.DateCivile(x.Periode)
	}
	return "mois " + x.Periode[5:] + "/" + x.Periode[:4]
}

// mine tells what who looks may not mark: it is about them.
func (v vue) mine(x Vu) bool { return x.Aidant == v.Actor.Aidant }

func (v vue) facts(x Vu) []dsfr.Fait {
	t := textes[x.Regle]
	return []dsfr.Fait{{Nom: "Qui", Valeur: v.who(x)}, {Nom: "Quand", Valeur: x.quand()}, {Nom: "Pourquoi ce seuil", Valeur: t.Pourquoi}, {Nom: "Ce qui peut l’expliquer", Valeur: t.Explique}, {Nom: "Conservation", Valeur: garde.Signalement.Phrase(x.Date)}}
}

func contact(site web.Site) string {
	if site.Contact == "" {
		return ""
	}
	return " : " + site.Contact
}
