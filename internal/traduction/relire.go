package traduction

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const maxForm = 4 << 10

// reviewsView is the list of the texts and of their reviews.
type reviewsView struct {
	Site   web.Site
	Actor  actor.Actor
	Textes []Traduction
	Avis   string
}

var avis = map[string]string{
	"relue":   "La relecture est notée : ce texte est maintenant proposé.",
	"retiree": "La relecture est retirée. Si nous ne répondons pas de cette langue, elle n’est plus proposée.",
	"deja":    "C’était déjà fait.",
}

func (h *Handlers) showReviews(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if !a.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	ts, err := h.all(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, reviewsPage(reviewsView{Site: h.Site, Actor: a, Textes: ts, Avis: avis[r.URL.Query().Get("avis")]}))
}

// previewView is one text, hidden or not, with the form of its review.
type previewView struct {
	Site      web.Site
	Actor     actor.Actor
	Texte     Traduction
	Relecteur string
	Qualite   string
	Champs    fault.Fields
}

func (h *Handlers) preview(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.showPreview(w, r, previewView{Actor: a})
}

func (h *Handlers) showPreview(w http.ResponseWriter, r *http.Request, v previewView) error {
	if !v.Actor.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	ts, err := h.all(r.Context())
	if err != nil {
		return err
	}
	var ok bool
	if v.Texte, ok = find(ts, r.PathValue("langue")); !ok {
		return fault.New(fault.NotFound, "traduction_inconnue")
	}
	v.Site = h.Site
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, previewPage(v))
}

// review records who read the text that the form showed: if it changed since,
// with another version of the program, it is not that one that was read.
func (h *Handlers) review(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	t, ok := find(courantes, r.PathValue("langue"))
	if !ok || !a.Equipe() {
		return fault.New(fault.NotFound, "traduction_inconnue")
	}
	rel, err := ParseRelecture(t.Langue, form.Get("relecteur"), form.Get("qualite"))
	champs := fault.FieldsOf(err)
	if form.Get("empreinte") != t.Empreinte {
		champs = fault.Fields{"relecteur": "Ce texte a changé depuis que la page a été ouverte. Relisez-le avant de l’enregistrer."}
	}
	if len(champs) > 0 {
		return h.showPreview(w, r, previewView{Actor: a, Relecteur: form.Get("relecteur"), Qualite: form.Get("qualite"), Champs: champs})
	}
	rel.ID, rel.Empreinte = ident.New[ident.OperationID](), t.Empreinte
	ctx := r.Context()
	err = h.DB.UpdateGated(ctx, func(tx *db.Tx) error {
		if err := insert(ctx, tx, rel, a.Aidant); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session, Operation: rel.ID,
			Fait: fait.ReviewTraduction{Langue: t.Code, Empreinte: t.Empreinte, Qualite: string(rel.Qualite)},
		})
	})
	return done(w, r, err, "relue")
}

func (h *Handlers) withdraw(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, ok := ident.Parse[ident.OperationID](r.PathValue("relecture"))
	if !ok || !a.Equipe() {
		return fault.New(fault.NotFound, "relecture_inconnue")
	}
	ctx := r.Context()
	err := h.DB.UpdateGated(ctx, func(tx *db.Tx) error {
		rel, err := withdraw(ctx, tx, id, a.Aidant)
		if err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session, Operation: id,
			Fait: fait.WithdrawTraduction{Langue: rel.Langue, Empreinte: rel.Empreinte},
		})
	})
	return done(w, r, err, "retiree")
}

func done(w http.ResponseWriter, r *http.Request, err error, said string) error {
	if fault.Is(err, fault.Conflict) {
		said, err = "deja", nil
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, cheminGestion+"?avis="+said)
}

func (v reviewsView) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Textes et relectures", LegendeCachee: true, Vide: "Le texte du mandat en vigueur n’a pas encore de traduction.",
		Colonnes: []dsfr.Colonne{{Libelle: "Langue"}, {Libelle: "État"}, {Libelle: "Relue par"}, {Libelle: "Agir"}},
	}
	for _, x := range v.Textes {
		etat := "Cachée, en attente d’une relecture"
		if x.Visible() {
			etat = "Proposée"
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(x.Nom), dsfr.Text(etat), dsfr.Text(x.reviewer()), actions(v.Actor, x)})
	}
	return t
}

// reviewer says who reviewed the text, and when.
func (t Traduction) reviewer() string {
	if t.Relecture == nil {
		return "Personne encore"
	}
	return t.Relecture.Relecteur + " (" + t.Relecture.Qualite.Libelle() + "), le " + web.Date(t.Relecture.Date)
}

func (v previewView) qualites() dsfr.Choix {
	c := dsfr.Choix{Nom: "qualite", Legende: "En quelle qualité ?", Valeur: v.Qualite, Erreur: v.Champs["qualite"]}
	for _, q := range v.Texte.Qualites() {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(q), Libelle: q.Libelle()})
	}
	return c
}
