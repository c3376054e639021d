package suivi

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Fait is a use with the name of who acted, for the structure's own pages.
type Fait struct {
	Usage
	Aidant string
}

// Faits gives what this structure did for a person, the latest first, at most
// limit lines.
//
// reads: aidant
func Faits(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID, limit int) ([]Fait, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+`, a.prenom, a.nom FROM usage_mandat s JOIN aidant a ON a.id = s.aidant_id
		WHERE s.organisation_id = $1 AND s.usager_id = $2 ORDER BY s.date DESC, s.operation_id DESC LIMIT $3`, org, u, limit)
	fs, err := db.Collect(rows, err, func(s db.Scanner) (f Fait, err error) {
		var prenom, nom string
		f.Usage, err = scan(also{s, []any{&prenom, &nom}})
		f.Aidant = prenom + " " + nom
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("list what was done: %w", err)
	}
	return fs, nil
}

// also scans the columns that follow those of a table.
type also struct {
	s    db.Scanner
	more []any
}

// Scan implements db.Scanner.
func (a also) Scan(dest ...any) error { return a.s.Scan(append(dest, a.more...)...) }
