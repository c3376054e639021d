package fournisseur

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// genreAvis is the kind of the message that tells a person of a use.
const genreAvis = "E-52"

// noticeAddress is where the person is told of a use: what this structure
// holds for them, else what their mandat carries. The service's own mailbox
// (FI-55) is nobody's: it is not written to.
func (h *Handlers) noticeAddress(r Droits) string {
	switch {
	case r.Contact != "":
		return r.Contact
	case r.Identite.Email != h.Courriel:
		return r.Identite.Email
	}
	return ""
}

// notice tells the usager that their mandat was used: structure, démarche,
// date, how to contest or revoke, and nothing else (Code civil, art. 1993 and
// 2004). Their name is not in it: an address may be shared.
func (h *Handlers) notice(d dossier, r Droits, to string, now db.Time) outbox.Message {
	var c outbox.Corps
	subject := "Votre mandat vient d'être utilisé"
	if h.Site.Simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message ne concerne aucune personne réelle.")
	}
	c.P("Bonjour,")
	c.P("Le mandat que vous avez donné à %s vient d'être utilisé.", r.Structure)
	c.Liste(
		"Démarche : "+d.Demarche.Titre(),
		"Date : "+web.DateHeure(now.Time()),
	)
	c.P("Cette structure a pu ouvrir un service public en ligne à votre place, pour cette démarche.")
	// FI-85: what we do not see, the person is told.
	c.P("Dans la demi-heure qui a suivi, d'autres services ont pu être ouverts dans le même navigateur sans passer par nous : nous ne les voyons pas.")
	c.P("Vous n'étiez pas au courant, ou vous n'êtes pas d'accord ? Demandez des explications à cette structure.")
	c.P("Vous pouvez mettre fin à ce mandat à tout moment, sans donner de raison : dites-le à cette structure%s.", h.orWrite())
	return outbox.Message{
		Cle: genreAvis + "/" + d.Operation.String(), Genre: genreAvis, Destinataire: to,
		Sujet: subject, Texte: c.String(),
	}
}

func (h *Handlers) orWrite() string {
	if h.Site.Contact == "" {
		return ""
	}
	return ", ou écrivez à " + h.Site.Contact
}
