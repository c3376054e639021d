package proconnect

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// link ties an account to a person at ProConnect, once, in the caller's act:
// the row, the mail, the line. A pair that is already there changes nothing.
func (h *Handlers) link(ctx context.Context, tx *db.Tx, compte aidant.Aidant, sub []byte) error {
	done, err := tie(ctx, tx, h.PC.Issuer(), sub, compte.ID)
	if err != nil || !done {
		return err
	}
	m := h.linkedMail(compte, tx.Now)
	m.Cle = "E-44/proconnect/" + ident.New[ident.MessageID]().String()
	if err := h.Outbox.Queue(ctx, tx, m); err != nil {
		return err
	}
	return h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Aidant, Aidant: compte.ID, Fait: fait.LinkProConnect{}})
}

// showLink tells whether one's own account is tied, and since when.
func (h *Handlers) showLink(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	var depuis db.Time
	err := h.DB.View(r.Context(), func(tx *db.Tx) (err error) {
		depuis, err = tiedSince(r.Context(), tx, a.Aidant)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, lienPage(h.Site, a, depuis, r.URL.Query().Has("fait")))
}

// unlink is the act: nothing ties the account any more, the other sessions are
// closed as when a factor goes, the person is told. Done twice, it does nothing.
func (h *Handlers) unlink(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) error {
		n, err := untie(ctx, tx, a.Aidant)
		if err != nil || n == 0 {
			return err
		}
		if err := connexion.CloseOthers(ctx, tx, a.Aidant, a.Session); err != nil {
			return err
		}
		compte, err := aidant.Load(ctx, tx, a.Aidant)
		if err != nil {
			return err
		}
		m := h.unlinkedMail(compte, tx.Now)
		m.Cle = "E-44/proconnect/" + ident.New[ident.MessageID]().String()
		if err := h.Outbox.Queue(ctx, tx, m); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: fait.UnlinkProConnect{},
		})
	})
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, CheminLien+"?fait=1")
}

// linkedMail and unlinkedMail are message E-44.
func (h *Handlers) linkedMail(compte aidant.Aidant, now db.Time) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour %s,", compte.Prenom)
	c.P("Votre compte Aidants Connect a été relié à ProConnect le %s, avec un de vos moyens de connexion. Vous pouvez maintenant vous connecter avec ProConnect.", web.DateHeure(now.Time()))
	c.P("Si ce n’est pas vous, défaites ce lien depuis votre profil, fermez vos autres sessions, et prévenez votre référent :")
	c.Lien("Mon profil", h.Site.Origine+CheminLien)
	return outbox.Message{Genre: "E-44", Destinataire: compte.Email, Sujet: "Votre compte est relié à ProConnect", Texte: c.String()}
}

func (h *Handlers) unlinkedMail(compte aidant.Aidant, now db.Time) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour %s,", compte.Prenom)
	c.P("Votre compte Aidants Connect n’est plus relié à ProConnect depuis le %s. Vos autres sessions ont été fermées. Vous vous connectez avec votre adresse électronique et vos moyens de connexion.", web.DateHeure(now.Time()))
	c.P("Si ce n’est pas vous, prévenez votre référent : quelqu’un a peut-être accès à vos codes.")
	return outbox.Message{Genre: "E-44", Destinataire: compte.Email, Sujet: "Votre compte n’est plus relié à ProConnect", Texte: c.String()}
}

// Modeles are the texts of this package, written by the functions that write
// the real ones.
func (h *Handlers) Modeles(now db.Time) []outbox.Modele {
	x := aidant.Aidant{Prenom: "Camille", Nom: "EXEMPLE", Email: "camille.exemple@example.org"}
	return []outbox.Modele{{
		Genre: "E-44", Quand: "le compte est relié à ProConnect, ou ne l’est plus", Vers: "la personne",
		Exemples: []outbox.Message{h.linkedMail(x, now), h.unlinkedMail(x, now)},
	}}
}
