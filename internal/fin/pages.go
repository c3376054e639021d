package fin

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

func (e Etendue) chemin(page string) string {
	if e.Whole() {
		return e.Mandat.Chemin(page)
	}
	return e.one().Chemin(page)
}

// etendue reads what the address is about, of this structure only.
func etendue(ctx context.Context, tx *db.Tx, r *http.Request, org ident.OrganisationID) (e Etendue, err error) {
	if r.PathValue("autorisation") == "" {
		id, err := web.PathID[ident.MandatID](r, "mandat")
		if err != nil {
			return e, err
		}
		e.Mandat, err = mandat.Load(ctx, tx, org, id)
		return e, err
	}
	u, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return e, err
	}
	if e.Une, err = web.PathID[ident.AutorisationID](r, "autorisation"); err != nil {
		return e, err
	}
	e.Mandat, err = mandat.OfAutorisation(ctx, tx, org, u, e.Une)
	return e, err
}

// finView is what the pages of an end show.
type finView struct {
	Etendue
	Now     time.Time
	Fins    []mandat.Autorisation // what would end, or what the act ended
	Fin     mandat.Fin            // the act, once done
	Recue   string                // day the team received the written request of this act, or ""
	Adresse bool                  // the person has an address: they are told by mail
	Motif   string                // as typed
	Canal   string
	Champs  fault.Fields
}

func (h *Handlers) load(r *http.Request, a actor.Actor) (v finView, err error) {
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		v = finView{Now: tx.Now.Time()}
		if v.Etendue, err = etendue(ctx, tx, r, a.Organisation); err != nil {
			return err
		}
		to, err := mandat.NoticeAddress(ctx, tx, v.Mandat)
		if err != nil {
			return err
		}
		v.Adresse = to != ""
		op := v.Acte()
		if op.IsZero() {
			v.Fins = v.Live(v.Now)
			return nil
		}
		v.Fins = v.Mandat.EndedBy(op)
		return v.loadFin(ctx, tx)
	})
	return v, err
}

// loadFin reads the act, and what was written to the team.
func (v *finView) loadFin(ctx context.Context, tx *db.Tx) (err error) {
	if v.Fin, err = mandat.LoadFin(ctx, tx, v.Mandat.ID, v.Acte()); err != nil {
		return err
	}
	v.Recue, err = received(ctx, tx, v.Mandat.ID, v.Acte())
	return err
}

// notOver says why there is no end to show: still active, or at its term.
func (v finView) notOver() string {
	switch live := len(v.Live(v.Now)) > 0; {
	case v.Whole() && live:
		return mandat.AvisMandatActif
	case v.Whole():
		return mandat.AvisMandatExpire
	case live:
		return mandat.AvisAutorisationActive
	}
	return mandat.AvisAutorisationExpiree
}

// over says that there is nothing left to end.
func (v finView) over() string {
	switch {
	case v.Acte().IsZero():
		return v.notOver()
	case v.Whole():
		return mandat.AvisMandatTermine
	}
	return mandat.AvisAutorisationTerminee
}

// askEnd asks on whose wish and by which channel; never why, and no code:
// ending must stay easy (Code civil, art. 2004).
func (h *Handlers) askEnd(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.load(r, a)
	if err != nil {
		return err
	}
	return h.renderAsk(w, r, a, v)
}

func (h *Handlers) renderAsk(w http.ResponseWriter, r *http.Request, a actor.Actor, v finView) error {
	if len(v.Live(v.Now)) == 0 {
		return web.Redirect(w, r, mandat.BackTo(v.Mandat.Usager, v.over()))
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, confirmPage(h.Site, a, v))
}

// end records the end; whoever comes second is told that it is done.
func (h *Handlers) end(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	wish, err := ParseVolonte(form.Get("motif"), form.Get("canal"))
	if err != nil {
		v, loadErr := h.load(r, a)
		if loadErr != nil {
			return loadErr
		}
		v.Champs, v.Motif, v.Canal = fault.FieldsOf(err), form.Get("motif"), form.Get("canal")
		return h.renderAsk(w, r, a, v)
	}
	ctx := r.Context()
	var e Etendue
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if e, err = etendue(ctx, tx, r, a.Organisation); err != nil {
			return err
		}
		return h.Actes.End(ctx, tx, a, e, wish)
	})
	if fault.Is(err, fault.Conflict) {
		v, err := h.load(r, a)
		if err != nil {
			return err
		}
		return web.Redirect(w, r, mandat.BackTo(v.Mandat.Usager, v.over()))
	}
	if err != nil {
		return err
	}
	h.Actes.Outbox.Poke() // the notice leaves at once
	return web.Redirect(w, r, e.chemin("cancel_success"))
}

// showEnded lists what the act ended.
func (h *Handlers) showEnded(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.load(r, a)
	if err != nil {
		return err
	}
	if v.Acte().IsZero() {
		return web.Redirect(w, r, mandat.BackTo(v.Mandat.Usager, v.notOver()))
	}
	return web.Render(w, r, http.StatusOK, endedPage(h.Site, a, v))
}

// The choices of the form.

func (v finView) wishes() dsfr.Choix {
	return dsfr.Choix{
		Nom: "motif", Legende: "Pourquoi ?", Valeur: v.Motif, Erreur: v.Champs["motif"],
		Options: []dsfr.Option{
			{Valeur: string(mandat.RevoqueUsager), Libelle: "La personne le demande", Aide: "Elle révoque. Elle n’a aucune raison à donner (Code civil, article 2004)."},
			{Valeur: string(mandat.Renonciation), Libelle: "La structure renonce", Aide: "La personne doit en être avertie (Code civil, article 2007)."},
			{Valeur: string(mandat.DemarchesAccomplies), Libelle: "Les démarches sont faites", Aide: "Il n’y a plus rien à faire pour la personne avec ce mandat."},
		},
	}
}

func (v finView) channels() dsfr.Choix {
	return dsfr.Choix{
		Nom: "canal", Legende: "Par quel moyen ?", Valeur: v.Canal, Erreur: v.Champs["canal"],
		Aide: "Comment la personne l’a demandé, ou comment vous l’avez avertie.",
		Options: []dsfr.Option{
			{Valeur: Oral, Libelle: "De vive voix", Aide: "Sur place ou au téléphone."},
			{Valeur: Lettre, Libelle: "Par lettre"},
			{Valeur: Courriel, Libelle: "Par courriel"},
		},
	}
}

func (v finView) heading() string {
	if v.Whole() {
		return "Mettre fin au mandat"
	}
	return "Arrêter une démarche du mandat"
}

// author says who recorded the end: the structure, but for what was written to
// the team.
func (v finView) author() string {
	if v.Recue == "" {
		return "votre structure"
	}
	return "l’équipe du service, sur la demande écrite de la personne, reçue le " + jourFrancais(v.Recue)
}

// endedTitle says what ended: the act may be larger than the page's address.
func (v finView) endedTitle() string {
	if v.Fin.Entier || v.Mandat.FullyRevoked() && v.Whole() {
		return "Le mandat est terminé"
	}
	if len(v.Fins) > 1 {
		return "Les démarches sont arrêtées"
	}
	return "La démarche est arrêtée"
}

func (v finView) trail(last string) []web.Lien {
	return []web.Lien{
		{Libelle: "Accueil", URL: "/espace-aidant/"},
		{Libelle: "Mes mandats", URL: mandat.CheminUsagers},
		{Libelle: "Fiche de la personne", URL: mandat.CheminFiche(v.Mandat.Usager)},
		{Libelle: last},
	}
}
