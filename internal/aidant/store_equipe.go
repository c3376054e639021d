package aidant

import (
	"context"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Membre is somebody of the operator's team.
type Membre struct {
	Aidant
	Role actor.Role
}

// SetRole gives, changes or takes back a place in the operator's team; false
// when the account already has it.
func SetRole(ctx context.Context, tx *db.Tx, id ident.AidantID, role actor.Role) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE aidant SET role_gestion = $2 WHERE id = $1 AND role_gestion <> $2`, id, string(role))
	if err != nil {
		return false, fmt.Errorf("set staff role: %w", err)
	}
	return n == 1, nil
}

// Equipe lists the operator's team, by name.
func Equipe(ctx context.Context, tx *db.Tx) ([]Membre, error) {
	rows, err := tx.Query(ctx, `SELECT a.id, a.prenom, a.nom, a.email, a.actif, a.role_gestion FROM aidant a WHERE a.role_gestion <> '' ORDER BY a.nom_tri, a.id`)
	list, err := db.Collect(rows, err, func(s db.Scanner) (m Membre, err error) {
		return m, s.Scan(&m.ID, &m.Prenom, &m.Nom, &m.Email, &m.Actif, &m.Role)
	})
	if err != nil {
		return nil, fmt.Errorf("list team: %w", err)
	}
	return list, nil
}
