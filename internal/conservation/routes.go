package conservation

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Chemin is the page of the retention, in the back-office.
const Chemin = "/gestion/conservation/"

const (
	cheminGel   = Chemin + "gel/"
	cheminLever = Chemin + "gel/lever/"
	maxForm     = 4 << 10
)

// Handlers runs the retention and serves its page.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Site    web.Site
	Log     *slog.Logger

	// Personnes destroy what packages of this rank keep of a person.
	Personnes []func(context.Context, *db.Tx, ident.UsagerID) error
	// Comptes do the same of an account.
	Comptes []func(context.Context, *db.Tx, ident.AidantID) error
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Gestion("GET "+Chemin, h.show)
	m.Gestion("POST "+cheminGel, h.hold, web.CodeFrais)
	m.Gestion("POST "+cheminLever, h.release, web.CodeFrais)
	m.Gestion("GET "+cheminArchive, h.showArchive)
	m.Gestion("POST "+cheminArchive, h.readArchive, web.CodeFrais)
}

// vue is the page: reports, holds, and the form of a new one.
type vue struct {
	Site     web.Site
	Actor    actor.Actor
	Passages []Passage
	Gels     []Gel
	Code     string
	Motif    string
	Champs   fault.Fields
	Avis     string
}

var avis = map[string]string{
	"gele": "Le gel est posé : rien de cette personne ne sera effacé avant qu’il soit levé.", "leve": "Le gel est levé.", "deja": "Ce gel était déjà levé.",
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.render(w, r, vue{Actor: a, Avis: avis[r.URL.Query().Get("avis")]})
}

func (h *Handlers) render(w http.ResponseWriter, r *http.Request, v vue) error {
	if !v.Actor.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	ctx := r.Context()
	v.Site = h.Site
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Passages, err = Passages(ctx, tx, passagesMax); err != nil {
			return err
		}
		v.Gels, err = Gels(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, page(v))
}

// hold keeps everything of a person, found by the code of one of their
// mandats: it is on the paper, and nobody has to be searched by name.
func (h *Handlers) hold(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if !a.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := vue{Actor: a, Code: form.Get("code"), Motif: form.Get("motif"), Champs: fault.Fields{}}
	code, ok := mandat.ParseCode(v.Code)
	if !ok {
		v.Champs["code"] = "Saisissez le code imprimé sur un mandat, par exemple 7K2M-09QX-3F4T."
	}
	why, err := ParseMotif(v.Motif)
	if err != nil {
		v.Champs["motif"] = fault.FieldsOf(err)["motif"]
	}
	if len(v.Champs) > 0 {
		return h.render(w, r, v)
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		u, m, err := personOf(ctx, tx, code)
		if err != nil {
			return err
		}
		g := Gel{ID: ident.New[ident.OperationID](), Usager: u, Motif: why}
		if err := hold(ctx, tx, g, a.Aidant); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session, Operation: g.ID, Usager: u, Mandat: m, Fait: fait.HoldUsager{Motif: string(why)},
		})
	})
	if f := fault.FieldsOf(err); len(f) > 0 {
		v.Champs = f
		return h.render(w, r, v)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, Chemin+"?avis=gele")
}

func (h *Handlers) release(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if !a.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, _ := ident.Parse[ident.OperationID](form.Get("gel"))
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		u, err := release(ctx, tx, id, a.Aidant)
		if err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session, Operation: id, Usager: u, Fait: fait.ReleaseUsager{},
		})
	})
	if fault.Is(err, fault.Conflict) {
		return web.Redirect(w, r, Chemin+"?avis=deja")
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, Chemin+"?avis=leve")
}

// rules is the table that the erasures follow.
func rules() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Durées de conservation", LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Ce qui est gardé"}, {Libelle: "Combien de temps"}, {Libelle: "Parce que"}},
	}
	for _, r := range garde.Toutes() {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(r.Quoi), dsfr.Text(r.Duree()), dsfr.Text(r.Raison)})
	}
	return t
}

func (v vue) reports() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Derniers passages", LegendeCachee: true, Vide: "La conservation n’est pas encore passée.", Borne: passagesMax,
		Colonnes: []dsfr.Colonne{
			{Libelle: "Date"},
			{Libelle: "Mandats archivés", Droite: true},
			{Libelle: "Mandats effacés", Droite: true},
			{Libelle: "Personnes effacées", Droite: true},
			{Libelle: "Comptes effacés", Droite: true},
			{Libelle: "Retenus par un gel", Droite: true},
			{Libelle: "Échecs", Droite: true},
			{Libelle: "Empreinte"},
		},
	}
	for _, p := range v.Passages {
		short := p.Empreinte
		if len(short) > 16 {
			short = short[:16] + "…"
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(web.DateHeure(p.Fin) + p.cut()), number(p.Archives), number(p.Mandats), number(p.Usagers), number(p.Comptes), number(p.Geles), number(p.Echecs), dsfr.Text(short),
		})
	}
	return t
}

// cut tells a run that has not reached its end: it goes on, or it was stopped in
// the middle and the next one does what was left.
func (p Passage) cut() string {
	if p.Termine {
		return ""
	}
	return " (en cours, ou coupé : le suivant reprend)"
}

func (v vue) motifs() dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", Legende: "Pourquoi ?", Valeur: v.Motif, Erreur: v.Champs["motif"]}
	for _, m := range Motifs() {
		c.Options = append(c.Options, dsfr.Option{Valeur: m[0], Libelle: m[1]})
	}
	return c
}

// held says how many mandats a hold keeps.
func held(n int) string {
	if n > 1 {
		return strconv.Itoa(n) + " mandats retenus"
	}
	return strconv.Itoa(n) + " mandat retenu"
}

func number(n int) templ.Component { return dsfr.Text(strconv.Itoa(n)) }
