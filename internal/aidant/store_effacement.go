package aidant

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// reference is the instant of the last contact, as DateReference has it.
const reference = `CASE WHEN a.date_etat IS NOT NULL AND a.date_etat > COALESCE(a.date_connexion, a.date_creation) THEN a.date_etat ELSE COALESCE(a.date_connexion, a.date_creation) END`

// ToArchive gives closed accounts, after one of them, whose last contact is
// before an instant and that are not in archive yet.
func ToArchive(ctx context.Context, tx *db.Tx, before db.Time, after ident.AidantID) ([]ident.AidantID, error) {
	rows, err := tx.Query(ctx, `SELECT a.id FROM aidant a WHERE NOT a.actif AND a.role_gestion = '' AND a.date_archive IS NULL AND a.id > $2 AND `+reference+` < $1 ORDER BY a.id LIMIT 50`, before, orFirst(after))
	return db.Collect(rows, err, func(s db.Scanner) (id ident.AidantID, err error) { return id, s.Scan(&id) })
}

// ToErase gives accounts of the archive, after one of them, whose last contact
// is before an instant.
func ToErase(ctx context.Context, tx *db.Tx, before db.Time, after ident.AidantID) ([]ident.AidantID, error) {
	rows, err := tx.Query(ctx, `SELECT a.id FROM aidant a WHERE NOT a.actif AND a.role_gestion = '' AND a.date_archive IS NOT NULL AND a.date_effacement IS NULL AND a.id > $2 AND `+reference+` < $1 ORDER BY a.id LIMIT 50`, before, orFirst(after))
	return db.Collect(rows, err, func(s db.Scanner) (id ident.AidantID, err error) { return id, s.Scan(&id) })
}

func orFirst(id ident.AidantID) string {
	if id.IsZero() {
		return "00000000-0000-0000-0000-000000000000"
	}
	return id.String()
}

// Archive takes a closed account out of the lists of its structures, and drops
// what only served while it was open; false when it opened, or came back,
// meanwhile.
func Archive(ctx context.Context, tx *db.Tx, id ident.AidantID, before db.Time) (bool, error) {
	return changed(tx.Exec(ctx, `UPDATE aidant SET date_archive = $2, telephone = '', profession = '', date_avertissement = NULL, date_rappel = NULL
		WHERE id = (SELECT a.id FROM aidant a WHERE a.id = $1 AND NOT a.actif AND a.role_gestion = '' AND a.date_archive IS NULL AND `+reference+` < $3)`, id, tx.Now, before))
}

// Erase destroys what an account says of its person: the row stays, nameless,
// for what still points to it.
func Erase(ctx context.Context, tx *db.Tx, id ident.AidantID, before db.Time) (bool, error) {
	done, err := changed(tx.Exec(ctx, `UPDATE aidant SET date_effacement = $2, prenom = 'Compte', nom = 'effacé', nom_tri = '', email = $4, telephone = '', profession = '', date_connexion = NULL, date_rappel = NULL
		WHERE id = (SELECT a.id FROM aidant a WHERE a.id = $1 AND NOT a.actif AND a.role_gestion = '' AND a.date_archive IS NOT NULL AND a.date_effacement IS NULL AND `+reference+` < $3)`,
		id, tx.Now, before, "efface-"+id.String()+"@efface.invalid"))
	if err != nil || !done {
		return false, err
	}
	for _, act := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM acceptation WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM referent WHERE aidant_id = $1`, id) },
		func() (int64, error) { return tx.Exec(ctx, `DELETE FROM appartenance WHERE aidant_id = $1`, id) },
	} {
		if _, err := act(); err != nil {
			return false, fmt.Errorf("erase account: %w", err)
		}
	}
	return true, nil
}
