package usager

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Erase destroys a person: contacts, every version of their identity, and the
// row that recognised them. Whoever comes back is somebody new.
func Erase(ctx context.Context, tx *db.Tx, id ident.UsagerID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM usager_contact WHERE usager_id = $1`, id); err != nil {
		return fmt.Errorf("erase contacts: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM identite WHERE usager_id = $1`, id); err != nil {
		return fmt.Errorf("erase identity: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM usager WHERE id = $1`, id); err != nil {
		return fmt.Errorf("erase usager: %w", err)
	}
	return nil
}
