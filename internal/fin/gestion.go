package fin

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// CheminGestion is where the team checks the deaths and the measures noted.
const CheminGestion = "/gestion/evenements/"

// gestionView is that page.
type gestionView struct {
	Site     web.Site
	Actor    actor.Actor
	Avis     string
	Attend   []Signale
	Etendus  []Signale
	Objet    ident.OperationID // what the form that was sent is about
	Pourquoi string
	Champs   fault.Fields
}

var avisGestion = map[string]string{
	"evenement_etendu": "C’est étendu : les mandats de la personne avec toutes les structures sont terminés.",
	"evenement_ecarte": "C’est écarté : cela ne vaut que pour la structure qui l’a noté.",
	"evenement_annule": "C’est retiré : de nouveaux mandats peuvent être signés.",
	"evenement_decide": "Quelqu’un a déjà répondu, ou c’est à une autre personne de le faire.",
}

func (h *Handlers) showPending(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.renderPending(w, r, gestionView{Actor: a, Avis: avisGestion[web.TakeMessage(w, r)]})
}

func (h *Handlers) renderPending(w http.ResponseWriter, r *http.Request, v gestionView) error {
	if !v.Actor.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	v.Site = h.Site
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Attend, err = withStatus(ctx, tx, Signalement); err != nil {
			return err
		}
		v.Etendus, err = withStatus(ctx, tx, Etendu)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, gestionPage(v))
}

// decide answers what a structure noted. The structure is the first person,
// who decides the second: nobody checks what they noted themselves.
func (h *Handlers) decide(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if !a.Equipe() {
		return fault.New(fault.NotFound, "pas_equipe")
	}
	id, err := web.PathID[ident.OperationID](r, "evenement")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	d, err := parseDecision(form.Get("decision"), form.Get("verification"))
	if f := fault.FieldsOf(err); len(f) > 0 {
		return h.renderPending(w, r, gestionView{Actor: a, Objet: id, Pourquoi: form.Get("verification"), Champs: f})
	}
	if err != nil {
		return err
	}
	d.par = a.Aidant
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error { return h.Actes.decide(ctx, tx, a, id, d) })
	word := "evenement_" + string(d.statut)
	if fault.Is(err, fault.Conflict) {
		word = "evenement_decide"
	} else if err != nil {
		return err
	}
	h.Actes.Outbox.Poke()
	web.SetMessage(w, word)
	return web.Redirect(w, r, CheminGestion)
}

// decide writes an answer; what is extended ends the mandats of the person
// with every structure, in the same transaction.
func (g *Actes) decide(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.OperationID, d decision) error {
	e, err := decide(ctx, tx, id, d)
	if err != nil {
		return err
	}
	etape := map[Statut]string{Etendu: fait.EtapeValidee, Ecarte: fait.EtapeRefusee, Annule: fait.EtapeAnnulee}[d.statut]
	err = g.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session, Operation: e.ID, Usager: e.Usager,
		Fait: fait.EvenementUsager{Motif: string(e.Motif), Etape: etape, DateEffet: db.At(e.Effet)},
	})
	if err != nil || d.statut != Etendu {
		return err
	}
	ms, err := mandat.LiveOfUsager(ctx, tx, e.Usager)
	if err != nil {
		return err
	}
	var told []ident.OrganisationID
	for _, m := range ms {
		c := e.cause(m)
		c.par = journal.Admin
		if err := g.end(ctx, tx, a, Etendue{Mandat: m}, c); err != nil {
			return err
		}
		if slices.Contains(told, m.Organisation) {
			continue
		}
		told = append(told, m.Organisation)
		text := func(Membre) outbox.Message { return g.noticeStructure(e.ID, m.Simulation) }
		if err := Avertir(ctx, tx, g.Outbox, m.Organisation, text); err != nil {
			return err
		}
	}
	return nil
}

func (x Signale) facts() []dsfr.Fait {
	codes := make([]string, len(x.Codes))
	for i, c := range x.Codes {
		codes[i] = mandat.FormatCode(c)
	}
	return append([]dsfr.Fait{
		{Nom: "Noté par", Valeur: x.Structure},
		{Nom: "Arrivé le", Valeur: mandat.Date(x.Effet)},
		{Nom: "Noté le", Valeur: mandat.DateHeure(x.Connu)},
		{Nom: "Su par", Valeur: x.Source.Libelle()},
	}, dsfr.Fait{Nom: "Mandats arrêtés", Valeur: strings.Join(codes, ", ")}, dsfr.Fait{Nom: "Mandats en cours ailleurs", Valeur: strconv.Itoa(x.Ailleurs)}, dsfr.Fait{Nom: "Conservation", Valeur: garde.Evenement.Generale()})
}

// reasons is the list of one form; what is wrong is said in the form sent.
func (v gestionView) reasons(x Signale, statut Statut) dsfr.Choix {
	list, legende := verifications, "Comment l’avez-vous vérifié ?"
	switch statut {
	case Ecarte:
		list, legende = ecarts, "Pourquoi l’écarter ?"
	case Annule:
		list, legende = retraits, "Pourquoi le retirer ?"
	}
	c := choices("verification", legende, "", list)
	c.ID = string(statut) + "-" + x.ID.String()
	if v.Objet == x.ID {
		c.Valeur, c.Erreur = v.Pourquoi, v.Champs[string(statut)]
	}
	return c
}

// fautes leads from the summary to the form that was sent.
func (v gestionView) fautes() (out []dsfr.Faute) {
	for champ, texte := range v.Champs {
		out = append(out, dsfr.Faute{ID: champ + "-" + v.Objet.String(), Texte: texte})
	}
	return out
}
