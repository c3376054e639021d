package gestion

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/secret"
)

// Entrant is who the command line brings in the operator's team.
type Entrant struct {
	Prenom, Nom, Email string
	Role               actor.Role
	Organisation       ident.OrganisationID // for an account to open; the operator's own when zero
	Commande
}

// Commande is who types a command of the operator, and why: kept sealed with
// the act.
type Commande struct{ Par, Raison string }

// demande makes an act of a command.
func (c Commande) demande(d Demande) Demande {
	d.Motif, d.Precision, d.Operateur = autre, strings.TrimSpace(c.Raison), strings.Join(strings.Fields(c.Par), " ")
	return d
}

// check wants both.
func (c Commande) check() error {
	f := fault.Fields{}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Par)); n == 0 || n > 150 {
		f["par"] = "Dites qui tape cette commande, en 150 caractères au plus."
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Raison)); n == 0 || n > precisionMax {
		f["raison"] = "Dites pourquoi, en 500 caractères au plus."
	}
	if len(f) > 0 {
		return fault.Form(f)
	}
	return nil
}

// SendAgain puts a message that was given up back in the queue, for the command
// line.
func (h *Handlers) SendAgain(ctx context.Context, tx *db.Tx, c Commande, id ident.MessageID) error {
	if err := c.check(); err != nil {
		return err
	}
	return h.sendAgain(ctx, tx, ident.AidantID{}, c.demande(Demande{Acte: Relance, Message: id}))
}

// BringIn gives a place in the team, opening the account if need be, and
// invites the person to enrol: the link goes to the mailbox, the activation
// code is given back. It is how the first person comes in, by the command line;
// the next ones are brought in by two persons.
func (h *Handlers) BringIn(ctx context.Context, tx *db.Tx, in Entrant) (a aidant.Aidant, code secret.Text, err error) {
	if !slices.Contains(Roles, in.Role) {
		return a, "", fault.Form(fault.Fields{"role": "Le rôle est admin_technique ou admin_metier."})
	}
	if err := in.check(); err != nil {
		return a, "", err
	}
	if a, err = h.accountFor(ctx, tx, in); err != nil {
		return a, "", err
	}
	if err := h.record(ctx, tx, ident.AidantID{}, in.demande(Demande{Acte: DonRole, Aidant: a.ID, Role: in.Role})); err != nil {
		return a, "", err
	}
	if code, err = h.Facteurs.Invite(ctx, tx, facteur.ByCommand(), a.ID); err != nil {
		return a, "", err
	}
	changed, err := aidant.SetRole(ctx, tx, a.ID, in.Role)
	if err != nil || !changed {
		return a, code, err
	}
	if err := connexion.CloseAll(ctx, tx, a.ID); err != nil {
		return a, "", err
	}
	if err := h.Outbox.Queue(ctx, tx, MessageRole(h.Site, a, in.Role)); err != nil {
		return a, "", err
	}
	return a, code, h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Admin, Concerne: a.ID, Fait: fait.GrantStaff{Role: string(in.Role)}})
}

// accountFor finds or opens the account.
func (h *Handlers) accountFor(ctx context.Context, tx *db.Tx, in Entrant) (aidant.Aidant, error) {
	email, ok := aidant.NormalizeEmail(in.Email)
	if !ok {
		return aidant.Aidant{}, fault.Form(fault.Fields{"email": "Indiquez une adresse électronique valide."})
	}
	a, err := aidant.LoadByEmail(ctx, tx, email)
	if err == nil && !a.Actif {
		return a, fault.Form(fault.Fields{"email": "Ce compte est désactivé."})
	}
	if !fault.Is(err, fault.NotFound) {
		return a, err
	}
	n := aidant.Nouveau{Prenom: in.Prenom, Nom: in.Nom, Email: email, Profession: "Équipe du service", Referent: true, NonAidant: true, Organisation: in.Organisation}
	if n.Organisation.IsZero() {
		all, err := organisation.List(ctx, tx)
		if err != nil {
			return a, err
		}
		i := slices.IndexFunc(all, func(o organisation.Organisation) bool { return o.Interne && o.Active })
		if i < 0 {
			return a, fault.Form(fault.Fields{"organisation": "Aucune structure n'est celle de l'exploitant : créez-la avec « organisation create --interne », ou nommez-en une."})
		}
		n.Organisation = all[i].ID
	}
	o, err := h.Comptes.Create(ctx, tx, compte.Auteur{Initiateur: journal.Admin}, n)
	return o.Aidant, err
}
