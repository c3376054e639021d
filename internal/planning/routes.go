package planning

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/tache"
	"aidantsconnect/internal/web"
)

// Chemin is the page of the tasks.
const (
	Chemin  = "/gestion/taches/"
	maxForm = 4 << 10
)

// Handlers shows the tasks and runs them again.
type Handlers struct {
	DB       *db.DB
	Journal  *journal.Journal
	Planning *tache.Planning
	Champs   *secret.Box // seals who typed a command
	Site     web.Site
}

// Mount puts the URLs of the package in their space.
func (h *Handlers) Mount(m *web.Mux) {
	m.Gestion("GET "+Chemin, h.show)
	m.Gestion("POST "+Chemin+"{tache}/relancer/", h.replay, web.CodeFrais)
}

// relancesMax and echecsMax bound the lists of the page.
const relancesMax, echecsMax = 20, 50

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.render(w, r, vue{Actor: a, Avis: avis[web.TakeMessage(w, r)]})
}

func (h *Handlers) render(w http.ResponseWriter, r *http.Request, v vue) (err error) {
	if !v.Actor.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	ctx := r.Context()
	v.Site = h.Site
	if v.Taches, err = h.Planning.Status(ctx); err != nil {
		return err
	}
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Echecs, err = tache.Failures(ctx, tx, echecsMax); err != nil {
			return err
		}
		v.Relances, err = h.replays(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if v.Refus != "" {
		status = http.StatusConflict
	}
	return web.Render(w, r, status, page(v))
}

func (h *Handlers) replay(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if a.Role != actor.AdminTechnique {
		return fault.New(fault.NotFound, "pas_technique")
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	nom := r.PathValue("tache")
	v := vue{Actor: a, Choisie: nom, Motif: form.Get("motif")}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		return h.Again(ctx, tx, Acte{Tache: nom, Motif: v.Motif, Auteur: a})
	})
	switch {
	case fault.Is(err, fault.Invalid):
		v.Champs = fault.FieldsOf(err)
		return h.render(w, r, v)
	case fault.Is(err, fault.Conflict):
		v.Refus = "Cette tâche est en cours : attendez qu’elle finisse."
		return h.render(w, r, v)
	case err != nil:
		return err
	}
	web.SetMessage(w, "tache_relancee")
	return web.Redirect(w, r, Chemin)
}

var avis = map[string]string{"tache_relancee": "La tâche est due maintenant : un nœud la prend dans la minute."}

// Acte is a task to run again: by somebody of the team, or by who typed a
// command.
type Acte struct {
	Tache, Motif string
	Auteur       actor.Actor
	Par          string // of a command; "" for an act of the back-office
}

// Again makes a task due now, with who asked, why, and the line.
func (h *Handlers) Again(ctx context.Context, tx *db.Tx, x Acte) error {
	why, err := ParseMotif(x.Motif)
	if err != nil {
		return err
	}
	id := ident.New[ident.OperationID]()
	var operateur []byte
	if x.Auteur.Aidant.IsZero() {
		if x.Par, err = checkPar(x.Par); err != nil {
			return err
		}
		if operateur, err = h.Champs.Seal([]byte(x.Par), contexte(id)); err != nil {
			return err
		}
	}
	if err := h.Planning.Replay(ctx, tx, x.Tache); err != nil {
		return err
	}
	if err := insert(ctx, tx, ligne{id, x.Tache, why, x.Auteur.Aidant, operateur}); err != nil {
		return err
	}
	return h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Aidant: x.Auteur.Aidant, Session: x.Auteur.Session, Operation: id, Fait: fait.ReplayTache{Tache: x.Tache, Motif: string(why)},
	})
}

func contexte(id ident.OperationID) string { return "tache_relance.operateur/" + id.String() }
