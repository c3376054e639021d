package journal

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// ligne is one line ready to be inserted.
type ligne struct {
	champs
	sel              []byte
	contenuSel       []byte
	contenu          []byte
	contenuEmpreinte []byte
	entree           []byte
}

// Append writes the lines of an act in its transaction, in order. An entry
// that its action does not accept is an error, and the act fails with it.
//
// One statement on PostgreSQL whatever the number of lines, three for each four
// on SQLite, one or two more per person not met lately, and no row that another act also writes or reads: acts do
// not wait for each other here. That is also why these tables have no foreign
// key, whose check reads the page where every other act inserts: PostgreSQL
// would refuse one of two serializable acts. Verify checks far more.
func (j *Journal) Append(ctx context.Context, tx *db.Tx, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	contenus := make([][]byte, len(entries))
	for i, e := range entries {
		var err error
		if contenus[i], err = e.contenu(); err != nil {
			return err
		}
	}
	noms, err := j.pseudonymes(ctx, tx, personnesOf(entries))
	if err != nil {
		return fmt.Errorf("journal pseudonyms: %w", err)
	}
	lignes := make([]ligne, len(entries))
	for i, e := range entries {
		lignes[i] = j.ligne(e, contenus[i], noms, tx.Now)
	}
	if err := insertLignes(ctx, tx, lignes); err != nil {
		return fmt.Errorf("append to journal: %w", err)
	}
	return nil
}

func (j *Journal) ligne(e Entry, contenu []byte, noms map[personne]string, now db.Time) ligne {
	sels := secret.Random(2 * selTaille)
	l := ligne{
		champs: champs{
			ID: ident.New[ident.LigneID](), Instant: now, Action: e.Fait.Action(), Initiateur: e.Initiateur,
			Aidant: noms[aidantPersonne(e.Aidant)], Concerne: noms[aidantPersonne(e.Concerne)], Usager: noms[usagerPersonne(e.Usager)],
			Organisation: e.Organisation, Mandat: e.Mandat, Autorisation: e.Autorisation, Operation: e.Operation,
		},
		sel: sels[:selTaille], contenuSel: sels[selTaille:], contenu: contenu,
	}
	if !e.Session.IsZero() {
		l.Session = j.key.Digest("journal.session", e.Session.String())
	}
	d := contenuEmpreinte(l.contenuSel, contenu)
	l.contenuEmpreinte = d[:]
	h := entree(l.champs, l.sel, l.contenuEmpreinte)
	l.entree = h[:]
	return l
}

// EraseContent destroys the facts of lines and their salts. Their entries and
// every proof stay valid; what the facts were can no longer be guessed. Only
// the retention calls it (mandats.md 16).
func (j *Journal) EraseContent(ctx context.Context, tx *db.Tx, lignes ...ident.LigneID) error {
	for _, id := range lignes {
		if err := deleteContenu(ctx, tx, id); err != nil {
			return fmt.Errorf("erase journal content: %w", err)
		}
	}
	return nil
}
