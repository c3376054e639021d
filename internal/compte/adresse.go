package compte

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
)

// genreAdresse is the mail of a change of address (comptes 14).
const genreAdresse = "E-47"

// liensAdresse are the two secrets of a change of address.
type liensAdresse struct{ confirmation, annulation secret.Text }

func newLiens() liensAdresse { return liensAdresse{secret.NewToken(), secret.NewToken()} }

func (h *Handlers) confirmationDigest(s string) []byte {
	return h.Empreintes.Digest("compte.adresse.confirmation", s)
}

func (h *Handlers) annulationDigest(s string) []byte {
	return h.Empreintes.Digest("compte.adresse.annulation", s)
}

// askEmail records a wish to change address, and writes to both. The person
// who asks learns nothing of an address that has an account already: that one
// is told, and the link it gets does not exist (A-W74).
func (h *Handlers) askEmail(ctx context.Context, tx *db.Tx, id ident.AidantID, email string) error {
	a, err := aidant.Load(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.Email == email {
		return fault.Form(fault.Fields{"email": "C’est déjà votre adresse."})
	}
	return h.recordEmail(ctx, tx, a, email, false)
}

// AskEmailFor records the same wish for somebody who asked the operator's team,
// two persons of which agreed: the new address still has to be confirmed from
// its mailbox, and the former one still can cancel. The team reads accounts: it
// is told when the address is taken.
func (h *Handlers) AskEmailFor(ctx context.Context, tx *db.Tx, id ident.AidantID, email string) error {
	a, err := aidant.Load(ctx, tx, id)
	if err != nil {
		return err
	}
	if !a.Actif {
		return conflict("compte_ferme", "Ce compte est désactivé : réactivez-le d’abord.")
	}
	_, err = aidant.LoadByEmail(ctx, tx, email)
	if err == nil {
		return conflict("adresse_prise", "Un compte a déjà cette adresse.")
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	return h.recordEmail(ctx, tx, a, email, true)
}

func (h *Handlers) recordEmail(ctx context.Context, tx *db.Tx, a aidant.Aidant, email string, team bool) error {
	liens := newLiens()
	err := insertChange(ctx, tx, changementNouveau{
		a.ID, a.Email, email, h.confirmationDigest(liens.confirmation.Reveal()), h.annulationDigest(liens.annulation.Reveal()),
	})
	if err != nil {
		return err
	}
	to := a
	to.Email = email
	_, err = aidant.LoadByEmail(ctx, tx, email)
	mail := h.Actes.mailConfirm(to, liens, team)
	switch {
	case err == nil:
		mail = h.Actes.mailTaken(to)
	case !fault.Is(err, fault.NotFound):
		return err
	}
	mail.Peremption = tx.Now.Add(VieConfirmation)
	if err := h.Actes.Outbox.Queue(ctx, tx, mail); err != nil {
		return err
	}
	return h.Actes.Outbox.Queue(ctx, tx, h.Actes.mailAsked(a, liens))
}

// applyEmail makes the new address the identifier, if no other account has it
// by now (A-W13). Every session ends.
func (h *Handlers) applyEmail(ctx context.Context, tx *db.Tx, key string) error {
	c, err := consumeConfirmation(ctx, tx, h.confirmationDigest(key))
	if err != nil {
		return err
	}
	done, err := aidant.SetEmail(ctx, tx, c.aidant, c.nouveau)
	if err != nil {
		return err
	}
	if !done {
		return fault.New(fault.Gone, "lien_perdu")
	}
	a, err := aidant.Load(ctx, tx, c.aidant)
	if err != nil {
		return err
	}
	if err := connexion.CloseAll(ctx, tx, a.ID); err != nil {
		return err
	}
	old := a
	old.Email = c.ancien
	for _, m := range []outbox.Message{h.Actes.mailChanged(a), h.Actes.mailChangedFrom(old)} {
		if err := h.Actes.Outbox.Queue(ctx, tx, m); err != nil {
			return err
		}
	}
	return h.noteEmail(ctx, tx, a.ID)
}

// cancelEmail takes a change back, even applied: the former address becomes the
// identifier again, every session ends, and what was asked since falls.
func (h *Handlers) cancelEmail(ctx context.Context, tx *db.Tx, key string) (restored bool, err error) {
	c, err := consumeCancel(ctx, tx, h.annulationDigest(key))
	if err != nil || !c.applique {
		return false, err
	}
	done, err := aidant.SetEmail(ctx, tx, c.aidant, c.ancien)
	if err != nil {
		return false, err
	}
	if !done {
		return false, fault.New(fault.Gone, "lien_perdu")
	}
	a, err := aidant.Load(ctx, tx, c.aidant)
	if err != nil {
		return false, err
	}
	if err := connexion.CloseAll(ctx, tx, a.ID); err != nil {
		return false, err
	}
	if err := h.Actes.Outbox.Queue(ctx, tx, h.Actes.mailRestored(a)); err != nil {
		return false, err
	}
	return true, h.noteEmail(ctx, tx, a.ID)
}

func (h *Handlers) noteEmail(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	return h.Actes.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Aidant, Aidant: id, Fait: fait.UpdateEmailAidant{}})
}

func (s *Actes) mailConfirm(to aidant.Aidant, l liensAdresse, team bool) outbox.Message {
	return s.write(genreAdresse, to, "Confirmez votre nouvelle adresse", func(c *outbox.Corps) {
		c.P("%s Rien ne change avant votre confirmation, possible pendant 24 heures.", confirmDebut[team])
		c.Lien("Confirmer cette adresse", s.url("/changement-adresse/"+l.confirmation.Reveal()+"/"))
		c.P("Vous n’avez rien demandé ? Ne faites rien : cette adresse ne sera pas utilisée.")
	})
}

var confirmDebut = map[bool]string{
	false: "Vous avez demandé que cette adresse devienne votre identifiant Aidants Connect.",
	true:  "À votre demande, l’équipe du service a préparé un changement : cette adresse deviendra votre identifiant Aidants Connect.",
}

func (s *Actes) mailTaken(to aidant.Aidant) outbox.Message {
	to.Prenom = ""
	return s.write(genreAdresse, to, "Votre adresse a été demandée pour un autre compte", func(c *outbox.Corps) {
		c.P("Quelqu’un a demandé que cette adresse devienne l’identifiant de son compte Aidants Connect. Elle est déjà le vôtre : rien ne change.")
		c.P("Si c’est vous qui avez deux comptes, votre référent peut vous aider à n’en garder qu’un.")
	})
}

func (s *Actes) mailAsked(a aidant.Aidant, l liensAdresse) outbox.Message {
	return s.write(genreAdresse, a, "Votre adresse Aidants Connect va changer", func(c *outbox.Corps) {
		c.P("Une autre adresse a été demandée pour votre compte Aidants Connect. Elle le remplacera dès qu’elle sera confirmée, et vous vous connecterez avec elle.")
		c.P("Ce n’est pas vous ? Annulez pendant sept jours, même si le changement est déjà fait : cette adresse redeviendra la bonne et toutes les connexions ouvertes se fermeront.")
		c.Lien("Annuler le changement", s.url("/annuler-adresse/"+l.annulation.Reveal()+"/"))
	})
}

func (s *Actes) mailChanged(a aidant.Aidant) outbox.Message {
	return s.write(genreAdresse, a, "Votre adresse Aidants Connect a changé", func(c *outbox.Corps) {
		c.P("C’est fait : cette adresse est maintenant votre identifiant. Vos moyens de connexion restent les mêmes. Par sécurité, vous êtes déconnecté partout.")
		c.Lien("Me reconnecter", s.url(cheminConnexion))
	})
}

func (s *Actes) mailChangedFrom(old aidant.Aidant) outbox.Message {
	return s.write(genreAdresse, old, "Votre adresse Aidants Connect a changé", func(c *outbox.Corps) {
		c.P("Cette adresse n’est plus l’identifiant de votre compte Aidants Connect : la nouvelle vient d’être confirmée.")
		c.P("Ce n’est pas vous ? Ouvrez le lien « Annuler le changement » du message précédent : il fonctionne sept jours. Prévenez aussi votre référent.")
	})
}

func (s *Actes) mailRestored(a aidant.Aidant) outbox.Message {
	return s.write(genreAdresse, a, "Votre adresse Aidants Connect est rétablie", func(c *outbox.Corps) {
		c.P("Le changement d’adresse est annulé : cette adresse est de nouveau votre identifiant, et toutes les connexions ouvertes sont fermées.")
		c.P("Si ce changement ne venait pas de vous, quelqu’un a pu se servir d’un de vos moyens de connexion. Reconnectez-vous, retirez celui que vous ne reconnaissez pas, et prévenez votre référent.")
		c.Lien("Me reconnecter", s.url(cheminConnexion))
	})
}
