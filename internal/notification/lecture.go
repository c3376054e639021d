package notification

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// listView is the notifications of an account.
type listView struct {
	Site  web.Site
	Actor actor.Actor
	Genre Genre
	Apres bool // not the first page
	List  []Notification
	More  bool
	Now   db.Time
}

func (h *Handlers) showMine(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	q := r.URL.Query()
	v := listView{Site: h.Site, Actor: a}
	if g := Genre(q.Get("genre")); slices.Contains(Genres(), g) {
		v.Genre = g
	}
	var apres ident.OperationID
	apres, v.Apres = ident.Parse[ident.OperationID](q.Get("apres"))
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.List, v.More, err = mine(ctx, tx, a.Aidant, v.Genre, apres)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

// oneView is one notification.
type oneView struct {
	Site  web.Site
	Actor actor.Actor
	N     Notification
}

func (h *Handlers) showOne(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "notification")
	if err != nil {
		return err
	}
	v := oneView{Site: h.Site, Actor: a}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.N, err = one(ctx, tx, a.Aidant, id)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, onePage(v))
}

// mark notes what the person says; one that ends by itself stays as it is.
func (h *Handlers) mark(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "notification")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		n, err := one(ctx, tx, a.Aidant, id)
		if err != nil || !n.Acquittable() {
			return err
		}
		return mark(ctx, tx, a.Aidant, id, form.Get("etat") != "non_lu")
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, Chemin)
}

func (v listView) url(g Genre) string {
	if g == "" {
		return Chemin
	}
	return Chemin + "?genre=" + string(g)
}

func (v listView) tabs() []dsfr.Lien {
	out := []dsfr.Lien{{Libelle: "Toutes", URL: Chemin, Actif: v.Genre == ""}}
	for _, g := range Genres() {
		out = append(out, dsfr.Lien{Libelle: plurals[g], URL: v.url(g), Actif: v.Genre == g})
	}
	return out
}

var plurals = map[Genre]string{Information: "Informations", Nouveaute: "Nouveautés", Alerte: "Alertes"}

func (v listView) pages() dsfr.Pages {
	p := dsfr.Pages{Libelle: "Pages des notifications"}
	if v.Apres {
		p.Precedente = v.url(v.Genre)
	}
	if v.More {
		sep := "?"
		if v.Genre != "" {
			sep = "&"
		}
		p.Suivante = v.url(v.Genre) + sep + "apres=" + v.List[len(v.List)-1].ID.String()
	}
	return p
}

// badge tells the kind.
func (n Notification) badge() dsfr.Pastille {
	p := dsfr.Pastille{Ton: dsfr.Info, Libelle: n.Genre.Libelle(), Petite: true, SansIcon: true}
	switch n.Genre {
	case Alerte:
		p.Ton = dsfr.Alarme
	case Nouveaute:
		p.Ton = dsfr.Neuf
	}
	return p
}

// toRead says how many wait, on a home.
func (p Attente) toRead() string {
	if p.Autres == 1 {
		return "1 notification à lire"
	}
	return strconv.Itoa(p.Autres) + " notifications à lire"
}

// first is the beginning of a text, for a home.
func first(n Notification) string {
	for _, bloc := range n.Paragraphes() {
		return strings.Join(bloc, " ")
	}
	return ""
}
