package fin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// CheminEvenement is the page where a structure notes that the person died or
// is protected.
func CheminEvenement(u ident.UsagerID) string { return mandat.CheminFiche(u) + "evenement" }

// evenementView is that page: what is noted, or the form.
type evenementView struct {
	Site    web.Site
	Actor   actor.Actor
	Now     time.Time
	Usager  ident.UsagerID
	Mandats []mandat.Mandat // of the structure, the latest first
	Notes   []Evenement
	Saisie  saisie
	Retrait string
	Champs  fault.Fields
}

// live gives the mandats that the event would end.
func (v evenementView) live() []mandat.Mandat {
	return slices.DeleteFunc(slices.Clone(v.Mandats), func(m mandat.Mandat) bool { return !m.Active(v.Now) })
}

// loadEvenement reads what the page shows. A person whom the structure has no
// mandat with, or none since a year, is unknown (M-W31).
func loadEvenement(ctx context.Context, tx *db.Tx, a actor.Actor, u ident.UsagerID) (v evenementView, err error) {
	v = evenementView{Actor: a, Usager: u, Now: tx.Now.Time()}
	if v.Mandats, err = mandat.OfUsager(ctx, tx, a.Organisation, u); err != nil {
		return v, err
	}
	if !slices.ContainsFunc(v.Mandats, func(m mandat.Mandat) bool { return !m.Outdated(v.Now) }) {
		return v, fault.New(fault.NotFound, "usager_introuvable")
	}
	v.Notes, err = OfUsager(ctx, tx, a.Organisation, u)
	return v, err
}

func (h *Handlers) showEvenement(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.renderEvenement(w, r, a, evenementView{})
}

// renderEvenement shows the page with what was typed.
func (h *Handlers) renderEvenement(w http.ResponseWriter, r *http.Request, a actor.Actor, typed evenementView) error {
	u, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var v evenementView
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v, err = loadEvenement(ctx, tx, a, u)
		return err
	})
	if err != nil {
		return err
	}
	v.Site, v.Saisie, v.Retrait, v.Champs = h.Site, typed.Saisie, typed.Retrait, typed.Champs
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, evenementPage(v))
}

// note ends every mandat of the structure with the person, at once and in one
// act (Code civil, art. 2003). The other structures learn nothing: the team
// checks first (decision 0175).
func (h *Handlers) note(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	u, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	s := saisie{Motif: form.Get("evenement"), Source: form.Get("source"), Date: form.Get("date"), Certain: form.Get("certain") != ""}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		e, err := s.parse(tx.Now.Time())
		if err != nil {
			return err
		}
		e.ID, e.Usager, e.Organisation, e.Aidant = ident.New[ident.OperationID](), u, a.Organisation, a.Aidant
		return h.Actes.Note(ctx, tx, a, e)
	})
	switch {
	case len(fault.FieldsOf(err)) > 0:
		return h.renderEvenement(w, r, a, evenementView{Saisie: s, Champs: fault.FieldsOf(err)})
	case fault.Is(err, fault.Conflict):
		return web.Redirect(w, r, CheminEvenement(u))
	case err != nil:
		return err
	}
	h.Actes.Outbox.Poke()
	return web.Redirect(w, r, mandat.BackTo(u, mandat.AvisEvenement))
}

// Note records an event and ends the mandats of its structure with the person.
func (g *Actes) Note(ctx context.Context, tx *db.Tx, a actor.Actor, e Evenement) error {
	v, err := loadEvenement(ctx, tx, a, e.Usager)
	if err != nil {
		return err
	}
	if err := insertEvenement(ctx, tx, e); err != nil {
		return err
	}
	line := mandat.Line(a, e.ID, fait.EvenementUsager{Motif: string(e.Motif), Etape: fait.EtapeDemandee, DateEffet: db.At(e.Effet)})
	line.Usager = e.Usager
	if err := g.Journal.Append(ctx, tx, line); err != nil {
		return err
	}
	for _, m := range v.live() {
		if err := g.end(ctx, tx, a, Etendue{Mandat: m}, e.cause(m)); err != nil {
			return err
		}
	}
	return nil
}

// cause is how the event ends a mandat.
func (e Evenement) cause(m mandat.Mandat) cause {
	return cause{Volonte: Volonte{Motif: e.Motif}, operation: e.ID, effet: e.For(m), par: journal.Aidant}
}

// takeBack undoes what the structure noted: a mistake, or the measure is
// lifted. The mandats stay ended; new ones can be signed again.
func (h *Handlers) takeBack(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	u, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, _ := ident.Parse[ident.OperationID](form.Get("note"))
	why := form.Get("retrait")
	if worded(retraits, why) == "" {
		return h.renderEvenement(w, r, a, evenementView{Retrait: why, Champs: fault.Fields{"retrait": "Dites pourquoi."}})
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := loadEvenement(ctx, tx, a, u); err != nil {
			return err
		}
		e, err := cancel(ctx, tx, Evenement{ID: id, Usager: u, Organisation: a.Organisation}, decision{verification: why, par: a.Aidant})
		if err != nil {
			return err
		}
		line := mandat.Line(a, e.ID, fait.EvenementUsager{Motif: string(e.Motif), Etape: fait.EtapeAnnulee, DateEffet: db.At(e.Effet)})
		line.Usager = u
		return h.Actes.Journal.Append(ctx, tx, line)
	})
	if fault.Is(err, fault.Conflict) {
		return web.Redirect(w, r, CheminEvenement(u))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, mandat.BackTo(u, mandat.AvisEvenementRetire))
}

// The choices of the forms.

func choices(nom, legende, valeur string, list [][2]string) dsfr.Choix {
	c := dsfr.Choix{Nom: nom, Legende: legende, Valeur: valeur}
	for _, x := range list {
		c.Options = append(c.Options, dsfr.Option{Valeur: x[0], Libelle: x[1]})
	}
	return c
}

func (v evenementView) natures() dsfr.Choix {
	c := choices("evenement", "Qu’est-il arrivé ?", v.Saisie.Motif, [][2]string{
		{string(mandat.Deces), "La personne est décédée"},
		{string(mandat.Protection), "Une mesure de protection a commencé"},
	})
	c.Options[1].Aide = "Tutelle, curatelle, habilitation familiale, sauvegarde de justice."
	c.Erreur = v.Champs["evenement"]
	return c
}

func (v evenementView) sources() dsfr.Choix {
	c := choices("source", "Comment le savez-vous ?", v.Saisie.Source, Sources())
	c.Erreur = v.Champs["source"]
	return c
}

func (v evenementView) retraits(e Evenement) dsfr.Choix {
	c := choices("retrait", "Pourquoi le retirer ?", v.Retrait, retraits)
	c.Erreur = v.Champs["retrait"]
	if e.ID != v.Notes[0].ID { // the summary leads to the first
		c.ID = "retrait-" + string(e.Motif)
	}
	return c
}

func (v evenementView) trail() []web.Lien {
	return finView{Etendue: Etendue{Mandat: v.Mandats[0]}}.trail("Décès ou mesure de protection")
}

// facts are what is noted.
func (e Evenement) facts() []dsfr.Fait {
	return []dsfr.Fait{
		{Nom: "Arrivé le", Valeur: mandat.Date(e.Effet)},
		{Nom: "Noté le", Valeur: mandat.DateHeure(e.Connu)},
		{Nom: "Su par", Valeur: e.Source.Libelle()},
		{Nom: "Vérification", Valeur: e.verified()},
	}
}

func (e Evenement) verified() string {
	switch e.Statut {
	case Etendu:
		return "vérifié par l’équipe du service : il vaut pour toutes les structures"
	case Ecarte:
		return "l’équipe du service n’a pas pu le confirmer : il ne vaut que pour votre structure"
	}
	return "l’équipe du service va le vérifier"
}
