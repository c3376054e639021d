package referent

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const maxForm = 16 << 10

// structureView is the page of the structure: who it is, and the démarches it
// may offer and use.
type structureView struct {
	Site        web.Site
	Actor       actor.Actor
	Structure   organisation.Organisation
	Corrections []demande.Correction
	Avis        dsfr.Alerte
	Erreur      string // of the démarches
	Choix       []demarche.Demarche
}

func (h *Handlers) showStructure(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.loadStructure(r, a)
	if err != nil {
		return err
	}
	v.Choix = v.Structure.Perimetre
	return web.Render(w, r, http.StatusOK, structurePage(v))
}

func (h *Handlers) loadStructure(r *http.Request, a actor.Actor) (structureView, error) {
	ctx := r.Context()
	v := structureView{Site: h.Site, Actor: a, Avis: avisOf(r)}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Structure, err = organisation.Load(ctx, tx, a.Organisation); err != nil {
			return err
		}
		v.Corrections, err = demande.Corrections(ctx, tx, a.Organisation)
		return err
	})
	return v, err
}

// setDemarches changes what the structure may do, at once (M-W26). A page shown
// before somebody else's change is refused: it would undo it unseen.
func (h *Handlers) setDemarches(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	var chosen []demarche.Demarche
	for _, s := range form["demarche"] {
		if d, ok := demarche.Parse(s); ok {
			chosen = append(chosen, d)
		}
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		o, err := h.still(ctx, tx, a)
		if err != nil {
			return err
		}
		if form.Get("avant") != demarche.CSV(o.Perimetre) {
			return fault.New(fault.Conflict, "demarches_changees")
		}
		return organisation.SetPerimetre(ctx, tx, h.Journal, line(a, nil), chosen)
	})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		v, loadErr := h.loadStructure(r, a)
		if loadErr != nil {
			return loadErr
		}
		v.Choix, v.Erreur = chosen, fault.FieldsOf(err)["demarche"]
		if fault.Is(err, fault.Conflict) {
			v.Erreur = "Un autre référent vient de changer ces démarches. Votre choix est gardé : vérifiez-le, puis enregistrez de nouveau."
		}
		return web.Render(w, r, fault.Status(fault.KindOf(err)), structurePage(v))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, CheminStructure+"?avis="+avisDemarches)
}

// still reads the structure inside an act: the référent still is one (A-W76).
func (h *Handlers) still(ctx context.Context, tx *db.Tx, a actor.Actor) (organisation.Organisation, error) {
	if err := demande.StillReferent(ctx, tx, a); err != nil {
		return organisation.Organisation{}, err
	}
	return organisation.Load(ctx, tx, a.Organisation)
}

func (v structureView) demarches() dsfr.Choix {
	c := dsfr.Choix{
		Nom: "demarche", Legende: "Démarches que vos aidants peuvent faire", Erreur: v.Erreur, Facultatif: false,
		Aide: "Ce que vous décochez ne peut plus entrer dans un mandat, et ne peut plus servir, tout de suite.",
	}
	for _, f := range demarche.All() {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(f.Demarche), Libelle: f.Titre, Aide: f.Description})
	}
	for _, d := range v.Choix {
		c.Valeurs = append(c.Valeurs, string(d))
	}
	return c
}

func (v structureView) facts() []dsfr.Fait {
	o := v.Structure
	fs := []dsfr.Fait{
		{Nom: "Nom", Valeur: o.Nom},
		{Nom: "Adresse", Valeur: o.Adresse + ", " + o.CodePostal + " " + o.Ville},
		{Nom: "SIRET", Valeur: siret(o.Siret)},
	}
	if o.NumeroHabilitation != "" {
		fs = append(fs, dsfr.Fait{Nom: "Numéro d’habilitation", Valeur: o.NumeroHabilitation})
	}
	return fs
}

// siret groups the digits as they are read aloud: 3-3-3-5.
func siret(s string) string {
	if len(s) != 14 {
		return s
	}
	return s[:3] + " " + s[3:6] + " " + s[6:9] + " " + s[9:]
}

// pending is the correction that waits for an answer.
func (v structureView) pending() (demande.Correction, bool) {
	for _, c := range v.Corrections {
		if c.Etat == demande.Demandee {
			return c, true
		}
	}
	return demande.Correction{}, false
}
