package demande

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// brouillon is what a référent is typing, from page to page: kept by us, sealed,
// a day at most. Jeton changes at each page, so that an old one confirms
// nothing.
type brouillon struct {
	Jeton     ident.OperationID `json:"-"`
	Adresses  []string          `json:"adresses"`
	Nouvelles []string          `json:"nouvelles,omitempty"` // those announced beside them
}

func contexteBrouillon(a actor.Actor) string {
	return "ajout_brouillon/" + a.Aidant.String() + "/" + a.Organisation.String()
}

func saveDraft(ctx context.Context, tx *db.Tx, box *secret.Box, a actor.Actor, b brouillon) error {
	plain, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode draft: %w", err)
	}
	sealed, err := box.Seal(plain, contexteBrouillon(a))
	if err != nil {
		return fmt.Errorf("seal draft: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO ajout_brouillon (aidant_id, organisation_id, jeton, contenu, date_maj) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (aidant_id, organisation_id) DO UPDATE SET jeton = excluded.jeton, contenu = excluded.contenu, date_maj = excluded.date_maj`,
		a.Aidant, a.Organisation, ident.NewRandom[ident.OperationID](), sealed, tx.Now)
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	return nil
}

// loadDraft reads the draft; fault.Gone when there is none.
func loadDraft(ctx context.Context, tx *db.Tx, box *secret.Box, a actor.Actor) (b brouillon, err error) {
	var sealed []byte
	err = tx.QueryRow(ctx, `SELECT jeton, contenu FROM ajout_brouillon WHERE aidant_id = $1 AND organisation_id = $2`, a.Aidant, a.Organisation).Scan(&b.Jeton, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return b, fault.New(fault.Gone, "sans_brouillon")
	}
	if err != nil {
		return b, fmt.Errorf("load draft: %w", err)
	}
	plain, err := box.Open(sealed, contexteBrouillon(a))
	if err != nil {
		return b, fmt.Errorf("open draft: %w", err)
	}
	return b, json.Unmarshal(plain, &b)
}

// takeDraft consumes the draft shown: the gate of the confirmation.
func takeDraft(ctx context.Context, tx *db.Tx, a actor.Actor, jeton ident.OperationID) error {
	n, err := tx.Exec(ctx, `DELETE FROM ajout_brouillon WHERE aidant_id = $1 AND organisation_id = $2 AND jeton = $3`, a.Aidant, a.Organisation, jeton)
	if err != nil {
		return fmt.Errorf("take draft: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "brouillon_change")
	}
	return nil
}

func dropDraft(ctx context.Context, tx *db.Tx, a actor.Actor) error {
	if _, err := tx.Exec(ctx, `DELETE FROM ajout_brouillon WHERE aidant_id = $1 AND organisation_id = $2`, a.Aidant, a.Organisation); err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

// PurgeBrouillons forgets the drafts left for a day.
func PurgeBrouillons(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `DELETE FROM ajout_brouillon WHERE date_maj <= $1`, db.At(garde.Brouillon.Avant(tx.Now.Time())))
	if err != nil {
		return 0, fmt.Errorf("purge drafts: %w", err)
	}
	return int(n), nil
}
