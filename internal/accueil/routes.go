package accueil

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/notification"
	"aidantsconnect/internal/web"
)

// Handlers serves the home pages.
type Handlers struct {
	DB        *db.DB
	Site      web.Site
	BacASable string // address of the sandbox; "" for none

	fresh func(actor.Actor) bool
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	h.fresh = m.Fresh
	m.Compte("GET /espace-aidant/", h.aidant)
	m.Compte("POST /espace-aidant/premiers-pas", h.tell)
	m.Compte("GET /espace-aidant/profil/chiffres", h.chiffres)
	m.Compte("GET /espace-aidant/profil/chiffres.csv", h.chiffresCSV)
}

// vueAidant is the home of an aidant.
type vueAidant struct {
	Site      web.Site
	Actor     actor.Actor
	AFaire    []AFaire
	Premiers  Parcours            // the first steps
	EnCours   string              // who may still be signed in through this web session (FI-84)
	Attente   fournisseur.Attente // what FranceConnect waits for
	Echec     string              // why the last connection did not succeed
	Nouvelles notification.Attente
}

func (h *Handlers) aidant(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if !a.IsAidant() && a.Referent {
		return web.Redirect(w, r, "/espace-referent/")
	}
	ctx := r.Context()
	v := vueAidant{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Nouvelles, err = notification.Pending(ctx, tx, a.Aidant); err != nil || !a.IsAidant() {
			return err
		}
		steps, err := avancement(ctx, tx, a)
		if err != nil {
			return err
		}
		v.Premiers = path(steps, h.BacASable, tx.Now.Time())
		if !a.Engage() {
			return nil
		}
		c, err := mandat.ToDo(ctx, tx, a.Organisation)
		if err != nil {
			return err
		}
		v.AFaire = todo(c.Bientot, c.NonSignes, c.Incomplets)
		open, yes, err := fournisseur.EnCours(ctx, tx, a.Session)
		if err != nil {
			return err
		}
		if yes {
			v.EnCours = "d'une personne" // named only to who gave the code lately (A-W19)
			if h.fresh(a) {
				v.EnCours = "de " + open.Nom
			}
		}
		if v.Attente, _, err = fournisseur.Pending(ctx, tx, a.Session); err != nil {
			return err
		}
		failure, yes, err := fournisseur.LastFailure(ctx, tx, a.Aidant)
		if yes {
			v.Echec = failure.Motif.Texte()
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, aidantPage(v))
}
