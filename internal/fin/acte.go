package fin

import (
	"context"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// Genre is the notice sent to the usager when a mandat ends, whole or in part.
const Genre = "E-51"

// Actes ends mandats.
type Actes struct {
	DB      *db.DB
	Greffe  *mandat.Greffe // its keys seal the certificates
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Contact string // where a usager writes to the service
	Origine string // our address, for the links of the mails

	reprises reprises // of the certificates that could not be made
}

// acte is one end being written, with its journal lines.
type acte struct {
	Etendue
	actor   actor.Actor
	par     journal.Initiateur
	fin     mandat.Fin
	entries []journal.Entry
}

func (x *acte) add(f fait.Fait, a ident.AutorisationID) {
	e := mandat.Line(x.actor, x.fin.Operation, f)
	e.Initiateur, e.Organisation = x.par, x.Mandat.Organisation
	e.Usager, e.Mandat, e.Autorisation = x.Mandat.Usager, x.Mandat.ID, a
	x.entries = append(x.entries, e)
}

// cause is why and how an end is written.
type cause struct {
	Volonte
	operation ident.OperationID  // the act
	effet     time.Time          // when it takes effect
	par       journal.Initiateur // who acts
}

// End ends a mandat or one of its démarches, within the caller's transaction,
// at its instant (mandats.md 9). Nothing else has to be cut: each step of a
// use reads the autorisation again. It refuses with Conflict what has ended.
func (g *Actes) End(ctx context.Context, tx *db.Tx, a actor.Actor, e Etendue, v Volonte) error {
	return g.end(ctx, tx, a, e, cause{Volonte: v, operation: ident.New[ident.OperationID](), effet: tx.Now.Time(), par: journal.Aidant})
}

// EndClosed ends a mandat because its structure closes, or is no longer
// habilitated: from the instant it was decided, within that act.
func (g *Actes) EndClosed(ctx context.Context, tx *db.Tx, par ident.AidantID, m mandat.Mandat, op ident.OperationID, effet time.Time) error {
	c := cause{Volonte: Volonte{Motif: mandat.Fermeture}, operation: op, effet: effet, par: journal.Admin}
	return g.end(ctx, tx, actor.Actor{Aidant: par}, Etendue{Mandat: m}, c)
}

// EndBySMS ends a mandat because the usager said so themselves, to the number
// that had asked them: nobody of the structure typed it.
func (g *Actes) EndBySMS(ctx context.Context, tx *db.Tx, m mandat.Mandat) error {
	c := cause{Volonte: Volonte{Motif: mandat.RevoqueUsager, Canal: SMS}, operation: ident.New[ident.OperationID](), effet: tx.Now.Time(), par: journal.SMS}
	return g.end(ctx, tx, actor.Actor{}, Etendue{Mandat: m}, c)
}

// end writes one end.
//
// The act's row comes before the gate, the conditional UPDATE of Close,
// because the autorisation refers to it; both go together or not at all.
func (g *Actes) end(ctx context.Context, tx *db.Tx, a actor.Actor, e Etendue, c cause) error {
	live := e.Live(tx.Now.Time())
	if len(live) == 0 {
		return fault.New(fault.Conflict, "deja_termine")
	}
	m := e.Mandat
	f := mandat.Fin{Mandat: m.ID, Operation: c.operation, Motif: c.Motif, Entier: e.Whole(), Canal: c.Canal, Aidant: a.Aidant, Effet: db.At(c.effet)}
	if err := mandat.InsertFin(ctx, tx, f); err != nil {
		return err
	}
	x := acte{Etendue: e, actor: a, par: c.par, fin: f}
	var ds []demarche.Demarche
	for _, l := range live {
		if err := mandat.Close(ctx, tx, l.ID, f); err != nil {
			return err
		}
		ds = append(ds, l.Demarche)
		x.add(fait.CancelAutorisation{Demarche: l.Demarche, Jours: m.Jours, Motif: string(f.Motif), Canal: f.Canal}, l.ID)
	}
	switch {
	case f.Entier && f.Motif == mandat.RevoqueUsager:
		x.add(fait.CancelMandat{Motif: string(f.Motif), Canal: f.Canal}, ident.AutorisationID{})
	case f.Entier:
		x.add(fait.EndMandat{Motif: string(f.Motif), Canal: f.Canal, Demarches: ds, DateEffet: f.Effet, DateConnue: tx.Now}, ident.AutorisationID{})
	}
	if err := g.notify(ctx, tx, &x); err != nil {
		return err
	}
	return g.Journal.Append(ctx, tx, x.entries...)
}

// notify queues the notice: structure, démarches, date, how to contest, and
// nothing else. The renunciation has effect by it (Code civil, art. 2007). A
// death is told to nobody by mail: the attestation is for the family.
func (g *Actes) notify(ctx context.Context, tx *db.Tx, x *acte) error {
	if x.fin.Motif == mandat.Deces {
		return nil
	}
	to, err := mandat.NoticeAddress(ctx, tx, x.Mandat)
	if err != nil || to == "" {
		return err
	}
	msg := g.notice(x.Etendue, x.fin, x.par)
	msg.Destinataire = to
	if err := g.Outbox.Queue(ctx, tx, msg); err != nil {
		return err
	}
	x.add(fait.NotifyUsager{Voie: fait.NotificationMail, Genre: Genre}, ident.AutorisationID{})
	return nil
}

// raisons end the sentence of the notice. A protection measure is not named: who
// reads the mail may be somebody else.
var raisons = map[mandat.Motif]string{
	mandat.RevoqueUsager:       ", à votre demande.",
	mandat.Renonciation:        " : la structure y renonce.",
	mandat.DemarchesAccomplies: " : ce qu'il prévoyait est fait.",
	mandat.Protection:          " : la loi y met fin (Code civil, article 2003).",
	mandat.Fermeture:           " : la structure ferme, ou n'est plus habilitée.",
}

func (g *Actes) notice(e Etendue, f mandat.Fin, par journal.Initiateur) outbox.Message {
	now := f.Effet.Time()
	var c outbox.Corps
	if e.Mandat.Simulation {
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	c.P("Bonjour,")
	what, subject := "Le mandat que vous aviez donné à cette structure est terminé", "Un mandat à votre nom est terminé"
	if len(e.Kept(now)) > 0 {
		what, subject = "Une partie du mandat que vous avez donné à cette structure est terminée", "Une partie d'un mandat à votre nom est terminée"
	}
	why := raisons[f.Motif]
	if par == journal.Admin && f.Motif == mandat.RevoqueUsager {
		why = ", à votre demande écrite, que l'équipe du service a enregistrée."
	}
	c.P("%s%s", what, why)
	c.Liste(
		"Structure : "+e.Mandat.Structure.Nom,
		label(len(e.Live(now)), "Démarche", "Démarches")+" : "+titles(e.Live(now)),
		"Date : "+mandat.DateHeure(now),
	)
	c.P("Cette structure ne peut plus agir en votre nom pour cela.")
	write := ""
	if g.Contact != "" {
		write = ", ou écrivez à " + g.Contact
	}
	c.P("Vous n'étiez pas au courant, ou vous n'êtes pas d'accord ? Demandez des explications à cette structure%s.", write)
	if e.Mandat.Simulation {
		subject = "SIMULATION : " + subject
	}
	return outbox.Message{Cle: Genre + "/" + f.Operation.String() + "/" + e.Mandat.ID.String(), Genre: Genre, Sujet: subject, Texte: c.String()}
}

func label(n int, one, many string) string {
	if n > 1 {
		return many
	}
	return one
}

// titles names démarches in a sentence, in display order.
func titles(as []mandat.Autorisation) string {
	var ds []demarche.Demarche
	for _, a := range as {
		ds = append(ds, a.Demarche)
	}
	var out []string
	for _, d := range demarche.Displayed(ds) {
		out = append(out, d.Titre())
	}
	return strings.Join(out, ", ")
}
