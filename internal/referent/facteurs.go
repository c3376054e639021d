package referent

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// inviteView is the invitation to enrol an application: asked, then made. The
// activation code is shown once, and is not the secret: the mailbox of the
// person is needed too (A-W78).
type inviteView struct {
	Site    web.Site
	Actor   actor.Actor
	Membres []Membre // who may be invited, or who just was
	Choisis []string
	Codes   []string // one per person, once made
	Une     bool     // from the page of one person
	Message string
}

func inviteLabel(v ficheView) string {
	if v.Membre.Invite {
		return "Inviter de nouveau"
	}
	return "Inviter à associer une application"
}

func (h *Handlers) askInvite(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := inviteView{Site: h.Site, Actor: a, Une: true}
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		m, err := person(ctx, tx, r, a)
		v.Membres = []Membre{m}
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, askInvitePage(v))
}

// askInviteAll offers those who have nothing to sign in with.
func (h *Handlers) askInviteAll(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.loadInvite(r, a)
	if err != nil {
		return err
	}
	for _, m := range v.Membres {
		v.Choisis = append(v.Choisis, m.ID.String())
	}
	return web.Render(w, r, http.StatusOK, askInvitePage(v))
}

func (h *Handlers) loadInvite(r *http.Request, a actor.Actor) (inviteView, error) {
	ctx := r.Context()
	v := inviteView{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		ms, err := membres(ctx, tx, a)
		for _, m := range ms {
			if m.Permet(Inviter, 0) && !m.Utilisable() {
				v.Membres = append(v.Membres, m)
			}
		}
		return err
	})
	return v, err
}

// invite makes one invitation.
func (h *Handlers) invite(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.makeInvitations(w, r, a, inviteView{Une: true}, func(ctx context.Context, tx *db.Tx) ([]Membre, error) {
		m, err := person(ctx, tx, r, a)
		return []Membre{m}, err
	})
}

// inviteAll makes those that were ticked, together or not at all.
func (h *Handlers) inviteAll(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	var ids []ident.AidantID
	for _, s := range form["aidant"] {
		id, ok := ident.Parse[ident.AidantID](s)
		if !ok {
			return fault.New(fault.NotFound, "identifiant")
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		v, err := h.loadInvite(r, a)
		if err != nil {
			return err
		}
		v.Message = "Choisissez au moins une personne."
		return web.Render(w, r, http.StatusUnprocessableEntity, askInvitePage(v))
	}
	return h.makeInvitations(w, r, a, inviteView{}, func(ctx context.Context, tx *db.Tx) (ms []Membre, err error) {
		for _, id := range ids {
			m, err := resolve(ctx, tx, a, id)
			if err != nil {
				return nil, err
			}
			ms = append(ms, m)
		}
		return ms, nil
	})
}

func (h *Handlers) makeInvitations(w http.ResponseWriter, r *http.Request, a actor.Actor, v inviteView, who func(context.Context, *db.Tx) ([]Membre, error)) error {
	ctx := r.Context()
	v.Site, v.Actor = h.Site, a
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		v.Codes = nil
		if v.Membres, err = who(ctx, tx); err != nil {
			return err
		}
		for _, m := range v.Membres {
			if !m.Permet(Inviter, 0) {
				return fault.New(fault.Conflict, "invitation_refusee")
			}
			code, err := h.Facteurs.Invite(ctx, tx, facteur.ByReferent(a), m.ID)
			if err != nil {
				return err
			}
			v.Codes = append(v.Codes, code.Reveal())
		}
		return nil
	})
	if fault.Is(err, fault.Conflict) {
		v.Codes, v.Message = nil, "Cette personne ne peut pas être invitée : son compte est désactivé, c’est le vôtre, ou elle a trop de moyens de connexion."
		return web.Render(w, r, http.StatusConflict, askInvitePage(v))
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	return web.Render(w, r, http.StatusOK, invitedPage(v))
}

func (v inviteView) people() dsfr.Choix {
	c := dsfr.Choix{Nom: "aidant", Legende: "Qui invitez-vous ?", Erreur: v.Message, Valeurs: v.Choisis}
	for _, m := range v.Membres {
		c.Options = append(c.Options, dsfr.Option{Valeur: m.ID.String(), Libelle: m.NomComplet(), Aide: m.Email + ". " + m.Etape().Libelle() + "."})
	}
	return c
}

func (v inviteView) codes() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Codes d’activation", Colonnes: []dsfr.Colonne{{Libelle: "Personne"}, {Libelle: "Code d’activation"}}}
	for i, m := range v.Membres {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(m.NomComplet()), bigCode(v.Codes[i])})
	}
	return t
}

// retraitView is the confirmation of the removal of a factor.
type retraitView struct {
	Site      web.Site
	Actor     actor.Actor
	Membre    Membre
	Facteur   facteur.Facteur
	Motif     string
	Precision string
	Champs    fault.Fields
}

func cheminRetrait(id ident.AidantID, f ident.FacteurID) string {
	return CheminFiche(id) + "facteur/" + f.String() + "/retirer/"
}

// factorOf reads a factor of a person within reach, by the address.
func factorOf(ctx context.Context, tx *db.Tx, r *http.Request, a actor.Actor) (m Membre, f facteur.Facteur, err error) {
	if m, err = person(ctx, tx, r, a); err != nil {
		return m, f, err
	}
	id, err := web.PathID[ident.FacteurID](r, "facteur")
	if err != nil {
		return m, f, err
	}
	all, err := facteur.Load(ctx, tx, m.ID)
	if err != nil {
		return m, f, err
	}
	for _, f := range all.Facteurs {
		if f.ID == id && m.Permet(Retirer, 0) {
			return m, f, nil
		}
	}
	return m, f, fault.New(fault.NotFound, "facteur_inconnu")
}

func (h *Handlers) askRetrait(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.showRetrait(w, r, retraitView{Actor: a}, http.StatusOK)
}

func (h *Handlers) showRetrait(w http.ResponseWriter, r *http.Request, v retraitView, status int) error {
	ctx := r.Context()
	v.Site = h.Site
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Membre, v.Facteur, err = factorOf(ctx, tx, r, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, status, retraitPage(v))
}

// retire removes a factor, with its reason (A-W79): the person is told, and
// their other sessions end.
func (h *Handlers) retire(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var m Membre
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		var f facteur.Facteur
		if m, f, err = factorOf(ctx, tx, r, a); err != nil {
			return err
		}
		return h.Facteurs.Remove(ctx, tx, facteur.ByReferent(a), m.ID, facteur.Retrait{
			Facteur: f.ID, Motif: facteur.Motif(form.Get("motif")), Precision: form.Get("precision"),
		})
	})
	if fault.Is(err, fault.Invalid) {
		return h.showRetrait(w, r, retraitView{Actor: a, Motif: form.Get("motif"), Precision: form.Get("precision"), Champs: fault.FieldsOf(err)}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, backTo(m.ID, avisFacteur))
}

func (v retraitView) reasons() dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", Legende: "Pour quelle raison ?", Valeur: v.Motif, Erreur: v.Champs["motif"]}
	for _, m := range facteur.Motifs {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(m), Libelle: m.Libelle()})
	}
	return c
}

func trailOf(m Membre, last string) []web.Lien {
	return []web.Lien{
		{Libelle: "Espace référent", URL: Chemin},
		{Libelle: "Aidants", URL: CheminAidants},
		{Libelle: m.NomComplet(), URL: CheminFiche(m.ID)},
		{Libelle: last},
	}
}

func (v inviteView) trail() []web.Lien {
	if v.Une {
		return trailOf(v.Membres[0], "Inviter")
	}
	return []web.Lien{{Libelle: "Espace référent", URL: Chemin}, {Libelle: "Aidants", URL: CheminAidants}, {Libelle: "Inviter plusieurs personnes"}}
}

func (v inviteView) back() string {
	if v.Une {
		return CheminFiche(v.Membres[0].ID)
	}
	return CheminAidants
}
