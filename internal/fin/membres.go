package fin

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// GenreStructure is the notice to the people of a structure that what another
// one noted of a person ended mandats of theirs.
const GenreStructure = "E-73"

// Membre is somebody of a structure who is told what becomes of its mandats.
type Membre struct {
	ID       ident.AidantID
	Courriel string
	Referent bool
}

// Avertir queues a message to each active person of a structure, aidants and
// référents; text is made for each. The key names the act and the person.
func Avertir(ctx context.Context, tx *db.Tx, o *outbox.Outbox, org ident.OrganisationID, text func(m Membre) outbox.Message) error {
	ms, err := membres(ctx, tx, org)
	for _, m := range ms {
		if err != nil {
			break
		}
		msg := text(m)
		msg.Destinataire, msg.Cle = m.Courriel, msg.Cle+"/"+m.ID.String()
		err = o.Queue(ctx, tx, msg)
	}
	return err
}

// noticeStructure says neither who nor what: whoever reads a mail may be
// somebody else. The list of the structure says it.
func (g *Actes) noticeStructure(op ident.OperationID, simulation bool) outbox.Message {
	subject := "Des mandats de votre structure sont terminés"
	var c outbox.Corps
	if simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	c.P("Bonjour,")
	c.P("L'équipe du service a vérifié un décès ou une mesure de protection qu'une autre structure lui a signalé. La loi met alors fin aux mandats (Code civil, article 2003) : ceux que votre structure avait avec cette personne sont terminés.")
	c.P("Plus aucune démarche ne peut être faite en son nom. Vous gardez ses papiers signés, et son histoire reste sur sa page.")
	c.Lien("Voir ce qui s'est terminé", g.Origine+mandat.CheminUsagers+"?onglet=revoques")
	if g.Contact != "" {
		c.P("Vous pensez que c'est une erreur ? Écrivez à %s.", g.Contact)
	}
	return outbox.Message{Cle: GenreStructure + "/" + op.String(), Genre: GenreStructure, Sujet: subject, Texte: c.String()}
}
