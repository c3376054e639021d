package mandat

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const maxFormFin = 4 << 10

// mountEnds puts the pages of the ends: the same handlers for a mandat and for
// one of its démarches, told apart by the address.
func (h *Handlers) mountEnds(m *web.Mux) {
	const une = CheminUsagers + "{usager}/autorisations/{autorisation}/"
	const entier = CheminMandats + "{mandat}/"
	for _, base := range []string{une, entier} {
		m.Aidant("GET "+base+"cancel_confirm", h.askEnd)
		m.Aidant("POST "+base+"cancel_confirm", h.end)
		m.Aidant("GET "+base+"cancel_success", h.showEnded)
	}
	m.Aidant("GET "+une+"cancel_attestation", h.showAttestationFin)
	m.Aidant("GET "+entier+"attestation_de_revocation", h.showAttestationFin)
	m.Aidant("POST "+entier+"papier", h.signPapier)
}

// CheminFin is the page that asks how an autorisation ends.
func (a Autorisation) CheminFin() string { return a.chemin() + "cancel_confirm" }

// CheminAttestationFin is the attestation of the end of an autorisation.
func (a Autorisation) CheminAttestationFin() string { return a.chemin() + "cancel_attestation" }

func (a Autorisation) chemin() string {
	return CheminFiche(a.Usager) + "autorisations/" + a.ID.String() + "/"
}

// Chemin is where the pages of a mandat are: visualisation, cancel_confirm,
// attestation_de_revocation, papier.
func (m Mandat) Chemin(page string) string { return CheminMandats + m.ID.String() + "/" + page }

func (e Etendue) chemin(page string) string {
	if e.Whole() {
		return e.Mandat.Chemin(page)
	}
	return e.one().chemin() + page
}

// etendue reads what the address is about, of this structure only.
func etendue(ctx context.Context, tx *db.Tx, r *http.Request, org ident.OrganisationID) (e Etendue, err error) {
	if r.PathValue("autorisation") == "" {
		id, err := web.PathID[ident.MandatID](r, "mandat")
		if err != nil {
			return e, err
		}
		e.Mandat, err = Load(ctx, tx, org, id)
		return e, err
	}
	u, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return e, err
	}
	if e.Une, err = web.PathID[ident.AutorisationID](r, "autorisation"); err != nil {
		return e, err
	}
	e.Mandat, err = OfAutorisation(ctx, tx, org, u, e.Une)
	return e, err
}

// finView is what the pages of an end show.
type finView struct {
	Etendue
	Now     time.Time
	Fins    []Autorisation // what would end, or what the act ended
	Fin     Fin            // the act, once done
	Adresse bool           // the person has an address: they are told by mail
	Motif   string         // as typed
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
		to, err := noticeAddress(ctx, tx, v.Mandat)
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
		v.Fin, err = loadFin(ctx, tx, v.Mandat.ID, op)
		return err
	})
	return v, err
}

// notOver says why there is no end to show: still active, or at its term.
func (v finView) notOver() string {
	switch live := len(v.Live(v.Now)) > 0; {
	case v.Whole() && live:
		return avisMandatActif
	case v.Whole():
		return avisMandatExpire
	case live:
		return avisAutorisationActive
	}
	return avisAutorisationExpiree
}

// over says that there is nothing left to end.
func (v finView) over() string {
	switch {
	case v.Acte().IsZero():
		return v.notOver()
	case v.Whole():
		return avisMandatTermine
	}
	return avisAutorisationTerminee
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
		return web.Redirect(w, r, backTo(v.Mandat.Usager, v.over()))
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, confirmPage(h.Site, a, v))
}

// end records the end; whoever comes second is told that it is done.
func (h *Handlers) end(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxFormFin)
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
		return h.Greffe.End(ctx, tx, a, e, wish)
	})
	if fault.Is(err, fault.Conflict) {
		v, err := h.load(r, a)
		if err != nil {
			return err
		}
		return web.Redirect(w, r, backTo(v.Mandat.Usager, v.over()))
	}
	if err != nil {
		return err
	}
	h.Greffe.Outbox.Poke() // the notice leaves at once
	return web.Redirect(w, r, e.chemin("cancel_success"))
}

// showEnded lists what the act ended.
func (h *Handlers) showEnded(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.load(r, a)
	if err != nil {
		return err
	}
	if v.Acte().IsZero() {
		return web.Redirect(w, r, backTo(v.Mandat.Usager, v.notOver()))
	}
	return web.Render(w, r, http.StatusOK, endedPage(h.Site, a, v))
}

// signPapier records that both signatures are on the paper (mandats.md 2.3).
func (h *Handlers) signPapier(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.MandatID](r, "mandat")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var m Mandat
	var done bool
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if m, err = Load(ctx, tx, a.Organisation, id); err != nil || m.OnPaper() {
			return err
		}
		if done, err = signPapier(ctx, tx, a.Organisation, id, a.Aidant); err != nil || !done {
			return err
		}
		e := Line(a, ident.OperationID{}, fait.SignPapier{DateSignature: tx.Now})
		e.Usager, e.Mandat = m.Usager, m.ID
		return h.Greffe.Journal.Append(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	if m.OnPaper() { // the proof itself is asked there
		return web.Redirect(w, r, m.Chemin("accord"))
	}
	word := avisPapier
	if !done {
		word = avisPapierDeja
	}
	return web.Redirect(w, r, backTo(m.Usager, word))
}

// The choices of the form.

func (v finView) wishes() dsfr.Choix {
	return dsfr.Choix{
		Nom: "motif", Legende: "Qui veut mettre fin ?", Valeur: v.Motif, Erreur: v.Champs["motif"],
		Options: []dsfr.Option{
			{Valeur: string(RevoqueUsager), Libelle: "La personne le demande", Aide: "Elle révoque. Elle n’a aucune raison à donner (Code civil, article 2004)."},
			{Valeur: string(Renonciation), Libelle: "La structure renonce", Aide: "La personne doit en être avertie (Code civil, article 2007)."},
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

// endedTitle says what ended: the act may be larger than the page's address.
func (v finView) endedTitle() string {
	if v.Fin.Entier || v.Mandat.FullyRevoked() && v.Whole() {
		return "Le mandat est terminé"
	}
	return "La démarche est arrêtée"
}

func (v finView) trail(last string) []web.Lien {
	return []web.Lien{
		{Libelle: "Accueil", URL: "/espace-aidant/"},
		{Libelle: "Mes mandats", URL: CheminUsagers},
		{Libelle: "Fiche de la personne", URL: CheminFiche(v.Mandat.Usager)},
		{Libelle: last},
	}
}
