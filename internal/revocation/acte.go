package revocation

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// mandatView is the page of a mandat found: what is left to end, and the form.
// It holds no name.
type mandatView struct {
	Site      web.Site
	Actor     actor.Actor
	Now       time.Time
	Avis      string
	Ticket    string
	Mandat    mandat.Mandat
	Ecrites   []fin.Enregistree
	reference []string
	Saisie    Demande
	Champs    fault.Fields
}

func (v mandatView) live() []mandat.Autorisation { return v.Mandat.Live(v.Now) }

func contexte(op ident.OperationID) string { return "revocation/" + op.String() }

// one reads the mandat of a ticket; NotFound when it opens none, or several.
func (h *Handlers) one(ctx context.Context, tx *db.Tx, a actor.Actor, q string) (mandat.Mandat, error) {
	ms, err := ofTicket(ctx, tx, h.opened(q, a))
	if err == nil && len(ms) != 1 {
		err = fault.New(fault.NotFound, "ticket_perdu")
	}
	if err != nil {
		return mandat.Mandat{}, err
	}
	return ms[0], nil
}

func (h *Handlers) showMandat(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.renderMandat(w, r, mandatView{Actor: a, Avis: avis[web.TakeMessage(w, r)], Ticket: r.URL.Query().Get(champTicket)})
}

func (h *Handlers) renderMandat(w http.ResponseWriter, r *http.Request, v mandatView) error {
	ctx := r.Context()
	v.Site = h.Site
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now.Time()
		if v.Mandat, err = h.one(ctx, tx, v.Actor, v.Ticket); err != nil {
			return err
		}
		v.Ecrites, err = fin.Written(ctx, tx, v.Mandat.ID)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return lost(w, r)
	}
	if err != nil {
		return err
	}
	if v.reference, err = h.references(v.Ecrites); err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, mandatPage(v))
}

// lost leads back to the search: another session, an address made up.
func lost(w http.ResponseWriter, r *http.Request) error {
	web.SetMessage(w, "revocation_perdue")
	return web.Redirect(w, r, Chemin)
}

// revoke records a written request. Who comes second, or sends twice, is told
// that it is done.
func (h *Handlers) revoke(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	q := form.Get(champTicket)
	typed := Demande{
		Etendue: form.Get("etendue"), Autorisations: form["autorisation"], Canal: form.Get("canal"),
		Recue: form.Get("recue"), Reference: form.Get("reference"), Verifiee: form.Get("verifiee") != "",
	}
	ctx := r.Context()
	var m mandat.Mandat
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if m, err = h.one(ctx, tx, a, q); err != nil {
			return err
		}
		return h.Revoke(ctx, tx, a, m, typed)
	})
	word := "revocation_faite"
	switch f := fault.FieldsOf(err); {
	case len(f) > 0:
		return h.renderMandat(w, r, mandatView{Actor: a, Ticket: q, Saisie: typed, Champs: f})
	case fault.Is(err, fault.NotFound):
		return lost(w, r)
	case fault.Is(err, fault.Conflict):
		word = "revocation_trop_tard"
	case err != nil:
		return err
	}
	h.Fins.Outbox.Poke()
	to, err := h.page(cheminMandat, []mandat.Mandat{m}, a)
	if err != nil {
		return err
	}
	web.SetMessage(w, word)
	return web.Redirect(w, r, to)
}

// Revoke ends what the request says, in the caller's transaction.
func (h *Handlers) Revoke(ctx context.Context, tx *db.Tx, a actor.Actor, m mandat.Mandat, d Demande) error {
	now := tx.Now.Time()
	if !m.Active(now) { // before the form: there is nothing left to correct
		return fault.New(fault.Conflict, "deja_termine")
	}
	e, d, err := d.Check(m, now)
	if err != nil {
		return err
	}
	op := ident.New[ident.OperationID]()
	sealed, err := h.Champs.Seal([]byte(d.Reference), contexte(op))
	if err != nil {
		return fmt.Errorf("seal the reference of a request: %w", err)
	}
	return h.Fins.EndWritten(ctx, tx, a, op, e, fin.Ecrite{Canal: d.Canal, Recue: d.Recue, Reference: sealed})
}

// The parts of the page.

func (v mandatView) facts() []dsfr.Fait {
	m := v.Mandat
	state := "En cours"
	switch {
	case m.FullyRevoked():
		state = "Terminé le " + mandat.DateHeure(m.DateRevocation())
	case !m.Active(v.Now):
		state = "Arrivé à son terme le " + mandat.DateHeure(m.DateExpiration)
	}
	return []dsfr.Fait{
		{Nom: "Code", Valeur: mandat.FormatCode(m.CodePublic)},
		{Nom: "Structure", Valeur: m.Structure.Nom + ", SIRET " + m.Structure.Siret},
		{Nom: "Signé le", Valeur: mandat.DateHeure(m.DateCreation)},
		{Nom: "Fin prévue le", Valeur: mandat.DateHeure(m.DateExpiration)},
		{Nom: "État", Valeur: state},
	}
}

func (v mandatView) extents() dsfr.Choix {
	return dsfr.Choix{
		Nom: "etendue", Legende: "Qu’est-ce que la personne arrête ?", Valeur: v.Saisie.Etendue, Erreur: v.Champs["etendue"],
		Options: []dsfr.Option{
			{Valeur: toutLeMandat, Libelle: "Tout le mandat", Aide: "Aussi quand la demande ne précise rien."},
			{Valeur: enPartie, Libelle: "Une ou plusieurs démarches", Aide: "Cochez-les ensuite. Le reste du mandat continue."},
		},
	}
}

func (v mandatView) parts() dsfr.Choix {
	c := dsfr.Choix{Nom: "autorisation", Legende: "Démarches à arrêter", Aide: "Seulement si la personne n’arrête pas tout le mandat.", Valeurs: v.Saisie.Autorisations, Erreur: v.Champs["autorisation"], Facultatif: true}
	for _, a := range v.live() {
		c.Options = append(c.Options, dsfr.Option{Valeur: a.ID.String(), Libelle: a.Demarche.Titre()})
	}
	return c
}

func (v mandatView) channels() dsfr.Choix {
	return dsfr.Choix{
		Nom: "canal", Legende: "Comment la demande est-elle arrivée ?", Valeur: v.Saisie.Canal, Erreur: v.Champs["canal"],
		Options: []dsfr.Option{{Valeur: fin.Courriel, Libelle: "Par courriel"}, {Valeur: fin.Lettre, Libelle: "Par courrier"}},
	}
}

func (v mandatView) written(i int) []dsfr.Fait {
	x := v.Ecrites[i]
	how := "par courriel"
	if x.Canal == fin.Lettre {
		how = "par courrier"
	}
	var what []string
	for _, a := range v.Mandat.EndedBy(x.Operation) {
		what = append(what, a.Demarche.Titre())
	}
	return []dsfr.Fait{
		{Nom: "Référence", Valeur: v.reference[i]},
		{Nom: "Reçue", Valeur: how + ", le " + x.Jour()},
		{Nom: "Enregistrée le", Valeur: mandat.DateHeure(x.Le.Time())},
		{Nom: "Par", Valeur: x.Par},
		{Nom: "Démarches arrêtées", Valeur: joined(what)},
	}
}
