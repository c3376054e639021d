package consultation

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// membre is somebody who is, or was, of the structure.
type membre struct {
	id  ident.AidantID
	nom string
}

// members gives the people of a structure, past ones included: the journal
// keeps what they did.
//
// reads: aidant, appartenance
func members(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]membre, error) {
	rows, err := tx.Query(ctx, `SELECT a.id, a.prenom, a.nom FROM aidant a
		WHERE EXISTS (SELECT 1 FROM appartenance p WHERE p.aidant_id = a.id AND p.organisation_id = $1) ORDER BY a.nom_tri, a.id`, org)
	list, err := db.Collect(rows, err, func(s db.Scanner) (m membre, err error) {
		var prenom, nom string
		err = s.Scan(&m.id, &prenom, &nom)
		m.nom = prenom + " " + nom
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list people of the structure: %w", err)
	}
	return list, nil
}
