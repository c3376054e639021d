package journal

import (
	"context"
	"database/sql"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
)

// Ligne is a line as people read it.
type Ligne struct {
	ID           ident.LigneID
	Rang         int64 // -1 while it waits
	Instant      db.Time
	Action       string
	Initiateur   Initiateur
	Aidant       string // pseudonym: see Journal.PseudonymeAidant
	Concerne     string
	Usager       string
	Organisation ident.OrganisationID
	Mandat       ident.MandatID
	Autorisation ident.AutorisationID
	Operation    ident.OperationID
	Fait         fait.Fait // nil once erased
}

// Filtre says which lines: those that meet every criterion given.
type Filtre struct {
	Action       string
	Aidant       ident.AidantID // who acts, or who is concerned
	Usager       ident.UsagerID
	Organisation ident.OrganisationID
	Mandat       ident.MandatID
	Avant        ident.LigneID // only older lines: the last one of the page before
	Limite       int           // 0: 100; at most 1,000
}

func (f Filtre) limite() int {
	if f.Limite <= 0 {
		return 100
	}
	return min(f.Limite, 1000)
}

// List gives lines, newest first. A person who is in no line, or whose
// pseudonym key was destroyed, has none.
func (j *Journal) List(ctx context.Context, tx *db.Tx, f Filtre) ([]Ligne, error) {
	aidant, err := j.PseudonymeAidant(ctx, tx, f.Aidant)
	if err != nil {
		return nil, err
	}
	usager, err := j.PseudonymeUsager(ctx, tx, f.Usager)
	if err != nil {
		return nil, err
	}
	if aidant == "" && !f.Aidant.IsZero() || usager == "" && !f.Usager.IsZero() {
		return nil, nil
	}
	lignes, err := selectLignes(ctx, tx, f, aidant, usager)
	if err != nil {
		return nil, fmt.Errorf("list journal: %w", err)
	}
	return lignes, nil
}

// Load gives one line; fault.NotFound when there is none.
func (j *Journal) Load(ctx context.Context, tx *db.Tx, id ident.LigneID) (Ligne, error) {
	return selectLigne(ctx, tx, id)
}

// Each gives fn every line of some actions, oldest first. It holds one at a
// time; fn reads nothing else of the transaction.
func (j *Journal) Each(ctx context.Context, tx *db.Tx, actions []string, fn func(Ligne) error) error {
	if err := eachLigne(ctx, tx, actions, fn); err != nil {
		return fmt.Errorf("read the lines of some actions: %w", err)
	}
	return nil
}

// PseudonymeAidant is what stands for a professional in the lines, "" if none.
func (j *Journal) PseudonymeAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) (string, error) {
	return j.read(ctx, tx, aidantPersonne(id))
}

// PseudonymeUsager is what stands for a usager in the lines, "" if none.
func (j *Journal) PseudonymeUsager(ctx context.Context, tx *db.Tx, id ident.UsagerID) (string, error) {
	return j.read(ctx, tx, usagerPersonne(id))
}

// Count tells how many lines an action has.
func (j *Journal) Count(ctx context.Context, tx *db.Tx, action string) (int64, error) {
	return countAction(ctx, tx, action)
}

// Checkpoint is the last signed checkpoint, "" before the first.
func (j *Journal) Checkpoint(ctx context.Context, tx *db.Tx) (string, error) {
	return selectLastPoint(ctx, tx)
}

func (l ligneLue) ligne(rang sql.NullInt64) (Ligne, error) {
	out := Ligne{
		ID: l.ID, Rang: -1, Instant: l.Instant, Action: l.Action, Initiateur: l.Initiateur,
		Aidant: l.Aidant, Concerne: l.Concerne, Usager: l.Usager,
		Organisation: l.Organisation, Mandat: l.Mandat, Autorisation: l.Autorisation, Operation: l.Operation,
	}
	if rang.Valid {
		out.Rang = rang.Int64
	}
	if !l.contenuPresent {
		return out, nil
	}
	var err error
	out.Fait, err = fait.Decode(l.Action, l.contenu)
	if err != nil {
		return Ligne{}, fmt.Errorf("line %s: %w", l.ID, err)
	}
	return out, nil
}
