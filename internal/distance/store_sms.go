package distance

import (
	"context"
	"fmt"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// questioned gives a request by SMS the time of its question.
func questioned(ctx context.Context, tx *db.Tx, id ident.DemandeID, limite db.Time) error {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET date_limite = $2 WHERE id = $1 AND moyen = 'sms' AND statut = 'envoyee' AND date_limite > $3`, id, limite, tx.Now)
	if err != nil {
		return fmt.Errorf("ask by sms: %w", err)
	}
	if n == 0 {
		return errFinie
	}
	return nil
}

// agreeFor keeps the agreement of a person already known, given by SMS or by
// the code of a letter, with its proof. It is false when the request had ended.
func agreeFor(ctx context.Context, tx *db.Tx, id ident.DemandeID, p consentement.Piece, limite db.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET statut = 'accordee', date_statut = $2, date_limite = $3, code_empreinte = NULL, piece_id = $4, piece_genre = $5, piece_type = $6, piece_taille = $7, piece_chiffre = $8, piece_empreinte = $9
		WHERE id = $1 AND moyen IN ('sms','courrier') AND statut = 'envoyee' AND identite_id IS NOT NULL AND date_limite > $2`,
		id, tx.Now, limite, p.ID, string(p.Genre), p.Type, p.Taille, p.Scelle, p.Empreinte)
	if err != nil {
		return false, fmt.Errorf("agree: %w", err)
	}
	return n == 1, nil
}

// linkAfter opens the person's page once they agreed by SMS: they have still to
// prove who they are.
func linkAfter(ctx context.Context, tx *db.Tx, id ident.DemandeID, s secrets, limite db.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET lien_empreinte = $2, code_empreinte = $3, date_limite = $4
		WHERE id = $1 AND moyen = 'sms' AND statut = 'envoyee' AND lien_empreinte IS NULL AND date_limite > $5`, id, s.lien, s.code, limite, tx.Now)
	if err != nil {
		return false, fmt.Errorf("open the person's page: %w", err)
	}
	return n == 1, nil
}

// declineFor records a refusal said by SMS, or to the aidant about a letter.
func declineFor(ctx context.Context, tx *db.Tx, id ident.DemandeID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET statut = 'refusee', date_statut = $2, piece_chiffre = NULL, state_empreinte = NULL, nonce_empreinte = NULL, lien_empreinte = NULL, code_empreinte = NULL
		WHERE id = $1 AND statut IN ('envoyee','ouverte','identifiee','accordee') AND date_limite > $2`, id, tx.Now)
	if err != nil {
		return false, fmt.Errorf("decline: %w", err)
	}
	return n == 1, nil
}

// byID reads a request.
func byID(ctx context.Context, tx *db.Tx, id ident.DemandeID) (Demande, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM demande_accord WHERE id = $1`, id), errFinie)
}

// concludedWith gives the request that a mandat was signed with.
func concludedWith(ctx context.Context, tx *db.Tx, m ident.MandatID) (Demande, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM demande_accord WHERE mandat_id = $1`, m), fault.New(fault.Conflict, "accord_manquant"))
}
