package fin

import (
	"context"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// GenreEcrite is the notice to the people of a structure that the team recorded
// what a person wrote to it.
const GenreEcrite = "E-74"

// Ecrite is a revocation that a person wrote to the operator, by letter or by
// e-mail (CGU, art. 7.2).
type Ecrite struct {
	Canal     string
	Recue     string // day the team received it, AAAA-MM-JJ
	Reference []byte // the operator's own, sealed
}

// EndWritten ends what a person asked the operator in writing, within the
// caller's transaction, at its instant: what was received before is not undone.
// All of it is live, or nothing ends: Conflict. The structure is told.
func (g *Actes) EndWritten(ctx context.Context, tx *db.Tx, a actor.Actor, op ident.OperationID, e Etendue, d Ecrite) error {
	if len(e.Parmi) != 0 && len(e.Live(tx.Now.Time())) != len(e.Parmi) {
		return fault.New(fault.Conflict, "deja_termine")
	}
	c := cause{Volonte: Volonte{Motif: mandat.RevoqueUsager, Canal: d.Canal}, operation: op, effet: tx.Now.Time(), par: journal.Admin}
	if err := g.end(ctx, tx, a, e, c); err != nil {
		return err
	}
	if err := insertEcrite(ctx, tx, e.Mandat.ID, op, d); err != nil {
		return err
	}
	return Avertir(ctx, tx, g.Outbox, e.Mandat.Organisation, func(Membre) outbox.Message { return g.noticeEcrite(e, op, tx.Now) })
}

// noticeEcrite names nobody: the page of the mandat, behind the sign-in, does.
func (g *Actes) noticeEcrite(e Etendue, op ident.OperationID, at db.Time) outbox.Message {
	subject, what := "Une personne a révoqué un mandat de votre structure", "ce mandat est terminé"
	if len(e.Kept(at.Time())) > 0 {
		subject, what = "Une personne a révoqué une partie d'un mandat de votre structure", "une partie de ce mandat est terminée"
	}
	var c outbox.Corps
	if e.Mandat.Simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	c.P("Bonjour,")
	c.P("Une personne que votre structure « %s » aide a écrit à l'équipe du service pour révoquer son mandat. Elle n'a aucune raison à donner (Code civil, article 2004). L'équipe l'a enregistré le %s : %s.", e.Mandat.Structure.Nom, mandat.DateHeure(at.Time()), what)
	c.P("Plus aucune démarche arrêtée ne peut être faite en son nom. Si vous en aviez une en cours, ne la finissez pas. Rendez-lui ses papiers et ses accès.")
	c.Lien("Voir ce qui s'est terminé", g.Origine+e.Mandat.Chemin("visualisation"))
	if g.Contact != "" {
		c.P("Vous pensez que c'est une erreur ? Écrivez à %s.", g.Contact)
	}
	return outbox.Message{Cle: GenreEcrite + "/" + op.String(), Genre: GenreEcrite, Sujet: subject, Texte: c.String()}
}

// jourFrancais says a day kept as AAAA-MM-JJ.
func jourFrancais(day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, mandat.Paris)
	if err != nil {
		return day
	}
	return mandat.Date(t)
}

// Jour says the day the request was received.
func (d Ecrite) Jour() string { return jourFrancais(d.Recue) }
