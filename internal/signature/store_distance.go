package signature

import (
	"context"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// held prolongs a dossier that waits for its person.
func held(ctx context.Context, tx *db.Tx, id ident.DossierID, until db.Time) error {
	n, err := tx.Exec(ctx, `UPDATE dossier_signature SET date_limite = $2 WHERE id = $1 AND statut = 'attente_consentement' AND date_limite > $3`, id, until, tx.Now)
	if err != nil {
		return fmt.Errorf("hold dossier: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Gone, raisonFini)
	}
	return nil
}

// resume makes a dossier ready to be signed, in this web session. A second
// press, or another web session of the same aidant, does it again.
func resume(ctx context.Context, tx *db.Tx, a actor.Actor, r Reprise) error {
	n, err := tx.Exec(ctx, `UPDATE dossier_signature SET statut = 'pret', session_id = $4, usager_id = $5, identite_id = $6, authentification_empreinte = $7, date_statut = $8, date_limite = $9
		WHERE id = $1 AND aidant_id = $2 AND organisation_id = $3 AND statut IN ('attente_consentement','pret') AND date_limite > $8`,
		r.Dossier, a.Aidant, a.Organisation, a.Session, r.Usager, r.Identite, r.Authentification, tx.Now, r.Limite)
	if err != nil {
		return fmt.Errorf("resume dossier: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Gone, raisonFini)
	}
	return nil
}
