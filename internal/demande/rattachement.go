package demande

import (
	"context"
	"net/http"
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// cheminRattachements is where an aidant answers the structures that ask for
// them: a page of their account (E-46).
const cheminRattachements = "/espace-aidant/rattachements/"

// answerView is the page where an aidant answers.
type answerView struct {
	Site       web.Site
	Actor      actor.Actor
	Demande    Rattachement
	Structures []place // those of the person today
	Quittees   []string
	Champs     fault.Fields
}

func (h *Handlers) askAnswer(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.loadAnswer(r, a)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, answerPage(v))
}

func (h *Handlers) loadAnswer(r *http.Request, a actor.Actor) (answerView, error) {
	v := answerView{Site: h.Site, Actor: a}
	id, err := web.PathID[ident.RattachementID](r, "demande")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Demande, err = forMe(ctx, tx, a, id); err != nil {
			return err
		}
		v.Structures, err = myPlaces(ctx, tx, a.Aidant)
		return err
	})
	return v, err
}

// answer records the yes or the no of the person, and which structures they
// choose to leave then: none unless they say so (A-W13).
func (h *Handlers) answer(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.PathID[ident.RattachementID](r, "demande")
	if err != nil {
		return err
	}
	choice := form.Get("reponse")
	if choice != "oui" && choice != "non" {
		v, err := h.loadAnswer(r, a)
		if err != nil {
			return err
		}
		v.Quittees, v.Champs = form["quittee"], fault.Fields{"reponse": "Choisissez une réponse."}
		return web.Render(w, r, http.StatusUnprocessableEntity, answerPage(v))
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error { return h.recordAnswer(ctx, tx, a, id, choice == "oui", form["quittee"]) })
	if err != nil {
		return err
	}
	return web.Redirect(w, r, cheminRattachements+id.String()+"/")
}

func (h *Handlers) recordAnswer(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.RattachementID, yes bool, leaves []string) error {
	d, err := forMe(ctx, tx, a, id)
	if err != nil {
		return err
	}
	if err := answer(ctx, tx, a, id, yes); err != nil {
		return err
	}
	mine, err := myPlaces(ctx, tx, a.Aidant)
	if err != nil {
		return err
	}
	for _, s := range mine {
		if yes && slices.Contains(leaves, s.ID.String()) && s.ID != d.Organisation {
			if err := leaveLater(ctx, tx, id, s.ID); err != nil {
				return err
			}
		}
	}
	step := fait.EtapeRefusee
	if yes {
		step = fait.EtapeConfirmee
	}
	return h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: d.Organisation, Session: a.Session,
		Fait: fait.ChangeStructure{Demande: id.String(), Etape: step},
	})
}

func (v answerView) leaves() dsfr.Choix {
	c := dsfr.Choix{
		Nom: "quittee", Legende: "Quittez-vous une de vos structures ?", Facultatif: true, Valeurs: v.Quittees,
		Aide: "Ne cochez rien si vous y travaillez toujours : on peut appartenir à plusieurs structures.",
	}
	for _, s := range v.Structures {
		c.Options = append(c.Options, dsfr.Option{Valeur: s.ID.String(), Libelle: "Je quitte " + s.Nom})
	}
	return c
}

// Tell finds the aidants to whom the waiting requests are addressed, and writes
// to them (E-46). It runs apart from the request, which therefore takes the
// same time whoever the address belongs to (A-W74).
func (h *Handlers) Tell(ctx context.Context, tx *db.Tx) (int, error) {
	ds, err := toTell(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, d := range ds {
		ok, err := match(ctx, tx, d.ID)
		if err != nil {
			return 0, err
		}
		if !ok {
			continue
		}
		a, err := aidant.LoadByEmail(ctx, tx, d.Email)
		if err != nil {
			return 0, err
		}
		if err := h.Outbox.Queue(ctx, tx, h.mailAsked(a, d)); err != nil {
			return 0, err
		}
	}
	return len(ds), nil
}

func (h *Handlers) mailAsked(a aidant.Aidant, d Rattachement) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour %s,", a.Prenom)
	c.P("%s, référent de la structure « %s », propose de vous rattacher à cette structure dans Aidants Connect.", d.Demandeur, d.Structure)
	c.P("C'est vous qui décidez. Sans réponse de votre part avant le %s, la demande est classée et rien ne change.", web.Date(d.DateCreation.Add(DelaiRattachement)))
	c.Lien("Répondre à cette demande", h.Site.Origine+cheminRattachements+d.ID.String()+"/")
	c.P("Vous ne connaissez pas cette structure ? Refusez, ou ne répondez pas.")
	return outbox.Message{Cle: "E-46/" + d.ID.String(), Genre: "E-46", Destinataire: a.Email, Sujet: "Une structure propose de vous rattacher", Texte: c.String()}
}

// CloseOld closes the requests without an answer in time.
func (h *Handlers) CloseOld(ctx context.Context, tx *db.Tx) (int, error) {
	ds, err := closeOld(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, d := range ds {
		err := h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Systeme, Organisation: d.Organisation, Fait: fait.ChangeStructure{Demande: d.ID.String(), Etape: fait.EtapeRefusee},
		})
		if err != nil {
			return 0, err
		}
	}
	return len(ds), nil
}

// cancelRattachement withdraws a request of the structure.
func (h *Handlers) cancelRattachement(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.RattachementID](r, "demande")
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if err := StillReferent(ctx, tx, a); err != nil {
			return err
		}
		if err := cancelRattachement(ctx, tx, a, id); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, line(a, fait.ChangeStructure{Demande: id.String(), Etape: fait.EtapeAnnulee}))
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, CheminAidants+"?onglet=demandes&avis="+AvisAnnulee)
}
