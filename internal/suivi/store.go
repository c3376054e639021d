package suivi

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

const columns = `s.operation_id, s.date, s.organisation_id, s.aidant_id, s.usager_id, s.mandat_id, s.autorisation_id, s.demarche, s.presence`

func scan(r db.Scanner) (Usage, error) {
	var u Usage
	var date db.Time
	err := r.Scan(&u.Operation, &date, &u.Organisation, &u.Aidant, &u.Usager, &u.Mandat, &u.Autorisation, &u.Demarche, &u.Presence)
	u.Date = date.Time()
	return u, err
}

// Record writes one use, at the instant of the transaction. The same operation
// twice is an error: the caller's gate lets an act pass once.
func Record(ctx context.Context, tx *db.Tx, u Usage) error {
	_, err := tx.Exec(ctx, `INSERT INTO usage_mandat (operation_id, date, organisation_id, aidant_id, usager_id, mandat_id, autorisation_id, demarche, presence)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		u.Operation, tx.Now, u.Organisation, u.Aidant, u.Usager, u.Mandat, u.Autorisation, string(u.Demarche), string(u.Presence))
	if err != nil {
		return fmt.Errorf("record use: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO usage_recent (organisation_id, usager_id, date) VALUES ($1,$2,$3)
		ON CONFLICT (organisation_id, usager_id) DO UPDATE SET date = excluded.date`, u.Organisation, u.Usager, tx.Now)
	if err != nil {
		return fmt.Errorf("note last use: %w", err)
	}
	return nil
}

// ListByUsager gives what this structure did for a person, the latest first,
// at most limit lines. Another structure's uses are never shown (M-W31).
func ListByUsager(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.UsagerID, limit int) ([]Usage, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM usage_mandat s WHERE s.organisation_id = $1 AND s.usager_id = $2
		ORDER BY s.date DESC, s.operation_id DESC LIMIT $3`, org, id, limit)
	us, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list uses: %w", err)
	}
	return us, nil
}

// EraseMandat destroys the uses of a mandat, at the end of its retention.
func EraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	_, err := tx.Exec(ctx, `DELETE FROM usage_mandat WHERE mandat_id = $1`, id)
	return err
}

// EraseUsager destroys what is left of a person.
func EraseUsager(ctx context.Context, tx *db.Tx, id ident.UsagerID) error {
	_, err := tx.Exec(ctx, `DELETE FROM usage_recent WHERE usager_id = $1`, id)
	return err
}
