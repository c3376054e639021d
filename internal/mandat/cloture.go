package mandat

import (
	"context"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/usager"
)

// GenreFin is the notice sent to the usager when a mandat ends, whole or in part.
const GenreFin = "E-51"

// End ends a mandat or one of its démarches, within the caller's transaction,
// at its instant (mandats.md 9). Nothing else has to be cut: each step of a
// use reads the autorisation again. It refuses with Conflict what has ended.
//
// The act's row comes before the gate, the conditional UPDATE of Close,
// because the autorisation refers to it; both go together or not at all.
func (g *Greffe) End(ctx context.Context, tx *db.Tx, a actor.Actor, e Etendue, v Volonte) error {
	live := e.Live(tx.Now.Time())
	if len(live) == 0 {
		return fault.New(fault.Conflict, "deja_termine")
	}
	m := e.Mandat
	f := Fin{Mandat: m.ID, Operation: ident.New[ident.OperationID](), Motif: v.Motif, Entier: e.Whole(), Canal: v.Canal, Aidant: a.Aidant, Effet: tx.Now}
	if err := InsertFin(ctx, tx, f); err != nil {
		return err
	}
	w := writer{actor: a, op: f.Operation, m: m}
	var ds []demarche.Demarche
	for _, x := range live {
		if err := Close(ctx, tx, x.ID, f); err != nil {
			return err
		}
		ds = append(ds, x.Demarche)
		w.add(fait.CancelAutorisation{Demarche: x.Demarche, Jours: m.Jours, Motif: string(f.Motif), Canal: f.Canal}, m.ID, x.ID)
	}
	switch {
	case f.Entier && f.Motif == RevoqueUsager:
		w.add(fait.CancelMandat{Motif: string(f.Motif), Canal: f.Canal}, m.ID, ident.AutorisationID{})
	case f.Entier:
		w.add(fait.EndMandat{Motif: string(f.Motif), Canal: f.Canal, Demarches: ds, DateEffet: f.Effet, DateConnue: tx.Now}, m.ID, ident.AutorisationID{})
	}
	if err := g.notifyEnd(ctx, tx, &w, e, f); err != nil {
		return err
	}
	return g.Journal.Append(ctx, tx, w.entries...)
}

// noticeAddress is where the person is told: what this structure holds for
// them, else what the mandat carries; "" if nowhere.
func noticeAddress(ctx context.Context, tx *db.Tx, m Mandat) (string, error) {
	to, err := usager.ContactEmail(ctx, tx, m.Organisation, m.Usager)
	if to == "" {
		to = m.Identite.Email
	}
	return to, err
}

// notifyEnd queues the notice: structure, démarches, date, how to contest, and
// nothing else. The renunciation has effect by it (Code civil, art. 2007).
func (g *Greffe) notifyEnd(ctx context.Context, tx *db.Tx, w *writer, e Etendue, f Fin) error {
	to, err := noticeAddress(ctx, tx, w.m)
	if err != nil || to == "" {
		return err
	}
	msg := g.noticeEnd(e, f)
	msg.Destinataire = to
	if err := g.Outbox.Queue(ctx, tx, msg); err != nil {
		return err
	}
	w.add(fait.NotifyUsager{Voie: fait.NotificationMail, Genre: GenreFin}, w.m.ID, ident.AutorisationID{})
	return nil
}

func (g *Greffe) noticeEnd(e Etendue, f Fin) outbox.Message {
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
	if f.Motif == Renonciation {
		c.P("%s : la structure y renonce.", what)
	} else {
		c.P("%s, à votre demande.", what)
	}
	c.Liste(
		"Structure : "+e.Mandat.Structure.Nom,
		label(len(e.Live(now)), "Démarche", "Démarches")+" : "+titles(e.Live(now)),
		"Date : "+DateHeure(now),
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
	return outbox.Message{Cle: GenreFin + "/" + f.Operation.String(), Genre: GenreFin, Sujet: subject, Texte: c.String()}
}

func label(n int, one, many string) string {
	if n > 1 {
		return many
	}
	return one
}

// titles names démarches in a sentence, in display order.
func titles(as []Autorisation) string {
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
