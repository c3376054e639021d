package traduction

import (
	"context"
	"net/http"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
)

// Chemin leads to the translations: short, so that a voice can give it.
const Chemin = "/comprendre/mandat/"

const (
	cheminAidant  = "/espace-aidant/creation_mandat/traduction/"
	cheminGestion = "/gestion/traductions/"
	cheminRetirer = cheminGestion + "{relecture}/retirer/"
)

// Handlers serves the translations and records their reviews.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Site    web.Site
	Greffe  *mandat.Greffe
}

// Mount puts the URLs of the package in their spaces. Reading needs no code: a
// translation is shown beside a form that must not be lost.
func (h *Handlers) Mount(m *web.Mux) {
	m.Visiteur("GET "+Chemin, h.showList)
	m.Visiteur("GET "+Chemin+"{langue}", h.showOne)
	m.Aidant("GET "+cheminAidant, h.showBeside)
	m.Gestion("GET "+cheminGestion, h.showReviews)
	m.Gestion("GET "+cheminGestion+"{langue}", h.preview)
	m.Gestion("POST "+cheminGestion+"{langue}", h.review, web.CodeFrais)
	m.Gestion("POST "+cheminRetirer, h.withdraw, web.CodeFrais)
}

// all reads the translations in force.
func (h *Handlers) all(ctx context.Context) (ts []Traduction, err error) {
	err = h.DB.ViewOne(ctx, func(tx *db.Tx) error {
		rs, err := reviews(ctx, tx)
		ts = withReviews(rs)
		return err
	})
	return ts, err
}

func visible(ts []Traduction) []Traduction {
	var out []Traduction
	for _, t := range ts {
		if t.Visible() {
			out = append(out, t)
		}
	}
	return out
}

func (h *Handlers) showList(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	ts, err := h.all(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listePage(h.Site, a, visible(ts)))
}

// lecture is the page of one text.
type lecture struct {
	Site   web.Site
	Actor  *actor.Actor
	Texte  Traduction
	Grand  bool // large print
	Autres []Traduction
}

// showOne gives a text to anybody: on screen, printed by the browser, in large
// print. A hidden language is not found.
func (h *Handlers) showOne(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	ts, err := h.all(r.Context())
	if err != nil {
		return err
	}
	ts = visible(ts)
	t, ok := find(ts, r.PathValue("langue"))
	if !ok {
		return fault.New(fault.NotFound, "traduction_inconnue")
	}
	return web.Render(w, r, http.StatusOK, textePage(lecture{Site: h.Site, Actor: a, Texte: t, Grand: r.URL.Query().Get("taille") == tailleGrande, Autres: ts}))
}

const tailleGrande = "grande"

// besideView is the blank mandat beside a translation.
type besideView struct {
	Site   web.Site
	Actor  actor.Actor
	Vierge string // ours: the blank mandat
	Texte  Traduction
	Autres []Traduction
}

// showBeside shows the aidant and the person the French text and another, side
// by side (mandats.md 12).
func (h *Handlers) showBeside(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ts, err := h.all(r.Context())
	if err != nil {
		return err
	}
	v := besideView{Site: h.Site, Actor: a, Autres: visible(ts)}
	code := r.URL.Query().Get("langue")
	if code == "" && len(v.Autres) > 0 {
		code = v.Autres[0].Code
	}
	var ok bool
	if v.Texte, ok = find(v.Autres, code); !ok {
		return fault.New(fault.NotFound, "traduction_inconnue")
	}
	blank, err := h.Greffe.Vierge()
	if err != nil {
		return err
	}
	// The page has its own title: that of the document comes under it.
	v.Vierge = strings.NewReplacer("<h1>", "<h2>", "</h1>", "</h2>").Replace(string(blank))
	return web.Render(w, r, http.StatusOK, besidePage(v))
}
