package consentement

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// lock reads the accord of a mandat of this structure and puts those who act
// on it in line.
func lock(ctx context.Context, tx *db.Tx, org ident.OrganisationID, m ident.MandatID) (Accord, error) {
	if _, err := tx.Exec(ctx, `UPDATE accord SET rappels = rappels WHERE mandat_id = $1 AND organisation_id = $2`, m, org); err != nil {
		return Accord{}, fmt.Errorf("lock accord: %w", err)
	}
	return Load(ctx, tx, org, m)
}

// piecesMax bounds what is kept of one mandat.
const piecesMax = 24

// Join adds proofs to a mandat on paper and settles it again. It tells the
// accord as it is then.
func Join(ctx context.Context, tx *db.Tx, org ident.OrganisationID, m ident.MandatID, ps []Piece) (Accord, error) {
	a, err := lock(ctx, tx, org, m)
	if err != nil {
		return a, err
	}
	if a.Moyen != Papier {
		return a, fault.New(fault.Conflict, "pas_papier")
	}
	all, err := Pieces(ctx, tx, m)
	if err != nil {
		return a, err
	}
	if len(all)+len(ps) > piecesMax {
		return a, fault.Form(fault.Fields{"copies": "Ce mandat a déjà beaucoup de copies. Retirez celles qui ne servent pas."})
	}
	for _, p := range ps {
		if err := insertPiece(ctx, tx, m, p); err != nil {
			return a, err
		}
	}
	return settle(ctx, tx, a)
}

// Annulation is a proof recorded by mistake.
type Annulation struct {
	Mandat ident.MandatID
	Piece  ident.PieceID
	Par    ident.AidantID
	Motif  MotifAnnulation
}

// Undo sets aside a proof recorded by mistake, with its reason, and settles
// again: without another proof, the mandat can no longer be used.
func Undo(ctx context.Context, tx *db.Tx, org ident.OrganisationID, x Annulation) (Accord, error) {
	a, err := lock(ctx, tx, org, x.Mandat)
	if err != nil {
		return a, err
	}
	if a.Moyen != Papier {
		return a, fault.New(fault.Conflict, "pas_papier")
	}
	if a.Preuve == x.Piece { // the proof must be let go before it is set aside
		if _, err := tx.Exec(ctx, `UPDATE accord SET piece_id = NULL, limite = NULL WHERE mandat_id = $1`, x.Mandat); err != nil {
			return a, fmt.Errorf("let proof go: %w", err)
		}
	}
	n, err := tx.Exec(ctx, `UPDATE accord_piece SET date_annulation = $3, annulation_motif = $4, annulation_aidant_id = $5 WHERE id = $1 AND mandat_id = $2 AND date_annulation IS NULL`,
		x.Piece, x.Mandat, tx.Now, string(x.Motif), x.Par)
	if err != nil {
		return a, fmt.Errorf("undo proof: %w", err)
	}
	if n == 0 {
		return a, fault.New(fault.Conflict, "deja_annulee")
	}
	return settle(ctx, tx, a)
}

// settle applies the policy to the proofs in the database.
func settle(ctx context.Context, tx *db.Tx, a Accord) (Accord, error) {
	ps, err := Pieces(ctx, tx, a.Mandat)
	if err != nil {
		return a, err
	}
	a = a.Settle(ps)
	if _, err := tx.Exec(ctx, `UPDATE accord SET piece_id = $2, limite = $3 WHERE mandat_id = $1`, a.Mandat, a.Preuve, db.At(a.Limite)); err != nil {
		return a, fmt.Errorf("settle accord: %w", err)
	}
	return a, nil
}

// OnePiece reads a proof of a mandat of this structure; anything else is the
// same fault.NotFound.
func OnePiece(ctx context.Context, tx *db.Tx, org ident.OrganisationID, m ident.MandatID, id ident.PieceID) (Accord, Piece, error) {
	a, err := Load(ctx, tx, org, m)
	if err != nil {
		return a, Piece{}, err
	}
	p, err := scanPiece(tx.QueryRow(ctx, `SELECT `+pieceColumns+` FROM accord_piece p WHERE p.id = $1 AND p.mandat_id = $2`, id, m))
	if errors.Is(err, sql.ErrNoRows) {
		return a, p, fault.New(fault.NotFound, "preuve_introuvable")
	}
	if err != nil {
		return a, p, fmt.Errorf("load proof: %w", err)
	}
	return a, p, nil
}

// CountReminder counts one more reminder of a mandat that had n: whoever
// comes second finds it counted.
func CountReminder(ctx context.Context, tx *db.Tx, m ident.MandatID, n int) error {
	k, err := tx.Exec(ctx, `UPDATE accord SET rappels = $2 WHERE mandat_id = $1 AND rappels = $3`, m, n+1, n)
	if err != nil {
		return fmt.Errorf("count reminder: %w", err)
	}
	if k == 0 {
		return fault.New(fault.Conflict, "rappel_deja_compte")
	}
	return nil
}

// Erase destroys the content of one proof; its digest stays, so that what was
// signed and journaled still verifies.
func Erase(ctx context.Context, tx *db.Tx, id ident.PieceID) error {
	if _, err := tx.Exec(ctx, `UPDATE accord_piece SET contenu_chiffre = NULL, date_effacement = $2 WHERE id = $1 AND date_effacement IS NULL`, id, tx.Now); err != nil {
		return fmt.Errorf("erase proof: %w", err)
	}
	return nil
}

// SuiviMax bounds a follow-up list; the oldest come first.
const SuiviMax = 200

// ToComplete gives the mandats on paper of this structure whose signed copy
// is missing and which have not expired, the oldest first.
func ToComplete(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Accord, error) {
	rows, err := tx.Query(ctx, `SELECT `+accordColumns+` FROM accord c WHERE c.organisation_id = $1 AND c.piece_id IS NULL AND c.moyen = 'papier' AND c.date_expiration >= $2
		ORDER BY c.date_creation, c.mandat_id LIMIT $3`, org, tx.Now, SuiviMax)
	return db.Collect(rows, err, scanAccord)
}
